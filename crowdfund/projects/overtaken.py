"""What somebody else saved meanwhile, put beside what was typed."""

from collections.abc import Mapping
from typing import Any

from crowdfund.web.forms import Form


def theirs(form: Form, stored: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return label and stored words of every field that holds something else than was typed."""
    differing = [form[name] for name in stored if name in form and not _same(form[name].data, stored[name])]
    return [(field.label.text, _words(field, stored[field.name])) for field in differing]


def _same(typed: Any, held: Any) -> bool:
    if isinstance(held, list):
        return sorted(typed or ()) == sorted(held)
    return (typed or "") == (held or "")


def _words(field: Any, value: Any) -> str:
    offered = {held: words for held, words, *_ in getattr(field, "choices", None) or ()}
    if isinstance(value, list):
        return "\n".join(offered.get(one, str(one)) for one in value) or "Nothing"
    return str(offered.get(value, value) or "Nothing")
