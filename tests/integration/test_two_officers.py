"""Two officers at once: nobody overwrites what they did not see, and everybody is told."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import Right
from crowdfund.checking.actions import ask_group, assign_check, write_note
from crowdfund.checking.deciding import Verdict, decide_project
from crowdfund.checking.models import Item, Note
from crowdfund.checking.points import Stale, Typed, answer_points, mark
from crowdfund.checking.rules import Criterion, ItemAnswer, Outcome
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Decision
from crowdfund.projects.rules import ProjectState, Section
from tests.support.acting import By
from tests.support.desk import Desk, make_desk
from tests.support.threads import failures, together

EMPTY = mark(None, "")


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Desk:
    """A project that is being checked."""
    return make_desk(app, clock)


def by(person: Person) -> By:
    return By(person, *Right)


def test_the_second_of_two_sees_both_texts_and_decides(desk: Desk) -> None:
    mine, theirs = desk.browser(), desk.browser(desk.other)
    page, other = mine.get(desk.address("checklist")), theirs.get(desk.address("checklist"))
    assert theirs.submit(other, answer_legal="no", note_legal="No lease.", answer_costs="yes").status_code == 303
    desk.clock.forward(timedelta(minutes=2))
    reply = mine.submit(page, answer_legal="yes", note_legal="Lease seen.", answer_group_real="yes")
    assert reply.status_code == 422
    assert "Sam Oyelaran changed this 2 minutes ago to “No” with the note “No lease.”." in reply.text
    assert "Lease seen." in reply.text
    with desk.app.app_context():
        assert {item.key for item in db.session.scalars(select(Item))} == {"legal", "costs"}
    # Sent again, now knowingly, everything is saved; what only the other one answered stays.
    assert mine.submit(reply).status_code == 303
    with desk.app.app_context():
        rows = {item.key: (item.answer.value, item.note) for item in db.session.scalars(select(Item))}
    assert rows == {"legal": ("yes", "Lease seen."), "costs": ("yes", ""), "group_real": ("yes", "")}


def test_different_points_never_get_in_each_others_way(desk: Desk) -> None:
    mine, theirs = desk.browser(), desk.browser(desk.other)
    page, other = mine.get(desk.address("checklist")), theirs.get(desk.address("checklist"))
    assert theirs.submit(other, answer_legal="no", note_legal="No lease.").status_code == 303
    assert mine.submit(page, answer_costs="yes").status_code == 303
    with desk.app.app_context():
        assert {item.key for item in db.session.scalars(select(Item))} == {"legal", "costs"}


def test_the_same_answer_twice_is_no_quarrel(desk: Desk) -> None:
    mine, theirs = desk.browser(), desk.browser(desk.other)
    page, other = mine.get(desk.address("checklist")), theirs.get(desk.address("checklist"))
    assert theirs.submit(other, answer_legal="yes").status_code == 303
    assert mine.submit(page, answer_legal="yes").status_code == 303


def test_eight_officers_answer_one_point_at_once_and_one_answer_stands(desk: Desk) -> None:
    def answer(number: int) -> object:
        who = desk.officer if number % 2 else desk.other
        typed = {"legal": Typed(ItemAnswer.YES, f"note {number}", EMPTY)}
        with unit_of_work() as session:
            return answer_points(session, desk.project.id, typed, actor=by(who), now=desk.clock.now())

    results = together(desk.app, [lambda n=n: answer(n) for n in range(8)])
    assert failures(results, Stale) == []
    assert sum(result == ["legal"] for result in results) == 1
    assert sum(isinstance(result, Stale) for result in results) == 7
    with desk.app.app_context():
        [item] = db.session.scalars(select(Item))
        assert item.note == f"note {results.index(['legal'])}"


def test_two_take_the_check_at_once_and_one_has_it(desk: Desk) -> None:
    def take(person: Person) -> None:
        with unit_of_work() as session:
            assign_check(session, desk.project.id, person.id, None, actor=by(person), now=desk.clock.now())

    results = together(desk.app, [lambda: take(desk.officer), lambda: take(desk.other)])
    assert failures(results, Refused) == []
    assert results.count(None) == 1
    winner = (desk.officer, desk.other)[results.index(None)]
    assert desk.check().officer_id == winner.id


def test_two_decide_at_once_and_one_decision_is_recorded(desk: Desk) -> None:
    version = desk.check().version

    def decide(person: Person) -> Decision:
        verdict = Verdict(Outcome.DECLINED, Criterion.POLITICAL, f"It is political, says {person.name}.")
        with unit_of_work() as session:
            return decide_project(session, desk.project.id, verdict, version, actor=by(person), now=desk.clock.now())

    results = together(desk.app, [lambda: decide(desk.officer), lambda: decide(desk.other)])
    assert failures(results, Refused) == []
    assert sum(isinstance(result, Decision) for result in results) == 1
    with desk.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Decision)) == 1
    assert desk.state() is ProjectState.DECLINED


def test_asking_and_deciding_at_once_do_one_of_both(desk: Desk) -> None:
    version, due = desk.check().version, (desk.clock.now() + timedelta(days=14)).date()

    def decide() -> None:
        verdict = Verdict(Outcome.DECLINED, Criterion.POLITICAL, "It is political.")
        with unit_of_work() as session:
            decide_project(session, desk.project.id, verdict, version, actor=by(desk.officer), now=desk.clock.now())

    def ask() -> None:
        asked = [(Section.STORY, "Which party?")]
        with unit_of_work() as session:
            ask_group(session, desk.project.id, asked, due, actor=by(desk.other), now=desk.clock.now())

    results = together(desk.app, [decide, ask])
    assert failures(results, Refused) == []
    assert results.count(None) == 1
    assert desk.state() is (ProjectState.CHANGES_REQUESTED if results[0] else ProjectState.DECLINED)


def test_notes_at_once_are_all_kept(desk: Desk) -> None:
    def write(number: int) -> None:
        with unit_of_work() as session:
            write_note(session, desk.project.id, f"Note {number}", actor=by(desk.officer), now=desk.clock.now())

    assert failures(together(desk.app, [lambda n=n: write(n) for n in range(6)])) == []
    with desk.app.app_context():
        assert {note.body for note in db.session.scalars(select(Note))} == {f"Note {n}" for n in range(6)}
