"""Two things at the same moment: settled once, decided once, and money is freed or refunded, never both."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON, FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Decision
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.checks import breaches
from crowdfund.settlement.deciding import PaidIn, decide_shortfall
from crowdfund.settlement.notices import alert_officers
from crowdfund.settlement.ring_fence import end_waiting, free_money, hold_money, review_moment
from crowdfund.settlement.rules import ALERT_AFTER, REFUND_ALL, ShortfallChoice
from crowdfund.settlement.settling import settle
from crowdfund.settlement.sweeping import sweep
from tests.support.settling import Settling, make_funded, make_settling, make_short
from tests.support.threads import failures, together

TIMES = 6
C = ShortfallChoice


@pytest.fixture
def settling(app: Flask, db_session: Session, clock: FixedClock) -> Settling:
    found = make_settling(app, clock, 50_000, 40_000)
    found.judge()
    return found


def count(tag: Tag) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == tag.value)) or 0


def hold_everything(settling: Settling) -> None:
    db.session.expire_all()
    assert list(breaches(db.session())) == list(ledger_breaches(db.session())) == []


def settle_in_thread(settling: Settling) -> ProjectState | None:
    with unit_of_work() as session:
        return settle(session, settling.project.id, now=settling.clock.now())


def test_many_settle_at_once_and_it_is_settled_once(app: Flask, settling: Settling) -> None:
    first, second = settling.pledges
    settling.pay(first)
    settling.lapse(second)
    results = together(app, [lambda: settle_in_thread(settling)] * TIMES)
    assert failures(results) == []
    assert sorted(str(result) for result in results) == ["None"] * (TIMES - 1) + ["shortfall"]
    assert count(Tag.SETTLEMENT_FINISHED) == 1
    assert len(settling.mails("settlement_shortfall")) == 1
    hold_everything(settling)


def test_the_last_two_charges_end_together(app: Flask, settling: Settling) -> None:
    attempts = [settling.attempt(pledge) for pledge in settling.pledges]
    steps = [lambda attempt=attempt: settling.succeed(attempt) for attempt in attempts for _ in range(2)]
    steps += [lambda: settle_in_thread(settling)] * 2
    assert failures(together(app, steps)) == []
    assert settling.state() is ProjectState.FUNDED
    assert (settling.settlement().collected_pence, settling.held()) == (90_000, 90_000)
    assert count(Tag.SETTLEMENT_FINISHED) == 1
    hold_everything(settling)


def test_the_last_pledge_lapses_while_another_is_paid(app: Flask, settling: Settling) -> None:
    first, second = settling.pledges
    attempt = settling.attempt(first)
    steps = [lambda: settling.succeed(attempt), lambda: settling.lapse(second), lambda: settle_in_thread(settling)]
    assert failures(together(app, steps)) == []
    settle_in_thread(settling)
    assert settling.state() is ProjectState.SHORTFALL
    assert (settling.settlement().collected_pence, settling.held()) == (50_000, 50_000)
    hold_everything(settling)


def decide(short: Settling, choice: ShortfallChoice) -> str:
    evidence: dict[str, Any] = {"paid_in": PaidIn("A funder", "4711")} if choice is C.TOP_UP else {}
    with unit_of_work() as session:
        who = short.by(short.approver)
        return decide_shortfall(session, short.project.id, choice, "A reason.", **evidence, **who).outcome


def swept(settling: Settling) -> int:
    with unit_of_work() as session:
        return sweep(session, settling.clock.now())


def test_two_approvers_and_the_sweep_decide_at_once(app: Flask, db_session: Session, clock: FixedClock) -> None:
    short = make_short(app, clock)
    clock.forward(ALERT_AFTER)
    steps = [lambda: swept(short), lambda: decide(short, C.TOP_UP), lambda: swept(short)]
    steps += [lambda: decide(short, C.REFUND_ALL), lambda: settle_in_thread(short)]
    results = together(app, steps)
    assert failures(results, Refused) == []
    [outcome] = [result for result in results if result in {"top_up", "refund_all"}]
    topped_up = outcome == "top_up"
    assert short.state() is (ProjectState.FUNDED if topped_up else ProjectState.REFUNDING)
    assert short.held() == (90_000 if topped_up else 80_000)
    assert db.session.scalar(select(func.count()).select_from(Decision)) == 1
    refunds = select(func.count()).select_from(Job).where(Job.kind == REFUND_ALL)
    assert bool(db.session.scalar(refunds)) is not topped_up
    hold_everything(short)


def test_the_alert_goes_out_once(app: Flask, settling: Settling) -> None:
    settling.clock.forward(ALERT_AFTER)

    def alert() -> bool:
        with unit_of_work() as session:
            return alert_officers(session, settling.project.id, settling.clock.now())

    results = together(app, [alert] * TIMES)
    assert failures(results) == []
    assert sum(results) == 1
    assert count(Tag.SETTLEMENT_ALERTED) == 1


@pytest.mark.parametrize("at", [timedelta(), timedelta(microseconds=-1)], ids=["the clock's moment", "a moment before"])
def test_the_review_date_passes_while_an_approver_frees_the_money(
    app: Flask, db_session: Session, clock: FixedClock, at: timedelta
) -> None:
    funded = make_funded(app, clock)
    review_on = clock.now().astimezone(LONDON).date() + timedelta(days=30)
    with unit_of_work() as session:
        hold_money(session, funded.project.id, "Planning permission", review_on, "x", **funded.by(funded.approver))
    moment = review_moment(review_on)

    def free() -> str:
        with unit_of_work() as session:
            who = funded.by(funded.approver) | {"now": moment + at}
            free_money(session, funded.project.id, "Seen.", **who)
            return "freed"

    def end() -> str:
        with unit_of_work() as session:
            return "refunds" if end_waiting(session, funded.project.id, moment) else "nothing"

    results = together(app, [free, end, free, end])
    assert failures(results, Refused) == []
    done = [result for result in results if result in {"freed", "refunds"}]
    assert len(done) == 1
    if not at:  # what backers were told holds to the moment
        assert done == ["refunds"]
    refunding = done == ["refunds"]
    assert funded.state() is (ProjectState.REFUNDING if refunding else ProjectState.DELIVERING)
    jobs = select(func.count()).select_from(Job).where(Job.kind == REFUND_ALL, Job.state == JobState.WAITING)
    assert db.session.scalar(jobs) == (1 if refunding else 0)
    assert funded.held() == 90_000
    hold_everything(funded)
