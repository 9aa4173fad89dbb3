"""An officer decides that a pledge is no qualifying backer, or takes that back, with a reason."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import FundRight, Right
from crowdfund.core import audit
from crowdfund.core.actor import ALLOWED, Actor, Permit
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.funds.models import Fund
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import STANDING
from crowdfund.pledges.matched import count_match
from crowdfund.pledges.models import Pledge, SetAside
from crowdfund.pledges.moving import lock_with_project
from crowdfund.pledges.rules import COUNTING
from crowdfund.projects.distance import UNDECLARED, distance_of
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState

MOST_REASON = 1000
NO_REASON = "Give the reason. It is kept with the decision."
# Afterwards match is counted, so a decision would change nothing any more.
OPEN = frozenset({ProjectState.LIVE, ProjectState.PAUSED, ProjectState.COLLECTING})


def can_judge_backers(session: Session, project_id: int, actor: Actor) -> Permit:
    """Say whether somebody may see who counts for match and decide on it.

    A checker for the programme, or who assesses or decides for a funder that was asked; apart from the project.
    """
    if not actor.may(Right.CHECK_PROJECTS) and not any(
        actor.may_at(right, funder_id)
        for funder_id in _funders(session, project_id)
        for right in (FundRight.ASSESS, FundRight.DECIDE)
    ):
        return Permit(False, "Your role does not let you see who counts for match.")
    if actor.person_id is None:
        return Permit(False, "A person decides this.")
    distance = distance_of(session, project_id, actor.person_id)
    if distance.refusal:
        return Permit(False, distance.refusal)
    return ALLOWED if distance.is_clear else Permit(False, UNDECLARED)


def set_aside(
    session: Session, pledge_id: int, reason: str, *, is_aside: bool, actor: Actor, now: datetime
) -> SetAside:
    """Set a pledge aside, or take that back (`is_aside` False): it counts to the target all the same.

    Raises NotFound for a pledge that does not count, Forbidden for whoever may not, Refused without a reason, when
    nothing would change, and once match is settled.
    """
    project, pledge = lock_with_project(session, pledge_id)
    _demand(session, project, pledge, actor)
    if project.state not in OPEN:
        raise Refused("settled", "The match of this project is settled, so this changes nothing any more.")
    if not reason.strip():
        raise Refused("no_reason", NO_REASON, "reason")
    if is_set_aside(session, pledge_id) is is_aside:
        said = "It is set aside already." if is_aside else "It is not set aside (any more)."
        raise Refused("no_change", said)
    assert actor.person_id is not None, "a person decides"
    row = SetAside(pledge_id=pledge_id, is_aside=is_aside, reason=reason.strip(), decided_by_id=actor.person_id)
    row.decided_at = now
    session.add(row)
    session.flush()
    facts = {"pledge_id": pledge_id, "set_aside": is_aside}
    audit.record(session, Tag.BACKER_SET_ASIDE, actor=actor, subject_id=project.id, now=now, **facts)
    count_match(session, project, f"aside:{row.id}", actor=actor, now=now)
    return row


def is_set_aside(session: Session, pledge_id: int) -> bool:
    """Say whether the newest decision about a pledge set it aside."""
    newest = select(SetAside.is_aside).where(SetAside.pledge_id == pledge_id).order_by(SetAside.id.desc()).limit(1)
    return bool(session.scalar(newest))


def _demand(session: Session, project: Project, pledge: Pledge, actor: Actor) -> None:
    permit = can_judge_backers(session, project.id, actor)
    if not permit:
        raise Forbidden(permit.reason)
    if pledge.state not in COUNTING:
        raise NotFound(f"counting pledge {pledge.id}")


def _funders(session: Session, project_id: int) -> list[int]:
    asked = select(Fund.funder_id).join(MatchOffer, MatchOffer.fund_id == Fund.id)
    found = asked.where(MatchOffer.project_id == project_id, MatchOffer.state.in_(STANDING)).distinct()
    return list(session.scalars(found.order_by(Fund.funder_id)))
