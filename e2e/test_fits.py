"""Every page in every state fits a narrow window: nothing sticks out, nothing is cut off."""

from e2e.checks import lost_when_narrow
from e2e.scenes import Visit


def test_it_fits_320_pixels(visit: Visit) -> None:
    assert lost_when_narrow(visit.page) == []


def test_it_fits_with_wider_spaced_text(visit: Visit) -> None:
    assert lost_when_narrow(visit.page, spaced=True) == []


def test_it_fits_in_colours_of_one_s_own_without_motion(visit: Visit) -> None:
    page = visit.page
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    try:
        assert lost_when_narrow(page) == []
        assert page.evaluate("document.getAnimations().filter(one => one.playState === 'running').length") == 0
    finally:
        page.emulate_media(forced_colors="none", reduced_motion="no-preference")
