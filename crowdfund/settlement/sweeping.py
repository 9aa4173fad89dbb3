"""The belt of settlement: a dated step whose job was lost, parked or too early gets its job again.

Every step is a no-op where it is done already, so a job too many does no harm.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from crowdfund.core import jobs
from crowdfund.core.clock import LONDON
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import CLOSED_ATTEMPTS
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.releasing import RELEASE
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import VERDICT, ProjectState
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.notices import UNSETTLED
from crowdfund.settlement.ring_fence import REVIEW, review_moment
from crowdfund.settlement.rules import ALERT, ALERT_AFTER, CLOSE_FIXING, COLLECT, REFUND_ALL, SETTLE
from crowdfund.settlement.settling import COMING

MOST = 100  # projects that one round looks after for each step; the next round takes the next ones
PATIENCE = timedelta(hours=1)  # collecting a crowd takes its time
_S = ProjectState


def sweep(session: Session, now: datetime) -> int:
    """Queue what is overdue for every project that should have moved on by `now`; return how many jobs."""
    minutes, hour = int(now.timestamp() // 300), int(now.timestamp() // 3600)
    queued = 0
    for kind, project_ids, slot, payload in (
        (VERDICT, _unjudged(session, now), minutes, {}),
        (COLLECT, _uncollected(session, now), hour, {"after": ""}),
        (CLOSE_FIXING, _unclosed(session, now), minutes, {}),
        (SETTLE, _unsettled(session), minutes, {}),
        (ALERT, _unalerted(session, now), hour, {}),
        (REVIEW, _unreviewed(session, now), minutes, {}),
        (REFUND_ALL, _unrefunded(session), hour, {"after": 0, "key": f":swept:{hour}"}),
        (RELEASE, _unreleased(session), hour, {}),
    ):
        for project_id in project_ids:
            key = f"{kind}:{project_id}:swept:{slot}"
            queued += jobs.enqueue(session, kind, {"project_id": project_id, **payload}, dedupe_key=key, now=now)
    return queued


def _unjudged(session: Session, now: datetime) -> list[int]:
    """Live projects past their deadline, among them those that an officer resumed too late."""
    return _first(session, Project.state == _S.LIVE, Project.deadline <= now)


def _uncollected(session: Session, now: datetime) -> list[int]:
    """Projects with a pledge to collect and no try to charge it, long after their first one was due."""
    subject = literal("pledge:", String) + cast(Pledge.id, String)
    tried = exists().where(ChargeAttempt.subject == subject, ChargeAttempt.state.not_in(CLOSED_ATTEMPTS))
    waiting = exists().where(Pledge.project_id == Project.id, Pledge.state == PledgeState.COLLECTING, ~tried)
    begun = Settlement.first_attempt_at
    late = or_(begun <= now - PATIENCE, begun.is_(None) & (Project.deadline <= now - PATIENCE))
    return _first(session, Project.state == _S.COLLECTING, late, waiting)


def _unclosed(session: Session, now: datetime) -> list[int]:
    return _first(session, Project.state == _S.COLLECTING, Settlement.fix_until <= now, _has(*COMING))


def _unsettled(session: Session) -> list[int]:
    return _first(session, Project.state == _S.COLLECTING, Settlement.settled_at.is_(None), ~_has(*COMING))


def _unalerted(session: Session, now: datetime) -> list[int]:
    late = Project.deadline <= now - ALERT_AFTER
    return _first(session, Project.state.in_(sorted(UNSETTLED)), late, Settlement.alerted_at.is_(None))


def _unreviewed(session: Session, now: datetime) -> list[int]:
    today = now.astimezone(LONDON).date()
    last = today if review_moment(today) <= now else today - timedelta(days=1)
    return _first(session, Project.state == _S.RING_FENCED, Settlement.review_on <= last)


def _unrefunded(session: Session) -> list[int]:
    return _first(session, Project.state == _S.REFUNDING)


def _unreleased(session: Session) -> list[int]:
    over = Project.state.in_((_S.UNSUCCESSFUL, _S.CANCELLED))
    return _first(session, over, _has(PledgeState.SETUP, PledgeState.ACTIVE))


def _has(*states: PledgeState) -> ColumnElement[bool]:
    return exists().where(Pledge.project_id == Project.id, Pledge.state.in_(states))


def _first(session: Session, *which: ColumnElement[bool]) -> list[int]:
    found = select(Project.id).outerjoin(Settlement, Settlement.project_id == Project.id).where(*which)
    # At random, so that a project that cannot be helped never stands in the way of the others.
    return list(session.scalars(found.order_by(func.random()).limit(MOST)))
