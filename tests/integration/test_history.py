"""History: every audit row becomes a sentence, and each reader sees what they may."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.accounts.history import AN_OFFICER, THE_SERVICE, Entry, count_history, history
from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.accounts.sentences import INTERNAL, SENTENCES
from crowdfund.core import audit
from crowdfund.core.actor import SystemActor
from crowdfund.core.audit_tags import KEYS, Tag
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.rules import WORDS
from crowdfund.settlement.history_words import HISTORY_WORDS
from tests.support.acting import By
from tests.support.factories import make_project
from tests.support.people import browser_of, make_member, make_named, make_officer
from tests.support.queries import count_queries

STATES = {"project_state": WORDS}
# What accounts knows itself, and what reads well as it is.
OWN_KINDS = {"member_role", "officer_role", "interest", "way_in", "second_factor", "invitation_kind"}
OWN_KINDS |= {"file_purpose", "group_field"}


def write(tag: Tag, subject_id: int, clock: FixedClock, person: Person | None = None, **data: Any) -> None:
    actor = By(person) if person else SystemActor("worker")
    with unit_of_work() as session:
        audit.record(session, tag, actor=actor, subject_id=subject_id, now=clock.now(), **data)


def read(session: Session, *, internal: bool = False, kind: str = "project", **kw: Any) -> list[Entry]:
    return history(session, kind, 7, internal=internal, words=STATES, **kw)


def test_every_tag_has_a_sentence_made_of_its_own_keys() -> None:
    assert set(SENTENCES) == set(Tag)
    for tag, sentence in SENTENCES.items():
        for text in (sentence.words, sentence.also, sentence.own):
            assert set(re.findall(r"\{(\w+)", text)) <= KEYS[tag], tag
        assert sentence.words == sentence.words.strip().rstrip(".")


@pytest.mark.parametrize("tag", list(Tag))
def test_every_tag_reads_as_a_sentence(db_session: Session, clock: FixedClock, tag: Tag) -> None:
    person = make_named(clock.now())
    values: dict[str, Any] = {key: person.id if key.endswith("_id") else "some value" for key in KEYS[tag]}
    values |= {key: 1200 for key in KEYS[tag] if key.endswith("pence")}
    values |= {key: ["name"] for key in KEYS[tag] if key == "fields"}
    values |= {key: "2026-12-22" for key in KEYS[tag] if key == "on" or key.endswith("_on")}
    write(tag, 7, clock, person, **values)
    [entry] = read(db_session, internal=True, kind=tag.value.split(":")[0])
    assert entry.at == clock.now()
    assert entry.who in {"Grace Adeyemi", "Somebody"}
    assert len(entry.words) > 8
    assert not set("{}_") & set(entry.words)


def test_a_move_is_told_in_the_words_of_its_states(db_session: Session, clock: FixedClock) -> None:
    write(Tag.PROJECT_MOVED, 7, clock, old="live", new="paused", reason="A neighbour asked.")
    clock.forward(timedelta(hours=1))
    write(Tag.PROJECT_MOVED, 7, clock, old="paused", new="live", reason="")
    newest, first = read(db_session)
    assert newest.words == "moved the project from “Paused” to “Open for pledges”"
    assert first.words == "moved the project from “Open for pledges” to “Paused”. Reason: A neighbour asked"
    assert (newest.who, newest.at - first.at) == (THE_SERVICE, timedelta(hours=1))


def test_a_settlement_is_told_in_words(db_session: Session, clock: FixedClock) -> None:
    approver = make_officer(OfficerRole.PROGRAMME_APPROVER, clock.now(), name="Dee Approver")
    write(Tag.VERDICT_WRITTEN, 7, clock, reached=True, pledged_pence=90_000, match_pence=0)
    write(Tag.SETTLEMENT_FINISHED, 7, clock, collected_pence=80_000, outcome="shortfall")
    write(Tag.SHORTFALL_DECIDED, 7, clock, approver, decision_id=1, choice="top_up")
    told = history(db_session, "project", 7, internal=False, words=HISTORY_WORDS)
    assert [f"{entry.who} {entry.words}" for entry in reversed(told)] == [
        "The service judged at the deadline that the project reached its target: £900 pledged",
        "The service counted what could be collected: £800",
        "An officer of the council decided about the shortfall: a funder tops up what is missing",
    ]


def test_every_kind_of_value_has_words() -> None:
    texts = [text for one in SENTENCES.values() for text in (one.words, one.also, one.own)]
    kinds = {kind for text in texts for kind in re.findall(r"\{\w+:(\w+)\}", text)}
    assert kinds - {"pounds", "person", "day"} <= set(HISTORY_WORDS) | OWN_KINDS


def test_a_group_sees_its_own_people_by_name_and_officers_as_officers(db_session: Session, clock: FixedClock) -> None:
    member = make_named(clock.now(), name="Ann Lee")
    officer = make_officer(OfficerRole.PROGRAMME_CHECKER, clock.now(), name="Morag Ellis")
    write(Tag.PROJECT_EDITED, 7, clock, member, section="story")
    write(Tag.PROJECT_MOVED, 7, clock, officer, old="submitted", new="ready", reason="")
    write(Tag.QUESTION_ASKED, 7, clock, member, question_id=1, section="story")
    assert [entry.who for entry in read(db_session)] == [AN_OFFICER, AN_OFFICER, "Ann Lee"]
    assert [entry.who for entry in read(db_session, internal=True)] == ["Ann Lee", "Morag Ellis", "Ann Lee"]
    assert read(db_session, members=[officer.id])[1].who == "Morag Ellis"


def test_what_officers_keep_to_themselves_is_hidden_from_the_group(db_session: Session, clock: FixedClock) -> None:
    officer = make_officer(OfficerRole.PROGRAMME_CHECKER, clock.now())
    for tag in Tag:
        if tag.value in INTERNAL:
            write(tag, 7, clock, officer, **dict.fromkeys(KEYS[tag], officer.id))
    assert len(INTERNAL) >= 8
    assert read(db_session) == []
    assert count_history(db_session, "project", 7, internal=False) == 0
    assert len(read(db_session, internal=True)) == count_history(db_session, "project", 7, internal=True)


def test_whoever_reported_a_concern_is_named_to_nobody(db_session: Session, clock: FixedClock) -> None:
    write(Tag.CONCERN_REPORTED, 7, clock, make_named(clock.now()), concern_id=1)
    assert [entry.who for entry in read(db_session, internal=True)] == ["Somebody"]


def test_what_people_do_for_themselves_is_said_so(db_session: Session, clock: FixedClock) -> None:
    ann, ben = make_named(clock.now(), name="Ann"), make_named(clock.now(), name="Ben")
    write(Tag.MEMBER_JOINED, 7, clock, ann, person_id=ann.id, role="owner")
    write(Tag.MEMBER_LEFT, 7, clock, ann, person_id=ben.id)
    told = [f"{entry.who} {entry.words}" for entry in read(db_session, kind="group")]
    assert told == ["Ann ended the place of Ben in the group", "Ann joined the group as owner"]


def test_a_page_of_history_costs_two_queries(app: Flask, db_session: Session, clock: FixedClock) -> None:
    for _ in range(12):
        write(Tag.CHECK_ASSIGNED, 7, clock, make_named(clock.now()), officer_id=make_named(clock.now()).id)
    with count_queries(db.engine) as queries:
        page = read(db_session, internal=True, offset=2, limit=8)
    assert (len(page), len(queries)) == (8, 2)


def test_the_groups_page_tells_its_people_and_nobody_else(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        project = make_project(clock.now())
        reader = make_member(project.group_id, MemberRole.READER, clock.now())
        stranger = make_named(clock.now())
    address = f"/apply/projects/{project.public_id}/history"
    page = browser_of(app, reader).get(address, max_queries=12)
    assert "The service</strong> moved the project from “Ready to launch” to “Open for pledges”" in page.text
    assert browser_of(app, stranger).get(address).status_code == 404
