"""The public record of decisions: every acceptance, and refusals as counts by criterion only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, func, literal, select
from sqlalchemy.orm import Session

from crowdfund.checking.rules import CRITERION_WORDS, DECLINING, Outcome
from crowdfund.decisions.models import Decision
from crowdfund.decisions.queries import count_by_criterion
from crowdfund.groups.models import Group
from crowdfund.projects.models import Project
from crowdfund.projects.rules import PUBLIC, ProjectState

PAGE_SIZE = 50


@dataclass(frozen=True)
class Acceptance:
    """A project that was accepted. `slug` is None while it has no public page. Amount in pence."""

    title: str
    slug: str | None
    group: str
    target_pence: int
    reason: str
    authority: str
    decided_at: datetime


def list_acceptances(session: Session, *, offset: int, limit: int) -> list[Acceptance]:
    """Return accepted projects, the newest decision first. A project that its group took back is not named."""
    statement = (
        select(
            Project.title,
            Project.slug,
            Project.state,
            Group.name,
            Decision.amount_pence,
            Decision.reason,
            Decision.authority,
            Decision.decided_at,
        )
        .join(Project, _about())
        .join(Group, Group.id == Project.group_id)
        .where(Decision.outcome == Outcome.ACCEPTED.value, _shown())
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [
        Acceptance(title, slug if state in PUBLIC else None, group, pence or 0, reason, authority, at)
        for title, slug, state, group, pence, reason, authority, at in session.execute(statement)
    ]


def count_acceptances(session: Session) -> int:
    """Return how many acceptances the public record names."""
    counted = select(func.count(Decision.id)).join(Project, _about())
    return session.scalar(counted.where(Decision.outcome == Outcome.ACCEPTED.value, _shown())) or 0


def count_refusals(session: Session) -> list[tuple[str, int]]:
    """Return how many projects were declined under each criterion, in words, in the order of the criteria."""
    counts = count_by_criterion(session, Outcome.DECLINED.value)
    return [(CRITERION_WORDS[c], counts[c.value]) for c in DECLINING if counts.get(c.value)]


def _about() -> ColumnElement[bool]:
    return Decision.subject == literal("project:") + cast(Project.id, String)


def _shown() -> ColumnElement[bool]:
    return Project.state.in_([*sorted(PUBLIC), ProjectState.READY])
