"""Reading bank details, payouts and payment files."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.accounts.models import Person
from crowdfund.core.errors import NotFound
from crowdfund.decisions.models import Decision
from crowdfund.payouts.models import BankDetails, PaymentFile, Payout
from crowdfund.payouts.rules import PayoutState

ALLOWED, CALLED = "personal_account_allowed", "called_back"  # outcomes of decisions about bank details
TWICE = "Paid twice by the bank"  # how the reason of such a payout begins until somebody settles it
WAITING = (PayoutState.PREPARED, PayoutState.APPROVED)
_TWICE = (Payout.state == PayoutState.CONFIRMED, Payout.reason.startswith(TWICE))


class Facts(NamedTuple):
    """What decides whether a purpose can be paid to some bank details. Pence; UTC."""

    returned_at: datetime | None  # when the bank last sent a payout to these details back
    waiting_pence: int  # prepared or approved for the purpose and not sent yet
    is_allowed: bool  # finance recorded why these details may be used although the account is personal
    is_paid_twice: bool  # the bank paid a payout for the purpose twice and nobody settled it yet


class Note(NamedTuple):
    """What an officer recorded about bank details."""

    outcome: str
    reason: str
    who: str
    at: datetime


def subject_of(details_id: int) -> str:
    """Name bank details in the decision record."""
    return f"bank_details:{details_id}"


def find_details(session: Session, payee: str) -> BankDetails | None:
    """Return the bank details that a payee has now."""
    current = select(BankDetails).where(BankDetails.payee == payee, BankDetails.ended_at.is_(None))
    return session.scalars(current.execution_options(populate_existing=True)).one_or_none()


def list_earlier(session: Session, payee: str) -> Sequence[BankDetails]:
    """Return the bank details that a payee had before, the newest first; the last few."""
    ended = select(BankDetails).where(BankDetails.payee == payee, BankDetails.ended_at.is_not(None))
    return session.scalars(ended.order_by(BankDetails.id.desc()).limit(5)).all()


def list_notes(session: Session, details_id: int) -> list[Note]:
    """Return what officers recorded about bank details: call-backs and reasons, newest first."""
    statement = (
        select(Decision.outcome, Decision.reason, Person.name, Decision.decided_at)
        .join(Person, Person.id == Decision.decided_by_id)
        .where(Decision.subject == subject_of(details_id))
        .order_by(Decision.id.desc())
    )
    return [Note(*row) for row in session.execute(statement)]


def read_facts(session: Session, purpose: str, details_id: int | None, but: int | None = None) -> Facts:
    """Return what decides whether a purpose can be paid to some details, in one query; `but`: without this payout."""
    of_details, of_purpose = Payout.bank_details_id == details_id, Payout.purpose == purpose
    returned = select(func.max(Payout.ended_at)).where(of_details, Payout.state == PayoutState.RETURNED)
    waiting = select(func.coalesce(func.sum(Payout.amount_pence), 0)).where(
        of_purpose, Payout.state.in_(WAITING), Payout.id != (but or 0)
    )
    excused = (Decision.subject == subject_of(details_id or 0), Decision.outcome == ALLOWED)
    twice = select(func.count(Payout.id)).where(of_purpose, *_TWICE)
    parts = (returned, waiting, select(func.count(Decision.id)).where(*excused), twice)
    columns = [part.scalar_subquery().label(f"part_{n}") for n, part in enumerate(parts)]
    at, pence, reasons, doubles = session.execute(select(*columns)).one()
    return Facts(at, int(pence), bool(reasons), bool(doubles))


def has_approved(session: Session, details_id: int, person_id: int | None) -> bool:
    """Say whether somebody approved a payout to these bank details that waits for its file."""
    waiting = exists().where(
        Payout.bank_details_id == details_id,
        Payout.state == PayoutState.APPROVED,
        Payout.approved_by_id == person_id,
    )
    return bool(session.scalar(select(waiting)))


def get_payout(session: Session, public_id: str) -> Payout:
    """Return a payout with its bank details and file. Raises NotFound."""
    statement = select(Payout).where(Payout.public_id == public_id)
    found = session.scalars(statement.options(joinedload(Payout.details), joinedload(Payout.file))).one_or_none()
    if found is None:
        raise NotFound(f"payout {public_id}")
    return found


def list_payouts(
    session: Session, states: Sequence[PayoutState] = (), *, offset: int = 0, limit: int | None = None
) -> Sequence[Payout]:
    """Return payouts in these states (all without any), newest first, with their bank details."""
    statement = select(Payout).options(joinedload(Payout.details)).order_by(Payout.id.desc())
    if states:
        statement = statement.where(Payout.state.in_(states))
    return session.scalars(statement.offset(offset).limit(limit)).all()


def list_for(session: Session, purpose: str) -> Sequence[Payout]:
    """Return every payout for a purpose in their order, with bank details and file."""
    statement = select(Payout).where(Payout.purpose == purpose).order_by(Payout.number)
    return session.scalars(statement.options(joinedload(Payout.details), joinedload(Payout.file))).all()


def count_by_state(session: Session) -> dict[PayoutState, tuple[int, int]]:
    """Return how many payouts are in each state, and their pence."""
    rows = session.execute(select(Payout.state, func.count(), func.sum(Payout.amount_pence)).group_by(Payout.state))
    return {state: (count, int(pence)) for state, count, pence in rows}


def find_paid_twice(session: Session) -> Sequence[Payout]:
    """Return payouts that the bank paid twice and nobody settled yet, oldest first."""
    return session.scalars(select(Payout).where(*_TWICE).order_by(Payout.id)).all()


def is_paid_twice(payout: Payout) -> bool:
    """Say whether the bank paid a payout twice and nobody settled it yet."""
    return payout.state is PayoutState.CONFIRMED and (payout.reason or "").startswith(TWICE)


def get_file(session: Session, public_id: str) -> PaymentFile:
    """Return a payment file. Raises NotFound."""
    found = session.scalars(select(PaymentFile).where(PaymentFile.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound(f"payment file {public_id}")
    return found


def list_files(session: Session, *, offset: int = 0, limit: int | None = None) -> Sequence[PaymentFile]:
    """Return payment files, newest first."""
    return session.scalars(select(PaymentFile).order_by(PaymentFile.number.desc()).offset(offset).limit(limit)).all()


def list_in_file(session: Session, file_id: int) -> Sequence[Payout]:
    """Return the payouts of a file in its order, with their bank details."""
    statement = select(Payout).where(Payout.file_id == file_id).order_by(Payout.id)
    return session.scalars(statement.options(joinedload(Payout.details))).all()
