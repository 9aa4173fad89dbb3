"""The cash book's pages: sums with their entries behind them, files, and reconciliation that can be run again."""

import csv
import io
import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from crowdfund.accounts.history import history
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import postings
from crowdfund.ledger.rules import PROGRAMME
from crowdfund.officers.money_csv import csv_lines
from crowdfund.officers.money_queries import every_entry
from crowdfund.officers.money_words import ACCOUNTS
from crowdfund.payments.models import Reconciliation
from crowdfund.payments.rules import RECONCILE
from crowdfund.sandbox.stripe import StandIn
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.factories import make_project
from tests.support.people import browser_of, make_officer
from tests.support.provider_books import ProviderBooks
from tests.support.queries import count_queries
from tests.support.refunds import FAILS, Till, make_till

BASE = "/officers/money"
HX = {"HX-Request": "true"}


@pytest.fixture
def till(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    """£1,000 collected; £30 of it came back from the bank, £200 is disputed, £500 was paid out."""
    till = make_till(app, stripe, clock, FAILS)
    till.refunded(3_000)
    till.hear()
    till.dispute(1)
    till.pay_out(50_000)
    return till


@pytest.fixture
def ben(till: Till) -> HouseClient:
    return till.browser(till.ben)


def test_the_book_says_what_lies_where(till: Till, ben: HouseClient) -> None:
    page = ben.get(BASE, max_queries=12)
    books = till.books()
    assert books["held"] == 100_000 - 3_000 - 20_000 - 50_000
    for pounds in ("£270", "£30"):
        assert pounds in page.text
    assert till.campaign.project.title in page.text
    assert "They were never compared." in page.text


def test_every_sum_leads_to_its_entries(till: Till, ben: HouseClient) -> None:
    for account, what in (
        ("held", "A payout was sent"),
        ("provider", "A card was charged"),
        ("bank", "A payout arrived"),
        ("fees", "A payment was disputed"),
        ("owed-back", "A refund came back"),
        ("in-flight", "A payout arrived"),
    ):
        page = ben.get(f"{BASE}/entries?account={account}", max_queries=12)
        assert what in page.text
    project = ben.get(f"{BASE}/entries?account=held&project={till.campaign.project.public_id}", max_queries=12)
    assert f"Held for projects: {till.campaign.project.title}" in project.text
    assert "There are no entries yet." in ben.get(f"{BASE}/entries?account=funders").text


@pytest.mark.parametrize("asked", ["account=petty-cash", "account=held&project=nothing", "account=held&page=9"])
def test_what_is_not_there_is_said(ben: HouseClient, asked: str) -> None:
    assert ben.get(f"{BASE}/entries?{asked}").status_code == 404


def test_the_programmes_accounts_are_of_no_project(till: Till, ben: HouseClient) -> None:
    asked = f"account=bank&project={till.campaign.project.public_id}"
    assert ben.get(f"{BASE}/entries?{asked}").status_code == 404


def download(browser: HouseClient, asked: str = "account=held", max_queries: int | None = None) -> TestResponse:
    page = browser.get(f"{BASE}/entries?{asked}")
    reply = browser.submit(page, f"{BASE}/entries.csv?{asked}")
    if max_queries is not None:
        browser.queries.refuse_over(max_queries, "the file")
    return reply


def test_who_took_the_cash_book_and_which_period_is_recorded(till: Till, ben: HouseClient) -> None:
    public_id, project_id = till.campaign.project.public_id, till.campaign.project.id
    asked = f"account=held&project={public_id}"
    start = f"{till.clock.now():%Y-%m-%d}"
    till.clock.forward(timedelta(days=3))
    till.pay_out(1_000)
    for asked_for in ("account=bank", asked):
        assert download(ben, asked_for).status_code == 200
    taken = select(AuditEvent).where(AuditEvent.tag == Tag.CASH_BOOK_EXPORTED.value).order_by(AuditEvent.id)
    rows = db.session.scalars(taken).all()
    assert [row.actor for row in rows] == [f"person:{till.ben.id}"] * 2
    period = {"since": start, "until": f"{till.clock.now():%Y-%m-%d}"}
    assert json.loads(rows[1].data) == {"account": "held", "project_id": project_id, **period}
    assert json.loads(rows[0].data)["project_id"] is None
    told = history(db.session(), "cash_book", PROGRAMME, internal=True)[0]
    assert told.words == (f"downloaded the account “held” of the cash book: entries from {start} to {period['until']}")


def test_looking_at_the_cash_book_is_not_recorded_as_a_download(ben: HouseClient) -> None:
    ben.get(f"{BASE}/entries?account=held")
    assert history(db.session(), "cash_book", PROGRAMME, internal=True) == []


def test_the_file_adds_up_to_the_page(till: Till, ben: HouseClient) -> None:
    reply = download(ben)
    assert reply.mimetype == "text/csv"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="cash-book-held.csv"'
    rows = list(csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff"))))
    came, went = (sum(round(float(row[name] or 0) * 100) for row in rows) for name in ("In (£)", "Out (£)"))
    assert came - went == till.books()["held"]
    assert {row["Project or fund"] for row in rows} == {till.campaign.project.title}


def test_a_long_account_is_paged_and_its_file_is_whole(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        project = make_project(clock.now(), title="=HYPERLINK(1)")
        ben = browser_of(app, make_officer(OfficerRole.PROGRAMME_FINANCE, clock.now()), strong=True)
        books = ProviderBooks(clock)
        with unit_of_work():
            for number in range(2_050):
                postings.collect_charge(books.post(f"charge {number}"), project.id, 100 + number, 1)
    assert "£23,052.25" in ben.get(BASE, max_queries=12).text
    first = ben.get(f"{BASE}/entries?account=held", max_queries=12)
    assert "2,050 entries, newest first" in first.text
    assert "£21.49" in first.text
    assert "£1" in ben.get(f"{BASE}/entries?account=held&page=82", max_queries=12).text
    reply = download(ben, max_queries=12)
    rows = list(csv.reader(io.StringIO(reply.text.removeprefix("\ufeff"))))
    assert len(rows) == 2_051
    assert {row[3] for row in rows[1:]} == {"'=HYPERLINK(1)"}
    assert [row[4] for row in rows[1:]] == [f"{(100 + number) // 100}.{number % 100:02d}" for number in range(2_050)]


def test_a_file_is_sent_while_it_is_read(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        books = ProviderBooks(clock)
        with unit_of_work():
            for number in range(1_001):
                postings.collect_charge(books.post(f"charge {number}"), 1, 100, 1)
        with count_queries(db.engine) as seen:
            lines = csv_lines(every_entry(db.session(), ACCOUNTS["held"], None))
            for _ in range(1_000):
                next(lines)
            assert len(seen) == 1
            assert len(list(lines)) == 2
            assert len(seen) == 2


# Reconciliation


def work(app: Flask) -> None:
    with app.app_context():
        worker_of(app).drain()
        db.session.remove()


def test_it_is_run_again_by_a_button_and_the_page_follows_it(app: Flask, till: Till, ben: HouseClient) -> None:
    till.clock.forward(timedelta(hours=2))
    page = ben.get(f"{BASE}/reconciliation", max_queries=12)
    reply = ben.follow(ben.submit(page))
    assert "Waiting to start." in reply.text
    assert 'hx-trigger="every 2s"' in reply.text
    live = ben.get(f"{BASE}/reconciliation/live", headers=HX, max_queries=12)
    assert "Waiting to start." in live.text
    work(app)
    live = ben.get(f"{BASE}/reconciliation/live", headers=HX, max_queries=12)
    assert "The comparison is done. They agree, to the penny." in live.text
    assert "hx-get" not in live.text
    page = ben.get(f"{BASE}/reconciliation", max_queries=12)
    assert "Every movement is in both, with the same amount and fee." in page.text
    assert "They agreed to the penny on" in ben.get(BASE).text
    assert "1 comparison" in ben.get(f"{BASE}/reconciliations", max_queries=12).text


def test_pressed_twice_it_runs_once(app: Flask, till: Till, ben: HouseClient) -> None:
    page = ben.get(f"{BASE}/reconciliation")
    ben.submit(page)
    ben.submit(page)
    waiting = select(func.count()).where(Job.kind == RECONCILE, Job.state == JobState.WAITING)
    with app.app_context():
        assert db.session.scalar(waiting) == 1
    work(app)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Reconciliation)) == 1


def test_how_far_a_run_is_can_be_read(app: Flask, till: Till, ben: HouseClient) -> None:
    with app.app_context(), unit_of_work() as session:
        session.add(Reconciliation(started_at=till.clock.now(), lines=1_500))
    assert "1,500 lines read" in ben.get(f"{BASE}/reconciliation/live", headers=HX).text
    assert ben.get(f"{BASE}/reconciliation/live").status_code == 303
    # One that was stopped does not keep the button away for good.
    till.clock.forward(timedelta(hours=2))
    assert "Compare now" in ben.get(f"{BASE}/reconciliation").text


def test_differences_are_listed_with_what_to_do(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        ben = browser_of(app, make_officer(OfficerRole.PROGRAMME_FINANCE, clock.now()), strong=True)
        books = ProviderBooks(clock)
        attempt = books.charge_here()
        for number in range(30):
            books.line("charge", f"ch_unknown{number}", 4_500, 88)
        books.later(hours=3)
        books.run()
        books.line("charge", attempt.charge_ref, 2_500, 58)
        books.run()
        first_id = db.session.scalar(select(func.min(Reconciliation.id)))
        ref = attempt.charge_ref or ""
    last = ben.get(f"{BASE}/reconciliation", max_queries=12)
    assert "30 differences" in last.text
    assert ref not in last.text
    assert "Look the reference up at the provider" in last.text
    assert "ch_unknown9" in last.text + ben.get(f"{BASE}/reconciliation?page=2", max_queries=12).text
    pages = [ben.get(f"{BASE}/reconciliation?run={first_id}&page={number}", max_queries=12).text for number in (1, 2)]
    assert "31 differences" in pages[0]
    assert ref in "".join(pages)
    assert "They differ" in ben.get(BASE).text
    history = ben.get(f"{BASE}/reconciliations", max_queries=12).text
    assert ["31 differences" in history, "30 differences" in history] == [True, True]


@pytest.mark.parametrize("asked", ["run=99", "run=x", "run=²", "page=2"])
def test_a_run_that_is_not_there_is_said(ben: HouseClient, asked: str) -> None:
    assert ben.get(f"{BASE}/reconciliation?{asked}").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (OfficerRole.PROGRAMME_APPROVER, 200),
        (OfficerRole.PROGRAMME_CHECKER, 403),
        (OfficerRole.PROGRAMME_ADMINISTRATOR, 403),
    ],
)
def test_only_who_may_see_money_sees_it(app: Flask, clock: FixedClock, role: OfficerRole, status: int) -> None:
    with app.app_context():
        browser = browser_of(app, make_officer(role, clock.now()), strong=True)
    for path in ("", "/entries", "/reconciliation", "/reconciliations"):
        assert browser.get(f"{BASE}{path}").status_code == status
    assert browser.get(f"{BASE}/entries.csv").status_code == 405
