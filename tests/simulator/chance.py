"""Luck from a seed: ids, order and shuffles come out the same whenever a run is repeated."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


def seed_luck(seed: int) -> random.Random:
    """Make everything that asks the machine for randomness in this process draw from `seed`; return such a source."""
    source = random.Random(seed)
    # What the module `secrets` and everything built on it draws from.
    random._urandom = source.randbytes  # type: ignore[attr-defined]
    return random.Random(seed + 1)


@contextmanager
def luck_given_back() -> Iterator[None]:
    """Let the machine's own randomness return afterwards."""
    former = random._urandom  # type: ignore[attr-defined]
    try:
        yield
    finally:
        random._urandom = former  # type: ignore[attr-defined]


def seed_database(engine: Engine) -> None:
    """Make SQLite's random() draw from the same source: sweeps look at projects in a random order."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.create_function("random", 0, lambda: random.SystemRandom().getrandbits(62))
