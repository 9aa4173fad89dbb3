"""Every page in every state fits a narrow window: nothing sticks out, nothing is cut off."""

from playwright.sync_api import Page

from e2e.checks import lost_when_narrow
from e2e.scenes import Scene


def test_it_fits_320_pixels(scene: tuple[Scene, Page]) -> None:
    assert lost_when_narrow(scene[1]) == []


def test_it_fits_with_wider_spaced_text(scene: tuple[Scene, Page]) -> None:
    assert lost_when_narrow(scene[1], spaced=True) == []


def test_it_fits_in_colours_of_one_s_own_without_motion(scene: tuple[Scene, Page]) -> None:
    page = scene[1]
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    try:
        assert lost_when_narrow(page) == []
        assert page.evaluate("document.getAnimations().filter(one => one.playState === 'running').length") == 0
    finally:
        page.emulate_media(forced_colors="none", reduced_motion="no-preference")
