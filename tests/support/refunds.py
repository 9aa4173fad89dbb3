"""A funded project whose backers paid with real cards at the stand-in, and officers who give payments back."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.payments.disputing import Disputes
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.refund_sending import Refunds
from crowdfund.payments.rules import RefundState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.queries import breaches as pledge_breaches
from crowdfund.pledges.rules import PledgeState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement import giving_back
from crowdfund.settlement.checks import breaches
from tests.support.acting import By
from tests.support.campaign import GOOD, Campaign, make_campaign
from tests.support.client import HouseClient
from tests.support.crowds import Matched
from tests.support.factories import TESTER
from tests.support.paying import by
from tests.support.people import browser_of, make_officer
from tests.support.running import declare

FAILS = "4000000000005126"  # a refund fails later
PENDING = "4000000000007726"  # a refund is pending before it succeeds
REFUSED = "4000000000005134"  # a refund is refused at once
LIMIT = 5_000
_keys = count(1)
_A = AccountKind


@dataclass
class Till:
    """A funded project, its paid pledges, two finance officers and an approver; inside an app context."""

    campaign: Campaign
    ben: Person
    cat: Person
    approver: Person
    provider_before: int

    @property
    def stripe(self) -> StandIn:
        return self.campaign.stripe

    @property
    def clock(self) -> FixedClock:
        return self.campaign.clock

    @property
    def project_id(self) -> int:
        return self.campaign.project.id

    @property
    def refunds(self) -> Refunds:
        """The application's own."""
        found = self.campaign.app.extensions["refunds"]
        assert isinstance(found, Refunds)
        return found

    @property
    def disputes(self) -> Disputes:
        """The application's own."""
        found = self.campaign.app.extensions["disputes"]
        assert isinstance(found, Disputes)
        return found

    def who(self, person: Person) -> dict[str, Any]:
        """Return who acts and when, for an action."""
        return {"actor": by(person), "now": self.clock.now()}

    def browser(self, person: Person, *, strong: bool = True) -> HouseClient:
        """Return a browser in which somebody gave their second factor just now."""
        return browser_of(self.campaign.app, person, strong=strong)

    def attempt(self, number: int = 0) -> ChargeAttempt:
        """Return the paid charge of a pledge as it is now."""
        return self.campaign.attempts(self.campaign.pledges[number])[-1]

    def ask(
        self, pence: int = 2_000, number: int = 0, *, person: Person | By | None = None, limit: int = LIMIT
    ) -> Refund:
        """Have finance ask for a refund."""
        attempt_id, actor = self.attempt(number).id, person if isinstance(person, By) else by(person or self.ben)
        with unit_of_work() as session:
            who: dict[str, Any] = {"limit_pence": limit, "actor": actor, "now": self.clock.now()}
            return giving_back.ask_back(session, attempt_id, pence, "Pledged twice by mistake.", **who)

    def approve(self, refund: Refund, person: Person | None = None) -> Refund:
        """Have a colleague approve it."""
        with unit_of_work() as session:
            return giving_back.approve(session, refund.id, **self.who(person or self.cat))

    def make_good(self, refund: Refund, how: str = "Bank transfer of 3 May, FP 12.") -> Refund:
        """Have finance record that the backer was paid in another way."""
        with unit_of_work() as session:
            return giving_back.make_good(session, refund.id, how, **self.who(self.ben))

    def again(self, refund: Refund) -> Refund:
        """Return a refund as it is now."""
        db.session.expire_all()
        return db.session.get_one(Refund, refund.id)

    def refunded(self, pence: int = 2_000, number: int = 0) -> Refund:
        """Return a refund that was asked for, approved where that is needed, and sent."""
        refund = self.ask(pence, number)
        if refund.state is RefundState.ASKED:
            self.approve(refund)
        self.campaign.work()
        return self.again(refund)

    def dispute(self, number: int = 0) -> Dispute:
        """Have a cardholder dispute a payment, and hear of it."""
        self.stripe.open_dispute(self.attempt(number).charge_ref or "")
        self.hear()
        return self.disputed(number)

    def decide(self, dispute: Dispute, *, won: bool) -> Dispute:
        """Have the bank decide a dispute, and hear of it."""
        self.stripe.resolve_dispute(dispute.dispute_ref, won=won)
        self.hear()
        return self.disputed_again(dispute)

    def disputed(self, number: int = 0) -> Dispute:
        """Return the newest dispute of a payment."""
        newest = select(Dispute).where(Dispute.attempt_id == self.attempt(number).id).order_by(Dispute.id.desc())
        found = db.session.scalars(newest).first()
        assert found is not None, "no dispute was written down"
        return found

    def disputed_again(self, dispute: Dispute) -> Dispute:
        """Return a dispute as it is now."""
        db.session.expire_all()
        return db.session.get_one(Dispute, dispute.id)

    def hear(self) -> None:
        """Let every webhook arrive and be worked off."""
        while self.stripe.flush_webhooks():
            pass
        self.campaign.work()

    def pay_out(self, pence: int) -> None:
        """Post money as paid out to the group."""
        with unit_of_work() as session:
            for post in (postings.send_payout, postings.confirm_payout):
                post(Posting(session, f"test payout {next(_keys)}", TESTER, self.clock.now()), self.project_id, pence)

    def books(self) -> dict[str, int]:
        """Return what is held, owed back and exposed of the project, in pence."""
        db.session.expire_all()
        kinds = (_A.HELD, _A.OWED_BACK, _A.EXPOSURE)
        return {kind.value: balance_pence(db.session(), kind, self.project_id) for kind in kinds}

    def fees(self) -> int:
        """Return what the provider kept so far, in pence."""
        return -balance_pence(db.session(), _A.FEES, PROGRAMME)

    def state(self, number: int = 0) -> PledgeState:
        """Return a pledge's state as it is now."""
        return self.campaign.state(self.campaign.pledges[number])

    def demand_sound(self) -> None:
        """Assert that every invariant holds, and that our books say of the provider's balance what it says itself."""
        db.session.expire_all()
        session = db.session()
        found = [*breaches(session), *ledger_breaches(session), *pledge_breaches(session)]
        parked = session.scalars(select(Job.last_error).where(Job.state == JobState.PARKED)).all()
        assert (found, parked) == ([], [])
        there = self.refunds.gateway.balance_pence() - self.provider_before
        assert self.campaign.at_provider() == there
        for attempt in session.scalars(select(ChargeAttempt)):
            counted = select(Refund.amount_pence).where(
                Refund.attempt_id == attempt.id, Refund.state.not_in((RefundState.FAILED, RefundState.REJECTED))
            )
            assert attempt.refunded_pence == sum(session.scalars(counted))


def make_till(
    app: Flask,
    stripe: StandIn,
    clock: FixedClock,
    *cards: str,
    amounts: tuple[int, int] = (80_000, 20_000),
    match_pence: int = 0,
) -> Till:
    """Return a project funded by two backers, paid with these cards, and by match; call it inside an app context."""
    campaign = make_campaign(app, stripe, clock)
    before = campaign.charges.gateway.balance_pence()
    if match_pence:
        Matched(clock, campaign.project).offer(match_pence, percent=None)
    for pence, card in zip(amounts, (*cards, GOOD, GOOD), strict=False):
        campaign.back(pence, card)
    campaign.end()
    now = clock.now()
    ben = make_officer(OfficerRole.PROGRAMME_FINANCE, now, name="Ben Finance")
    cat = make_officer(OfficerRole.PROGRAMME_FINANCE, now, name="Cat Finance")
    approver = make_officer(OfficerRole.PROGRAMME_APPROVER, now, name="Dee Approver")
    for officer in (ben, cat, approver):
        declare(officer, campaign.project, clock, has_interest=False)
    till = Till(campaign, ben, cat, approver, before)
    assert [till.state(0), till.state(1)] == [PledgeState.PAID, PledgeState.PAID]
    return till


def pledge_of(till: Till, number: int = 0) -> Pledge:
    """Return a pledge as it is now."""
    return db.session.get_one(Pledge, till.campaign.pledges[number].id)
