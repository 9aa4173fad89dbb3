"""What every piece of work in the stand-in is handed: the store, the time, and a way to announce events."""

import json
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crowdfund.sandbox.stripe.cards import Decline
from crowdfund.sandbox.stripe.errors import Json, missing
from crowdfund.sandbox.stripe.store import Store

API_VERSION = "2026-05-27.dahlia"
_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """Return a random id that looks like Stripe's."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"


@dataclass
class Context:
    """One request's surroundings; `now` is seconds since 1970 by the stand-in's clock."""

    store: Store
    now: int
    base_url: str
    announce: Callable[[str], None]
    request_id: str | None = None
    idempotency_key: str | None = None
    refuse: Decline | None = None
    refuse_first: Decline | None = None
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    def get(self, kind: str, id_: str, param: str = "id") -> Json:
        """Return an object. Raises ApiError when there is none."""
        found = self.store.find(kind, id_)
        if found is None or found.get("deleted"):
            raise missing(kind, id_, param)
        return found

    def save(self, obj: Json, *events: str) -> Json:
        """Store the object and announce the events with it as it is now."""
        self.store.put(obj)
        for event in events:
            self.emit(event, obj)
        return obj

    def emit(self, type_: str, obj: Json) -> None:
        """Record an event and hand it to delivery."""
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": {"object": public(obj)},
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": type_,
        }
        self.store.put(event)
        self.announce(str(event["id"]))


def public(value: Any) -> Any:
    """Return a deep copy without the stand-in's own notes, whose names start with '_'."""
    if isinstance(value, dict):
        return {
            key: item if key == "metadata" else public(item) for key, item in value.items() if not key.startswith("_")
        }
    if isinstance(value, list):
        return [public(item) for item in value]
    return value


def merge_metadata(old: Json, change: Json | None) -> Json:
    """Return the metadata after a change: a None value removes its key, the key '' removes all."""
    if change is None:
        return old
    if "" in change:
        return {}
    return {key: value for key, value in (old | change).items() if value is not None}


def compact(obj: Json) -> str:
    """Return the object as Stripe prints it: indented JSON."""
    return json.dumps(obj, indent=2, ensure_ascii=False)
