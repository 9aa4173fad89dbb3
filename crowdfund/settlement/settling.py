"""Settling: once nothing of a project is being collected, fixed or unknown, it is funded or it falls short. Once."""

from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import SystemActor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.matching.reserving import has_offers, limits_per_backer, reserve_again
from crowdfund.matching.settling import confirm_match, make_payable
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import CLOSED_ATTEMPTS, AttemptState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.qualifying import crowd_facts
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.actions import move_project
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.notices import tell_officers
from crowdfund.settlement.overview import read_sums
from crowdfund.settlement.rules import is_enough

SETTLER = SystemActor("settlement")
COMING = (PledgeState.COLLECTING, PledgeState.FIXING)
_ENDED = (*CLOSED_ATTEMPTS, AttemptState.SUCCEEDED)


def settle(session: Session, project_id: int, *, now: datetime) -> ProjectState | None:
    """Judge what was collected of a project as soon as nothing more can come, and return its new state.

    Returns None, and changes nothing, where the project is not being collected (any more) or something is still
    on its way. The group is mailed; officers too when a decision is theirs.
    """
    project = lock(session, Project, project_id)
    if project.state is not ProjectState.COLLECTING or is_anything_coming(session, project_id):
        return None
    settlement = session.get_one(Settlement, project_id, populate_existing=True)
    collected = count_collected(session, project_id)
    settlement.match_pence = _confirm_match(session, project, now)
    enough = is_enough(collected, settlement.match_pence, project.target_pence, settlement.threshold_percent)
    outcome = ProjectState.FUNDED if enough else ProjectState.SHORTFALL
    settlement.settled_at, settlement.collected_pence = now, collected
    session.flush()
    data = {"collected_pence": collected, "outcome": outcome.value}
    audit.record(session, Tag.SETTLEMENT_FINISHED, actor=SETTLER, subject_id=project_id, now=now, **data)
    move_project(session, project_id, outcome, actor=SETTLER, now=now)
    if outcome is ProjectState.FUNDED:
        make_payable(session, project, actor=SETTLER, now=now)
    sums = read_sums(session, project_id)
    mail_group(session, project, f"settlement_{outcome.value}", now, sums=sums, topped_up_pence=0)
    if outcome is ProjectState.SHORTFALL:
        tell_officers(session, project_id, "shortfall", now)
    return outcome


def _confirm_match(session: Session, project: Project, now: datetime) -> int:
    """Judge a project's offers on what qualifying backers really paid; return what is due of them in pence."""
    if not has_offers(session, project.id):
        return 0
    limits = limits_per_backer(session, project.id)
    crowd = crowd_facts(session, project.id, limits, states=(PledgeState.PAID,))
    lines = reserve_again(session, project, crowd, "settling", actor=SETTLER, now=now)
    return confirm_match(session, lines, actor=SETTLER, now=now)


def is_anything_coming(session: Session, project_id: int) -> bool:
    """Say whether a pledge of a project is still collected or fixed, or a try to charge one has not ended."""
    pledge = exists().where(Pledge.project_id == project_id, Pledge.state.in_(COMING))
    attempt = exists().where(ChargeAttempt.about == f"project:{project_id}", ChargeAttempt.state.not_in(_ENDED))
    return bool(session.scalar(select(or_(pledge, attempt))))


def count_collected(session: Session, project_id: int) -> int:
    """Return what the paid pledges of a project add up to, in pence."""
    paid = select(func.coalesce(func.sum(Pledge.amount_pence), 0)).where(
        Pledge.project_id == project_id, Pledge.state == PledgeState.PAID
    )
    return int(session.scalar(paid) or 0)
