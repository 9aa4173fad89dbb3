"""What `crowdfund check` asks of payments: every row has its posting with the same amounts, every posting its row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from crowdfund.core.money import pounds
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.rules import AccountKind, LedgerEvent
from crowdfund.payments.balance_lines import PAID_OUT
from crowdfund.payments.matching import compare
from crowdfund.payments.models import BalanceLine, ChargeAttempt, Dispute, Refund
from crowdfund.payments.rules import AttemptState, DisputeState, RefundState

_F = RefundState
_EVENTS = (
    LedgerEvent.CHARGE_COLLECTED,
    LedgerEvent.CHARGE_REFUNDED,
    LedgerEvent.REFUND_FAILED,
    LedgerEvent.DISPUTE_OPENED,
    LedgerEvent.DISPUTE_WON,
    LedgerEvent.PROVIDER_PAID_OUT,
)


@dataclass(frozen=True)
class _Kind:
    """Rows of one kind and what the ledger must hold for each, in pence, on the provider's account and on fees."""

    what: str
    row_id: Any
    key: Any
    where: ColumnElement[bool]
    provider_pence: Any
    fees_pence: Any


def breaches(session: Session) -> Iterator[str]:
    """Yield a sentence for every payment whose rows, postings and sums do not fit together."""
    for kind in _kinds():
        yield from _wrongly_posted(session, kind)
    yield from _without_row(session)
    yield from _refunds(session)
    sums = compare(session)
    if sums.rows_pence != sums.book_pence:
        rows, book = pounds(sums.rows_pence), pounds(sums.book_pence)
        yield f"the cash book says that the provider holds {book}, its rows add up to {rows}"


def _kinds() -> Iterator[_Kind]:
    paid, refund, dispute = ChargeAttempt, Refund, Dispute
    succeeded, none = paid.state == AttemptState.SUCCEEDED, literal(0)
    net = paid.fee_pence - paid.amount_pence
    yield _Kind("charge attempt", paid.id, _key("charge:", paid.id), succeeded, net, -func.coalesce(paid.fee_pence, 0))
    was_taken, taken = refund.was_taken.is_(True), _key("refund:", refund.id, ":taken")
    failed = and_(refund.state == _F.FAILED, was_taken)
    yield _Kind("refund", refund.id, taken, was_taken, refund.amount_pence, none)
    back = _key("refund:", refund.id, ":failed")
    yield _Kind("failed refund", refund.id, back, failed, -refund.amount_pence, none)
    opened, both = _key("dispute:", dispute.id, ":opened"), dispute.amount_pence + dispute.fee_pence
    yield _Kind("dispute", dispute.id, opened, dispute.id > 0, both, -dispute.fee_pence)
    was_won, won = dispute.state == DisputeState.WON, _key("dispute:", dispute.id, ":won")
    yield _Kind("dispute that was won", dispute.id, won, was_won, -dispute.amount_pence, none)


def _key(before: str, row_id: Any, after: str = "") -> Any:
    return literal(before, String) + cast(row_id, String) + after


def _wrongly_posted(session: Session, kind: _Kind) -> Iterator[str]:
    provider, fees = aliased(LedgerLine), aliased(LedgerLine)
    on_provider, on_fees = func.coalesce(provider.amount_pence, 0), func.coalesce(fees.amount_pence, 0)
    differs = or_(on_provider != kind.provider_pence, on_fees != kind.fees_pence)
    found = (
        select(kind.row_id, LedgerEntry.id, on_provider, kind.provider_pence)
        .outerjoin(LedgerEntry, LedgerEntry.key == kind.key)
        .outerjoin(provider, _line_of(provider, AccountKind.PROVIDER))
        .outerjoin(fees, _line_of(fees, AccountKind.FEES))
        .where(kind.where, or_(LedgerEntry.id.is_(None), differs))
        .order_by(kind.row_id)
    )
    for row_id, entry_id, posted, expected in session.execute(found):
        if entry_id is None:
            yield f"{kind.what} {row_id} has no posting"
        else:
            amounts = f"{pounds(posted)} at the provider, the row says {pounds(expected)}, or their fees differ"
            yield f"{kind.what} {row_id}: its posting moved {amounts}"


def _line_of(line: Any, kind: AccountKind) -> ColumnElement[bool]:
    account = select(LedgerAccount.id).where(LedgerAccount.kind == kind).scalar_subquery()
    return and_(line.entry_id == LedgerEntry.id, line.account_id == account)


def _without_row(session: Session) -> Iterator[str]:
    keys = [select(kind.key.label("key")).where(kind.where) for kind in _kinds()]
    keys.append(select(_key("dispute:", Dispute.id, ":fee_returned")).where(Dispute.state == DisputeState.WON))
    keys.append(select(literal(PAID_OUT, String) + BalanceLine.ref))
    known = union_all(*keys).subquery()
    orphans = select(LedgerEntry.id, LedgerEntry.event, LedgerEntry.key).where(
        LedgerEntry.event.in_(_EVENTS), LedgerEntry.key.not_in(select(known.c.key))
    )
    for entry_id, event, key in session.execute(orphans.order_by(LedgerEntry.id)):
        yield f"ledger entry {entry_id} ({event.value}, {key}) has no row that it came from"


def _refunds(session: Session) -> Iterator[str]:
    asked = func.coalesce(func.sum(Refund.amount_pence), 0)
    counted = and_(Refund.attempt_id == ChargeAttempt.id, Refund.state.not_in((_F.FAILED, _F.REJECTED)))
    sums = select(ChargeAttempt.id, ChargeAttempt.amount_pence, ChargeAttempt.refunded_pence, asked)
    sums = sums.outerjoin(Refund, counted).group_by(ChargeAttempt.id)
    wrong = sums.having(or_(asked != ChargeAttempt.refunded_pence, asked > ChargeAttempt.amount_pence))
    for attempt_id, paid, noted, refunded in session.execute(wrong.order_by(ChargeAttempt.id)):
        yield (
            f"charge attempt {attempt_id} of {pounds(paid)}: its refunds add up to {pounds(int(refunded))}, "
            f"it says {pounds(noted)}"
        )
    unpaid = select(Refund.id).join(ChargeAttempt).where(ChargeAttempt.state != AttemptState.SUCCEEDED)
    for refund_id in session.scalars(unpaid.order_by(Refund.id)):
        yield f"refund {refund_id} is of a charge that was not paid"
