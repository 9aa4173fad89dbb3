"""What `crowdfund check` asks of settlements: verdicts and sums that fit their history, and money in no wrong place."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from crowdfund.core import clock
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.rules import AccountKind
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.rules import AttemptState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import PUBLIC, ProjectState
from crowdfund.settlement import match_checks
from crowdfund.settlement.held import crowd_held_pence
from crowdfund.settlement.models import Settlement, Verdict

_S, _P = ProjectState, PledgeState
JUDGED_WITHIN = timedelta(hours=1)  # of the business clock, once a deadline has passed
_RUNNING = (_S.LIVE, _S.PAUSED, _S.CANCELLED)
_AFTER = tuple(sorted(PUBLIC - {*_RUNNING, _S.UNSUCCESSFUL}))
# Where a pledge is that the verdict counted; before it pledges are withdrawn, never after.
_COUNTED = (_P.ACTIVE, _P.RELEASED, _P.COLLECTING, _P.FIXING, _P.PAID, _P.LAPSED)
_COUNTED_LATER = (_P.REFUNDED, _P.DISPUTED, _P.CHARGED_BACK)
_ABOUT = literal("project:", String) + cast(Project.id, String)


def breaches(session: Session) -> Iterator[str]:
    """Yield a sentence for every settlement that does not fit its verdict, its pledges or its money."""
    yield from _verdicts(session, clock.now())
    yield from _sums(session)
    yield from _outcomes(session)
    yield from _money(session)
    yield from match_checks.breaches(session)


def _verdicts(session: Session, now: datetime) -> Iterator[str]:
    judged = exists().where(Verdict.project_id == Project.id)
    late = and_(Project.state == _S.LIVE, Project.deadline < now - JUDGED_WITHIN)
    for project_id, _ in session.execute(_projects(late)):
        yield f"project {project_id} passed its deadline over an hour ago and was not judged"
    missing = or_(Project.state == _S.UNSUCCESSFUL, Project.state.in_(_AFTER))
    for project_id, state in session.execute(_projects(missing, ~judged)):
        yield f"project {project_id} is {state.value} without a verdict"
    for project_id, state in session.execute(_projects(Project.state.in_(_RUNNING), judged)):
        yield f"project {project_id} is {state.value} though it was judged"
    settled = exists().where(Settlement.project_id == Project.id)
    for project_id, _ in session.execute(_projects(Project.state.in_(_AFTER), ~settled)):
        yield f"project {project_id} reached its target and has no settlement"
    wrong = or_(
        and_(Verdict.reached.is_(True), Project.state == _S.UNSUCCESSFUL),
        and_(Verdict.reached.is_(False), Project.state != _S.UNSUCCESSFUL),
    )
    for project_id, state in session.execute(_projects(wrong).join(Verdict)):
        yield f"project {project_id} is {state.value}, its verdict says something else"


def _sums(session: Session) -> Iterator[str]:
    counted = func.coalesce(func.sum(Pledge.amount_pence), 0)
    kept = and_(Pledge.project_id == Verdict.project_id, Pledge.state.in_((*_COUNTED, *_COUNTED_LATER)))
    verdicts = select(Verdict.project_id, Verdict.pledged_pence, counted).outerjoin(Pledge, kept)
    verdicts = verdicts.group_by(Verdict.project_id, Verdict.pledged_pence).having(Verdict.pledged_pence != counted)
    for project_id, pence, pledges in session.execute(verdicts.order_by(Verdict.project_id)):
        yield f"project {project_id}: its verdict counted {pence} pence, the pledges it counted add up to {pledges}"
    for project_id, collected, least, most in session.execute(_collected()):
        yield f"project {project_id}: settled on {collected} pence, its charges until then add up to {least} to {most}"


def _collected() -> Select[Any]:
    """Settlements whose sum does not fit the charges that were paid by then.

    A charge that was refunded or disputed by the very moment of settling may count or not.
    """
    refunded = exists().where(Refund.attempt_id == ChargeAttempt.id, Refund.created_at <= Settlement.settled_at)
    disputed = exists().where(Dispute.attempt_id == ChargeAttempt.id, Dispute.opened_at <= Settlement.settled_at)
    most = func.coalesce(func.sum(ChargeAttempt.amount_pence), 0)
    sure = case((or_(refunded, disputed), 0), else_=ChargeAttempt.amount_pence)
    least = func.coalesce(func.sum(sure), 0)
    paid = and_(
        ChargeAttempt.about == literal("project:", String) + cast(Settlement.project_id, String),
        ChargeAttempt.state == AttemptState.SUCCEEDED,
        ChargeAttempt.ended_at <= Settlement.settled_at,
    )
    return (
        select(Settlement.project_id, Settlement.collected_pence, least, most)
        .outerjoin(ChargeAttempt, paid)
        .where(Settlement.settled_at.is_not(None))
        .group_by(Settlement.project_id, Settlement.collected_pence)
        .having(or_(Settlement.collected_pence < least, Settlement.collected_pence > most))
        .order_by(Settlement.project_id)
    )


def _outcomes(session: Session) -> Iterator[str]:
    open_ = Project.state == _S.COLLECTING
    for (project_id,) in session.execute(_settled(open_, Settlement.settled_at.is_not(None))):
        yield f"project {project_id} is settled and still collecting"
    for (project_id,) in session.execute(_settled(~open_, Settlement.settled_at.is_(None))):
        yield f"project {project_id} went on without being settled"
    there = (Settlement.collected_pence + Settlement.match_pence) * 100
    short = there < Project.target_pence * Settlement.threshold_percent
    undecided = Settlement.decision_id.is_(None)
    went_on = Project.state.in_((_S.FUNDED, _S.RING_FENCED, _S.DELIVERING, _S.COMPLETED))
    for (project_id,) in session.execute(_settled(went_on, short, undecided)):
        yield f"project {project_id} goes ahead with too little and nobody decided it"
    for (project_id,) in session.execute(_settled(Project.state == _S.SHORTFALL, or_(~short, ~undecided))):
        yield f"project {project_id} is a shortfall though enough was collected or it was decided"
    waits = and_(Project.state == _S.RING_FENCED, Settlement.waits_for.is_(None))
    for (project_id,) in session.execute(_settled(waits)):
        yield f"project {project_id} waits for nothing and its money is held"


def _money(session: Session) -> Iterator[str]:
    charged = exists().where(ChargeAttempt.about == _ABOUT)
    for project_id, _ in session.execute(_projects(Project.state.in_((*_RUNNING, _S.UNSUCCESSFUL)), charged)):
        yield f"project {project_id} did not reach its target, or not yet, and cards were charged for it"
    early = exists().where(ChargeAttempt.about == _ABOUT, ChargeAttempt.created_at < Project.deadline)
    for project_id, _ in session.execute(_projects(early)):
        yield f"project {project_id}: a card was charged before its deadline"
    kinds = (AccountKind.HELD, AccountKind.OWED_BACK)
    kept = exists().where(
        LedgerAccount.kind.in_(kinds), LedgerAccount.subject_id == Project.id, LedgerAccount.balance_pence != 0
    )
    lost, held = aliased(LedgerAccount), aliased(LedgerAccount)
    both = select(held.subject_id).join(lost, lost.subject_id == held.subject_id)
    both = both.where(held.kind == AccountKind.HELD, lost.kind == AccountKind.EXPOSURE)
    for project_id in session.scalars(both.where(held.balance_pence > 0, lost.balance_pence < 0)).all():
        if crowd_held_pence(session, project_id):
            yield f"project {project_id} holds its backers' money while the programme stands for what it lost over it"
    unpaid = exists().where(Pledge.project_id == Project.id, Pledge.state == _P.PAID)
    for (project_id,) in session.execute(_settled(Project.state == _S.REFUNDED, unpaid)):
        yield f"project {project_id} says that everyone was refunded, and somebody was not"
    for project_id, _ in session.execute(_projects(Project.state.in_((_S.UNSUCCESSFUL, _S.CANCELLED)), kept)):
        yield f"project {project_id} holds money though nobody was charged"


def _projects(*conditions: ColumnElement[bool]) -> Select[int, ProjectState]:
    return select(Project.id, Project.state).where(*conditions).order_by(Project.id)


def _settled(*conditions: ColumnElement[bool]) -> Select[int]:
    chosen = select(Project.id).join(Settlement, Settlement.project_id == Project.id)
    return chosen.where(*conditions).order_by(Project.id)
