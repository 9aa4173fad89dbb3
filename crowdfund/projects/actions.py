"""Changing projects: draft, move through their life, send back with questions, launch, post news."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit, ids, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import IllegalMove, Refused
from crowdfund.ledger import postings
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project, ProjectLine, ProjectUpdate, Question
from crowdfund.projects.rules import (
    MACHINE,
    NOTICE,
    NOTICE_BEFORE,
    SECTION_WORDS,
    VERDICT,
    LineKind,
    ProjectState,
    Section,
    Theme,
    allowed_length,
    minimum_target,
)

CLOSING_HOUR = 17  # pledging ends in office hours, when someone can be asked for help
_MAILS = {ProjectState.READY: "project_ready", ProjectState.DECLINED: "project_declined"}


@dataclass(frozen=True)
class Line:
    """One line of a list of the project; amounts in pence."""

    kind: LineKind
    label: str
    amount_pence: int | None = None
    is_capital: bool = False
    is_public: bool = False
    is_confirmed: bool = False
    due: date | None = None


@dataclass(frozen=True)
class ProjectDetails:
    """What a group says about its project."""

    title: str
    aim: str
    story: str
    theme: Theme
    place: str
    district_code: str
    picture: str
    picture_alt: str
    if_too_little: str
    if_too_much: str
    risks: str
    permissions: str
    lines: Sequence[Line] = field(default_factory=tuple)
    stretch_pence: int | None = None
    stretch_use: str = ""
    campaign_days: int = 42


def draft_project(session: Session, group_id: int, details: ProjectDetails, *, actor: Actor, now: datetime) -> Project:
    """Write a whole draft at once; its minimum target is its costs less confirmed other money.

    Raises Refused when that leaves nothing to raise.
    """
    target = _target_of(details.lines)
    if target <= 0:
        raise Refused("nothing_to_raise", "The costs are covered already: there is nothing left to raise.")
    plain: dict[str, Any] = {name: value for name, value in vars(details).items() if name != "lines"}
    project = open_draft(session, group_id, plain | {"target_pence": target}, actor=actor, now=now)
    for position, line in enumerate(details.lines):
        session.add(ProjectLine(project_id=project.id, position=position, **vars(line)))
    session.flush()
    return project


def open_draft(session: Session, group_id: int, values: dict[str, Any], *, actor: Actor, now: datetime) -> Project:
    """Create a draft with these columns, an address, a reference and the ledger accounts of its crowd."""
    project = Project(
        public_id=ids.public_id(),
        slug=free_slug(session, str(values["title"])),
        reference=ids.reference("CK"),
        group_id=group_id,
        state=ProjectState.DRAFT,
        created_at=now,
        **values,
    )
    session.add(project)
    session.flush()
    accounts = postings.open_project(session, project.id)
    project.backers_account_id, project.pledged_account_id = accounts.backers, accounts.pledged
    session.flush()
    audit.record(session, Tag.PROJECT_DRAFTED, actor=actor, subject_id=project.id, now=now, group_id=group_id)
    return project


def move_project(
    session: Session,
    project_id: int,
    new: ProjectState,
    *,
    reason: str = "",
    criterion: str = "",
    actor: Actor,
    now: datetime,
) -> Project:
    """Move a project to a state that its table allows; its group is mailed where an officer decided.

    `criterion` says in words which rule a refusal rests on. Raises IllegalMove.
    """
    project = lock(session, Project, project_id)
    old, project.state = project.state, MACHINE.move(project.state, new)
    if new is ProjectState.READY:
        project.checked_at = now
    session.flush()
    data = {"old": old.value, "new": new.value, "reason": reason}
    audit.record(session, Tag.PROJECT_MOVED, actor=actor, subject_id=project.id, now=now, **data)
    if new in _MAILS:
        mail_group(session, project, _MAILS[new], now, reason=reason, criterion=criterion)
    return project


def ask_questions(
    session: Session,
    project_id: int,
    questions: Sequence[tuple[Section, str]],
    due_on: date,
    *,
    actor: Actor,
    now: datetime,
) -> list[Question]:
    """Send a submitted project back to its group with questions about sections, to be answered by `due_on`.

    Raises Refused without a question, or when the project is not being checked (any more).
    """
    project = lock(session, Project, project_id)
    assert actor.person_id is not None, "somebody asks"
    if project.state is not ProjectState.SUBMITTED:
        raise Refused("not_submitted", "Questions can be asked only while the project is being checked.")
    if not questions or not all(body.strip() for _, body in questions):
        raise Refused("no_question", "Write at least one question.", "body")
    asked = [
        Question(
            public_id=ids.public_id(),
            project_id=project_id,
            section=section,
            body=body,
            asked_by_id=actor.person_id,
            asked_at=now,
            due_on=due_on,
        )
        for section, body in questions
    ]
    session.add_all(asked)
    session.flush()
    for question in asked:
        facts: dict[str, Any] = {"question_id": question.id, "section": question.section.value}
        audit.record(session, Tag.QUESTION_ASKED, actor=actor, subject_id=project_id, now=now, **facts)
    move_project(session, project_id, ProjectState.CHANGES_REQUESTED, actor=actor, now=now)
    told: dict[str, Any] = {"questions": asked, "due_on": due_on, "section_words": SECTION_WORDS}
    mail_group(session, project, "project_changes_requested", now, **told)
    return asked


def launch_project(session: Session, project_id: int, *, actor: Actor, now: datetime) -> Project:
    """Open a checked project for pledges until 5pm on the last day of its campaign.

    Raises IllegalMove unless it is ready, Refused when the campaign is too short or too long.
    """
    project = lock(session, Project, project_id)
    if project.state is not ProjectState.READY:
        raise IllegalMove(f"project: {project.state} is not launched, a paused one is resumed")
    last_day = (now + timedelta(days=project.campaign_days)).astimezone(LONDON)
    deadline = last_day.replace(hour=CLOSING_HOUR, minute=0, second=0, microsecond=0)
    if not allowed_length(project.campaign_days):
        raise Refused("campaign_length", "A project is open for 7 to 84 days.", "campaign_days")
    project.launched_at, project.deadline = now, deadline
    for kind, moment in ((NOTICE, deadline - NOTICE_BEFORE), (VERDICT, deadline)):
        payload = {"project_id": project_id}
        jobs.enqueue(session, kind, payload, dedupe_key=f"{kind}:{project_id}", now=now, run_after=moment)
    return move_project(session, project_id, ProjectState.LIVE, actor=actor, now=now)


def post_update(
    session: Session, project_id: int, title: str, body: str, *, actor: Actor, now: datetime
) -> ProjectUpdate:
    """Publish news from the group on the project's page."""
    update = ProjectUpdate(project_id=project_id, title=title, body=body, posted_at=now)
    session.add(update)
    session.flush()
    audit.record(session, Tag.PROJECT_UPDATED, actor=actor, subject_id=project_id, now=now, update_id=update.id)
    return update


def _target_of(lines: Sequence[Line]) -> int:
    costs = [line.amount_pence or 0 for line in lines if line.kind is LineKind.COST]
    sure = [line.amount_pence or 0 for line in lines if line.kind is LineKind.OTHER_MONEY and line.is_confirmed]
    return minimum_target(costs, sure)


def free_slug(session: Session, title: str) -> str:
    """Return an address made of the title that no project has yet."""
    slug = ids.slugify(title)
    taken = session.scalar(select(func.count()).select_from(Project).where(Project.slug == slug))
    return f"{slug}-{ids.public_id()[:4]}" if taken else slug
