"""What payouts ask of those whose money they carry: packages above register by the kind of purpose.

A purpose is written 'project:3'; its kind is the part before the colon.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from crowdfund.core.actor import Actor
from crowdfund.core.errors import NotFound


@dataclass(frozen=True)
class Payable:
    """What may be paid out for a purpose now, and to whom. Amounts are pence."""

    title: str
    payee: str  # such as 'group:4'; empty where nobody can be paid
    payee_name: str
    group_id: int
    held_pence: int
    disputed_pence: int  # claimed back by card holders and not taken from what is held yet
    refunding_pence: int  # refunds asked for or approved that the provider has not taken yet
    refusal: str  # why nothing may be paid out; empty where nothing is in the way

    @property
    def free_pence(self) -> int:
        """What is held less what open disputes and refunds will take."""
        return max(0, self.held_pence - self.disputed_pence - self.refunding_pence)


class PayoutListener(Protocol):
    """Whoever answers for the money of one kind of purpose."""

    def lock(self, session: Session, subject_id: int) -> None:
        """Lock the thing, so that nobody changes what may be paid while it is decided. Raises NotFound."""
        ...

    def payable(self, session: Session, subject_id: int) -> Payable:
        """Return what may be paid out now. Raises NotFound."""
        ...

    def whom_to_tell(self, session: Session, subject_id: int) -> Sequence[str]:
        """Return the addresses of everybody who hears of the money's way."""
        ...

    def demand_apart(self, session: Session, subject_id: int, actor: Actor) -> None:
        """Raise Forbidden for an officer who is tied to the thing."""
        ...

    def demand_declared(self, session: Session, subject_id: int, actor: Actor) -> None:
        """Raise Forbidden for an officer who did not declare to have no interest in the thing."""
        ...

    def confirmed(self, session: Session, subject_id: int, *, actor: Actor, now: datetime) -> None:
        """A payout arrived at its payee."""
        ...


PAYOUT_LISTENERS: dict[str, PayoutListener] = {}


def listener_of(purpose: str) -> tuple[PayoutListener, int]:
    """Return who answers for a purpose, and the id of its thing. Raises NotFound."""
    kind, _, number = purpose.partition(":")
    if kind not in PAYOUT_LISTENERS or not (number.isascii() and number.isdigit()):
        raise NotFound(f"purpose {purpose}")
    return PAYOUT_LISTENERS[kind], int(number)
