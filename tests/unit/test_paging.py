"""Lists have pages with addresses of their own; nonsense in an address is the first page."""

import pytest
from werkzeug.datastructures import MultiDict

from crowdfund.web.paging import Page, page_number


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (12, 1), (13, 2), (24, 2), (25, 3)])
def test_there_are_as_many_pages_as_needed(total: int, pages: int) -> None:
    assert Page(1, total, 12, "/projects").pages == pages


def test_each_page_starts_after_the_one_before() -> None:
    assert [Page(number, 30, 12, "/projects").offset for number in (1, 2, 3)] == [0, 12, 24]


def test_addresses_keep_the_search_and_drop_what_is_empty() -> None:
    page = Page(2, 30, 12, "/projects", {"q": "bench & tree", "theme": "", "page": "2"})
    assert page.url(1) == "/projects?q=bench+%26+tree"
    assert page.url(3) == "/projects?q=bench+%26+tree&page=3"
    assert Page(1, 30, 12, "/projects").url(1) == "/projects"


@pytest.mark.parametrize(("asked", "number"), [("1", 1), ("7", 7), ("100000", 100_000)])
def test_a_page_can_be_asked_for(asked: str, number: int) -> None:
    assert page_number(MultiDict({"page": asked})) == number


@pytest.mark.parametrize("asked", ["", "0", "-1", "1.5", "abc", "100001", "9" * 4000, "²", "٢", "1 ", "\x00"])
def test_nonsense_is_the_first_page(asked: str) -> None:
    assert page_number(MultiDict({"page": asked})) == 1
    assert page_number(MultiDict()) == 1
