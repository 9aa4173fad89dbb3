"""Holding a round or an application while it is changed, and moving it through its life; every move is audited."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight, MemberRole
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.funds.models import Fund
from crowdfund.grants.access import can_open, can_see_round
from crowdfund.grants.distance import distance_of
from crowdfund.grants.models import GrantApplication, GrantPlan, GrantRound
from crowdfund.grants.plans import Plan, Tier, read_plan
from crowdfund.grants.rules import APPLICATIONS, ROUNDS, ApplicationState, RoundState
from crowdfund.groups.queries import require_right

CHANGED = "Somebody changed this meanwhile. Look at it again, then send your answer again."
_ENDED = frozenset(
    {
        ApplicationState.DECLINED,
        ApplicationState.INELIGIBLE,
        ApplicationState.REFUSED,
        ApplicationState.EXPIRED,
        ApplicationState.WITHDRAWN,
    }
)


def hold_round(session: Session, round_id: int, actor: Actor) -> tuple[GrantRound, int]:
    """Lock a round for an officer; return it with its funder's id. Raises NotFound for officers of another funder."""
    row = lock(session, GrantRound, round_id)
    funder_id = session.get_one(Fund, row.fund_id).funder_id
    if not can_see_round(actor, funder_id):
        raise NotFound(f"round {round_id}")
    return row, funder_id


def hold_own(
    session: Session, application_id: int, actor: Actor, right: GroupRight
) -> tuple[GrantApplication, GrantRound, MemberRole | None]:
    """Lock an application for its group; return it with its round and the member's role.

    Raises NotFound for strangers, Forbidden for members without the right.
    """
    application = lock(session, GrantApplication, application_id)
    role = require_right(session, application.group_id, actor, right)
    return application, session.get_one(GrantRound, application.round_id), role


def hold_for_officer(session: Session, application_id: int, actor: Actor) -> tuple[GrantApplication, GrantRound, int]:
    """Lock an application for an officer; return it with its round and funder's id.

    Raises NotFound for officers of another funder and for drafts, Forbidden while it is sealed and for whoever did
    not declare or has an interest.
    """
    application, row, funder_id = see_application(session, application_id, actor)
    permit = can_open(actor, funder_id, row, distance_of(session, application, actor.person_id or 0))
    if not permit:
        raise Forbidden(permit.reason)
    return application, row, funder_id


def see_application(session: Session, application_id: int, actor: Actor) -> tuple[GrantApplication, GrantRound, int]:
    """Lock an application that an officer may know of. Raises NotFound for drafts and officers of another funder."""
    application = lock(session, GrantApplication, application_id)
    funder_id = session.get_one(Fund, application.fund_id).funder_id
    if not can_see_round(actor, funder_id) or application.submitted_at is None:
        raise NotFound(f"application {application_id}")
    return application, session.get_one(GrantRound, application.round_id), funder_id


def plan_of(session: Session, application: GrantApplication) -> Plan:
    """Return the version of its round that an application was begun under."""
    return read_plan(session.get_one(GrantPlan, application.plan_id).plan)


def tier_of(plan: Plan, application: GrantApplication) -> Tier:
    """Return the tier of an application; ask once it has one."""
    tier = plan.tier(application.tier)
    assert tier is not None, "a whole application has a tier of its plan"
    return tier


def refuse_stale(thing: GrantRound | GrantApplication, seen_version: int) -> None:
    """Raise Refused when a thing changed since the actor looked at version `seen_version`."""
    if thing.version != seen_version:
        raise Refused("changed", CHANGED)


def move_round(session: Session, row: GrantRound, new: RoundState, *, actor: Actor, now: datetime) -> None:
    """Move a locked round. Raises IllegalMove."""
    old, row.state = row.state, ROUNDS.move(row.state, new)
    touch(session, row)
    facts = {"old": old.value, "new": new.value}
    audit.record(session, Tag.ROUND_MOVED, actor=actor, subject_id=row.id, now=now, **facts)


def move_application(
    session: Session,
    application: GrantApplication,
    new: ApplicationState,
    *,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Move a locked application; one that ends keeps when and why. Raises IllegalMove."""
    old, application.state = application.state, APPLICATIONS.move(application.state, new)
    if new in _ENDED:
        application.ended_at, application.end_reason = now, reason
    touch(session, application)
    facts = {"old": old.value, "new": new.value, "reason": reason}
    audit.record(session, Tag.APPLICATION_MOVED, actor=actor, subject_id=application.id, now=now, **facts)


def touch(session: Session, thing: GrantRound | GrantApplication) -> None:
    """Mark a thing as changed, so that forms which show an older one are refused."""
    thing.version += 1
    session.flush()
