"""Request parameters: read from the form encoding Stripe uses, and refused as Stripe refuses them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crowdfund.sandbox.stripe.errors import ApiError, Json, invalid

Kind = Callable[[str, Any], Any]


def parse(encoded: str) -> Json:
    """Return 'a[b][0]=c' as {'a': {'b': {'0': 'c'}}}."""
    tree: Json = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        path = [name.split("[", 1)[0], *re.findall(r"\[([^\]]*)\]", name)]
        node = tree
        for key in path[:-1]:
            node = _child(node, key)
        node[path[-1] or str(len(node))] = value
    return tree


def _child(node: Json, key: str) -> Json:
    child = node.setdefault(key, {})
    if not isinstance(child, dict):
        raise _bad("Invalid object", key, "parameter_invalid")
    return child


def _bad(message: str, param: str, code: str | None = None) -> ApiError:
    return invalid(message, param, code, began=False)


def text(limit: int = 5000, *, clears: bool = False) -> Kind:
    """A string up to `limit` characters; empty is refused, or means 'unset' where `clears`."""

    def read(name: str, raw: Any) -> str | None:
        if not isinstance(raw, str):
            raise _bad(f"Invalid string: {raw}", name)
        if raw == "" and clears:
            return None
        if raw == "":
            raise _bad(f"You passed an empty string for '{name}'.", name, "parameter_invalid_empty")
        if len(raw) > limit:
            raise _bad(f"Invalid string: must be at most {limit} characters", name, "parameter_invalid_string_long")
        return raw

    return read


def integer(low: int | None = None, high: int | None = None) -> Kind:
    """A whole number within the bounds."""

    def read(name: str, raw: Any) -> int:
        if not isinstance(raw, str) or not re.fullmatch(r"-?[0-9]{1,15}", raw):
            raise _bad(f"Invalid integer: {raw}", name, "parameter_invalid_integer")
        value = int(raw)
        if low is not None and value < low:
            raise _bad(f"This value must be greater than or equal to {low}.", name, "parameter_invalid_integer")
        if high is not None and value > high:
            raise _bad(f"This value must be less than or equal to {high}.", name, "parameter_invalid_integer")
        return value

    return read


def boolean(name: str, raw: Any) -> bool:
    """'true' or 'false', nothing else."""
    if raw not in ("true", "false"):
        raise _bad(f"Invalid boolean: {raw}", name)
    return bool(raw == "true")


def choice(*allowed: str) -> Kind:
    """One of the listed words."""

    def read(name: str, raw: Any) -> str:
        if not isinstance(raw, str) or raw not in allowed:
            raise _bad(f"Invalid {name}: must be one of {', '.join(allowed)}", name)
        return raw

    return read


def url(name: str, raw: Any) -> str:
    """A web address that a browser can be sent to."""
    value = str(text()(name, raw))
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc:
        raise _bad("Not a valid URL", name, "url_invalid")
    return value


def email(name: str, raw: Any) -> str | None:
    """An e-mail address; empty means 'unset'."""
    value = text(512, clears=True)(name, raw)
    if value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise _bad(f"Invalid email address: {value}", name, "email_invalid")
    return None if value is None else str(value)


def list_of(kind: Kind) -> Kind:
    """A list, as name[0]=… or name[]=…."""

    def read(name: str, raw: Any) -> list[Any]:
        if not isinstance(raw, dict):
            raise _bad("Invalid array", name)
        return [kind(f"{name}[{key}]", value) for key, value in raw.items()]

    return read


def one_of(*kinds: Kind) -> Kind:
    """The first kind that accepts the value; the last one's refusal stands."""

    def read(name: str, raw: Any) -> Any:
        for kind in kinds[:-1]:
            try:
                return kind(name, raw)
            except ApiError:
                continue
        return kinds[-1](name, raw)

    return read


def metadata(name: str, raw: Any) -> dict[str, str | None]:
    """Up to 50 strings; an empty value removes its key, an empty parameter removes them all."""
    if raw == "":
        return {"": None}
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise _bad("Invalid metadata: values must be strings", name)
    for key, value in raw.items():
        if len(key) > 40 or len(value) > 500:
            raise _bad("Metadata keys may have 40 characters and values 500", f"{name}[{key}]")
    if len(raw) > 50:
        raise _bad("Metadata may have 50 keys", name)
    return {key: value or None for key, value in raw.items()}


@dataclass(frozen=True)
class Params:
    """The parameters a route knows; everything else is refused."""

    known: Mapping[str, Kind]
    required: Sequence[str] = ()

    def read(self, raw: Json, inside: str = "") -> Json:
        """Return the typed values. Raises ApiError (400) for unknown, missing or mistyped ones."""
        unknown = [_name(inside, key) for key in raw if key not in self.known]
        if unknown:
            plural = "s" if len(unknown) > 1 else ""
            message = f"Received unknown parameter{plural}: {', '.join(unknown)}"
            raise _bad(message, unknown[0], "parameter_unknown")
        for key in self.required:
            if key not in raw:
                name = _name(inside, key)
                raise _bad(f"Missing required param: {name}.", name, "parameter_missing")
        return {key: self.known[key](_name(inside, key), value) for key, value in raw.items()}

    def __call__(self, name: str, raw: Any) -> Json:
        """Read a nested object, so that Params is itself a Kind."""
        if not isinstance(raw, dict):
            raise _bad("Invalid object", name)
        return self.read(raw, name)


def _name(inside: str, key: str) -> str:
    return f"{inside}[{key}]" if inside else key
