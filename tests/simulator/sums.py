"""Three ways to say how much money is where: the ledger, our tables, and the provider's own balance."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select

from crowdfund.core.db import db
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.matching.settling import match_held_pence
from crowdfund.payments.models import ChargeAttempt, Difference, Dispute, Refund
from crowdfund.payments.reconciling import reconcile
from crowdfund.payments.refunding import was_made_good
from crowdfund.payments.rules import AttemptState, DisputeState, RefundState
from crowdfund.payouts.models import Payout
from crowdfund.payouts.rules import PayoutState
from tests.simulator.season import Season


def sums_that_differ(season: Season) -> Iterator[str]:
    """Yield a sentence for every sum that is not the same on all sides. Only where everything has ended."""
    db.session.expire_all()
    yield from _reconciled(season)
    yield from _provider(season)
    for project_id in season.project_ids:
        yield from _project(season, project_id)


def _reconciled(season: Season) -> Iterator[str]:
    """10: the nightly comparison finds nothing, and its own sums are those of both sides."""
    run = reconcile(season.charges().gateway, season.rig.clock.now())
    found = select(Difference).where(Difference.reconciliation_id == run.id)
    for difference in db.session.scalars(found):
        yield f"reconciliation: {difference.words}"
    if run.provider_pence != run.book_pence or run.in_flight_pence:
        yield f"reconciliation: {run.provider_pence} there, {run.book_pence} here, {run.in_flight_pence} in flight"


def _provider(season: Season) -> Iterator[str]:
    with season.rig.stripe.work() as context:
        moved = context.store.select("balance_transaction")
    there, ours = sum(row["net"] for row in moved), -balance_pence(db.session(), AccountKind.PROVIDER, PROGRAMME)
    if there != ours:
        yield f"the provider holds {there} pence, our books say {ours}"
    fees, booked = sum(row["fee"] for row in moved), -balance_pence(db.session(), AccountKind.FEES, PROGRAMME)
    if fees != booked:
        yield f"the provider kept {fees} pence of fees, our books say {booked}"


def _project(season: Season, project_id: int) -> Iterator[str]:
    about = ChargeAttempt.about == f"project:{project_id}"
    paid = _sum(
        select(func.sum(ChargeAttempt.amount_pence)).where(about, ChargeAttempt.state == AttemptState.SUCCEEDED)
    )
    refunds = select(func.sum(Refund.amount_pence)).join(ChargeAttempt).where(about)
    back = _sum(refunds.where(Refund.state == RefundState.SUCCEEDED))
    # What came back is owed, and paid in another way; what the provider never took may be paid so too.
    left_held = or_(Refund.was_taken.is_(True), was_made_good())
    failed = _sum(refunds.where(Refund.state == RefundState.FAILED, left_held))
    owed = _sum(
        refunds.where(Refund.state == RefundState.FAILED, Refund.was_taken.is_(True), Refund.settled_at.is_(None))
    )
    lost = _sum(
        select(func.sum(Dispute.amount_pence)).join(ChargeAttempt).where(about, Dispute.state == DisputeState.LOST)
    )
    settlement = season.settlement(season.project(season.project_ids.index(project_id)))
    top_up = settlement.top_up_pence if settlement else 0
    left = (PayoutState.SENT, PayoutState.CONFIRMED)
    gone = _sum(
        select(func.sum(Payout.amount_pence)).where(Payout.purpose == f"project:{project_id}", Payout.state.in_(left))
    )
    kinds = (AccountKind.HELD, AccountKind.EXPOSURE)
    here = sum(balance_pence(db.session(), kind, project_id) for kind in kinds)
    match = match_held_pence(db.session(), project_id)
    expected = paid + top_up + match - back - failed - lost - gone
    if here != expected:
        yield f"project {project_id}: {here} pence held less exposed, its rows say {expected}"
    if balance_pence(db.session(), AccountKind.OWED_BACK, project_id) != owed:
        yield f"project {project_id}: backers are owed {owed} pence by its rows, the ledger says something else"


def _sum(statement: object) -> int:
    return int(db.session.scalar(statement) or 0)  # type: ignore[call-overload]
