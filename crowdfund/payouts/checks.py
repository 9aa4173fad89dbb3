"""What `crowdfund check` asks of payouts: the ledger moved what they say, files hold what they sent, people differ."""

from collections.abc import Iterator

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.orm import Session

from crowdfund.core.money import pounds
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.rules import AccountKind, LedgerEvent
from crowdfund.payouts.listening import listener_of
from crowdfund.payouts.models import BankDetails, PaymentFile, Payout
from crowdfund.payouts.rules import PayoutState

_S, _A = PayoutState, AccountKind
# What came back is the project's again, or ends what the programme lost over it.
_OF_PROJECT = (_A.HELD, _A.EXPOSURE)
_EVENTS = (LedgerEvent.PAYOUT_SENT, LedgerEvent.PAYOUT_CONFIRMED, LedgerEvent.PAYOUT_RETURNED)
# What a payout in each state leaves on the accounts of its thing, as a multiple of its amount.
_LEAVES = {_S.SENT: {_A.HELD: -1, _A.IN_FLIGHT: 1}, _S.CONFIRMED: {_A.HELD: -1}}
_Sums = dict[tuple[int, AccountKind], int]


def breaches(session: Session) -> Iterator[str]:
    """Yield a sentence for every payout that does not fit the ledger, its file, or the rules for who and when."""
    yield from _ledger(session)
    yield from _files(session)
    yield from _rules(session)


def _ledger(session: Session) -> Iterator[str]:
    booked, told = _booked(session), _told(session)
    for key in sorted(booked.keys() | told.keys()):
        found, expected = booked.get(key, 0), told.get(key, 0)
        if found != expected:
            where = f"project {key[0]}: payouts moved {pounds(found)} on its account “{key[1]}”"
            yield f"{where}, by their states it is {pounds(expected)}"


def _booked(session: Session) -> _Sums:
    account = case((LedgerAccount.kind.in_(_OF_PROJECT), literal(_A.HELD.value)), else_=LedgerAccount.kind)
    statement = (
        select(LedgerAccount.subject_id, account, func.sum(LedgerLine.amount_pence))
        .join(LedgerLine, LedgerLine.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.event.in_(_EVENTS), LedgerAccount.kind.in_((*_OF_PROJECT, _A.IN_FLIGHT)))
        .group_by(LedgerAccount.subject_id, account)
    )
    return {(subject_id, AccountKind(kind)): int(pence) for subject_id, kind, pence in session.execute(statement)}


def _told(session: Session) -> _Sums:
    sums: _Sums = {}
    statement = select(Payout.purpose, Payout.state, func.sum(Payout.amount_pence))
    for purpose, state, pence in session.execute(statement.group_by(Payout.purpose, Payout.state)):
        for kind, times in _LEAVES.get(state, {}).items():
            key = (listener_of(purpose)[1], kind)
            sums[key] = sums.get(key, 0) + times * int(pence)
    return sums


def _files(session: Session) -> Iterator[str]:
    statement = (
        select(PaymentFile.number, PaymentFile.payouts, PaymentFile.total_pence)
        .add_columns(func.count(Payout.id), func.coalesce(func.sum(Payout.amount_pence), 0))
        .outerjoin(Payout, Payout.file_id == PaymentFile.id)
        .group_by(PaymentFile.number, PaymentFile.payouts, PaymentFile.total_pence)
        .order_by(PaymentFile.number)
    )
    for number, payouts, total, count, pence in session.execute(statement):
        if (payouts, total) != (count, int(pence)):
            yield f"payment file {number} was made of {payouts} payouts over {pounds(total)}, and has {count} now"


def _rules(session: Session) -> Iterator[str]:
    joined = select(Payout.reference).join(BankDetails, BankDetails.id == Payout.bank_details_id)
    in_files = joined.join(PaymentFile, PaymentFile.id == Payout.file_id).order_by(Payout.id)
    early = or_(PaymentFile.made_at < BankDetails.held_until, BankDetails.called_at.is_(None))
    for reference in session.scalars(in_files.where(early)):
        yield f"payout {reference} left while its bank details were on hold or before anybody had called back"
    alone = or_(Payout.approved_by_id == BankDetails.given_by_id, BankDetails.called_by_id == BankDetails.given_by_id)
    for reference in session.scalars(joined.where(alone).order_by(Payout.id)):
        yield f"payout {reference} goes to bank details that were given by whoever approved or checked them"
    elsewhere = joined.where(Payout.payee != BankDetails.payee).order_by(Payout.id)
    for reference in session.scalars(elsewhere):
        yield f"payout {reference} goes to the bank details of another payee"
