"""Reads HTML the way a browser does and refuses what the standard calls an error."""

from collections.abc import Iterator
from functools import lru_cache
from xml.etree import ElementTree as ET

import html5lib
from html5lib.constants import E as WORDINGS
from html5lib.html5parser import ParseError

Element = ET.Element

# Some fragments are only valid inside the element that they are swapped into.
_CONTAINERS = {"<tr": "tbody", "<td": "tr", "<th": "tr", "<tbody": "table", "<option": "select"}
HIDDEN_INPUTS = frozenset({"hidden", "submit", "button", "image", "reset"})


class BadMarkup(AssertionError):
    """The text is not valid HTML."""


class Markup:
    """A parsed page or fragment: every element in order, with its parent."""

    def __init__(self, root: Element) -> None:
        self.elements = [element for element in root.iter() if isinstance(element.tag, str)]
        self._parents = {child: parent for parent in root.iter() for child in parent}

    def all(self, *tags: str) -> Iterator[Element]:
        """Yield the elements with one of these tags, in order."""
        return (element for element in self.elements if element.tag in tags)

    def having(self, attribute: str) -> Iterator[Element]:
        """Yield the elements that carry `attribute`, in order."""
        return (element for element in self.elements if attribute in element.attrib)

    def above(self, element: Element) -> Iterator[Element]:
        """Yield the element's parent, its parent, and so on."""
        while (parent := self._parents.get(element)) is not None:
            yield parent
            element = parent

    @property
    def ids(self) -> list[str]:
        """Every id, in order, repeated ones as often as they occur."""
        return [element.attrib["id"] for element in self.having("id")]


def text_of(element: Element) -> str:
    """Return what the element says, spaces tidied, comments left out."""
    return " ".join("".join(_texts(element)).split())


def _texts(element: Element) -> Iterator[str]:
    if isinstance(element.tag, str):
        yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""


def shown(element: Element) -> str:
    """Return the element's opening tag, to point at it in a message."""
    attributes = "".join(f' {name}="{value}"' for name, value in element.attrib.items())
    return f"<{element.tag.rpartition('}')[2]}{attributes}>"[:200]


@lru_cache(maxsize=16)
def parse(text: str, *, full_page: bool = True) -> Markup:
    """Parse a page, or a fragment. Raises BadMarkup with the line and what is wrong there."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    try:
        root = parser.parse(text) if full_page else parser.parseFragment(text, container=_container(text))
    except ParseError as error:
        raise BadMarkup(_explain(parser, text) or str(error)) from error
    return Markup(root)


def _container(text: str) -> str:
    first = text.lstrip().lower().partition(">")[0].partition(" ")[0].strip()
    return _CONTAINERS.get(first, "div")


def _explain(parser: html5lib.HTMLParser, text: str) -> str:
    if not parser.errors:
        return ""
    (line, _column), code, details = parser.errors[-1]
    lines = text.splitlines()
    near = lines[line - 1].strip()[:160] if 0 < line <= len(lines) else ""
    return f"not valid HTML at line {line}: {WORDINGS.get(code, code) % details} near {near!r}"
