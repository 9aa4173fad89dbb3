"""Changing a check: open it, declare an interest, give it to an officer, write notes, ask the group."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import Right
from crowdfund.checking.access import can_ask
from crowdfund.checking.holding import hold_check, hold_project, touch
from crowdfund.checking.models import Check, Note
from crowdfund.checking.queries import list_colleagues
from crowdfund.checking.rules import CHECKED_WITHIN, ago_words
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.decisions.actions import record_interest
from crowdfund.places.calendar import due_after
from crowdfund.projects.actions import ask_questions
from crowdfund.projects.distance import distance_of
from crowdfund.projects.models import Project
from crowdfund.projects.rules import Section


def open_check(session: Session, project_id: int, *, actor: Actor, now: datetime) -> Check:
    """Open the check of a submitted project, or open it again with a new due date; its officer stays."""
    lock(session, Project, project_id)
    check = hold_check(session, project_id, now)
    check.due_at = due_after(now, CHECKED_WITHIN)
    touch(session, check, actor, now)
    return check


def declare_interest(
    session: Session, project_id: int, has_interest: bool, statement: str, *, actor: Actor, now: datetime
) -> None:
    """Record whether an officer has an interest in a project; the newest declaration holds.

    Whoever declares one and has the check gives it back. Raises Forbidden without the right, Refused on
    `statement` for an interest that is not explained.
    """
    if not actor.may(Right.SEE_PROJECTS):
        raise Forbidden(f"Your role does not let you {Right.SEE_PROJECTS}.")
    if has_interest and not statement.strip():
        raise Refused("no_statement", "Say in a sentence what your interest is.", "statement")
    lock(session, Project, project_id)
    said = statement if has_interest else ""
    record_interest(session, f"project:{project_id}", has_interest, said, actor=actor, now=now)
    facts = {"has_interest": has_interest}
    audit.record(session, Tag.INTEREST_DECLARED, actor=actor, subject_id=project_id, now=now, **facts)
    if has_interest and session.get(Check, project_id) is not None:
        check = hold_check(session, project_id, now)
        if check.officer_id == actor.person_id:
            _give(session, check, None, actor=actor, now=now)


def assign_check(
    session: Session, project_id: int, officer_id: int | None, seen: int | None, *, actor: Actor, now: datetime
) -> None:
    """Give the check to an officer, or to nobody; `seen` is who had it when the actor looked.

    Raises Forbidden for an actor who may not check it, Refused when it changed hands meanwhile and for an officer
    who does not stand apart from the project.
    """
    if not actor.may(Right.CHECK_PROJECTS):
        raise Forbidden(f"Your role does not let you {Right.CHECK_PROJECTS}.")
    lock(session, Project, project_id)
    own = distance_of(session, project_id, actor.person_id or 0)
    if own.refusal:
        raise Forbidden(own.refusal)
    check = hold_check(session, project_id, now)
    if check.officer_id == officer_id:
        return
    if check.officer_id != seen:
        raise Refused("taken", f"{_holder(session, check, now)} Look at it again.", "officer")
    if officer_id is not None:
        _refuse_officer(session, project_id, officer_id)
    _give(session, check, officer_id, actor=actor, now=now)


def write_note(session: Session, project_id: int, body: str, *, actor: Actor, now: datetime) -> Note:
    """Write a note that only officers see. Raises Forbidden for whoever may not, Refused for an empty note."""
    hold_project(session, project_id, actor)
    if not body.strip():
        raise Refused("no_note", "Write a note.", "body")
    assert actor.person_id is not None
    note = Note(project_id=project_id, body=body, written_by_id=actor.person_id, written_at=now)
    session.add(note)
    session.flush()
    audit.record(session, Tag.CHECK_NOTE_WRITTEN, actor=actor, subject_id=project_id, now=now, note_id=note.id)
    return note


def ask_group(
    session: Session,
    project_id: int,
    questions: Sequence[tuple[Section, str]],
    due_on: date,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Send the project back to its group with questions; notes stay with the officers.

    Raises Forbidden for whoever may not, Refused without a question, for a day that is not ahead, or in a wrong state.
    """
    hold_project(session, project_id, actor, can_ask)
    if due_on <= now.astimezone(LONDON).date():
        raise Refused("due_past", "Choose a day that is still ahead.", "due_on")
    ask_questions(session, project_id, questions, due_on, actor=actor, now=now)
    touch(session, hold_check(session, project_id, now), actor, now)


def _refuse_officer(session: Session, project_id: int, officer_id: int) -> None:
    names = {colleague.id: colleague.name for colleague in list_colleagues(session)}
    if officer_id not in names:
        raise Refused("no_officer", "Choose an officer who checks projects.", "officer")
    if distance_of(session, project_id, officer_id).refusal:
        sentence = f"{names[officer_id]} does not stand apart from this project. Choose another officer."
        raise Refused("tied", sentence, "officer")


def _holder(session: Session, check: Check, now: datetime) -> str:
    when = ago_words(check.changed_at, now)
    if check.officer_id is None:
        return f"This project was given back {when}."
    return f"{session.get_one(Person, check.officer_id).name} took this project {when}."


def _give(session: Session, check: Check, officer_id: int | None, *, actor: Actor, now: datetime) -> None:
    check.officer_id = officer_id
    touch(session, check, actor, now)
    facts = {"officer_id": officer_id}
    audit.record(session, Tag.CHECK_ASSIGNED, actor=actor, subject_id=check.project_id, now=now, **facts)
