"""Reading checks: the check with its people, facts, the checklist's answers, notes, and what facts are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import OfficerPost, Person
from crowdfund.accounts.roles import OFFICER_RIGHTS, ROLE_WORDS, OfficerRole, Right
from crowdfund.checking.checklist import CaseFacts, Point, checklist
from crowdfund.checking.facts import FACT_WORDS
from crowdfund.checking.material import Material, Other
from crowdfund.checking.models import Check, Fact, Item, Note
from crowdfund.checking.rules import ItemAnswer
from crowdfund.decisions.models import Decision
from crowdfund.funds.queries import list_open_funds
from crowdfund.groups.models import Group
from crowdfund.groups.queries import find_host, needs_host
from crowdfund.places.models import District
from crowdfund.places.queries import find_district
from crowdfund.projects.models import Project, ProjectObjective
from crowdfund.projects.queries import count_quotes, find_signatory, list_lines
from crowdfund.projects.rules import PUBLIC, LineKind, Objective, ProjectState, Theme

MOST_OTHERS = 3000
UNSEEN = (ProjectState.DRAFT, ProjectState.WITHDRAWN)


@dataclass(frozen=True)
class CheckView:
    """A check with the name of who does it and the newest decision about the project; both may be None."""

    check: Check
    officer: str | None
    decision: Decision | None


@dataclass(frozen=True)
class Answered:
    """An answer to a point of the checklist, with who gave it."""

    answer: ItemAnswer
    note: str
    by: str
    by_id: int
    at: datetime


class Colleague(NamedTuple):
    """An officer who may check projects."""

    id: int
    name: str


def find_check(session: Session, project_id: int) -> CheckView | None:
    """Return the check of a project, None before the first submission was taken in."""
    subject = f"project:{project_id}"
    newest = select(func.max(Decision.id)).where(Decision.subject == subject).scalar_subquery()
    row = session.execute(
        select(Check, Person.name, Decision)
        .outerjoin(Person, Person.id == Check.officer_id)
        .outerjoin(Decision, Decision.id == newest)
        .where(Check.project_id == project_id)
    ).one_or_none()
    return CheckView(*row) if row else None


def list_facts(session: Session, project_id: int) -> list[Fact]:
    """Return the stored facts in their usual order."""
    facts = session.scalars(select(Fact).where(Fact.project_id == project_id)).all()
    order = list(FACT_WORDS)
    return sorted((fact for fact in facts if fact.key in FACT_WORDS), key=lambda fact: order.index(fact.key))


def list_answers(session: Session, project_id: int) -> dict[str, Answered]:
    """Return the checklist's answers by key of the point."""
    rows = session.execute(
        select(Item, Person.name).join(Person, Person.id == Item.answered_by_id).where(Item.project_id == project_id)
    )
    return {i.key: Answered(i.answer, i.note, name, i.answered_by_id, i.answered_at) for i, name in rows}


def list_notes(session: Session, project_id: int) -> list[tuple[Note, str]]:
    """Return the officers' notes with their writers' names, newest first."""
    statement = select(Note, Person.name).join(Person, Person.id == Note.written_by_id)
    ordered = statement.where(Note.project_id == project_id).order_by(Note.id.desc())
    return [(note, name) for note, name in session.execute(ordered)]


def list_colleagues(session: Session) -> list[Colleague]:
    """Return the officers who may check projects, by name."""
    statement = (
        select(Person.id, Person.name)
        .where(exists().where(OfficerPost.person_id == Person.id, *_standing(Right.CHECK_PROJECTS)))
        .order_by(Person.name, Person.id)
    )
    return [Colleague(*row) for row in session.execute(statement)]


def authority_of(session: Session, person_id: int, right: Right) -> str | None:
    """Return the words of the role under which a person has a right; None without one."""
    held = select(OfficerPost.role).where(OfficerPost.person_id == person_id, *_standing(right))
    role: OfficerRole | None = session.scalars(held.order_by(OfficerPost.id).limit(1)).one_or_none()
    return ROLE_WORDS[role] if role else None


def _standing(right: Right) -> tuple[ColumnElement[bool], ...]:
    roles = [role for role, rights in OFFICER_RIGHTS.items() if right in rights]
    return OfficerPost.ended_at.is_(None), OfficerPost.role.in_(roles)


def list_points(session: Session, project: Project, group: Group) -> list[Point]:
    """Return the points of the checklist that this project calls for, in three queries."""
    costs = list_lines(session, project.id)[LineKind.COST]
    objectives = session.scalars(select(ProjectObjective.objective).where(ProjectObjective.project_id == project.id))
    launched = exists().where(Project.group_id == group.id, Project.id != project.id, Project.state.in_(sorted(PUBLIC)))
    facts = CaseFacts(
        target_pence=project.target_pence,
        cost_pence=sum(line.amount_pence or 0 for line in costs),
        capital_pence=sum(line.amount_pence or 0 for line in costs if line.is_capital),
        legal_form=group.legal_form,
        safeguarding=group.safeguarding,
        needs_host=needs_host(group),
        for_young_people=project.theme is Theme.CHILDREN_YOUNG_PEOPLE or Objective.YOUNG_PEOPLE in objectives.all(),
        has_photo=project.picture.startswith("photo:"),
        is_first=not session.scalar(select(launched)),
    )
    return checklist(facts)


def gather(session: Session, project: Project, now: datetime, quote_above_pence: int) -> Material:
    """Return what facts about a project are made of; costs above `quote_above_pence` want a quote."""
    lines = list_lines(session, project.id)
    counted = [*lines[LineKind.COST], *lines[LineKind.OTHER_MONEY]]
    return Material(
        project=project,
        group=session.get_one(Group, project.group_id),
        chosen=session.get_one(District, project.district_code),
        district=find_district(session, project.postcode) if project.postcode else None,
        lines=lines,
        quotes=count_quotes(session, counted),
        host=find_host(session, project.group_id),
        signatory=find_signatory(session, project.id),
        others=_list_others(session, project),
        funds=list_open_funds(session, now),
        quote_above_pence=quote_above_pence,
    )


def _list_others(session: Session, project: Project) -> Sequence[Other]:
    columns = (Project.public_id, Project.reference, Project.title, Project.aim, Project.place, Project.state)
    near = or_(Project.group_id == project.group_id, Project.district_code == project.district_code)
    statement = (
        select(*columns, Project.group_id)
        .where(near, Project.id != project.id, Project.state.not_in(UNSEEN))
        .order_by((Project.group_id == project.group_id).desc(), Project.id.desc())
        .limit(MOST_OTHERS)
    )
    return [
        Other(public_id, reference or "its page", title, aim, place, state, group_id == project.group_id)
        for public_id, reference, title, aim, place, state, group_id in session.execute(statement)
    ]
