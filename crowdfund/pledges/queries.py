"""Reading pledges: one's own, the public list of backers, and how the crowd stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.core import clock
from crowdfund.core.actor import Actor
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import NotFound
from crowdfund.ledger.models import LedgerAccount
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges.access import can_see
from crowdfund.pledges.models import Crowd, Pledge
from crowdfund.pledges.rules import COUNTING, Audience, PledgeState, public_name
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState

RELEASED_WITHIN = timedelta(hours=1)  # of the business clock, once a project is cancelled


@dataclass(frozen=True)
class Backer:
    """A backer as the public may see one: no time of day, no amount unless allowed."""

    name: str
    amount_pence: int | None
    message: str
    on: datetime
    collected: str = ""


def get_visible_pledge(session: Session, public_id: str, actor: Actor) -> Pledge:
    """Return the pledge with its project and group. Raises NotFound for everybody but its backer."""
    pledge = find_pledge(session, public_id)
    if pledge is None or not can_see(actor, pledge):
        raise NotFound("pledge")
    return pledge


def find_pledge(session: Session, public_id: str) -> Pledge | None:
    """Return the pledge with this id, with its project and group."""
    return session.scalars(_with_project().where(Pledge.public_id == public_id)).one_or_none()


def get_pledge(session: Session, pledge_id: int) -> Pledge:
    """Return a pledge with its project and group, for the worker. Raises NotFound."""
    pledge = session.scalars(_with_project().where(Pledge.id == pledge_id)).one_or_none()
    if pledge is None:
        raise NotFound(f"pledge {pledge_id}")
    return pledge


def get_checkout(session: Session, pledge: Pledge) -> CardCheckout | None:
    """Return the newest checkout of a pledge, if it ever came so far."""
    newest = select(CardCheckout).where(CardCheckout.subject == pledge.subject).order_by(CardCheckout.id.desc())
    return session.scalars(newest.limit(1)).one_or_none()


def get_card(session: Session, pledge: Pledge) -> CardCheckout | None:
    """Return the checkout of the card that a pledge counts on; before it counts, its newest one."""
    if pledge.checkout_id is None:
        return get_checkout(session, pledge)
    return session.get_one(CardCheckout, pledge.checkout_id)


def list_of_person(session: Session, person_id: int) -> Sequence[Pledge]:
    """Return the pledges in a person's account, newest first, without unfinished ones."""
    hidden = (PledgeState.SETUP, PledgeState.ABANDONED)
    own = (Pledge.person_id == person_id, Pledge.claimed_at.is_not(None), Pledge.state.not_in(hidden))
    statement = _with_project().where(*own)
    return session.scalars(statement.order_by(Pledge.created_at.desc(), Pledge.id.desc())).all()


def list_backers(session: Session, project_id: int, *, offset: int = 0, limit: int = 10) -> list[Backer]:
    """Return backers as the public may see them, newest first."""
    columns = (
        Pledge.backer_name,
        Pledge.name_audience,
        Pledge.amount_audience,
        Pledge.amount_pence,
        Pledge.message,
        Pledge.active_at,
        Pledge.collected,
    )
    statement: Select[*tuple[Any, ...]] = (
        select(*columns)
        .where(Pledge.project_id == project_id, Pledge.state.in_(COUNTING))
        .order_by(Pledge.active_at.desc(), Pledge.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [_as_public(row) for row in session.execute(statement)]


def _as_public(row: Row[*tuple[Any, ...]]) -> Backer:
    named = bool(row.backer_name) and row.name_audience is Audience.EVERYONE
    name = (row.backer_name if row.collected else public_name(row.backer_name)) if named else "Anonymous"
    return Backer(
        name=name,
        amount_pence=row.amount_pence if row.amount_audience is Audience.EVERYONE else None,
        message=row.message if named else "",
        on=row.active_at,
        collected=row.collected or "",
    )


def find_crowd(session: Session, project_id: int) -> Crowd | None:
    """Return how many people back a project; None where nobody ever did."""
    return session.get(Crowd, project_id)


def breaches(session: Session) -> Iterator[str]:
    """Yield a sentence for every project whose totals are not those of its pledges, or that keeps them too long."""
    yield from _kept_after_cancelling(session, clock.now() - RELEASED_WITHIN)
    counted = (
        select(Pledge.project_id, func.count().label("backers"), func.sum(Pledge.amount_pence).label("pence"))
        .where(Pledge.state.in_(COUNTING))
        .group_by(Pledge.project_id)
        .subquery()
    )
    statement = (
        select(Project.id, func.coalesce(counted.c.pence, 0), LedgerAccount.balance_pence)
        .join(LedgerAccount, LedgerAccount.id == Project.pledged_account_id)
        .outerjoin(counted, counted.c.project_id == Project.id)
        .where(LedgerAccount.balance_pence != func.coalesce(counted.c.pence, 0))
    )
    for project_id, pledged, balance in session.execute(statement):
        yield f"project {project_id}: its pledges add up to {pledged} pence, its ledger says {balance}"
    crowds = (
        select(Project.id, func.coalesce(counted.c.backers, 0), func.coalesce(Crowd.backers, 0))
        .outerjoin(counted, counted.c.project_id == Project.id)
        .outerjoin(Crowd, Crowd.project_id == Project.id)
        .where(func.coalesce(counted.c.backers, 0) != func.coalesce(Crowd.backers, 0))
    )
    for project_id, pledges, backers in session.execute(crowds):
        yield f"project {project_id}: {pledges} pledges count, its crowd says {backers}"


def _kept_after_cancelling(session: Session, before: datetime) -> Iterator[str]:
    cancelled = func.max(AuditEvent.at)
    is_its_end = (AuditEvent.subject_kind == "project") & (AuditEvent.subject_id == Project.id)
    statement = (
        select(Project.id, func.count(Pledge.id.distinct()))
        .join(Pledge, Pledge.project_id == Project.id)
        .join(AuditEvent, is_its_end & (AuditEvent.tag == Tag.PROJECT_MOVED.value))
        .where(Project.state == ProjectState.CANCELLED, Pledge.state.in_((PledgeState.SETUP, PledgeState.ACTIVE)))
        .group_by(Project.id)
        .having(cancelled < before)
    )
    for project_id, kept in session.execute(statement.order_by(Project.id)):
        yield f"project {project_id} was cancelled over an hour ago and still has {kept} pledges"


def _with_project() -> Select[Pledge]:
    load = joinedload(Pledge.project)
    return select(Pledge).options(load.joinedload(Project.group), load.joinedload(Project.district))
