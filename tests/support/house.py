"""Holds a page or fragment to the house rules and says readably what is wrong."""

from tests.support.house_forms import FORM_RULES
from tests.support.house_htmx import FULL_PAGE_HTMX_RULES, HTMX_RULES
from tests.support.house_page import FULL_PAGE_RULES, PAGE_RULES
from tests.support.markup import BadMarkup, parse

ANYWHERE = (*PAGE_RULES, *FORM_RULES, *HTMX_RULES)
ON_PAGES = (*FULL_PAGE_RULES, *FULL_PAGE_HTMX_RULES, *ANYWHERE)


def check_page(response_text: str, url: str, status: int = 200, *, full_page: bool = True) -> None:
    """Raise AssertionError listing every broken rule, with the reason of each.

    A fragment is what goes into a page, so its references may point outside it.
    """
    try:
        page = parse(response_text, full_page=full_page)
    except BadMarkup as error:
        raise AssertionError(f"{url} ({status}): {error}") from error
    broken = [f"- {fault} [{rule.__name__}]" for rule in (ON_PAGES if full_page else ANYWHERE) for fault in rule(page)]
    if broken:
        raise AssertionError(f"{url} ({status}) breaks the house rules:\n" + "\n".join(broken))
