"""Idempotency keys: the first result is replayed for a day, whatever it was."""

import hashlib
import json
from dataclasses import dataclass

from crowdfund.sandbox.stripe.errors import ApiError, Json
from crowdfund.sandbox.stripe.store import Store

LIFE = 24 * 3600


@dataclass(frozen=True)
class Replay:
    """A result given before, and the request that got it."""

    status: int
    body: Json
    request: str


def fingerprint(method: str, path: str, body: str) -> str:
    """Return what must be the same for a key to be used again."""
    return hashlib.sha256(f"{method} {path}\n{body}".encode()).hexdigest()


def claim(store: Store, key: str, mark: str, request: str, now: int) -> Replay | None:
    """Take the key for a new request, or return its earlier result.

    Raises ApiError: 400 when the key came with other parameters, 409 while the first request is still running.
    """
    with store.transaction():
        store.sql("DELETE FROM replay WHERE created <= ? AND status IS NOT NULL", (now - LIFE,))
        rows = store.sql("SELECT * FROM replay WHERE key = ?", (key,))
        if not rows:
            store.sql("INSERT INTO replay (key, created, fingerprint, request) VALUES (?, ?, ?, ?)",
                      (key, now, mark, request))  # fmt: skip
            return None
        row = rows[0]
        if row["fingerprint"] != mark:
            raise _refused(400, f"Keys for idempotent requests can only be used with the same parameters they were "
                           f"first used with. Try using a key other than '{key}'.")  # fmt: skip
        if row["status"] is None:
            raise in_use()
        return Replay(row["status"], json.loads(row["body"]), row["request"])


def in_use() -> ApiError:
    """Return the answer while another request holds the key."""
    return _refused(409, "There is currently another in-progress request using this Idempotency-Key.",
                    "idempotency_key_in_use")  # fmt: skip


def _refused(status: int, message: str, code: str | None = None) -> ApiError:
    error = {"type": "idempotency_error" if code is None else "invalid_request_error", "message": message}
    return ApiError(status, error | ({"code": code} if code else {}), began=False)


def finish(store: Store, key: str, status: int, body: Json) -> None:
    """Keep the result for replays."""
    store.sql("UPDATE replay SET status = ?, body = ? WHERE key = ?", (status, json.dumps(body), key))


def release(store: Store, key: str) -> None:
    """Let go of a key whose request never began."""
    store.sql("DELETE FROM replay WHERE key = ? AND status IS NULL", (key,))
