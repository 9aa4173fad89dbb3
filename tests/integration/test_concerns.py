"""A concern becomes a case: with a reference and a clock, an officer, an answer and an end."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.checking.concerns import open_concern
from crowdfund.checking.models import Concern
from crowdfund.checking.rules import ConcernOutcome, ConcernState
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.web.templating import when
from tests.support.factories import TESTER
from tests.support.people import browser_of, make_member, make_officer
from tests.support.running import Running, declare, make_running

BODY = "The field belongs to my aunt.\nShe was never asked."


@pytest.fixture
def running(app: Flask, clock: FixedClock) -> Running:
    """A launched project with its people."""
    return make_running(app, clock)


def report(running: Running, email: str = "nora@example.org") -> Concern:
    browser = running.app.test_client()
    page = browser.get(f"/projects/{running.project.slug}/concern")
    assert browser.submit(page, concern=BODY, email=email).status_code == 303
    with running.app.app_context():
        return db.session.scalars(select(Concern).order_by(Concern.id.desc())).first()


def close(running: Running, concern: Concern, **typed: str) -> TestResponse:
    browser = running.browser(running.officer)
    return browser.submit(browser.get(f"/officers/concerns/{concern.public_id}/close"), **typed)


def take(running: Running, concern: Concern) -> TestResponse:
    browser = running.browser(running.officer)
    return browser.submit(browser.get(f"/officers/concerns/{concern.public_id}"))


def test_a_concern_opens_a_case_with_a_clock_and_a_receipt(running: Running) -> None:
    concern = report(running)
    assert (concern.state, concern.body, concern.officer_id) == (ConcernState.OPEN, BODY, None)
    # Ten working days after Monday 18 January 2027.
    assert when(concern.due_at) == "Monday 1 February 2027, 5pm"
    [receipt] = running.mails("concern_receipt")
    assert receipt.recipient == "nora@example.org"
    assert concern.reference in receipt.body
    [notice] = running.mails("concern")
    assert notice.recipient == running.app.config["OFFICERS_EMAIL"]
    assert concern.reference in notice.subject


def test_without_an_address_there_is_no_receipt(running: Running) -> None:
    assert report(running, email="").email is None
    assert running.mails("concern_receipt") == []
    assert len(running.mails("concern")) == 1


def test_an_officer_takes_answers_and_closes_it(running: Running) -> None:
    concern = report(running)
    assert take(running, concern).status_code == 303
    reply = close(running, concern, outcome="answered", answer="The aunt signed a lease in May.")
    assert reply.status_code == 303
    browser = running.browser(running.officer)
    page = browser.follow(reply)
    assert "The group answered it" in page.text
    assert "The aunt signed a lease" in page.text
    assert "Morag Ellis" in page.text
    [mail] = running.mails("concern_closed")
    assert mail.recipient == "nora@example.org"
    assert "The aunt signed a lease in May." in mail.body
    again = browser.get(f"/officers/concerns/{concern.public_id}/close")
    assert browser.submit(again, outcome="answered", answer="Twice.").status_code == 422
    assert len(running.mails("concern_closed")) == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"answer": "We looked."}, "Choose how it ended."),
        ({"outcome": "unfounded", "answer": " "}, "Write what you found"),
        ({"outcome": "unfounded", "answer": "x" * 2001}, "2000 characters or fewer"),
    ],
)
def test_an_end_without_outcome_or_answer_is_no_end(running: Running, typed: dict[str, str], told: str) -> None:
    concern = report(running)
    reply = close(running, concern, **typed)
    assert reply.status_code == 422
    assert told in reply.text
    assert typed["answer"].strip() in reply.text
    with running.app.app_context():
        assert db.session.get_one(Concern, concern.id).state is ConcernState.OPEN


def test_two_officers_never_take_one_case_unawares(running: Running) -> None:
    concern = report(running)
    with running.app.app_context():
        other = make_officer(OfficerRole.PROGRAMME_ADMINISTRATOR, running.clock.now(), name="Ike Obi")
        declare(other, running.project, running.clock, has_interest=False)
    address = f"/officers/concerns/{concern.public_id}"
    theirs = browser_of(running.app, other, strong=True)
    page = theirs.get(address)
    assert take(running, concern).status_code == 303
    assert theirs.submit(page).status_code == 409
    # Whoever does not have it cannot close it over the other's head.
    closing = theirs.get(f"{address}/close")
    assert theirs.submit(closing, outcome="unfounded", answer="Nothing there.").status_code == 409
    # Seeing who has it, they may take it over.
    fresh = theirs.get(address)
    assert "Morag Ellis" in fresh.text
    assert theirs.submit(fresh, button="Take it over").status_code == 303
    assert "Ike Obi" in theirs.get(address).text


def test_the_list_has_open_ones_first_and_marks_the_overdue(running: Running) -> None:
    old = report(running)
    running.clock.forward(timedelta(days=3))
    new, ended = report(running), report(running)
    close(running, ended, outcome="unfounded", answer="Nothing there.")
    running.clock.at = old.due_at
    page = running.browser(running.officer).get("/officers/concerns", max_queries=12)
    places = [page.text.index(concern.reference) for concern in (old, new, ended)]
    assert places == sorted(places)
    assert page.text.count("Overdue") == 1
    assert "3 concerns" in page.text
    assert "This is overdue" in running.browser(running.officer).get(f"/officers/concerns/{old.public_id}").text


def test_a_long_list_has_pages(running: Running) -> None:
    with running.app.app_context(), unit_of_work() as session:
        for number in range(30):
            who = {"actor": TESTER, "now": running.clock.now()}
            open_concern(session, running.project, f"Concern {number}", "", "o@example.org", **who)
    browser = running.browser(running.officer)
    assert "page=2" in browser.get("/officers/concerns", max_queries=12).text
    assert browser.get("/officers/concerns?page=2").status_code == 200
    assert browser.get("/officers/concerns?page=3").status_code == 404


def test_the_way_from_a_concern_to_a_pause(running: Running) -> None:
    concern = report(running)
    page = running.browser(running.officer).get(f"/officers/concerns/{concern.public_id}")
    assert running.desk("pause") in page.text


def test_the_group_learns_nothing_of_it(running: Running) -> None:
    concern = report(running)
    take(running, concern)
    close(running, concern, outcome="unfounded", answer="Nothing there at all.")
    browser = running.browser(running.owner)
    for page in ("dashboard", "history", "backers"):
        text = browser.get(running.address(page)).text
        for secret in ("nora@example.org", concern.reference, "my aunt", "concern:", "reported", "Nothing there"):
            assert secret not in text
    everything = running.mails("concern") + running.mails("concern_receipt") + running.mails("concern_closed")
    group = {person.email for person in (running.owner, running.writer, running.reader)}
    assert not group & {mail.recipient for mail in everything}
    assert browser.get(f"/officers/concerns/{concern.public_id}").status_code == 403


def test_an_officer_of_the_group_sees_none_of_it(running: Running) -> None:
    concern = report(running)
    with running.app.app_context():
        make_member(running.project.group_id, MemberRole.READER, running.clock.now(), email=running.officer.email)
    browser = running.browser(running.officer)
    for page in ("", "/close"):
        assert browser.get(f"/officers/concerns/{concern.public_id}{page}").status_code == 403


def test_only_officers_who_handle_concerns_get_there(running: Running) -> None:
    concern = report(running)
    with running.app.app_context():
        approver = make_officer(OfficerRole.PROGRAMME_APPROVER, running.clock.now())
    browser = browser_of(running.app, approver, strong=True)
    for address in ("/officers/concerns", f"/officers/concerns/{concern.public_id}"):
        assert browser.get(address).status_code == 403
    assert running.browser(running.officer).get("/officers/concerns/nothing").status_code == 404


@pytest.mark.parametrize("outcome", list(ConcernOutcome))
def test_every_outcome_can_be_the_end(running: Running, outcome: ConcernOutcome) -> None:
    concern = report(running)
    assert close(running, concern, outcome=outcome.value, answer="We looked into it.").status_code == 303


def test_the_database_refuses_an_end_without_an_answer(running: Running) -> None:
    concern = report(running)
    with running.app.app_context():
        from sqlalchemy.exc import IntegrityError

        with pytest.raises(IntegrityError), unit_of_work() as session:
            session.execute(update(Concern).where(Concern.id == concern.id).values(state=ConcernState.CLOSED))
