"""Faults on demand: modes that the API or the webhook sender act out until used up or cleared."""

import json
from typing import Any

from crowdfund.sandbox.stripe.errors import Json
from crowdfund.sandbox.stripe.store import Store

API_MODES = {
    "slow": "waits 2 seconds (seconds) before it answers",
    "hang": "does nothing, and after 60 seconds (seconds) drops the connection",
    "commit_then_drop": "does the work, then drops the connection",
    "commit_then_500": "does the work, then answers 500 (and replays it)",
    "409": "answers 409 as if the key were in use",
    "429": "answers 429, too many requests",
    "500": "does nothing and answers 500 (and replays it)",
    "down": "does nothing and answers 503, no key used up",
    "refuse": "every charge is declined, as generic_decline (decline_code)",
    "insufficient_then_good": "each saved card is declined once for insufficient funds (decline_code), then works",
}
WEBHOOK_MODES = {
    "duplicate": "every event is sent once more (copies)",
    "reorder": "events that are due together are sent newest first",
    "delay": "events are sent 5 seconds later (seconds)",
    "drop": "events are never sent",
}
ALL_MODES = API_MODES | WEBHOOK_MODES
_PARAMS = {"times": int, "seconds": float, "copies": int, "method": str, "path": str, "types": list,
           "decline_code": str}  # fmt: skip


class Modes:
    """The modes that are on, kept with the rest of the state."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def set(self, name: str, **params: Any) -> None:
        """Turn a mode on; times limits it, path, method and types narrow it. Raises ValueError."""
        if name not in ALL_MODES:
            raise ValueError(f"no mode {name!r}; there are {', '.join(ALL_MODES)}")
        for key, value in params.items():
            if key not in _PARAMS or not isinstance(value, (int, float) if _PARAMS[key] is float else _PARAMS[key]):
                raise ValueError(f"mode {name!r} cannot take {key}={value!r}")
        self._store.sql("INSERT OR REPLACE INTO mode (name, params) VALUES (?, ?)", (name, json.dumps(params)))

    def clear(self, name: str | None = None) -> None:
        """Turn one mode off, or all."""
        self._store.sql("DELETE FROM mode WHERE ? IS NULL OR name = ?", (name, name))

    def on(self) -> dict[str, Json]:
        """Return the modes that are on, with their parameters."""
        return {row["name"]: json.loads(row["params"]) for row in self._store.sql("SELECT * FROM mode ORDER BY name")}

    def take_api(self, method: str, path: str) -> tuple[str, Json] | None:
        """Return the fault to act out for this request, counting it."""
        for name in API_MODES:
            params = self._take(name, lambda p: _fits(p, method, path))
            if params is not None:
                return name, params
        return None

    def take_webhook(self, name: str, type_: str) -> Json | None:
        """Return the parameters of a webhook mode if it applies to this event, counting it."""
        return self._take(name, lambda p: type_ in p.get("types", [type_]))

    def reorders(self) -> bool:
        """Say whether events are sent newest first."""
        return "reorder" in self.on()

    def _take(self, name: str, fits: Any) -> Json | None:
        with self._store.transaction():
            params = self.on().get(name)
            if params is None or not fits(params):
                return None
            if "times" in params:
                left = params["times"] - 1
                if left > 0:
                    self.set(name, **(params | {"times": left}))
                else:
                    self.clear(name)
            return params


def _fits(params: Json, method: str, path: str) -> bool:
    return path.startswith(params.get("path", "/")) and method == params.get("method", method)
