"""What must hold after every step, whatever happened: the rules of MONEY_AND_SECURITY.md 2.4 as queries.

Each yields sentences about what is broken. The service's own checks are asked first, so they are tested as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from crowdfund.core.audit import AuditEvent
from crowdfund.core.db import db
from crowdfund.core.jobs import Job
from crowdfund.ledger import queries as ledger
from crowdfund.ledger.models import LedgerAccount, LedgerLine
from crowdfund.ledger.rules import AccountKind
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.rules import AttemptKind, AttemptState, RefundState
from crowdfund.payouts.models import Payout
from crowdfund.payouts.rules import PayoutState
from crowdfund.pledges import queries as pledges
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement import checks as settlement
from crowdfund.settlement.models import Settlement, Verdict
from tests.simulator import match_invariants
from tests.simulator.provider_side import at_the_provider
from tests.simulator.season import Season
from tests.support.totals import totals

Breaches = Iterator[str]
# True only while a worker works; here it may stand still for days.
LATE = ("passed its deadline over an hour ago", "was cancelled over an hour ago")
# A job may fail with these and heal by itself.
HEALING = ("GatewayDown:", "UnknownCharge:", "Busy:")
_SUBJECT = "pledge:"


@dataclass
class Memory:
    """What was seen before: a verdict and match once paid never change, and no trace is ever lost."""

    verdicts: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    paid: dict[int, tuple[Any, ...]] = field(default_factory=dict)  # what was paid of an offer
    audited: int = 0
    lines: int = 0


def every_entry_adds_up(session: Session) -> Breaches:
    """1: entries add up to nothing, balances are the sums of their lines, no entry mixes the books."""
    yield from ledger.breaches(session)
    sums = select(LedgerAccount.book, func.sum(LedgerLine.amount_pence)).join(LedgerLine).group_by(LedgerAccount.book)
    for book, pence in session.execute(sums):
        if pence:
            yield f"the {book} book adds up to {pence} pence"


def no_pot_is_overdrawn(session: Session) -> Breaches:
    """2 and 9: nothing with a floor is below it."""
    kinds = (AccountKind.POT_AVAILABLE, AccountKind.MATCH_RESERVED, AccountKind.MATCH_CONFIRMED,
             AccountKind.MATCH_PAID, AccountKind.POT_CASH, AccountKind.PLEDGED,
             AccountKind.HELD, AccountKind.IN_FLIGHT, AccountKind.OWED_BACK)  # fmt: skip
    below = select(LedgerAccount).where(LedgerAccount.kind.in_(kinds), LedgerAccount.balance_pence < 0)
    for account in session.scalars(below):
        yield f"{account.kind} of {account.subject_id} is {account.balance_pence} pence"


def totals_agree(session: Session) -> Breaches:
    """4: ledger, pledges and crowd give the same total, and the service's own checks find nothing."""
    for project_id in session.scalars(select(Project.id)):
        by_ledger, by_pledges, crowd, backers = totals(session, project_id)
        if (by_ledger, crowd) != (by_pledges, backers):
            yield f"project {project_id}: ledger {by_ledger}, pledges {by_pledges}, crowd {crowd}, counted {backers}"
    for source in (pledges.breaches, settlement.breaches):
        yield from (words for words in source(session) if not any(late in words for late in LATE))


def each_pledge_is_charged_once(session: Session) -> Breaches:
    """5: one open or paid attempt for a pledge, for exactly its amount."""
    live = ChargeAttempt.state.not_in((AttemptState.FAILED, AttemptState.CANCELLED))
    more = select(ChargeAttempt.subject).where(live).group_by(ChargeAttempt.subject).having(func.count() > 1)
    for subject in session.scalars(more):
        yield f"{subject} has more than one attempt open or paid"
    other = select(ChargeAttempt.id).join(Pledge, ChargeAttempt.subject == _SUBJECT + Pledge.id.cast(db.String))
    for attempt_id in session.scalars(other.where(ChargeAttempt.amount_pence != Pledge.amount_pence)):
        yield f"attempt {attempt_id} is not for its pledge's amount"


def nobody_is_charged_in_vain(session: Session) -> Breaches:
    """6: nothing is paid for a project that was not judged reached, nor before its deadline."""
    about = ChargeAttempt.about == "project:" + Project.id.cast(db.String)
    sent = select(ChargeAttempt.id).join(Project, about).where(ChargeAttempt.sent_at.is_not(None))
    unreached = ~exists().where(Verdict.project_id == Project.id, Verdict.reached.is_(True))
    for attempt_id in session.scalars(sent.where(or_(unreached, ChargeAttempt.sent_at < Project.deadline))):
        yield f"attempt {attempt_id} was sent though nothing was to be charged"
    settled = select(ChargeAttempt.id).join(Project, about).join(Settlement, Settlement.project_id == Project.id)
    for attempt_id in session.scalars(settled.where(ChargeAttempt.sent_at >= Settlement.fix_until)):
        yield f"attempt {attempt_id} was sent when the window had closed"


def refunds_stay_within(session: Session) -> Breaches:
    """11: never more is given back than was paid, and nothing of what was not."""
    given = func.coalesce(func.sum(Refund.amount_pence), 0)
    counted = and_(
        Refund.attempt_id == ChargeAttempt.id, Refund.state.not_in((RefundState.FAILED, RefundState.REJECTED))
    )
    sums = select(ChargeAttempt, given).outerjoin(Refund, counted).group_by(ChargeAttempt.id)
    for attempt, pence in session.execute(sums):
        if pence != attempt.refunded_pence or pence > attempt.amount_pence:
            yield f"attempt {attempt.id} of {attempt.amount_pence}: refunds {pence}, counted {attempt.refunded_pence}"
        if pence and attempt.state is not AttemptState.SUCCEEDED:
            yield f"attempt {attempt.id} is {attempt.state} and refunded"


def disputes_are_split_whole(session: Session) -> Breaches:
    """12: what a dispute took from a project and from the programme adds up to it."""
    wrong = select(Dispute.id).where(or_(Dispute.exposure_pence < 0, Dispute.exposure_pence > Dispute.amount_pence))
    for dispute_id in session.scalars(wrong):
        yield f"dispute {dispute_id} is split in a way that does not add up"


def payouts_are_held_and_agreed(session: Session) -> Breaches:
    """9 and 13: two people for each payout and refund; what left was held."""
    alone = select(Payout.id).where(Payout.approved_by_id == Payout.prepared_by_id)
    unapproved = select(Payout.id).where(
        Payout.state.in_((PayoutState.APPROVED, PayoutState.SENT, PayoutState.CONFIRMED)),
        Payout.approved_by_id.is_(None),
    )
    for payout_id in [*session.scalars(alone), *session.scalars(unapproved)]:
        yield f"payout {payout_id} was not agreed by two people"
    for refund_id in session.scalars(select(Refund.id).where(Refund.approved_by_id == Refund.asked_by_id)):
        yield f"refund {refund_id} was asked for and approved by one person"
    early = exists().where(
        Payout.purpose == "project:" + Project.id.cast(db.String),
        Payout.state.in_((PayoutState.SENT, PayoutState.CONFIRMED)),
    )
    states = (ProjectState.FUNDED, ProjectState.DELIVERING, ProjectState.COMPLETED)
    for project_id in session.scalars(select(Project.id).where(early, Project.state.not_in(states))):
        yield f"project {project_id} was paid out in a state in which nothing may leave"


def nothing_breaks(session: Session) -> Breaches:
    """No job fails but for reasons that heal by themselves."""
    for job in session.scalars(select(Job).where(Job.last_error.is_not(None))):
        if not str(job.last_error).startswith(HEALING):
            yield f"job {job.kind} {job.payload} fails: {job.last_error}"


def windows_are_kept(session: Session) -> Breaches:
    """A page never outlives its window, and automatic tries stay few."""
    second = aliased(ChargeAttempt)
    tried = select(second.subject).where(second.kind == AttemptKind.OFF_SESSION, second.sent_at.is_not(None))
    for subject in session.scalars(tried.group_by(second.subject).having(func.count() > 3)):
        yield f"{subject} was tried more than three times without its holder"


OF_DATABASE: tuple[Callable[[Session], Breaches], ...] = (
    every_entry_adds_up,
    no_pot_is_overdrawn,
    *match_invariants.ALL,
    totals_agree,
    each_pledge_is_charged_once,
    nobody_is_charged_in_vain,
    refunds_stay_within,
    disputes_are_split_whole,
    payouts_are_held_and_agreed,
    windows_are_kept,
    nothing_breaks,
)


def history_only_grows(session: Session, memory: Memory) -> Breaches:
    """7 and 14: a verdict is written once and stays; audit rows and ledger lines are never fewer."""
    for verdict in session.scalars(select(Verdict)):
        said = (verdict.reached, verdict.pledged_pence, verdict.match_pence, verdict.backers, verdict.at)
        if memory.verdicts.setdefault(verdict.project_id, said) != said:
            yield f"the verdict on project {verdict.project_id} changed from {memory.verdicts[verdict.project_id]}"
    for offer_id, paid in match_invariants.paid_offers(session).items():
        if memory.paid.setdefault(offer_id, paid) != paid:
            yield f"offer {offer_id} was paid as {memory.paid[offer_id]} and is {paid}"
    audited = session.scalar(select(func.count()).select_from(AuditEvent)) or 0
    lines = session.scalar(select(func.count()).select_from(LedgerLine)) or 0
    if audited < memory.audited or lines < memory.lines:
        yield "audit rows or ledger lines were lost"
    memory.audited, memory.lines = audited, lines


def all_breaches(season: Season, memory: Memory) -> Breaches:
    """Yield everything that is broken now."""
    db.session.expire_all()
    session = db.session()
    for one in OF_DATABASE:
        yield from one(session)
    yield from history_only_grows(session, memory)
    yield from at_the_provider(season)


def demand_all(season: Season, memory: Memory) -> None:
    """Raise AssertionError with everything that is broken."""
    demand_none(all_breaches(season, memory))


def demand_none(found: Breaches) -> None:
    """Raise AssertionError with what was found; none is what we want."""
    if broken := list(found):
        raise AssertionError("; ".join(broken))
