"""Who wants to know what became of a charge: one listener for each kind of subject, such as 'pledge'."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Owed:
    """What is to be charged for a subject: its public reference, how much, and for what. Pence."""

    reference: str
    amount_pence: int
    about: str
    is_due: bool  # False until its day has come: a pledge of a project that was not judged yet


class ChargeListener(Protocol):
    """Called once, inside the transaction that records what happened: money and its meaning move together."""

    def owed(self, session: Session, subject_id: int) -> Owed | None:
        """Say what is to be charged for a subject, None when there is no such subject."""
        ...

    def lock(self, session: Session, subject_id: int) -> None:
        """Lock what the calls below change, before the charge itself is locked: outer things first."""
        ...

    def charge_ended(self, session: Session, subject_id: int, attempt_id: int, now: datetime) -> None:
        """A charge succeeded, failed or was cancelled."""
        ...

    def refund_ended(self, session: Session, subject_id: int, refund_id: int, now: datetime) -> None:
        """A refund was taken by the provider, succeeded or failed."""
        ...

    def dispute_changed(self, session: Session, subject_id: int, dispute_id: int, now: datetime) -> None:
        """A dispute was opened, won or lost."""
        ...
