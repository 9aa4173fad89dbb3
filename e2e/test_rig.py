"""The browser fixtures notice what goes wrong, with and without JavaScript."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

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


def test_inline_scripts_and_missing_files_are_noted(new_context: Callable[..., BrowserContext], base_url: str) -> None:
    context = new_context()
    complaints = watch(context, base_url)
    page = context.new_page()
    page.goto("/nothing-here")
    assert complaints == []
    assert page.evaluate(MISCHIEF)
    assert any("Content Security Policy" in complaint for complaint in complaints)
    assert any(complaint.startswith("404: ") for complaint in complaints)


def test_the_error_page_is_for_everyone(
    page: Page, plain_page: Page, accessible: Callable[[Page], None], fits: Callable[[Page], None]
) -> None:
    for one in (page, plain_page):
        one.goto("/nothing-here")
        expect(one.get_by_role("heading", level=1)).to_have_text("Page not found")
    accessible(page)
    fits(page)
