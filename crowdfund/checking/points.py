"""Answering the checklist, so that two officers never overwrite each other unawares."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.checking.access import can_answer_points
from crowdfund.checking.holding import hold_check, hold_project, touch
from crowdfund.checking.models import Item
from crowdfund.checking.queries import Answered, list_answers, list_points
from crowdfund.checking.rules import ANSWER_WORDS, ItemAnswer, ago_words
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import Refused
from crowdfund.groups.models import Group


@dataclass(frozen=True)
class Typed:
    """What an officer typed for a point, with the mark of what the form showed there."""

    answer: ItemAnswer | None
    note: str
    seen: str


class Stale(Refused):
    """Points were changed by somebody else meanwhile; `changed` has a sentence for each, by key of the point."""

    def __init__(self, changed: Mapping[str, str]) -> None:
        sentence = "Somebody changed this checklist in the meantime. Nothing of yours is saved yet, nor lost."
        super().__init__("stale", sentence)
        self.changed = changed


def answer_points(
    session: Session, project_id: int, typed: Mapping[str, Typed], *, actor: Actor, now: datetime
) -> list[str]:
    """Save what an officer changed in the checklist and return the keys of those points.

    A point left as the form showed it is not touched, whatever it holds now. Raises Forbidden for whoever may not,
    Refused when the check is over, and Stale, with nothing saved, where somebody changed the same point meanwhile.
    """
    project = hold_project(session, project_id, actor, can_answer_points)
    check = hold_check(session, project_id, now)
    points = list_points(session, project, session.get_one(Group, project.group_id))
    known, stored = {point.key for point in points}, list_answers(session, project_id)
    edited = {key: entry for key, entry in typed.items() if key in known and is_edited(entry)}
    wanted = {key: entry for key, entry in edited.items() if mark_of(stored.get(key)) != mark(entry.answer, entry.note)}
    stale = {key: _stale_words(stored.get(key), now) for key, e in wanted.items() if mark_of(stored.get(key)) != e.seen}
    if stale:
        raise Stale(stale)
    for key, entry in wanted.items():
        _answer(session, project_id, key, entry, actor=actor, now=now)
    if wanted:
        touch(session, check, actor, now)
    return list(wanted)


def mark(answer: ItemAnswer | None, note: str) -> str:
    """Return a short mark of an answer and its note, for forms to carry what they showed."""
    return hashlib.sha256(f"{answer.value if answer else ''}\x1f{note}".encode()).hexdigest()[:20]


def mark_of(answered: Answered | None) -> str:
    """Return the mark of what is stored for a point."""
    return mark(answered.answer, answered.note) if answered else mark(None, "")


def is_edited(entry: Typed) -> bool:
    """Say whether an officer answered a point otherwise than the form showed it."""
    return entry.answer is not None and mark(entry.answer, entry.note) != entry.seen


def _stale_words(there: Answered | None, now: datetime) -> str:
    if there is None:
        return "This point was cleared meanwhile. Send again to save your answer."
    note = f" with the note “{there.note}”" if there.note else ""
    said = f"{there.by} changed this {ago_words(there.at, now)} to “{ANSWER_WORDS[there.answer]}”{note}."
    return f"{said} Your own answer is still here: send again to put it in its place."


def _answer(session: Session, project_id: int, key: str, entry: Typed, *, actor: Actor, now: datetime) -> None:
    assert entry.answer is not None
    assert actor.person_id is not None
    found = select(Item).where(Item.project_id == project_id, Item.key == key)
    item = session.scalars(found).one_or_none() or Item(project_id=project_id, key=key)
    item.answer, item.note = entry.answer, entry.note
    item.answered_by_id, item.answered_at = actor.person_id, now
    session.add(item)
    session.flush()
    facts = {"key": key, "answer": entry.answer.value}
    audit.record(session, Tag.CHECK_ITEM_ANSWERED, actor=actor, subject_id=project_id, now=now, **facts)
