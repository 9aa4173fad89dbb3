"""The checks notice what goes wrong: without that, their silence means nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.checks import COUNT_DATABASES, breaches, lost_when_narrow
from e2e.pages.keyboard import Keyboard
from e2e.stage import Stage
from tests.support.complaints import watch

MISCHIEF = """() => {
  const script = document.createElement('script');
  script.textContent = 'window.ran = true';
  document.body.append(script);
  const picture = document.createElement('img');
  picture.src = '/static/images/gone.png';
  document.body.append(picture);
  return new Promise((done) => picture.addEventListener('error', () => done(window.ran === undefined)));
}"""
# Each spoils the page in one way; the policy allows no inline style in markup, but a script may set one.
SPOILED = {
    "too wide": "main.append(box('words', { width: '400px' }))",
    "cut off": "main.append(box('many words that do not fit', { width: '60px', height: '10px', overflow: 'hidden' }))",
    "cut off when spaced": """
      const tight = box('Exactly this', { display: 'inline-block', whiteSpace: 'nowrap', overflow: 'hidden' });
      main.append(tight);
      tight.style.width = `${tight.offsetWidth + 2}px`;""",
}
SPOIL = """
  const main = document.querySelector('main');
  const box = (words, style) => {
    const made = Object.assign(document.createElement('div'), { innerText: words });
    Object.assign(made.style, style);
    return made;
  };"""


@pytest.fixture
def error_page(page: Page, stage: Stage) -> Page:
    """A page that needs no data."""
    stage.build()
    page.goto("/nothing-here")
    return page


def test_inline_scripts_and_missing_files_are_noted(new_context: Callable[..., BrowserContext], base_url: str) -> None:
    context = new_context()
    complaints = watch(context, base_url)
    page = context.new_page()
    page.goto("/nothing-here")
    assert complaints == []
    assert page.evaluate(MISCHIEF)
    assert any("Content Security Policy" in complaint for complaint in complaints)
    assert any(complaint.startswith("404: ") for complaint in complaints)


def test_a_database_in_the_browser_is_noted(new_context: Callable[..., BrowserContext], base_url: str) -> None:
    context = new_context()
    context.add_init_script(COUNT_DATABASES)
    page = context.new_page()
    page.goto(f"{base_url}/nothing-here")
    assert page.evaluate("window.databasesOpened") == 0
    page.evaluate("() => { indexedDB.open('hoard'); }")
    assert page.evaluate("window.databasesOpened") == 1


def test_the_error_page_is_for_everyone(error_page: Page, plain_page: Page) -> None:
    plain_page.goto("/nothing-here")
    for page in (error_page, plain_page):
        expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")


def test_barriers_are_noted(error_page: Page) -> None:
    assert breaches(error_page) == ""
    error_page.evaluate("document.querySelector('main h1').style.color = '#dddddd'")
    assert "color-contrast" in breaches(error_page)


@pytest.mark.parametrize("how", SPOILED)
def test_what_sticks_out_or_is_cut_off_is_noted(error_page: Page, how: str) -> None:
    spaced = how.endswith("spaced")
    assert lost_when_narrow(error_page, spaced=spaced) == []
    error_page.evaluate(f"() => {{ {SPOIL} {SPOILED[how]} }}")
    assert bool(lost_when_narrow(error_page)) is not spaced
    assert lost_when_narrow(error_page, spaced=True) != []


def test_a_focus_that_nobody_sees_is_noted(error_page: Page) -> None:
    keys = Keyboard(error_page)
    assert all(stop["seen"] and stop["free"] for stop in keys.stops())
    error_page.evaluate("""() => {
      const [bare, under] = document.querySelectorAll('main a');
      Object.assign(bare.style, { outline: 'none', boxShadow: 'none' });
      const lid = document.createElement('div');
      const box = under.getBoundingClientRect();
      Object.assign(lid.style, { position: 'absolute', left: `${box.left + scrollX}px`, top: `${box.top + scrollY}px`,
        width: `${box.width}px`, height: `${box.height}px`, background: 'white' });
      document.body.append(lid);
      document.activeElement.blur();
    }""")
    stops = {stop["name"]: stop for stop in keys.stops()}
    assert stops["look for a project"]["seen"] is False
    assert stops["home page"]["free"] is False
