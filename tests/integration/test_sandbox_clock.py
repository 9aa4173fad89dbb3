"""The sandbox's clock: what falls due on the way is carried out at its own time, and the goal is really reached."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.core import clock, jobs
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.movable_clock import MovableClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.core.worker import Worker
from crowdfund.projects.actions import move_project
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.time_travel import travel
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.factories import TESTER, make_person, make_project


@pytest.fixture
def movable(app: Flask, clock: FixedClock) -> Iterator[None]:
    """The sandbox's own clock instead of the standing one."""
    from crowdfund.core import clock as clocks

    with app.app_context():
        clocks.install(MovableClock(db.engine))
        yield
        clocks.install(clock)


@pytest.mark.usefixtures("movable")
def test_due_jobs_are_carried_out_in_order_and_at_their_own_time(db_session: Session) -> None:
    start, seen = clock.now(), []

    def note(payload: dict[str, Any], now: datetime) -> None:
        seen.append((payload["day"], round((now - start) / timedelta(days=1))))

    with unit_of_work() as session:
        for day in (3, 1, 2):
            due = start + timedelta(days=day)
            jobs.enqueue(session, "note", {"day": day}, dedupe_key=f"day {day}", now=start, run_after=due)
    travel(Worker({"note": note}), start + timedelta(days=5))
    assert seen == [(1, 1), (2, 2), (3, 3)]
    assert clock.now() >= start + timedelta(days=5)


@pytest.mark.usefixtures("movable")
def test_at_its_deadline_a_project_is_judged_and_takes_no_pledges(app: Flask, client: HouseClient) -> None:
    project = make_project(clock.now())
    tools = client.get("/sandbox/")
    page = client.follow(client.submit(tools, f"/sandbox/clock/deadline/{project.slug}"))
    assert "Did not reach its target: nobody was charged" in page.text
    assert client.get(f"/projects/{project.slug}/pledge").status_code == 410


@pytest.mark.usefixtures("movable")
def test_a_paused_project_waits_at_its_deadline_whether_the_clock_jumps_or_the_sweep_looks(
    app: Flask, client: HouseClient
) -> None:
    project = make_project(clock.now())
    with unit_of_work() as session:
        move_project(session, project.id, ProjectState.PAUSED, actor=TESTER, now=clock.now())
    assert project.deadline is not None
    worker = worker_of(app)
    travel(worker, project.deadline)
    told = "Its deadline passed while the council was looking into something"
    assert told in client.get(f"/projects/{project.slug}").text
    worker.queue_periodic(clock.now())
    worker.drain()
    assert told in client.get(f"/projects/{project.slug}").text
    assert client.get(f"/projects/{project.slug}/pledge").status_code == 410


def test_a_demo_person_signs_in_as_in_real_life_with_the_code_on_the_page(
    app: Flask, client: HouseClient, clock: FixedClock
) -> None:
    with app.app_context():
        make_person(clock.now(), "rosa.field@example.org", "Rosa Field")
        make_person(clock.now(), "somebody@example.org")
    tools = client.get("/sandbox/").text
    assert "somebody@example.org" not in tools
    address = re.search(r"/account/sign-in\?email=rosa\.field[^\"]+", tools)[0]
    page = client.follow(client.submit(client.get(address)))
    shown = re.search(r"code is ([0-9]{6})", page.text)[1]
    assert client.submit(page, "/account/code", code=shown).location == "/account"
