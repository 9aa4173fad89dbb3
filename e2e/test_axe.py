"""No page in any state breaks a rule of WCAG 2.2 AA that a machine can check, on a phone and on a wide screen."""

import pytest
from playwright.sync_api import Page

from e2e.checks import NARROW, WIDE, breaches
from e2e.scenes import Scene


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["320", "1280"])
def test_nothing_bars_anybody(scene: tuple[Scene, Page], size: dict[str, int]) -> None:
    _, page = scene
    page.set_viewport_size(size)
    assert not (found := breaches(page)), found
