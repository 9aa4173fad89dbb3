"""House rules of htmx: it improves a real form or link, needs no eval, and runs on versions 2 and 4 alike."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.support.markup import Markup, shown

ASKS = ("hx-get", "hx-post")
# One order everywhere makes a wrong line easy to see: what is asked, when, with what, and where the answer goes.
ORDER = (
    "hx-get",
    "hx-post",
    "hx-trigger",
    "hx-include",
    "hx-headers",
    "hx-target",
    "hx-select",
    "hx-select-oob",
    "hx-swap",
    "hx-push-url",
    "hx-replace-url",
    "hx-sync",
    "hx-indicator",
    "hx-confirm",
)
# Anywhere: an answer says where it goes, and the body may carry a header for all.
FREE = frozenset({"hx-swap-oob", "hx-headers", "hx-headers:inherited"})


def only_known_attributes(page: Markup) -> Iterator[str]:
    """hx-on, hx-boost, hx-vals, hx-disable, hx-delete and their like evaluate code, lose focus or differ by version."""
    for element in page.elements:
        for name in element.attrib:
            plain = name.removeprefix("data-")
            if plain.startswith("hx-") and (plain != name or name not in {*ORDER, *FREE}):
                yield f"{name} is not for this house: {shown(element)}"


def nothing_evaluated(page: Markup) -> Iterator[str]:
    """A trigger filter or a js: value needs eval, which the content security policy refuses."""
    for element in page.elements:
        for name, value in element.attrib.items():
            if name.startswith("hx-") and value.strip().lower().startswith(("js:", "javascript:")):
                yield f"{name} would evaluate code: {shown(element)}"
        if "[" in element.get("hx-trigger", ""):
            yield f"a trigger filter: {shown(element)}"


def asks_from_real_controls(page: Markup) -> Iterator[str]:
    """Whatever asks the server is a form or a link that works without htmx, or the wrapper that polls."""
    for element in page.elements:
        asks = [name for name in ASKS if name in element.attrib]
        if not asks:
            stray = [name for name in element.attrib if name.startswith("hx-") and name not in FREE]
            if stray:
                yield f"{', '.join(stray)} belongs on the element that asks: {shown(element)}"
            continue
        real = element.tag == "form" or (element.tag == "a" and asks == ["hx-get"] and element.get("href"))
        if not real and not ("data-poll" in element.attrib and asks == ["hx-get"]):
            yield f"{asks[0]} on something that does nothing without htmx: {shown(element)}"
        if element.tag == "form" and asks[0] != f"hx-{element.get('method', 'get').lower()}":
            yield f"{asks[0]} differs from the form's own method: {shown(element)}"


def asks_this_service(page: Markup) -> Iterator[str]:
    """Requests stay here."""
    for element in page.elements:
        for name in ASKS:
            if urlsplit(element.get(name, "")).netloc or element.get(name, "x") == "":
                yield f"{name} needs an address of this service: {shown(element)}"


def attributes_in_order(page: Markup) -> Iterator[str]:
    """hx-* attributes follow one order."""
    for element in page.elements:
        found = [name for name in element.attrib if name in ORDER]
        if found != sorted(found, key=ORDER.index):
            yield f"hx-* attributes out of order (want {' '.join(sorted(found, key=ORDER.index))}): {shown(element)}"


def targets_exist(page: Markup) -> Iterator[str]:
    """The answer has somewhere to go."""
    ids = set(page.ids)
    for element in page.elements:
        for name in ("hx-target", "hx-select", "hx-indicator"):
            value = element.get(name, "")
            # What is selected comes in the answer; on a search page that is the page itself.
            if value.startswith("#") and name != "hx-select" and value[1:] not in ids:
                yield f"{name} points at {value!r}, which is not there: {shown(element)}"


HTMX_RULES = (
    only_known_attributes,
    nothing_evaluated,
    asks_from_real_controls,
    asks_this_service,
    attributes_in_order,
)
FULL_PAGE_HTMX_RULES = (targets_exist,)
