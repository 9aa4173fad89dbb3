"""No page in any state breaks a rule of WCAG 2.2 AA that a machine can check, on a phone and on a wide screen."""

import pytest

from e2e.checks import NARROW, WIDE, breaches
from e2e.scenes import Visit


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["320", "1280"])
def test_nothing_bars_anybody(visit: Visit, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)
    assert not (found := breaches(visit.page)), found
