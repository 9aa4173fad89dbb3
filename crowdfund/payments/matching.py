"""Our books beside the provider's, movement by movement: charges, refunds, disputes and payouts, both ways at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, BigInteger, Select, String, case, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from crowdfund.core.db import UtcDateTime
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.rules import AccountKind, LedgerEvent
from crowdfund.payments.balance_lines import BANK_KINDS, PAID_OUT
from crowdfund.payments.models import BalanceLine, ChargeAttempt, Dispute, Refund
from crowdfund.payments.rules import AttemptState, DisputeState, RefundState

HERE, THERE = 1, 0
_IN, _OUT = "in", "out"


@dataclass(frozen=True)
class Side:
    """What one side says of a movement. Pence; `what` is its kind there, empty where that side knows nothing."""

    what: str
    amount_pence: int
    fee_pence: int
    at: datetime | None

    @property
    def net_pence(self) -> int:
        """What it does to the balance."""
        return self.amount_pence - self.fee_pence


@dataclass(frozen=True)
class Odd:
    """A movement on which the two sides differ, or which only one of them knows."""

    ref: str
    here: Side
    there: Side


@dataclass(frozen=True)
class Comparison:
    """The sums of both sides, and where they differ. Pence."""

    rows_pence: int  # by our charges, refunds, disputes and posted payouts
    book_pence: int  # by the cash book's account of the provider
    listed_pence: int  # by the provider's lines
    odd: list[Odd]


def compare(session: Session) -> Comparison:
    """Compare everything both ways in one statement, so that both sides are of the same moment."""
    grouped = _grouped()
    found = session.execute(_statement(grouped)).all()
    sums, book, odd = found[0], found[1], found[2:]
    here, there = _sides(sums)
    return Comparison(here.net_pence, book.here_amount, there.net_pence, [Odd(row.ref, *_sides(row)) for row in odd])


def differing() -> Select[Any]:
    """Return the references of movements that differ, for a statement about the provider's lines."""
    grouped = _grouped()
    return select(grouped.c.ref).where(_differs(grouped))


def line_ref() -> Any:
    """Return the name under which a line of the provider is compared: what moved, or its own for the bank's part."""
    own = or_(BalanceLine.source_ref.is_(None), BalanceLine.kind.in_(BANK_KINDS))
    return case((own, BalanceLine.ref), else_=BalanceLine.source_ref)


def _sides(row: Any) -> Iterator[Side]:
    yield Side(row.here_what or "", row.here_amount, row.here_fee, row.here_at)
    yield Side(row.there_what or "", row.there_amount, row.there_fee, row.there_at)


def _statement(grouped: CTE) -> Any:
    """The sums of all, then the cash book, then what differs in a total order."""
    names = ("here_amount", "here_fee", "there_amount", "there_fee")
    zero, none, never = cast(0, BigInteger), cast(None, String), cast(None, UtcDateTime)
    totals = [cast(func.coalesce(func.sum(grouped.c[name]), 0), BigInteger).label(name) for name in names]
    book = select(cast(-func.coalesce(func.sum(LedgerAccount.balance_pence), 0), BigInteger)).where(
        LedgerAccount.kind == AccountKind.PROVIDER
    )
    blank = [none.label("here_what"), none.label("there_what"), never.label("here_at"), never.label("there_at")]
    empty, part = literal("").label("ref"), literal(0).label("part")
    every = select(part, empty, *totals, *blank)
    ledger = select(literal(1), literal(""), book.scalar_subquery(), zero, zero, zero, none, none, never, never)
    rest = [grouped.c[name] for name in ("ref", *names, "here_what", "there_what", "here_at", "there_at")]
    odd = select(literal(2), *rest).where(_differs(grouped))
    return union_all(every, ledger, odd).order_by("part", "ref", "here_amount")


def _differs(grouped: CTE) -> Any:
    return or_(grouped.c.here_amount != grouped.c.there_amount, grouped.c.here_fee != grouped.c.there_fee)


def _grouped() -> CTE:
    """Every movement by its reference and direction, what both sides say of it side by side."""
    all_ = union_all(*_here(), _there()).cte("movement")
    columns = [all_.c.ref, all_.c.way]
    for name, side in (("here", HERE), ("there", THERE)):
        of = {column: case((all_.c.side == side, all_.c[column])) for column in ("amount", "fee", "what", "at")}
        columns += [
            cast(func.coalesce(func.sum(of["amount"]), 0), BigInteger).label(f"{name}_amount"),
            cast(func.coalesce(func.sum(of["fee"]), 0), BigInteger).label(f"{name}_fee"),
            func.min(of["what"]).label(f"{name}_what"),
            func.min(of["at"], type_=UtcDateTime).label(f"{name}_at"),
        ]
    return select(*columns).group_by(all_.c.ref, all_.c.way).cte("grouped")


def _here() -> Iterator[Select[Any]]:
    charge, refund, dispute = ChargeAttempt, Refund, Dispute
    fee = charge.fee_pence
    paid = _movement(charge.charge_ref, _IN, "charge", amount=charge.amount_pence, fee=fee, at=charge.ended_at)
    yield paid.where(charge.state == AttemptState.SUCCEEDED)
    when = func.coalesce(refund.sent_at, refund.created_at)
    sent = _movement(refund.refund_ref, _OUT, "refund", amount=-refund.amount_pence, at=when)
    yield sent.where(refund.was_taken.is_(True))
    back = _movement(refund.refund_ref, _IN, "refund sent back", amount=refund.amount_pence, at=refund.ended_at)
    yield back.where(refund.was_taken.is_(True), refund.state == RefundState.FAILED)
    ref, pence = dispute.dispute_ref, dispute.amount_pence
    yield _movement(ref, _OUT, "dispute", amount=-pence, fee=dispute.fee_pence, at=dispute.opened_at)
    back_fee = func.coalesce(_fee_returned().scalar_subquery(), 0)
    won = _movement(ref, _IN, "dispute won", amount=pence, fee=back_fee, at=dispute.closed_at)
    yield won.where(dispute.state == DisputeState.WON)
    yield _paid_out()


def _fee_returned() -> Select[Any]:
    """What of a dispute's fee came back, as a negative fee; only the ledger keeps it."""
    entry, line, account = aliased(LedgerEntry), aliased(LedgerLine), aliased(LedgerAccount)
    key = literal("dispute:", String) + cast(Dispute.id, String) + ":fee_returned"
    found = select(line.amount_pence).join(entry, entry.id == line.entry_id).join(account)
    return found.where(entry.key == key, account.kind == AccountKind.PROVIDER).correlate(Dispute)


def _paid_out() -> Select[Any]:
    ref = func.substr(LedgerEntry.key, len(PAID_OUT) + 1, type_=String)
    way = case((LedgerLine.amount_pence > 0, _OUT), else_=_IN)
    posted = _movement(ref, way, "payout", amount=-LedgerLine.amount_pence, at=LedgerEntry.at)
    posted = posted.join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id).join(LedgerAccount)
    event = LedgerEntry.event == LedgerEvent.PROVIDER_PAID_OUT
    return posted.where(event, LedgerAccount.kind == AccountKind.PROVIDER)


def _there() -> Select[Any]:
    line = BalanceLine
    way = case((line.amount_pence < 0, _OUT), else_=_IN)
    amounts: dict[str, Any] = {"amount": line.amount_pence, "fee": line.fee_pence}
    return _movement(line_ref(), way, line.kind, at=line.at, side=THERE, **amounts)


def _movement(ref: Any, way: Any, what: Any, *, amount: Any, at: Any, fee: Any = None, side: int = HERE) -> Select[Any]:
    return select(
        literal(side).label("side"),
        ref.label("ref"),
        (literal(way, String) if isinstance(way, str) else way).label("way"),
        (literal(what, String) if isinstance(what, str) else what).label("what"),
        cast(amount, BigInteger).label("amount"),
        cast(literal(0) if fee is None else fee, BigInteger).label("fee"),
        at.label("at"),
    )
