"""A project whose deadline is over: pledges paid or lapsed by the real steps, without a provider; and its people."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole, Right
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.notifications.models import Mail
from crowdfund.payments.charging import Card, Charges, prepare_attempt
from crowdfund.payments.gateway import ChargeResult, ChargeStatus
from crowdfund.payments.models import CardCheckout, ChargeAttempt
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project, move_pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.rules import COLLECT, FIX_WINDOW
from crowdfund.settlement.settling import settle
from crowdfund.settlement.verdict import write_verdict
from crowdfund.wiring import worker_of
from tests.support.acting import By
from tests.support.client import HouseClient
from tests.support.factories import TESTER, days, make_pledge, make_project
from tests.support.people import browser_of, make_member, make_officer
from tests.support.running import declare

FEE = 149
_numbers = count(1)


@dataclass
class Settling:
    """A project with a target of £900, its owner, an approver and a finance officer who declared no interest."""

    app: Flask
    clock: FixedClock
    project: Project
    owner: Person
    approver: Person
    finance: Person
    pledges: list[Pledge] = field(default_factory=list)

    def promise(self, *amounts: int) -> None:
        """Add active pledges."""
        self.pledges += [make_pledge(self.project, self.clock.now(), pence) for pence in amounts]

    def judge(self) -> None:
        """Move the clock to the deadline, write the verdict and open the window for charges."""
        assert self.project.deadline is not None
        self.clock.at = self.project.deadline
        now = self.clock.now()
        with unit_of_work() as session:
            write_verdict(session, self.project.id, threshold_percent=95, actor=TESTER, now=now)
        with unit_of_work() as session:
            settlement = session.get_one(Settlement, self.project.id)
            settlement.first_attempt_at, settlement.fix_until = now, now + FIX_WINDOW
            # The test itself says what becomes of each charge.
            session.execute(update(Job).where(Job.kind == COLLECT).values(state=JobState.DONE))

    def attempt(self, pledge: Pledge) -> int:
        """Write a try to charge a pledge's saved card and return its id."""
        with unit_of_work() as session:
            saved = session.get_one(CardCheckout, session.get_one(Pledge, pledge.id).checkout_id)
            card = Card(saved.customer_ref or "", saved.payment_method_ref or "")
            until = self.clock.now() + FIX_WINDOW
            about = f"project:{self.project.id}"
            who: dict[str, Any] = {"card": card, "until": until, "now": self.clock.now()}
            return prepare_attempt(session, pledge.subject, about, pledge.amount_pence, **who).id

    def pay(self, *pledges: Pledge) -> None:
        """Have pledges charged, as the provider's answer would: each is booked, and the last one settles."""
        for pledge in pledges:
            self.succeed(self.attempt(pledge))

    def succeed(self, attempt_id: int) -> None:
        """Record that an attempt was paid."""
        charges = self.app.extensions["charges"]
        assert isinstance(charges, Charges)
        attempt = db.session.get_one(ChargeAttempt, attempt_id)
        number = next(_numbers)
        paid = ChargeResult(
            ChargeStatus.SUCCEEDED,
            attempt.public_id,
            f"pi_t{number}",
            f"ch_t{number}",
            attempt.amount_pence,
            "gbp",
            FEE,
        )
        charges.record(attempt_id, paid, self.clock.now())

    def lapse(self, *pledges: Pledge) -> None:
        """Have the window of pledges end without a payment."""
        for pledge in pledges:
            with unit_of_work() as session:
                project, row = lock_with_project(session, pledge.id)
                who: dict[str, Any] = {"actor": TESTER, "now": self.clock.now()}
                move_pledge(session, project, row, PledgeState.LAPSED, "not paid in time", **who)

    def settle(self) -> ProjectState | None:
        """Ask for a judgement of what was collected."""
        with unit_of_work() as session:
            return settle(session, self.project.id, now=self.clock.now())

    def by(self, person: Person, *rights: Right) -> dict[str, Any]:
        """Return who acts and when, for an action."""
        return {"actor": By(person, *(rights or tuple(Right))), "now": self.clock.now()}

    def browser(self, person: Person | None = None, *, strong: bool = True) -> HouseClient:
        """Return a browser in which somebody gave their second factor just now; the approver's by default."""
        return browser_of(self.app, person or self.approver, strong=strong)

    def address(self, page: str = "") -> str:
        """Return an officers' page about the settlement."""
        base = f"/officers/settlements/{self.project.public_id}"
        return f"{base}/{page}" if page else base

    def work(self, forward: float = 0) -> None:
        """Carry out everything due within so many days, each at its time, and move the clock there."""
        upto = self.clock.now() + days(forward)
        worker_of(self.app).drain(upto)
        self.clock.at = upto
        db.session.expire_all()

    def state(self) -> ProjectState:
        """Return the project's state as it is now."""
        db.session.expire_all()
        return db.session.get_one(Project, self.project.id).state

    def settlement(self) -> Settlement:
        """Return the settlement as it is now."""
        db.session.expire_all()
        return db.session.get_one(Settlement, self.project.id)

    def held(self) -> int:
        """Return what is held for the project, in pence."""
        return balance_pence(db.session(), AccountKind.HELD, self.project.id)

    def mails(self, template: str) -> list[Mail]:
        """Let the worker work and return the mails of a template."""
        self.work()
        return list(db.session.scalars(select(Mail).where(Mail.template == template).order_by(Mail.id)))

    def parked(self) -> list[str | None]:
        """Return what jobs that failed said; a test that let work fail unseen would prove nothing."""
        failed = select(Job.last_error).where(Job.last_error.is_not(None), Job.state != JobState.DONE)
        return list(db.session.scalars(failed))


def make_settling(app: Flask, clock: FixedClock, *amounts: int) -> Settling:
    """Return a live project with these promises; call it inside an application context."""
    now = clock.now()
    project = make_project(now)
    owner = make_member(project.group_id, MemberRole.OWNER, now, name="Ann Owner")
    approver = make_officer(OfficerRole.PROGRAMME_APPROVER, now, name="Dee Approver")
    finance = make_officer(OfficerRole.PROGRAMME_FINANCE, now, name="Ben Finance")
    for officer in (approver, finance):
        declare(officer, project, clock, has_interest=False)
    settling = Settling(app, clock, project, owner, approver, finance)
    settling.promise(*amounts)
    return settling


def make_short(app: Flask, clock: FixedClock) -> Settling:
    """Return a project for which £800 of £950 could be collected: too little for its target of £900."""
    settling = make_settling(app, clock, 50_000, 30_000, 15_000)
    settling.judge()
    settling.lapse(settling.pledges[2])
    settling.pay(*settling.pledges[:2])
    assert settling.state() is ProjectState.SHORTFALL
    return settling


def make_funded(app: Flask, clock: FixedClock) -> Settling:
    """Return a project for which all of £900 was collected."""
    settling = make_settling(app, clock, 50_000, 40_000)
    settling.judge()
    settling.pay(*settling.pledges)
    assert settling.state() is ProjectState.FUNDED
    return settling
