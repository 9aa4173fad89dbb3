"""House rules of every page: structure, names, links, pictures, and nothing inline or foreign."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from tests.support.markup import Element, Markup, shown, text_of

OWN_HOSTS = frozenset({"", "localhost", "127.0.0.1"})
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
ACTIVE = ("form", "input", "select", "textarea", "button", "a")
REFERENCES = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "aria-details", "list", "headers")


def one_main_heading(page: Markup) -> Iterator[str]:
    """A page has one h1 and one main, so that a screen reader knows where it starts."""
    for tag in ("h1", "main"):
        if (count := len(list(page.all(tag)))) != 1:
            yield f"one <{tag}> is wanted, there are {count}"


def says_its_language(page: Markup) -> Iterator[str]:
    """The page names its language, for pronunciation."""
    if not next(page.all("html")).get("lang"):
        yield "<html> has no lang"


def title_pattern(page: Markup) -> Iterator[str]:
    """A title is 'what it is – whose it is', and starts with 'Error: ' exactly when there is a summary of errors."""
    # A drawing may have a title of its own, in another namespace.
    titles = [text_of(title) for title in page.all("title")]
    if len(titles) != 1 or not re.fullmatch(r"\S.* – .*\S", titles[0]):
        yield f"the title is not like 'Page – Service': {titles}"
        return
    summary = any("govuk-error-summary" in element.get("class", "").split() for element in page.having("class"))
    if summary and not titles[0].startswith("Error: "):
        yield f"there is an error summary but the title does not start with 'Error: ': {titles[0]}"
    if titles[0].startswith("Error: ") and not summary:
        yield f"the title speaks of an error but there is no error summary: {titles[0]}"


def unique_ids(page: Markup) -> Iterator[str]:
    """An id names one element."""
    for name, times in Counter(page.ids).items():
        if times > 1:
            yield f"id {name!r} is used {times} times"
        if not name or re.search(r"\s", name):
            yield f"id {name!r} is empty or has a space"


def references_exist(page: Markup) -> Iterator[str]:
    """What is pointed at is there."""
    ids = set(page.ids)
    for attribute in REFERENCES:
        for element in page.having(attribute):
            for name in element.attrib[attribute].split():
                if name not in ids:
                    yield f"{attribute} points at {name!r}, which is not there: {shown(element)}"


def fragment_links_exist(page: Markup) -> Iterator[str]:
    """A link within the page leads somewhere."""
    ids = set(page.ids)
    for link in page.all("a"):
        target = link.get("href", "")
        if target.startswith("#") and target[1:] not in ids:
            yield f"the link leads to {target!r}, which is not there: {shown(link)}"


def nothing_inline(page: Markup) -> Iterator[str]:
    """No inline style or script: the content security policy would refuse it."""
    for element in page.elements:
        if "style" in element.attrib:
            yield f"an inline style: {shown(element)}"
        for name in element.attrib:
            if name.lower().startswith("on"):
                yield f"an inline event handler {name}: {shown(element)}"
    for element in page.all("style", "{http://www.w3.org/2000/svg}style"):
        yield f"a style element: {shown(element)}"
    for element in page.all("script", "{http://www.w3.org/2000/svg}script"):
        if "src" not in element.attrib:
            yield f"an inline script: {shown(element)}"


def nothing_foreign(page: Markup) -> Iterator[str]:
    """Scripts, styles, frames and pictures come from this service only."""
    for element in page.all("script", "link", "img", "source", "iframe", "object", "embed", "video", "audio", "track"):
        for attribute in ("src", "href", "srcset", "data", "poster"):
            for address in element.get(attribute, "").split(","):
                if urlsplit(address.strip().split(" ")[0]).hostname not in {None, *OWN_HOSTS}:
                    yield f"{attribute} leads to another host: {shown(element)}"
    for element in page.elements:
        for attribute in ("href", "src", "action", "formaction"):
            if element.get(attribute, "").strip().lower().startswith("javascript:"):
                yield f"a javascript: address: {shown(element)}"


def pictures_are_described(page: Markup) -> Iterator[str]:
    """A picture has a text (empty if it only decorates) and its size, so that nothing jumps while it loads."""
    for picture in page.all("img"):
        missing = [name for name in ("src", "alt", "width", "height") if name not in picture.attrib]
        if missing or not picture.attrib["src"]:
            yield f"the picture lacks {', '.join(missing) or 'an address'}: {shown(picture)}"


def links_and_buttons_speak(page: Markup) -> Iterator[str]:
    """Links, buttons and headings have words, and links lead somewhere."""
    for element in page.all("a", "button", "legend", "caption", "th", *HEADINGS):
        if not _name(page, element) and not (element.tag == "th" and _is_corner(element)):
            yield f"nothing to read in {shown(element)}"
    for link in page.all("a"):
        if link.get("href", "").strip() in {"", "#"}:
            yield f"the link leads nowhere: {shown(link)}"


def _name(page: Markup, element: Element) -> str:
    pictures = "".join(child.get("alt", "") for child in element.iter("img"))
    return element.get("aria-label", "") + text_of(element) + pictures


def _is_corner(cell: Element) -> bool:
    return "scope" not in cell.attrib


def headings_start_high(page: Markup) -> Iterator[str]:
    """The first heading is the page's own, or that of the error summary above it."""
    first = next(page.all(*HEADINGS), None)
    if first is not None and first.tag not in {"h1", "h2"}:
        yield f"the first heading is too deep: {shown(first)}"


def headings_do_not_skip(page: Markup) -> Iterator[str]:
    """Heading levels go down one at a time."""
    for before, after in pairwise(page.all(*HEADINGS)):
        if int(after.tag[1]) > int(before.tag[1]) + 1:
            yield f"{after.tag} {text_of(after)!r} follows {before.tag} {text_of(before)!r}"


def nothing_unrendered(page: Markup) -> Iterator[str]:
    """No traces of the machine: missing values, template marks, Python objects."""
    traces = re.compile(r"^None$|£None|\bNone(pm|am|%| pence| backers?)\b|\{\{|\{%|\}\}|<[\w.]+ object at|datetime\(")
    for element in page.elements:
        said = [element.text or "", *(child.tail or "" for child in element)]
        for words in [*said, *element.attrib.values()]:
            if element.tag not in {"script", "meta"} and traces.search(words.strip()):
                yield f"unrendered {words.strip()[:80]!r} in {shown(element)}"
        for name in element.attrib:
            if "{" in name or "}" in name:
                yield f"unrendered attribute {name!r} in {shown(element)}"


FULL_PAGE_RULES = (
    one_main_heading,
    says_its_language,
    title_pattern,
    references_exist,
    fragment_links_exist,
    headings_start_high,
)
PAGE_RULES = (
    unique_ids,
    nothing_inline,
    nothing_foreign,
    pictures_are_described,
    links_and_buttons_speak,
    headings_do_not_skip,
    nothing_unrendered,
)
