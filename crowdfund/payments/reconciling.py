"""Reconciliation: the cash book beside the provider's own account, both ways, to the penny. Amounts are pence."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from crowdfund.core import jobs
from crowdfund.core.db import db, lock, one_at_a_time, table_of
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.balance_lines import Progress, import_lines, listed_pence, post_payouts
from crowdfund.payments.differences import Found, differences_of, unexplained
from crowdfund.payments.gateway import Gateway
from crowdfund.payments.matching import Comparison, Odd, compare, differing, line_ref
from crowdfund.payments.models import BalanceLine, Difference, Reconciliation
from crowdfund.payments.taking_over import Take, take_over

TELL_FINANCE = "payments:tell_finance"  # {"reconciliation_id"}: a mail about differences that are new
GRACE = timedelta(hours=1)  # what only one side knows for less than this is on its way
OVERLAP = timedelta(days=3)  # a provider may list a movement late
THE_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_LOOKS = 3  # the provider's balance may move between its list and its sum
_AT_ONCE = 500


def reconcile(
    gateway: Gateway,
    now: datetime,
    progress: Progress = lambda _: None,
    takes: Mapping[str, Take] = MappingProxyType({}),
) -> Reconciliation:
    """Compare the cash book with the provider and return what came of it; also posts the provider's payouts.

    `takes` are asked, by the kind of line, to take over what only the provider knows, as after a backup was restored.
    Where there is no difference, the provider's balance is what the cash book says less what is in flight.
    `progress` hears how many lines were read. Raises GatewayDown; the next run takes up what was begun.
    """
    run_id, since = _begin(now)
    provider_pence = _read(gateway, run_id, since, progress)
    post_payouts(now)
    compared = compare(db.session())
    notes = take_over(compared.odd, takes, now)
    if notes:
        compared = compare(db.session())
    return _finish(run_id, compared, provider_pence, now, notes)


def find_last(session: Session) -> Reconciliation | None:
    """Return the last reconciliation that was finished."""
    done = select(Reconciliation).where(Reconciliation.ended_at.is_not(None))
    return session.scalars(done.order_by(Reconciliation.id.desc()).limit(1)).first()


def _begin(now: datetime) -> tuple[int, datetime]:
    """Start a run, or take up one that was never finished; return it and since when lines are wanted."""
    with unit_of_work() as session:
        one_at_a_time(session, "reconciliation")
        last = find_last(session)
        begun = select(Reconciliation).where(Reconciliation.ended_at.is_(None)).order_by(Reconciliation.id.desc())
        run = session.scalars(begun.limit(1)).first() or Reconciliation()
        run.started_at, run.lines = now, 0
        session.add(run)
        session.flush()
        return run.id, last.started_at - OVERLAP if last else THE_BEGINNING


def _read(gateway: Gateway, run_id: int, since: datetime, progress: Progress) -> int:
    """Keep the provider's lines and return its balance, looking again while it moves meanwhile."""
    provider_pence = 0
    for _ in range(_LOOKS):
        import_lines(gateway.list_movements(since), run_id, progress)
        provider_pence = gateway.balance_pence()
        if provider_pence == listed_pence(db.session()):
            break
    return provider_pence


def _finish(
    run_id: int, compared: Comparison, provider_pence: int, now: datetime, notes: Mapping[str, str]
) -> Reconciliation:
    flying, odd = _in_flight(compared.odd, now)
    told = (one.with_note(notes.get(each.ref, "")) for each in odd for one in differences_of(each))
    found = [*unexplained(compared, provider_pence), *told]
    with unit_of_work() as session:
        run = _row_to_finish(session, run_id)
        run.ended_at, run.provider_pence, run.book_pence = now, provider_pence, compared.book_pence
        run.in_flight_pence = sum(one.here.net_pence - one.there.net_pence for one in flying)
        session.flush()
        for batch in _batches(found):
            session.execute(insert(table_of(Difference)), [one.row(run.id) for one in batch])
        _mark_matched(session, now)
        _tell_finance(session, run.id, now)
    return run


def _in_flight(odd: list[Odd], now: datetime) -> tuple[list[Odd], list[Odd]]:
    """Part what only one side knows, and not for long, from what is a difference."""
    flying: list[Odd] = []
    rest: list[Odd] = []
    for one in odd:
        known = [side.at for side in (one.here, one.there) if side.at is not None]
        is_young = len(known) == 1 and known[0] > now - GRACE
        (flying if is_young else rest).append(one)
    return flying, rest


def _row_to_finish(session: Session, run_id: int) -> Reconciliation:
    """Return the run to finish; where another one has finished it meanwhile, a run of its own."""
    run = lock(session, Reconciliation, run_id)
    if run.ended_at is None:
        return run
    again = Reconciliation(started_at=run.started_at, lines=run.lines)
    session.add(again)
    return again


def _batches(found: list[Found]) -> Iterator[list[Found]]:
    waiting = iter(found)
    while batch := list(islice(waiting, _AT_ONCE)):
        yield batch


def _mark_matched(session: Session, now: datetime) -> None:
    """Note when each line was first found to be the same in our books."""
    same = update(BalanceLine).where(BalanceLine.matched_at.is_(None), line_ref().not_in(differing()))
    session.execute(same.values(matched_at=now).execution_options(synchronize_session=False))


def _tell_finance(session: Session, run_id: int, now: datetime) -> None:
    """Have the worker mail finance, once for each difference, however often it is found again."""
    table = table_of(Difference)
    columns = (table.c.kind, table.c.ref, table.c.found_pence - table.c.expected_pence)
    before = select(*columns).where(table.c.reconciliation_id < run_id)
    if session.execute(select(*columns).where(table.c.reconciliation_id == run_id).except_(before).limit(1)).first():
        payload: dict[str, Any] = {"reconciliation_id": run_id}
        jobs.enqueue(session, TELL_FINANCE, payload, dedupe_key=f"{TELL_FINANCE}:{run_id}", now=now)
