"""History: the audit rows of a thing as sentences with who, when and what."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import OfficerPost, Person
from crowdfund.accounts.roles import MEMBER_WORDS, ROLE_WORDS
from crowdfund.accounts.sentences import INTERNAL, SENTENCES, Sentence
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.money import pounds
from crowdfund.web.templating import day

AN_OFFICER = "An officer of the council"
THE_SERVICE = "The service"
A_VISITOR = "A visitor"
SOMEBODY = "Somebody"
PAGE_SIZE = 50

Words = Mapping[str, Mapping[Any, str]]
_PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")

_OWN_WORDS: dict[str, Mapping[Any, str]] = {
    "member_role": {role: words.partition(":")[0].lower() for role, words in MEMBER_WORDS.items()},
    "officer_role": ROLE_WORDS,
    "interest": {True: "an interest in the project", False: "no interest in the project"},
    "way_in": {"code": "a code from a mail", "link": "a link from a mail"},
    "second_factor": {"totp": "a code of the app", "app": "a code of the app", "recovery": "a recovery code"},
    "invitation_kind": {
        "member": "join the group",
        "signatory": "confirm the declaration",
        "host": "be the group’s host",
    },
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `words` go on after `who`, without a full stop; `at` is UTC."""

    at: datetime
    who: str
    words: str


@dataclass(frozen=True)
class _Someone:
    name: str
    is_officer: bool


def history(
    session: Session,
    kind: str,
    subject_id: int,
    *,
    internal: bool,
    words: Words | None = None,
    members: Collection[int] = (),
    offset: int = 0,
    limit: int = PAGE_SIZE,
) -> list[Entry]:
    """Return what happened to a thing ('group' or 'project' and its id), newest first, in two queries.

    `internal` is for officers: with what only they may see, and their names. Else an officer is "An officer of
    the council", unless their person id is among `members`, who see each other. `words` maps the kinds of values
    that other packages know ('project_state', 'section' …) to the words for each value.
    """
    rows = session.scalars(
        select(AuditEvent)
        .where(*_about(kind, subject_id, internal=internal))
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()
    facts = [json.loads(row.data) for row in rows]
    teller = _Teller(_people(session, rows, facts), {**_OWN_WORDS, **(words or {})}, internal, frozenset(members))
    return [teller.entry(row, data) for row, data in zip(rows, facts, strict=True)]


def count_history(session: Session, kind: str, subject_id: int, *, internal: bool) -> int:
    """Return how many entries the history of a thing has for this reader."""
    statement = select(func.count()).select_from(AuditEvent).where(*_about(kind, subject_id, internal=internal))
    return session.scalar(statement) or 0


def _about(kind: str, subject_id: int, *, internal: bool) -> list[Any]:
    hidden = [] if internal else [AuditEvent.tag.not_in(sorted(INTERNAL))]
    return [AuditEvent.subject_kind == kind, AuditEvent.subject_id == subject_id, *hidden]


@dataclass(frozen=True)
class _Teller:
    """Puts rows into words for one reader."""

    people: Mapping[int, _Someone]
    words: Words
    internal: bool
    members: frozenset[int]

    def entry(self, row: AuditEvent, data: Mapping[str, Any]) -> Entry:
        sentence = SENTENCES[Tag(row.tag)]
        own = sentence.own and _person_of(row.actor) in {data.get("person_id"), data.get("officer_id")} - {None}
        text = self._filled(sentence.own if own else sentence.words, data)
        if sentence.also and all(data.get(key) for key, _ in _PLACE.findall(sentence.also)):
            text += self._filled(sentence.also, data)
        return Entry(row.at, self._who(row.actor, sentence), text.rstrip("."))

    def _who(self, actor: str, sentence: Sentence) -> str:
        person_id = _person_of(actor)
        if actor.startswith("system:"):
            return THE_SERVICE
        if person_id is None or sentence.by_anybody:
            return SOMEBODY if sentence.by_anybody else A_VISITOR
        if sentence.by_officer and not self.internal:
            return AN_OFFICER
        return self._name(person_id)

    def _name(self, person_id: int) -> str:
        someone = self.people.get(person_id, _Someone("", False))
        if someone.is_officer and not self.internal and person_id not in self.members:
            return AN_OFFICER
        return someone.name or SOMEBODY

    def _filled(self, template: str, data: Mapping[str, Any]) -> str:
        return _PLACE.sub(lambda place: self._value(data[place[1]], place[2]), template)

    def _value(self, value: Any, kind: str | None) -> str:
        if isinstance(value, list):
            return ", ".join(self._value(one, kind) for one in value)
        if kind == "pounds":
            return pounds(int(value))
        if kind == "day":
            return day(date.fromisoformat(value))
        if kind == "person":
            return "nobody" if value is None else self._name(int(value))
        known = self.words.get(kind or "", {}).get(value)
        return known or (str(value) if kind is None else str(value).replace("_", " "))


def _people(session: Session, rows: Sequence[AuditEvent], facts: Iterable[Mapping[str, Any]]) -> dict[int, _Someone]:
    wanted = {_person_of(row.actor) for row in rows}
    for data in facts:
        wanted |= {data.get("person_id"), data.get("officer_id")}
    ids = sorted(person_id for person_id in wanted if person_id is not None)
    if not ids:
        return {}
    is_officer = exists().where(OfficerPost.person_id == Person.id)
    found = session.execute(select(Person.id, Person.name, is_officer).where(Person.id.in_(ids)))
    return {person_id: _Someone(name, officer) for person_id, name, officer in found}


def _person_of(actor: str) -> int | None:
    kind, _, ref = actor.partition(":")
    return int(ref) if kind == "person" and ref.isdigit() else None
