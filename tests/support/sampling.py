"""How much of a large space of cases a run takes: a share that changes from case to case, or all of it."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")
SHARE = 4


def is_thorough() -> bool:
    """Say whether the run takes its time, as `make proof` does."""
    return settings.get_current_profile_name() == "proof"


def sample(cases: Sequence[T], number: int) -> Sequence[T]:
    """Return the cases for the `number`th thing: every fourth, each time from another start; all in a thorough run."""
    return cases if is_thorough() else cases[number % SHARE :: SHARE]
