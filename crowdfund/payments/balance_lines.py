"""The provider's own account of its balance, kept here line by line; its payouts to the bank are posted from it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, Select, String, exists, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from crowdfund.core.actor import SystemActor
from crowdfund.core.db import one_at_a_time, table_of
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.models import LedgerEntry
from crowdfund.ledger.postings import Posting, provider_paid_out
from crowdfund.payments.gateway import BalanceMovement
from crowdfund.payments.models import BalanceLine, Reconciliation

RECONCILER = SystemActor("reconciliation")
PAID_OUT = "provider_payout:"  # begins the key of a posting, the line's own reference ends it
# Movements between the provider's balance and the council's bank, and back.
BANK_KINDS = ("payout", "payout_failure", "payout_cancel", "topup", "topup_reversal")
BATCH = 500
_PAYOUTS_AT_ONCE = 50

Progress = Callable[[int], None]


def import_lines(movements: Iterable[BalanceMovement], reconciliation_id: int, progress: Progress) -> int:
    """Keep every movement once by its reference and return how many there were, telling `progress` after each batch.

    May raise GatewayDown in the middle; what was kept by then stays.
    """
    waiting, read = iter(movements), 0
    while batch := list(islice(waiting, BATCH)):
        read += len(batch)
        with unit_of_work() as session:
            _keep(session, batch)
            # Not one that another worker has finished meanwhile.
            unfinished = (Reconciliation.id == reconciliation_id, Reconciliation.ended_at.is_(None))
            session.execute(update(Reconciliation).where(*unfinished).values(lines=read))
        progress(read)
    return read


def post_payouts(now: datetime) -> int:
    """Post what the provider paid to the bank, or took back from there, once by its reference; return how many."""
    posted = 0
    while found := _post_some(now):
        posted += found
    return posted


def listed_pence(session: Session) -> int:
    """Return what the kept lines add up to, after fees."""
    net = func.sum(BalanceLine.amount_pence - BalanceLine.fee_pence)
    return int(session.scalar(select(func.coalesce(net, 0))) or 0)


def _keep(session: Session, batch: list[BalanceMovement]) -> None:
    connection = session.connection()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(table_of(BalanceLine)).on_conflict_do_nothing(), list(_rows(batch)))


def _rows(batch: list[BalanceMovement]) -> Iterator[dict[str, object]]:
    for movement in batch:
        yield asdict(movement) | {"kind": movement.kind[:40]}


def _post_some(now: datetime) -> int:
    with unit_of_work() as session:
        one_at_a_time(session, "provider payouts")
        found = session.execute(_unposted()).all()
        for ref, pence in found:
            provider_paid_out(Posting(session, f"{PAID_OUT}{ref}", RECONCILER, now), -pence)
    return len(found)


def _unposted() -> Select[str, int]:
    rows = select(BalanceLine.ref, BalanceLine.amount_pence).where(
        BalanceLine.kind.in_(BANK_KINDS), BalanceLine.amount_pence != 0, ~_is_posted()
    )
    return rows.order_by(BalanceLine.at, BalanceLine.ref).limit(_PAYOUTS_AT_ONCE)


def _is_posted() -> ColumnElement[bool]:
    return exists().where(LedgerEntry.key == literal(PAID_OUT, String) + BalanceLine.ref)
