"""Whatever people write comes out clean, harmless and the same the second time."""

import re
import unicodedata

from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from crowdfund.core.ids import slugify
from crowdfund.places.rules import tidy_postcode
from crowdfund.web.forms import clean
from crowdfund.web.markdown import story_html

ALLOWED = {"p", "h2", "h3", "h4", "h5", "strong", "em", "ul", "ol", "li", "blockquote", "a", "br", "hr"}
PIECES = st.sampled_from(
    ["<script>", "</script>", "<img src=x onerror=y>", "[x](", "javascript:", ")", "`", "```", "<!--", "-->", "&lt;",
     "&#60;", '"', "'", "<div hx-get=/x>", "> ", "- ", "\n", "\n\n", "# ", "**", "<a href=", "x", " ",
     "\x00", "\\", "<svg/onload=", "<p"]
)  # fmt: skip
STORIES = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map("".join))


@given(st.text(), st.booleans())
def test_cleaning_is_done_once_and_for_all(text: str, lines: bool) -> None:
    once = clean(text, lines=lines)
    assert clean(once, lines=lines) == once
    assert once == once.strip()
    assert not [c for c in once if unicodedata.category(c) in {"Cc", "Cs"} and not (lines and c == "\n")]


@given(STORIES)
def test_no_story_is_active(text: str) -> None:
    page = BeautifulSoup(str(story_html(text)), "html5lib").body
    for tag in page.find_all(True):
        assert tag.name in ALLOWED
        assert set(tag.attrs) <= ({"href", "rel"} if tag.name == "a" else set())
        assert re.match(r"(https?:|mailto:)", tag.get("href", "https:"))


@given(st.text())
def test_every_title_has_an_address(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slugify(text))
    assert len(slugify(text)) <= 60


@given(
    st.one_of(
        st.text(max_size=12), st.from_regex(r"[A-Za-z]{1,2}[0-9]{1,2}[A-Za-z]? ?[0-9][A-Za-z]{2}", fullmatch=True)
    )
)
def test_a_tidy_postcode_stays_as_it_is(text: str) -> None:
    tidy = tidy_postcode(text)
    assert tidy is None or tidy_postcode(tidy) == tidy
