"""Money collected offline becomes a pledge of the group: labelled, with evidence, never entered by a stranger."""

from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.files.models import StoredFile
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from tests.support.client import HouseClient
from tests.support.factories import make_project
from tests.support.journey import Journey
from tests.support.people import browser_of, make_member

SLIP = b"%PDF-1.4 a paying-in slip %%EOF"
WHAT = "Cake stall at the fair"


@pytest.fixture
def project(app: Flask, clock: FixedClock) -> Project:
    with app.app_context():
        return make_project(clock.now())


@pytest.fixture
def writer(app: Flask, clock: FixedClock, project: Project) -> HouseClient:
    with app.app_context():
        person = make_member(project.group_id, MemberRole.MEMBER, clock.now(), email="w@example.org")
    return browser_of(app, person)


def address(project: Project) -> str:
    return f"/apply/projects/{project.public_id}/collected"


def typed(slip: bytes = SLIP, **changes: str) -> dict[str, object]:
    return {"amount": "120.50", "what": WHAT, "evidence": (BytesIO(slip), "slip.pdf")} | changes


def test_it_becomes_a_pledge_that_says_what_it_is(
    app: Flask, project: Project, writer: HouseClient, journey: Journey, stripe: StandIn
) -> None:
    check = writer.follow(writer.submit(writer.get(address(project)), address(project), **typed()))
    assert "£120.50" in check.text
    collecting = Journey(app, writer, stripe, project)
    stripe.complete_checkout(collecting.check(check), card="4242424242424242")
    collecting.come_back()
    with app.app_context():
        pledge = db.session.scalars(select(Pledge)).one()
        assert pledge.state is PledgeState.ACTIVE
        assert db.session.scalars(select(StoredFile.subject)).one() == pledge.subject
    page = app.test_client().get(f"/projects/{project.slug}/backers").text
    assert f"Collected offline: {WHAT}" in page
    assert "£120.50" in page
    assert "Neighbours" in page


def test_sent_twice_it_is_started_once(app: Flask, project: Project, writer: HouseClient) -> None:
    page = writer.get(address(project))
    first, second = (writer.submit(page, address(project), **typed()) for _ in range(2))
    assert first.location == second.location
    with app.app_context():
        assert len(db.session.scalars(select(Pledge)).all()) == 1
        assert len(db.session.scalars(select(StoredFile)).all()) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "lots"}, "Enter an amount in pounds"),
        ({"amount": "0.50"}, "£2"),
        ({"what": " "}, "Say where the money comes from"),
        ({"what": "x" * 201}, "200 characters"),
    ],
)
def test_a_mistake_is_said_and_nothing_typed_is_lost(
    app: Flask, project: Project, writer: HouseClient, changes: dict[str, str], sentence: str
) -> None:
    reply = writer.submit(writer.get(address(project)), address(project), **typed(**changes))
    assert reply.status_code == 422
    assert sentence in reply.text
    assert all(str(typed(**changes)[name]).strip() in reply.text for name in ("amount", "what"))
    with app.app_context():
        assert db.session.scalars(select(Pledge)).all() == []


@pytest.mark.parametrize("slip", [b"", b"<svg onload=alert(1)>", b"%PDF-1.4 cut off"])
def test_evidence_is_a_whole_document(project: Project, writer: HouseClient, slip: bytes) -> None:
    assert writer.submit(writer.get(address(project)), address(project), **typed(slip)).status_code == 422


def test_strangers_find_nothing_and_readers_may_not(app: Flask, clock: FixedClock, project: Project) -> None:
    with app.app_context():
        other = make_project(clock.now())
        stranger = make_member(other.group_id, MemberRole.OWNER, clock.now())
        reader = make_member(project.group_id, MemberRole.READER, clock.now())
    assert browser_of(app, stranger).get(address(project)).status_code == 404
    assert browser_of(app, reader).get(address(project)).status_code == 403


def test_a_paused_project_takes_no_collection_either(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        paused = make_project(clock.now(), ProjectState.PAUSED)
        member = make_member(paused.group_id, MemberRole.OWNER, clock.now())
    browser = browser_of(app, member)
    reply = browser.submit(browser.get(address(paused)), address(paused), **typed())
    assert reply.status_code == 422
    assert "takes no pledges" in reply.text
