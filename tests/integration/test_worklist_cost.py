"""What the worklist costs, counted in ways that no machine changes; and rows that are kept are never out of date."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select, text, update

from crowdfund.accounts.roles import Right
from crowdfund.checking.actions import assign_check
from crowdfund.checking.models import Check
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db, table_of
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.models import Project
from tests.support.acting import By
from tests.support.desk import Desk, make_desk
from tests.support.running import declare

pytestmark = pytest.mark.database

WAITING, FINISHED = 300, 1500
CALLS_OF_A_PAGE = 10_000  # 6,800 when this was written, 26,000 before the page was made cheap
CALLS_OF_A_ROW = 40  # 19, where it was shown before; every one of them used to cost 460
MORE_FOR_A_NEW_ROW = 300  # 240
BY_STATE = ("ix_project_desk", "ix_project_newest")  # the databases differ in which they find cheaper


@pytest.fixture
def full(app: Flask, clock: FixedClock) -> Desk:
    """Three hundred projects on the desk, among many that have left it."""
    desk = make_desk(app, clock, title="A bench at the green")
    with app.app_context(), unit_of_work() as session:
        connection = session.connection()
        project = dict(connection.execute(select(table_of(Project))).mappings().one())
        check = dict(connection.execute(select(table_of(Check))).mappings().one())
        rows = [project | _another(n) for n in range(WAITING - 1 + FINISHED)]
        connection.execute(insert(table_of(Project)), rows)
        waiting = [row["id"] for row in rows[: WAITING - 1]]
        connection.execute(update(table_of(Project)).where(Project.id.in_(waiting)).values(state="submitted"))
        connection.execute(insert(table_of(Check)), [check | {"project_id": n} for n in waiting])
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
    return desk


def _another(n: int) -> dict[str, Any]:
    names = {"public_id": f"w{n:025d}", "slug": f"one-of-many-{n}", "reference": f"CK-{n:09d}"}
    accounts = {"backers_account_id": None, "pledged_account_id": None}
    return {"id": 10_000 + n, "title": f"One of many {n:04d}", "state": "draft"} | names | accounts


def plain_client(desk: Desk) -> FlaskClient:
    """Return the officer's browser without house rules, whose own work would be counted too."""
    cookie = desk.browser().get_cookie("visit")
    assert cookie is not None
    client = FlaskClient(desk.app, desk.app.response_class)
    client.set_cookie("visit", cookie.value, domain="localhost")
    return client


def calls(client: FlaskClient, address: str) -> int:
    """Return how many functions are called for an answer."""
    counted = 0

    def count(_frame: Any, kind: str, _arg: Any) -> None:
        nonlocal counted
        counted += kind in {"call", "c_call"}

    sys.setprofile(count)
    try:
        reply = client.get(address)
    finally:
        sys.setprofile(None)
    assert reply.status_code == 200
    return counted


@contextmanager
def statements(app: Flask) -> Iterator[list[tuple[str, Any]]]:
    """Collect what is sent to the database, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        seen.append((statement, values))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_three_hundred_projects_cost_no_more_statements_than_one(full: Desk) -> None:
    browser = full.browser()
    page = browser.get("/officers/?size=100", max_queries=4)
    assert "300 projects" in page.text
    assert page.text.count('role="rowheader"') == 100
    assert "page=3" in page.text
    few = browser.get("/officers/?q=bench&district=&sort=-officer", max_queries=4)
    assert few.text.count('role="rowheader"') == 1
    assert browser.get("/officers/?size=100&page=3", max_queries=4).text.count('role="rowheader"') == 100
    assert browser.get("/officers/?size=100&page=4").status_code == 404
    everything = browser.get("/officers/worklist.csv?q=one of many", max_queries=4)
    assert everything.text.count("One of many") == WAITING - 1


def test_a_page_and_each_row_of_it_call_few_functions(full: Desk) -> None:
    client = plain_client(full)
    for warm in ("/officers/", "/officers/?size=100"):
        client.get(warm)
    page, large = calls(client, "/officers/"), calls(client, "/officers/?size=100")
    assert page < CALLS_OF_A_PAGE
    assert (large - page) / 75 < CALLS_OF_A_ROW
    assert (calls(client, "/officers/?size=100&page=2") - large) / 100 < MORE_FOR_A_NEW_ROW


def test_projects_that_left_the_desk_are_not_looked_through(full: Desk) -> None:
    client = plain_client(full)
    with statements(full.app) as seen:
        client.get("/officers/")
    asked = [(statement, values) for statement, values in seen if "FROM project" in statement]
    assert len(asked) == 2
    with full.app.app_context(), unit_of_work() as session:
        connection, explain = session.connection(), "EXPLAIN QUERY PLAN"
        if connection.dialect.name == "postgresql":
            # A table as small as this is read whole where that is allowed.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            explain = "EXPLAIN"
        for statement, values in asked:
            plan = " ".join(map(str, connection.exec_driver_sql(f"{explain} {statement}", values)))
            assert any(index in plan for index in BY_STATE)


def test_a_row_that_was_kept_shows_every_change(app: Flask, clock: FixedClock) -> None:
    desk = make_desk(app, clock, title="A bench at the green")
    browsers = {"mine": desk.browser(), "theirs": desk.browser(desk.other)}

    def rows(text: str) -> dict[str, bool]:
        pages = {name: browser.get("/officers/").text for name, browser in browsers.items()}
        return {name: text in page.partition("<tbody")[2] for name, page in pages.items()}

    both, nobody = {"mine": True, "theirs": True}, {"mine": False, "theirs": False}
    assert rows("Assign to me") == rows("A bench at the green") == both
    with app.app_context(), unit_of_work() as session:
        assign_check(session, desk.project.id, desk.officer.id, None, actor=By(desk.officer, *Right), now=clock.now())
    assert rows("Assign to me") == nobody
    assert rows("Give back") == {"mine": True, "theirs": False}
    assert rows("Take over") == rows("Morag Ellis") == {"mine": False, "theirs": True}
    desk.set(title="A bench by the pond")
    assert rows("A bench at the green") == nobody
    assert rows("A bench by the pond") == both
    with app.app_context():
        declare(desk.other, desk.project, clock, has_interest=True)
    assert rows("You declared an interest") == {"mine": False, "theirs": True}
    assert rows("Overdue") == nobody
    clock.forward(timedelta(days=60))
    assert rows("Overdue") == both


def test_forms_of_kept_rows_carry_the_token_of_their_own_page(app: Flask, clock: FixedClock) -> None:
    desk = make_desk(app, clock)
    first, second = desk.browser(), desk.browser()
    page = first.get("/officers/")
    again = second.get("/officers/?show=unassigned")
    assert 'name="view" value="show=unassigned"' in again.text
    assert second.submit(again, form=desk.address("assign")).status_code == 303
    assert desk.check().officer_id == desk.officer.id
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert token not in again.text
