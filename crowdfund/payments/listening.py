"""Who wants to know what became of a charge: one listener for each kind of subject, such as 'pledge'."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session


class ChargeListener(Protocol):
    """Called once, inside the transaction that records what happened: money and its meaning move together."""

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
