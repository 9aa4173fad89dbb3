"""Conflict of interest: declared before anything is shown, and enforced on every officers' page of a project."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole, Right
from crowdfund.checking.actions import assign_check
from crowdfund.core import ids
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Interest
from crowdfund.groups.models import Host, Invitation
from crowdfund.groups.rules import HostState, InvitationKind, InvitationState, LegalForm
from crowdfund.projects.rules import ProjectState
from tests.support.acting import By
from tests.support.desk import Desk, make_desk
from tests.support.factories import make_project
from tests.support.people import browser_of, make_member, make_officer
from tests.support.running import declare

INTEREST = "desk.interest"
WHO_CHECKS = "desk.give"  # shows a name at most, so a row can be taken before the project is opened


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Desk:
    """A project that is being checked."""
    return make_desk(app, clock, story="## The secret plan\n\nWe dig.", title="Digging")


def new_officer(desk: Desk, email: str | None = None) -> Person:
    with desk.app.app_context():
        return make_officer(OfficerRole.PROGRAMME_CHECKER, desk.clock.now(), name="Ola Newman", email=email)


def routes(app: Flask) -> list[tuple[Rule, str]]:
    """Return every officers' page of one project with each of its methods."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/officers/projects/<public_id>"):
            found += [(rule, method) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    assert len(found) > 15
    return found


def open_all(desk: Desk, officer: Person) -> dict[tuple[str, str], tuple[int, str]]:
    """Open every route as this officer and return status and text of each; nothing may be written by any."""
    browser = desk.browser(officer)
    # A token from the page that everybody may open.
    page = browser.get("/officers/").text
    other = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answers = {}
    for rule, method in routes(desk.app):
        path = rule.rule.replace("<public_id>", desk.project.public_id).replace("<pledge_id>", ids.public_id())
        assert "<" not in path, f"{path}: say how this page's object is found"
        reply = browser.open(path, method=method, data={"csrf_token": other}, headers={"X-CSRFToken": other})
        answers[str(rule.endpoint), method] = (reply.status_code, reply.text)
    return answers


def written(desk: Desk) -> int:
    with desk.app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def spare(desk: Desk) -> None:
    """Put another project on the desk, so that the list has a form whatever the first one is."""
    with desk.app.app_context():
        make_project(desk.clock.now(), ProjectState.SUBMITTED, title="A spare one")


def test_nothing_is_shown_before_a_declaration(desk: Desk) -> None:
    spare(desk)
    officer, before = new_officer(desk), written(desk)
    for (endpoint, method), (status, text) in open_all(desk, officer).items():
        assert "secret plan" not in text, endpoint
        if endpoint == INTEREST:
            assert status == (200 if method == "GET" else 422)
        elif endpoint != WHO_CHECKS:
            assert status == 303, f"{method} {endpoint}: {status}"
            assert "/interest" in text
    assert written(desk) == before
    assert desk.check().officer_id is None


def test_with_an_interest_the_title_and_the_declaration_are_all_there_is(desk: Desk) -> None:
    spare(desk)
    with desk.app.app_context():
        declare(desk.officer, desk.project, desk.clock, has_interest=True)
    before = written(desk)
    for (endpoint, method), (status, text) in open_all(desk, desk.officer).items():
        assert "secret plan" not in text, endpoint
        if endpoint == INTEREST:
            assert status == (200 if method == "GET" else 422)
        elif endpoint == "desk.show":
            assert status == 303
        else:
            assert status == 403, f"{method} {endpoint}: {status}"
    assert written(desk) == before
    page = desk.browser().get(desk.address("interest")).text
    assert "Digging" in page
    assert "My sister runs it." in page


def tie(desk: Desk, kind: str) -> Person:
    """Return an officer who declared no interest but is tied to the project."""
    officer = new_officer(desk, "tied@example.org")
    now = desk.clock.now()
    with desk.app.app_context():
        declare(officer, desk.project, desk.clock, has_interest=False)
        if kind == "member":
            make_member(desk.project.group_id, MemberRole.READER, now, email="tied@example.org")
            return officer
        if kind == "declarer":
            desk.set(declared_by_id=officer.id)
            return officer
        with unit_of_work() as session:
            if kind.startswith("host"):
                session.add(
                    Host(
                        public_id=ids.public_id(),
                        group_id=desk.project.group_id,
                        state=HostState.ACCEPTED,
                        name="Helping Hands",
                        legal_form=LegalForm.CHARITY,
                        contact_name="Ola",
                        contact_email="tied@example.org" if kind == "host contact" else "else@example.org",
                        asked_at=now,
                        answered_at=now,
                        answered_by_id=officer.id if kind == "host answerer" else desk.owner.id,
                    )
                )
            else:
                session.add(
                    Invitation(
                        public_id=ids.public_id(),
                        kind=InvitationKind.SIGNATORY,
                        state=InvitationState.OPEN,
                        subject=f"project:{desk.project.id}",
                        name="Ola",
                        email="tied@example.org",
                        invited_by_id=desk.owner.id,
                        created_at=now,
                        expires_at=now,
                    )
                )
    return officer


KINDS = ("member", "declarer", "host contact", "host answerer", "signatory")


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_checks_their_own_groups_project_whatever_they_declare(desk: Desk, kind: str) -> None:
    spare(desk)
    officer = tie(desk, kind)
    before = written(desk)
    for (endpoint, method), (status, text) in open_all(desk, officer).items():
        assert "secret plan" not in text, endpoint
        if endpoint == INTEREST and method == "GET":
            assert status == 200
            assert "so another officer has to look at this" in text
        elif endpoint == "desk.show":
            assert status == 303
        else:
            assert status == 403, f"{method} {endpoint}: {status}"
    assert written(desk) == before
    assert "so another officer has to look at this" in desk.browser(officer).get("/officers/").text


@pytest.mark.parametrize("kind", KINDS)
def test_a_tied_officer_cannot_be_given_the_check_either(desk: Desk, kind: str) -> None:
    officer = tie(desk, kind)
    who = {"actor": By(desk.officer, *Right), "now": desk.clock.now()}
    with desk.app.app_context():
        with pytest.raises(Refused) as refused, unit_of_work() as session:
            assign_check(session, desk.project.id, officer.id, None, **who)
        assert refused.value.code == "tied"
        with pytest.raises(Forbidden), unit_of_work() as session:
            assign_check(session, desk.project.id, officer.id, None, actor=By(officer, *Right), now=desk.clock.now())


def test_declaring_no_interest_opens_the_project_and_is_recorded(desk: Desk) -> None:
    officer = new_officer(desk)
    browser = desk.browser(officer)
    page = browser.follow(browser.get(desk.address()))
    reply = browser.submit(page, has_interest="no")
    assert "secret plan" in browser.follow(reply).text
    history = browser.get(desk.address("history")).text
    assert "Ola Newman</strong> declared no interest in the project" in history


def test_declaring_again_is_a_new_row_and_gives_the_check_back(desk: Desk) -> None:
    browser = desk.browser()
    browser.submit(browser.get(desk.address("assign")), officer=str(desk.officer.id))
    assert desk.check().officer_id == desk.officer.id
    page = browser.get(desk.address("interest"))
    reply = browser.submit(page, has_interest="yes", statement="My brother joined their committee.")
    assert "My brother joined" in browser.follow(reply).text
    assert browser.get(desk.address("checklist")).status_code == 403
    assert desk.check().officer_id is None
    with desk.app.app_context():
        rows = db.session.scalars(select(Interest).where(Interest.person_id == desk.officer.id).order_by(Interest.id))
        assert [row.has_interest for row in rows] == [False, True]
    # And it can be declared away again, on the record.
    reply = browser.submit(browser.get(desk.address("interest")), has_interest="no")
    assert browser.follow(reply).status_code == 200


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"has_interest": None, "statement": "Hm."}, "Choose whether you have an interest"),
        ({"has_interest": "yes", "statement": " "}, "Say in a sentence what your interest is."),
        ({"has_interest": "yes", "statement": "x" * 1001}, "1000 characters or fewer"),
    ],
)
def test_a_bad_declaration_is_none_and_keeps_what_was_typed(desk: Desk, typed: dict[str, str], told: str) -> None:
    officer = new_officer(desk)
    browser = desk.browser(officer)
    reply = browser.submit(browser.get(desk.address("interest")), **typed)
    assert reply.status_code == 422
    assert told in reply.text
    assert typed["statement"].strip() in reply.text
    assert browser.get(desk.address()).status_code == 303


def test_an_ended_host_ties_nobody(desk: Desk) -> None:
    host = tie(desk, "host contact")
    with desk.app.app_context(), unit_of_work() as session:
        session.scalars(select(Host)).one().state = HostState.ENDED
    assert desk.browser(host).get(desk.address()).status_code == 200


def test_a_cancelled_invitation_ties_nobody(desk: Desk) -> None:
    asked = tie(desk, "signatory")
    with desk.app.app_context(), unit_of_work() as session:
        session.scalars(select(Invitation)).one().state = InvitationState.CANCELLED
    assert desk.browser(asked).get(desk.address()).status_code == 200


def test_people_without_the_right_get_nowhere(desk: Desk) -> None:
    with desk.app.app_context():
        assessor = make_officer(OfficerRole.PROGRAMME_FINANCE, desk.clock.now())
        declare(assessor, desk.project, desk.clock, has_interest=False)
    browser = browser_of(desk.app, assessor, strong=True)
    assert browser.get(desk.address()).status_code == 200
    for page in ("assign", "decision"):
        assert browser.get(desk.address(page)).status_code == 403
    for page in ("", "interest", "notes"):
        assert browser_of(desk.app, desk.owner).get(desk.address(page)).status_code == 403
