"""What a rehearsal came to, three times over: by our tables, by the ledger and by the provider. Amounts in pence."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select

from crowdfund.core.db import db
from crowdfund.funds.models import Fund
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import PROGRAMME, AccountKind, Book
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.refunding import was_made_good
from crowdfund.payments.rules import AttemptState, DisputeState, RefundState
from crowdfund.payouts.models import Payout
from crowdfund.payouts.rules import PayoutState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import COUNTING
from crowdfund.projects.models import Project
from crowdfund.sandbox.rehearsal.funders import fund_figures
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement.models import Settlement, Verdict

_LEFT = (PayoutState.SENT, PayoutState.CONFIRMED)


@dataclass(frozen=True)
class Sums:
    """One project."""

    title: str
    state: str
    target_pence: int
    pledged_at_deadline_pence: int
    charged_pence: int
    topped_up_pence: int
    refunded_pence: int
    refunds_made_good_pence: int
    refunds_owed_pence: int
    charged_back_pence: int
    match_pledged_pence: int
    match_confirmed_pence: int
    match_passed_on_pence: int
    match_paid_direct_pence: int
    match_lapsed_pence: int
    paid_out_pence: int
    held_pence: int
    exposure_pence: int

    @property
    def held_by_rows_pence(self) -> int:
        """What is held less what the programme stands for, as the rows have it."""
        came = self.charged_pence + self.topped_up_pence + self.match_passed_on_pence
        back = self.refunded_pence + self.refunds_made_good_pence + self.refunds_owed_pence + self.charged_back_pence
        return came - back - self.paid_out_pence


@dataclass(frozen=True)
class Check:
    """One figure as two sides give it."""

    what: str
    one: int
    other: int

    @property
    def same(self) -> bool:
        """Whether both say the same, to the penny."""
        return self.one == self.other


def sums_of(project: Project) -> Sums:
    """Return what became of a project's money."""
    about = ChargeAttempt.about == f"project:{project.id}"
    refunds = select(func.sum(Refund.amount_pence)).join(ChargeAttempt).where(about)
    failed = refunds.where(Refund.state == RefundState.FAILED)
    owed = failed.where(Refund.was_taken.is_(True), Refund.settled_at.is_(None))
    disputes = select(func.sum(Dispute.amount_pence)).join(ChargeAttempt).where(about)
    payouts = select(func.sum(Payout.amount_pence)).where(Payout.purpose == f"project:{project.id}")
    charged = select(func.sum(ChargeAttempt.amount_pence)).where(about, ChargeAttempt.state == AttemptState.SUCCEEDED)
    verdict, settlement = db.session.get(Verdict, project.id), db.session.get(Settlement, project.id)
    offers = select(func.sum(MatchOffer.confirmed_pence)).join(Fund).where(MatchOffer.project_id == project.id)
    paid = offers.where(MatchOffer.state == OfferState.PAID)
    lapsed = select(func.sum(MatchOffer.offered_pence)).where(
        MatchOffer.project_id == project.id, MatchOffer.state == OfferState.LAPSED
    )
    return Sums(
        title=project.title,
        state=project.state.value,
        target_pence=project.target_pence,
        pledged_at_deadline_pence=verdict.pledged_pence if verdict else 0,
        charged_pence=_sum(charged),
        topped_up_pence=settlement.top_up_pence if settlement else 0,
        refunded_pence=_sum(refunds.where(Refund.state == RefundState.SUCCEEDED)),
        refunds_made_good_pence=_sum(failed.where(was_made_good())),
        refunds_owed_pence=_sum(owed),
        charged_back_pence=_sum(disputes.where(Dispute.state == DisputeState.LOST)),
        match_pledged_pence=verdict.match_pence if verdict else 0,
        match_confirmed_pence=_sum(offers),
        match_passed_on_pence=_sum(paid.where(Fund.pays_direct.is_(False))),
        match_paid_direct_pence=_sum(paid.where(Fund.pays_direct.is_(True))),
        match_lapsed_pence=_sum(lapsed),
        paid_out_pence=_sum(payouts.where(Payout.state.in_(_LEFT))),
        held_pence=balance_pence(db.session(), AccountKind.HELD, project.id),
        exposure_pence=-balance_pence(db.session(), AccountKind.EXPOSURE, project.id),
    )


def all_checks(sums: list[Sums], stand_in: StandIn) -> list[Check]:
    """Return every comparison that has to come out even."""
    with stand_in.work() as context:
        moved = context.store.select("balance_transaction")
    net, fees = sum(row["net"] for row in moved), sum(row["fee"] for row in moved)
    charged = sum(row["amount"] for row in moved if row["type"] == "charge")
    checks = [
        Check("the provider’s balance, by the provider and by the ledger", net, -_programme(AccountKind.PROVIDER)),
        Check("its fees", fees, -_programme(AccountKind.FEES)),
        Check("what cards were charged, by the provider and by our rows", charged, sum(s.charged_pence for s in sums)),
        Check("the whole cash book", _cash_book(), 0),
    ]
    checks += [Check(f"held for “{s.title}” less exposure, by the ledger and by our rows",
                     s.held_pence - s.exposure_pence, s.held_by_rows_pence) for s in sums]  # fmt: skip
    for project in db.session.scalars(select(Project).order_by(Project.id)):
        counting = select(func.sum(Pledge.amount_pence)).where(
            Pledge.project_id == project.id, Pledge.state.in_(COUNTING)
        )
        pledged = balance_pence(db.session(), AccountKind.PLEDGED, project.id)
        checks.append(
            Check(f"promised to “{project.title}”, by the ledger and by its pledges", pledged, _sum(counting))
        )
    funds, match = fund_figures(), sum(s.match_passed_on_pence + s.match_paid_direct_pence for s in sums)
    checks.append(Check("match that was paid, by the ledger and by our rows", _total(funds, "paid_pence"), match))
    waiting = sum(s.match_confirmed_pence for s in sums) - match
    checks.append(Check("match that is due, by the ledger and by our rows", _total(funds, "confirmed_pence"), waiting))
    budget = -_sum(select(func.sum(LedgerAccount.balance_pence)).where(LedgerAccount.kind == AccountKind.FUNDER))
    spread = sum(_total(funds, name) for name in ("left_pence", "reserved_pence", "confirmed_pence", "paid_pence"))
    checks.append(Check("what funders promised, and where it stands by source", budget, spread))
    return checks


def as_json(sums: list[Sums], checks: list[Check], breaches: list[str], funds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return everything in a shape for JSON; amounts in pence."""
    return {
        "unit": "pence",
        "projects": [asdict(one) for one in sums],
        "funds": funds,
        "checks": [asdict(check) | {"same": check.same} for check in checks],
        "breaches": breaches,
        "adds_up": not breaches and all(check.same for check in checks),
    }


def _total(funds: list[dict[str, Any]], name: str) -> int:
    return sum(int(fund[name]) for fund in funds)


def _programme(kind: AccountKind) -> int:
    return balance_pence(db.session(), kind, PROGRAMME)


def _cash_book() -> int:
    return _sum(select(func.sum(LedgerAccount.balance_pence)).where(LedgerAccount.book == Book.CASH))


def _sum(statement: Any) -> int:
    return int(db.session.scalar(statement) or 0)
