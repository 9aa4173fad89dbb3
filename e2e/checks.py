"""What every page has to pass, whatever it is about: a machine's check for access, reflow and shape."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 900}

# WCAG 1.4.12: people may set these, and nothing may be lost. A constructed sheet, for the policy allows no inline one.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
UNSPACED = "() => { document.adoptedStyleSheets = []; }"

# Text that is cut off: a box that hides what does not fit, unless it is meant for screen readers only.
CUT_OFF = """() => [...document.querySelectorAll('body *')].filter(node => {
  const style = getComputedStyle(node);
  const unseen = node.clientWidth <= 1 || node.clientHeight <= 1;
  if (unseen || node.closest('svg, select') || !node.innerText?.trim()) return false;
  const hides = [style.overflowX, style.overflowY].some(how => how === 'hidden' || how === 'clip');
  return hides && (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1);
}).map(node => node.outerHTML.slice(0, 120))"""

# Things that stick out, named, when the page is too wide; a box that scrolls by itself may be wider than the page.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [
  document.documentElement.scrollWidth + ' px',
  ...[...document.querySelectorAll('body *')].filter(node => node.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map(node => node.outerHTML.slice(0, 120))]"""

# Counted where a page opens one: a browser may never answer when it is asked which databases it has.
COUNT_DATABASES = """window.databasesOpened = 0;
const open = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (...given) { window.databasesOpened += 1; return open.apply(this, given); };"""


def breaches(page: Page) -> str:
    """Return what axe finds wrong with the page as it is, in words; '' when nothing is."""
    found = Axe().run(page, options={"runOnly": list(RULES)})
    return found.generate_report() if found.violations_count else ""


def lost_when_narrow(page: Page, spaced: bool = False) -> list[str]:
    """Return what sticks out or is cut off at 320 px, with people's own text spacing where asked."""
    page.set_viewport_size(NARROW)
    if spaced:
        page.evaluate(SPACED)
    try:
        return [*page.evaluate(TOO_WIDE), *page.evaluate(CUT_OFF)]
    finally:
        page.evaluate(UNSPACED)
