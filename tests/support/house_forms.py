"""House rules of forms: they work without JavaScript, carry the token, and every field says what it is."""

from collections import defaultdict
from collections.abc import Iterator

from tests.support.markup import HIDDEN_INPUTS, Element, Markup, shown, text_of


def forms_say_where_they_go(page: Markup) -> Iterator[str]:
    """A form names its address and method; a posting one carries the token, a getting one never leaks it."""
    for form in page.all("form"):
        method = form.get("method", "").lower()
        if not form.get("action"):
            yield f"the form has no action: {shown(form)}"
        if method not in {"get", "post"}:
            yield f"the form has no method: {shown(form)}"
        tokens = [field for field in form.iter("input") if field.get("name") == "csrf_token" and field.get("value")]
        if method == "post" and len(tokens) != 1:
            yield f"a posting form has one csrf_token, this has {len(tokens)}: {shown(form)}"
        if method == "get" and tokens:
            yield f"a getting form would put its csrf_token into the address: {shown(form)}"


def forms_can_be_sent(page: Markup) -> Iterator[str]:
    """Every form has a button, for people without JavaScript."""
    for form in page.all("form"):
        presses = [b for b in form.iter() if b.tag == "button" or b.get("type") in {"submit", "image"}]
        if not any(b.get("type", "submit") in {"submit", "image"} for b in presses):
            yield f"the form has no button: {shown(form)}"


def fields_have_labels(page: Markup) -> Iterator[str]:
    """Every visible field has a label with words."""
    labels = {label.get("for"): text_of(label) for label in page.all("label")}
    for field in visible_fields(page):
        wrapped = any(above.tag == "label" and text_of(above) for above in page.above(field))
        spoken = field.get("aria-label") or field.get("aria-labelledby")
        if not (labels.get(field.get("id")) or wrapped or spoken):
            yield f"the field has no label: {shown(field)}"


def fields_have_names(page: Markup) -> Iterator[str]:
    """A field without a name is never sent."""
    for field in visible_fields(page):
        if not field.get("name") and field.get("type") not in {"search", "text"}:
            yield f"the field has no name: {shown(field)}"


def choices_have_a_question(page: Markup) -> Iterator[str]:
    """Several radios, or checkboxes of one name, stand in a fieldset whose legend asks the question."""
    groups: dict[str, list[Element]] = defaultdict(list)
    for field in page.all("input"):
        if field.get("type") in {"radio", "checkbox"}:
            groups[field.get("name", "")].append(field)
    for name, fields in groups.items():
        if len(fields) > 1 and not all(_in_fieldset(page, field) for field in fields):
            yield f"the choices named {name!r} are not in a fieldset with a legend"


def _in_fieldset(page: Markup, field: Element) -> bool:
    return any(above.tag == "fieldset" and above.find("legend") is not None for above in page.above(field))


def visible_fields(page: Markup) -> Iterator[Element]:
    """Yield the fields that a person fills in."""
    for field in page.all("input", "select", "textarea"):
        if field.get("type", "text").lower() not in HIDDEN_INPUTS:
            yield field


FORM_RULES = (
    forms_say_where_they_go,
    forms_can_be_sent,
    fields_have_labels,
    fields_have_names,
    choices_have_a_question,
)
