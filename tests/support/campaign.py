"""A project with real cards behind its pledges, taken through its deadline by the worker, without pages."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from crowdfund.core import clock
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.notifications.models import Mail
from crowdfund.payments.charging import Charges
from crowdfund.payments.gateway import PaymentPageRequest
from crowdfund.payments.models import ChargeAttempt
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement.fixing import start_fix
from crowdfund.settlement.models import Settlement, Verdict
from crowdfund.wiring import worker_of
from tests.support.factories import TESTER, make_project
from tests.support.payments import Desk

GOOD = "4242424242424242"
DECLINED = "4000000000000341"  # is saved, and declined when it is charged


@dataclass
class Campaign:
    """A live project at the stand-in for Stripe; inside an app context."""

    app: Flask
    stripe: StandIn
    clock: FixedClock
    project: Project
    pledges: list[Pledge] = field(default_factory=list)

    @property
    def charges(self) -> Charges:
        """The application's own."""
        found = self.app.extensions["charges"]
        assert isinstance(found, Charges)
        return found

    @property
    def desk(self) -> Desk:
        """The same project, before its deadline."""
        return Desk(self.app, self.stripe, self.project)

    def back(self, pence: int = 2500, card: str = GOOD) -> Pledge:
        """Return an active pledge whose card was typed on the provider's page."""
        pledge = self.desk.start(pence)
        self.desk.open(pledge)
        self.desk.save(pledge, card)
        self.desk.sync(pledge)
        self.pledges.append(pledge)
        return pledge

    def end(self, beyond: timedelta = timedelta()) -> datetime:
        """Move the clock to the deadline and let the worker work for a minute; return the deadline."""
        deadline = self.project.deadline
        assert deadline is not None
        self.clock.at = deadline + beyond
        self.work(timedelta(minutes=1))
        return deadline

    def work(self, for_: timedelta = timedelta()) -> int:
        """Carry out everything that falls due within this time from now, the clock going along; return how many."""
        upto, done = clock.now() + for_, 0
        due = select(func.min(Job.run_after)).where(Job.state == JobState.WAITING, Job.run_after <= upto)
        while (moment := db.session.scalar(due)) is not None:
            self.clock.at = max(self.clock.at, moment)
            done += worker_of(self.app).drain()
            db.session.expire_all()
        self.clock.at = upto
        db.session.expire_all()
        return done

    def sweep(self) -> int:
        """Let everything that comes round come round, and work it off."""
        worker_of(self.app).queue_periodic(clock.now())
        return self.work()

    def state(self, pledge: Pledge) -> PledgeState:
        """Return the pledge's state as it is now."""
        db.session.expire_all()
        return db.session.get_one(Pledge, pledge.id).state

    def attempts(self, pledge: Pledge) -> list[ChargeAttempt]:
        """Return every try to charge a pledge, oldest first."""
        db.session.expire_all()
        rows = select(ChargeAttempt).where(ChargeAttempt.subject == pledge.subject)
        return list(db.session.scalars(rows.order_by(ChargeAttempt.number)))

    def reread(self) -> Project:
        """Return the project as it is now."""
        db.session.expire_all()
        return db.session.get_one(Project, self.project.id)

    def verdict(self) -> Verdict | None:
        """Return the verdict, once it is written."""
        db.session.expire_all()
        return db.session.get(Verdict, self.project.id)

    def settlement(self) -> Settlement:
        """Return the settlement as it is now."""
        db.session.expire_all()
        return db.session.get_one(Settlement, self.project.id)

    def held(self) -> int:
        """Return what is held for the project, in pence."""
        return balance_pence(db.session(), AccountKind.HELD, self.project.id)

    def pledged(self) -> int:
        """Return what is promised to the project, in pence."""
        return balance_pence(db.session(), AccountKind.PLEDGED, self.project.id)

    def at_provider(self) -> int:
        """Return what our books say that the provider holds, in pence."""
        return -balance_pence(db.session(), AccountKind.PROVIDER, PROGRAMME)

    def charged_there(self) -> list[dict[str, Any]]:
        """Return the charges that succeeded at the provider for this project's attempts."""
        refs = {attempt.public_id for pledge in self.pledges for attempt in self.attempts(pledge)}
        with self.stripe.work() as context:
            intents = context.store.select("payment_intent")
        return [
            intent
            for intent in intents
            if intent["status"] == "succeeded" and intent["metadata"].get("crowdfund_reference") in refs
        ]

    def mails(self, template: str) -> list[Mail]:
        """Return the mails of a template that were queued so far."""
        self.work()
        return list(db.session.scalars(select(Mail).where(Mail.template == template).order_by(Mail.id)))


def make_campaign(app: Flask, stripe: StandIn, clock: FixedClock, **changes: Any) -> Campaign:
    """Return a live project without pledges; its target is £900."""
    return Campaign(app, stripe, clock, make_project(clock.now(), **changes))


def open_fix_page(campaign: Campaign, pledge: Pledge) -> ChargeAttempt:
    """Have a backer whose card failed open the page to pay on, and return its attempt."""
    with unit_of_work() as session:
        attempt = start_fix(session, pledge.id, actor=TESTER, now=campaign.clock.now())
    assert attempt.expires_at is not None
    address, words = "http://localhost/pledges/x", ("rosa@example.org", "A pledge", "Once.")
    request = PaymentPageRequest(attempt.public_id, attempt.amount_pence, *words, address, address, attempt.expires_at)
    campaign.charges.open_page(attempt.id, request, campaign.clock.now())
    return campaign.attempts(pledge)[-1]
