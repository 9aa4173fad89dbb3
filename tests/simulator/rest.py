"""Driving a season to rest: faults end, everyone decides what is theirs, and everything must have come to its end."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from crowdfund.core import audit, checks
from crowdfund.core.db import db
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund, StripeEvent
from crowdfund.payments.reconciling import GRACE
from crowdfund.payments.rules import AttemptState, DisputeState, EventState, RefundState
from crowdfund.payouts.models import Payout
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from tests.simulator.invariants import LATE, Memory, all_breaches, demand_all, demand_none, nothing_breaks
from tests.simulator.public_side import seen_by_the_public
from tests.simulator.season import Season
from tests.simulator.sums import sums_that_differ

_P, _S = PledgeState, ProjectState
ENDED = frozenset({_P.ABANDONED, _P.WITHDRAWN, _P.RELEASED, _P.PAID, _P.LAPSED, _P.REFUNDED, _P.CHARGED_BACK})
OVER = frozenset({_S.UNSUCCESSFUL, _S.CANCELLED, _S.FUNDED, _S.DELIVERING, _S.REFUNDED})
_OPEN = (AttemptState.PREPARED, AttemptState.UNKNOWN, AttemptState.WAITING, AttemptState.DECLINED)
ROUNDS = 160
ONE_BY_ONE = 12  # rounds in which time goes from job to job; then it goes by the hour, later by the day


def drive_to_rest(season: Season, memory: Memory) -> None:
    """Let everything come to its end. Raises AssertionError with what did not, or does not add up."""
    rig = season.rig
    rig.stripe.clear_modes()
    rig.doom = ""
    for number in range(ROUNDS):
        if number % 3 == 0:
            rig.come_round()
        rig.work()
        if rig.collect_post():
            rig.deliver_all()
            rig.work()
        season.decide_everything()
        demand_none(nothing_breaks(db.session()))
        if not (left := list(unfinished(season))) and number > ONE_BY_ONE:
            break
        least = timedelta(0) if number < ONE_BY_ONE else timedelta(hours=2 if number < 60 else 24)
        rig.clock.forward(max(least, min(rig.next_moment(), timedelta(days=3))))
    else:
        raise AssertionError(f"not at rest: {left}")
    rig.clock.forward(GRACE + timedelta(seconds=1))  # nothing is on its way any more
    demand_all(season, memory)
    demand_none(at_rest(season))
    demand_none(sums_that_differ(season))
    for number in range(len(season.project_ids)):
        demand_none(seen_by_the_public(season, season.project(number)))
    rig.tally.update(tally(season))


def unfinished(season: Season) -> Iterator[str]:
    """Yield what still has to come to an end."""
    db.session.expire_all()
    for pledge in db.session.scalars(select(Pledge).where(Pledge.state.not_in(ENDED)).order_by(Pledge.id)):
        yield f"pledge {pledge.id} is {pledge.state}"
    for project in db.session.scalars(select(Project).where(Project.state.not_in(OVER)).order_by(Project.id)):
        yield f"project {project.id} is {project.state}"
    for attempt in db.session.scalars(select(ChargeAttempt).where(ChargeAttempt.state.in_(_OPEN))):
        yield f"attempt {attempt.id} is {attempt.state}"
    answered = MatchOffer.state.in_((OfferState.OFFERED, OfferState.ACCEPTED, OfferState.CONFIRMED, OfferState.PAYABLE))
    for offer in db.session.scalars(select(MatchOffer).where(answered).order_by(MatchOffer.id)):
        yield f"offer {offer.id} is {offer.state}"
    under_way = (RefundState.ASKED, RefundState.APPROVED, RefundState.PENDING)
    for refund in db.session.scalars(select(Refund).where(Refund.state.in_(under_way))):
        yield f"refund {refund.id} is {refund.state}"
    for dispute in db.session.scalars(select(Dispute).where(Dispute.state == DisputeState.OPEN)):
        yield f"dispute {dispute.id} is open"
    for event in db.session.scalars(select(StripeEvent).where(StripeEvent.state == EventState.RECEIVED)):
        yield f"webhook {event.id} ({event.kind}) was not looked at"


def at_rest(season: Season) -> Iterator[str]:
    """Yield what must not be left once everything has ended: parked jobs, lost webhooks, cards that are kept."""
    yield from (words for words in all_breaches(season, Memory()) if any(late in words for late in LATE))
    for job in db.session.scalars(select(Job).where(Job.state == JobState.PARKED)):
        yield f"job {job.id} {job.kind} is parked: {job.last_error}"
    for event in db.session.scalars(select(StripeEvent).where(StripeEvent.state == EventState.QUARANTINED)):
        yield f"webhook {event.id} ({event.kind}) was set aside"
    with unit_of_work() as session:
        audit.seal(session)
    yield from checks.breaches(db.session())
    with season.rig.stripe.work() as context:
        kept = [method["id"] for method in context.store.select("payment_method") if method["customer"]]
    if kept:
        yield f"the provider still keeps {len(kept)} cards"


def tally(season: Season) -> Iterator[str]:
    """Yield what things came to, for a look at whether seasons go everywhere."""
    for model in (Pledge, Project, ChargeAttempt, Refund, Dispute, Payout, MatchOffer):
        for state in db.session.scalars(select(model.state)):  # type: ignore[attr-defined]
            yield f"{model.__tablename__} {state}"
    yield from ("power cut" for _ in range(season.rig.kills))
    season.rig.kills = 0
