"""Fills a page's real form the way a person in front of a browser could, and no other way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.markup import Element, Markup, shown, text_of

_PRESSED = frozenset({"submit", "image"})
_CHOSEN = frozenset({"radio", "checkbox"})
_NEVER_SENT = _PRESSED | {"button", "reset", "file"}


@dataclass(frozen=True)
class Filled:
    """What the browser would send."""

    method: str
    action: str
    data: dict[str, list[Any]]


def find_form(page: Markup, wanted: str | None = None) -> Element:
    """Return the form with this '#id' or action; without one, the page's only posting form.

    Raises AssertionError when there is not exactly one.
    """
    forms = list(page.all("form"))
    if wanted is None:
        found = [form for form in forms if form.get("method", "").lower() == "post"]
    else:
        found = [form for form in forms if wanted in (f"#{form.get('id')}", form.get("action"))]
    if len(found) != 1:
        listed = "\n".join(shown(form) for form in forms) or "no form at all"
        raise AssertionError(f"{len(found)} forms match {wanted or 'method=post'}; the page has\n{listed}")
    return found[0]


def fill(form: Element, changes: Mapping[str, Any], button: str | None = None) -> Filled:
    """Return what is sent after making `changes` and pressing the button with these words, or the first.

    A change to None sends the field not at all, a list sends it several times. Raises AssertionError for
    a field that the form lacks and a choice that it does not offer.
    """
    data: dict[str, list[Any]] = {}
    for field in _fields(form):
        for value in _initial(field):
            data.setdefault(field.attrib["name"], []).append(value)
    for name, value in changes.items():
        data[name] = _accepted(form, name, value)
    pressed = _button(form, button)
    if pressed.get("name"):
        data[pressed.attrib["name"]] = [pressed.get("value", "")]
    return Filled(form.get("method", "get").lower(), form.get("action", ""), data)


def _fields(form: Element) -> Iterator[Element]:
    for field in form.iter():
        if field.tag in {"input", "select", "textarea"} and field.get("name") and "disabled" not in field.attrib:
            yield field


def _initial(field: Element) -> list[str]:
    if field.tag == "textarea":
        # A browser drops the line break right after the tag and sends the others as CRLF.
        return ["".join(field.itertext()).removeprefix("\n").replace("\n", "\r\n")]
    if field.tag == "select":
        options = list(field.iter("option"))
        chosen = [option for option in options if "selected" in option.attrib]
        if not chosen and "multiple" not in field.attrib:
            chosen = options[:1]
        return [_option_value(option) for option in chosen]
    kind = field.get("type", "text").lower()
    if kind in _NEVER_SENT or (kind in _CHOSEN and "checked" not in field.attrib):
        return []
    return [field.get("value", "on" if kind in _CHOSEN else "")]


def _option_value(option: Element) -> str:
    return option.get("value", text_of(option))


def _accepted(form: Element, name: str, value: Any) -> list[Any]:
    fields = [field for field in _fields(form) if field.attrib["name"] == name]
    if not fields:
        names = ", ".join(dict.fromkeys(field.attrib["name"] for field in _fields(form)))
        raise AssertionError(f"the form has no field {name!r}, only {names}")
    values = [] if value is None else list(value) if isinstance(value, list) else [value]
    offered = _offered(fields)
    for one in values:
        if offered is not None and str(one) not in offered:
            raise AssertionError(f"{name!r} does not offer {one!r}, only {', '.join(map(repr, offered))}")
    return values


def _offered(fields: list[Element]) -> list[str] | None:
    """Return the choices on offer, or None where anything may be typed."""
    if fields[0].tag == "select":
        return [_option_value(option) for option in fields[0].iter("option")]
    if fields[0].get("type", "").lower() in _CHOSEN:
        return [field.get("value", "on") for field in fields]
    return None


def _button(form: Element, words: str | None) -> Element:
    buttons = [element for element in form.iter() if _is_button(element)]
    for button in buttons:
        if words is None or words in (text_of(button), button.get("value")):
            return button
    listed = ", ".join(repr(text_of(button) or button.get("value")) for button in buttons) or "none"
    raise AssertionError(f"no button says {words!r}; the form has {listed}")


def _is_button(element: Element) -> bool:
    if element.tag == "button":
        return element.get("type", "submit") == "submit"
    return element.tag == "input" and element.get("type") in _PRESSED
