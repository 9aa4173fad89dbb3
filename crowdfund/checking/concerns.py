"""What neighbours worry about in a project: each concern is a case with a clock, an officer and an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import Right
from crowdfund.checking.models import Concern
from crowdfund.checking.rules import CONCERN_MACHINE, OUTCOME_WORDS, ConcernOutcome, ConcernState
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Conflict, Forbidden, NotFound, Refused
from crowdfund.notifications.actions import queue_mail
from crowdfund.places.calendar import due_after
from crowdfund.projects.models import Project
from crowdfund.projects.running import demand_distance

ANSWERED_WITHIN = 10  # working days
MOST_ANSWER = 2000


@dataclass(frozen=True)
class Case:
    """A concern with the project it is about and the name of the officer who took it, None while nobody did."""

    concern: Concern
    project: Project
    officer: str | None

    def is_overdue(self, now: datetime) -> bool:
        """Say whether it still waits for an answer at `now` (UTC) though its time ran out."""
        return self.concern.state is ConcernState.OPEN and now >= self.concern.due_at


def open_concern(
    session: Session, project: Project, body: str, email: str, officers: str, *, actor: Actor, now: datetime
) -> Concern:
    """Open a case to be answered within ten working days; mail the officers, and a receipt to an address left."""
    concern = Concern(
        public_id=ids.public_id(),
        reference=ids.reference("W"),
        project_id=project.id,
        state=ConcernState.OPEN,
        body=body,
        email=email or None,
        opened_at=now,
        due_at=due_after(now, ANSWERED_WITHIN),
    )
    session.add(concern)
    session.flush()
    audit.record(session, Tag.CONCERN_REPORTED, actor=actor, subject_id=project.id, now=now, concern_id=concern.id)
    key = f"concern:{concern.id}"
    queue_mail(session, "concern", officers, key=key, now=now, project=project, concern=concern)
    if email:
        queue_mail(session, "concern_receipt", email, key=f"{key}:receipt", now=now, project=project, concern=concern)
    return concern


def take_concern(session: Session, concern_id: int, seen: int | None, *, actor: Actor, now: datetime) -> Concern:
    """Give an open case to the officer who asks; `seen` is who had it when they asked (None: nobody).

    Raises Forbidden for whoever may not, Conflict when somebody else took it meanwhile, Refused once closed.
    """
    concern = _officers_concern(session, concern_id, actor)
    if concern.officer_id == actor.person_id:
        return concern
    if concern.officer_id != seen:
        raise Conflict("Another officer took this concern in the meantime. Look at it again.")
    concern.officer_id = actor.person_id
    session.flush()
    data = {"concern_id": concern.id, "officer_id": concern.officer_id}
    audit.record(session, Tag.CONCERN_TAKEN, actor=actor, subject_id=concern.project_id, now=now, **data)
    return concern


def close_concern(
    session: Session, concern_id: int, outcome: ConcernOutcome, answer: str, *, actor: Actor, now: datetime
) -> Concern:
    """Answer a case and close it; whoever left an address gets the answer by mail.

    Raises Forbidden for whoever may not, Conflict when another officer has it, Refused once closed, and on the
    field `answer` without one.
    """
    concern = _officers_concern(session, concern_id, actor)
    if concern.officer_id not in {None, actor.person_id}:
        raise Conflict("Another officer has this concern. Take it over first.")
    if not answer.strip():
        raise Refused("no_answer", "Write what you found and what was done.", "answer")
    concern.state = CONCERN_MACHINE.move(concern.state, ConcernState.CLOSED)
    concern.officer_id, concern.closed_at = actor.person_id, now
    concern.outcome, concern.answer = outcome, answer
    session.flush()
    data = {"concern_id": concern.id, "outcome": outcome.value}
    audit.record(session, Tag.CONCERN_CLOSED, actor=actor, subject_id=concern.project_id, now=now, **data)
    if concern.email:
        project = session.get_one(Project, concern.project_id)
        key, told = f"concern:{concern.id}:closed", OUTCOME_WORDS[outcome]
        queue_mail(
            session, "concern_closed", concern.email, key=key, now=now, project=project, concern=concern, told=told
        )
    return concern


def list_concerns(session: Session, *, offset: int, limit: int) -> list[Case]:
    """Return cases: open ones first, the most urgent on top, then closed ones, newest first."""
    is_open = Concern.state == ConcernState.OPEN
    rows = session.execute(
        select(Concern, Project, Person.name)
        .join(Project, Project.id == Concern.project_id)
        .outerjoin(Person, Person.id == Concern.officer_id)
        .order_by(is_open.desc(), case((is_open, Concern.due_at)), Concern.closed_at.desc(), Concern.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [Case(*row) for row in rows]


def count_concerns(session: Session) -> int:
    """Return how many cases there are."""
    return session.scalar(select(func.count()).select_from(Concern)) or 0


def get_case(session: Session, public_id: str, actor: Actor) -> Case:
    """Return a case. Raises NotFound, and Forbidden for an officer who does not stand apart from the project."""
    found = session.execute(
        select(Concern, Project, Person.name)
        .join(Project, Project.id == Concern.project_id)
        .outerjoin(Person, Person.id == Concern.officer_id)
        .where(Concern.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"concern {public_id}")
    case = Case(*found)
    demand_distance(session, case.project, actor)
    return case


def list_of_project(session: Session, project_id: int) -> Sequence[Concern]:
    """Return the concerns about a project, newest first, for officers."""
    statement = select(Concern).where(Concern.project_id == project_id)
    return session.scalars(statement.order_by(Concern.opened_at.desc(), Concern.id.desc())).all()


def _officers_concern(session: Session, concern_id: int, actor: Actor) -> Concern:
    if not actor.may(Right.HANDLE_CONCERNS):
        raise Forbidden(f"Your role does not let you {Right.HANDLE_CONCERNS}.")
    concern = lock(session, Concern, concern_id)
    demand_distance(session, session.get_one(Project, concern.project_id), actor)
    if concern.state is not ConcernState.OPEN:
        raise Refused("closed", "This concern is closed already.")
    return concern
