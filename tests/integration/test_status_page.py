"""How the service runs: each sign in plain words, refreshed by itself, and parked work put back by an officer."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core import jobs
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import Base, db, table_of
from crowdfund.core.ids import public_id
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from crowdfund.payments.models import ChargeAttempt, Refund, StripeEvent
from crowdfund.payments.rules import AttemptState, EventState, RefundState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.people import browser_of, make_officer
from tests.support.provider_books import ProviderBooks

PAGE = "/officers/status"
HX = {"HX-Request": "true"}
SECRET = "GatewayDown: no answer for rosa@example.org, 12 Oak Lane"


@pytest.fixture
def admin(app: Flask, db_session: Session, clock: FixedClock) -> Person:
    return make_officer(OfficerRole.PROGRAMME_ADMINISTRATOR, clock.now(), name="Ada Min")


@pytest.fixture
def ada(app: Flask, admin: Person) -> HouseClient:
    return browser_of(app, admin, strong=True)


@pytest.fixture
def running(app: Flask, db_session: Session, clock: FixedClock, stripe: StandIn) -> ProviderBooks:
    """A service that is well: its worker runs, the provider was heard of, the books were compared."""
    worker_of(app).tick()
    books = ProviderBooks(clock)
    books.charge()
    add(StripeEvent(id="evt_1", kind="x", object_ref="x", state=EventState.DONE, received_at=clock.now()))
    books.run()
    return books


def add(*rows: Base) -> None:
    with unit_of_work() as session:
        session.add_all(rows)


def signals(ada: HouseClient) -> dict[str, str]:
    """Every sign on the page with the rest of its row."""
    text = ada.get(PAGE, max_queries=12).text
    rows = re.findall(r'<th scope="row" role="rowheader">(.*?)</th>(.*?)</tr>', text, re.DOTALL)
    plain = [tuple(" ".join(re.sub(r"<[^>]+>", " ", part).split()) for part in row) for row in rows]
    return {name: rest for name, rest in plain if not name.isdigit()}


def park(clock: FixedClock, error: str | None = SECRET, kind: str = "mail:send") -> int:
    """Leave a job parked and return its id."""
    with unit_of_work() as session:
        jobs.enqueue(session, kind, {"mail_id": 0}, dedupe_key=public_id(), now=clock.now())
        job = session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
        job.state, job.last_error, job.tries = JobState.PARKED, error, 8
        return job.id


def test_all_is_well(ada: HouseClient, running: ProviderBooks) -> None:
    found = signals(ada)
    assert [name for name, rest in found.items() if not rest.startswith("Good")] == []
    assert "Everything is well." in ada.get(PAGE).text
    assert len(found) == 9


def test_a_fresh_service_says_what_is_missing(ada: HouseClient) -> None:
    found = signals(ada)
    assert {name for name, rest in found.items() if rest.startswith("Attention")} == {"Worker", "Books and provider"}
    assert "Never seen" in found["Worker"]
    assert "2 things need attention." in ada.get(PAGE).text


def unknown_charge(now: datetime) -> None:
    with unit_of_work() as session:
        table = table_of(ChargeAttempt)
        values: dict[str, Any] = {"state": AttemptState.UNKNOWN, "ended_at": None, "charge_ref": None}
        row = session.execute(select(table)).mappings().first()
        assert row is not None
        copied = {name: value for name, value in row.items() if name != "id"} | values
        session.execute(table.insert().values(**copied | {"public_id": public_id(), "subject": "pledge:999"}))


def mail_of(now: datetime) -> None:
    about = {"key": "k", "template": "t", "recipient": "rosa@example.org", "subject": "s", "body": "b"}
    add(Mail(public_id=public_id(), created_at=now, **about))


def failed_refund(now: datetime) -> None:
    attempt_id = db.session.scalars(select(ChargeAttempt.id)).first()
    dated = {"created_at": now, "ended_at": now, "amount_pence": 100, "reason": "x"}
    add(Refund(public_id=public_id(), attempt_id=attempt_id, state=RefundState.FAILED, **dated))


def set_aside(now: datetime) -> None:
    add(StripeEvent(id="evt_2", kind="x", object_ref="x", state=EventState.QUARANTINED, received_at=now))


def due_work(now: datetime) -> None:
    with unit_of_work() as session:
        jobs.enqueue(session, "web:tidy", {}, dedupe_key="late", now=now)


def silence(now: datetime) -> None:
    with unit_of_work() as session:
        sent = {"sent_at": now + timedelta(minutes=1)}
        session.execute(update(table_of(ChargeAttempt)).values(**sent))


@pytest.mark.parametrize(
    ("happens", "hours", "name", "says"),
    [
        (unknown_charge, 1, "Charges without an answer", "1 charge is not answered, the oldest since"),
        (mail_of, 1, "Mail", "1 mail is not sent yet, the oldest since"),
        (failed_refund, 0, "Refunds that failed", "1 refund failed"),
        (set_aside, 0, "Messages set aside", "1 message was set aside"),
        (due_work, 1, "Work waiting", "1 piece of work is due, the oldest since"),
        (silence, 2, "News of the payment provider", "Last heard"),
        (lambda _: None, 37, "Books and provider", "the books agreed"),
        (lambda _: None, 1, "Worker", "Last seen"),
    ],
)
def test_each_sign_turns(
    ada: HouseClient,
    running: ProviderBooks,
    happens: Callable[[datetime], None],
    hours: int,
    name: str,
    says: str,
) -> None:
    assert signals(ada)[name].startswith("Good")
    happens(running.clock.now())
    running.later(hours=hours)
    sign = signals(ada)[name]
    assert sign.startswith("Attention")
    assert says in sign
    assert "Nothing to do." not in sign


def test_a_difference_is_a_sign(ada: HouseClient, running: ProviderBooks) -> None:
    running.line("charge", "ch_unknown", 900)
    running.later(hours=1)
    running.run()
    assert "1 difference" in signals(ada)["Books and provider"]


def test_a_silence_without_charges_is_no_alarm(ada: HouseClient, running: ProviderBooks) -> None:
    running.later(days=30)
    assert signals(ada)["News of the payment provider"].startswith("Good")


def test_it_refreshes_itself_and_only_when_something_changed(
    ada: HouseClient, running: ProviderBooks, clock: FixedClock
) -> None:
    page = ada.get(PAGE)
    found = re.search(r'hx-get="([^"]+)" hx-trigger="every 15s"', page.text)
    assert found is not None
    address = found.group(1).replace("&amp;", "&")
    assert ada.get(address, headers=HX).status_code == 204
    set_aside(clock.now())
    changed = ada.get(address, headers=HX, max_queries=12)
    assert changed.status_code == 200
    assert "<h1" not in changed.text
    assert "Attention: Messages set aside" in changed.text


# Parked work


def test_parked_work_is_shown_without_anybodys_data(
    ada: HouseClient, running: ProviderBooks, db_session: Session, clock: FixedClock
) -> None:
    park(clock)
    park(clock, None, "payments:send_refund")
    page = ada.get(PAGE, max_queries=12)
    for words in ("Mail: send", "GatewayDown", "Payments: send refund", "It was stopped again and again"):
        assert words in page.text
    for secret in ("rosa@example.org", "Oak Lane"):
        assert secret not in page.text
    assert signals(ada)["Parked work"].startswith("Attention 2 pieces of work are parked")


def test_an_officer_puts_parked_work_back_and_it_is_recorded(
    ada: HouseClient, admin: Person, running: ProviderBooks, db_session: Session, clock: FixedClock
) -> None:
    job_id = park(clock, kind="web:tidy")
    page = ada.get(PAGE)
    reply = ada.follow(ada.submit(page))
    assert "Nothing is parked." in reply.text
    db.session.expire_all()
    job = db.session.get_one(Job, job_id)
    assert (job.state, job.tries, job.run_after) == (JobState.WAITING, 0, clock.now())
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.tag == Tag.JOB_RETRIED)).one()
    assert (event.subject_id, event.actor) == (job_id, f"person:{admin.id}")
    again = ada.submit(page)
    assert again.status_code == 422
    assert "This work is in line again already, or done." in again.text


@pytest.mark.parametrize("job", ["", "x", "²", "-1", "0", "9" * 30])
def test_nonsense_is_answered_in_a_sentence(
    ada: HouseClient, running: ProviderBooks, clock: FixedClock, job: str
) -> None:
    park(clock)
    reply = ada.submit(ada.get(PAGE), job=job)
    assert reply.status_code == 422
    assert "This work is in line again already, or done." in reply.text


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (OfficerRole.PROGRAMME_FINANCE, 200),
        (OfficerRole.PROGRAMME_APPROVER, 200),
        (OfficerRole.PROGRAMME_CHECKER, 403),
    ],
)
def test_only_who_may_see_it_sees_it(app: Flask, clock: FixedClock, role: OfficerRole, status: int) -> None:
    with app.app_context():
        somebody = browser_of(app, make_officer(role, clock.now()), strong=True)
    assert somebody.get(PAGE).status_code == status
