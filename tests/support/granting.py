"""A round with its officers and a group that applies, as far along its life as a test wants."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import inspect, select

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core.clock import LONDON, FixedClock
from crowdfund.core.db import db
from crowdfund.core.ids import public_id, reference
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.models import Fund, Funder
from crowdfund.grants.applying import Basics, begin_application, confirm, declare, save_answer, save_basics
from crowdfund.grants.assessing import Advice, Mark, assess_application, declare_interest, take_application
from crowdfund.grants.deciding import GrantVerdict, decide_application
from crowdfund.grants.models import GrantApplication, GrantRound
from crowdfund.grants.moving import plan_of
from crowdfund.grants.offering import countersign, sign_offer
from crowdfund.grants.plans import Plan, write_plan
from crowdfund.grants.ready_made import MICRO
from crowdfund.grants.rounds import RoundFrame, publish_round, start_round
from crowdfund.grants.rules import Outcome
from crowdfund.groups.models import Group
from crowdfund.notifications.models import Mail
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.factories import make_group
from tests.support.funding import fill_fund, make_fund, make_funder
from tests.support.offers import ByMember, ByOfficer
from tests.support.people import browser_of, make_member, make_officer

BUDGET = 200_000
ASKED = 40_000
FULL = GrantVerdict(Outcome.FULL, "need", "It answers a need.")
ANSWERS = {
    "what": "We mend the shed together.",
    "who": "Forty families.",
    "learn": "We ask them.",
    "safe": "Two adults at a time.",
    "costs": "Timber: 300\nPaint: 100",
}
TWO_SIGN = replace(MICRO, tiers=(replace(MICRO.tiers[0], second_signature=True, assessors=2),))


@dataclass
class Granting:
    """A round of a funder with officers by name; rounds and applications are read anew each time."""

    app: Flask
    clock: FixedClock
    funder: Funder
    fund: Fund
    group: Group
    owner: Person
    people: dict[str, Person] = field(default_factory=dict)
    roles: dict[str, tuple[OfficerRole, int | None, int | None]] = field(default_factory=dict)

    def add_officer(self, name: str, role: OfficerRole, limit: int | None = None) -> None:
        """Add an officer of the funder, who has declared nothing yet."""
        at = None if role.of_programme else self.funder.id
        with self.app.app_context():
            person = make_officer(role, self.clock.now(), funder_id=at, limit_pence=limit, name=name.title())
        self.people[name], self.roles[name] = person, (role, at, limit)

    def add_member(self, name: str, role: MemberRole = MemberRole.MEMBER) -> Person:
        """Add somebody to the group."""
        with self.app.app_context():
            self.people[name] = make_member(self.group.id, role, self.clock.now(), name=name.title())
        return self.people[name]

    def by(self, name: str = "owner") -> Any:
        """Return somebody who acts without a browser."""
        if name in self.roles:
            return ByOfficer(self.people[name], *self.roles[name])
        return ByMember(self.owner if name == "owner" else self.people[name])

    def browser(self, name: str = "owner") -> HouseClient:
        """Return somebody's browser; an officer's second factor was given just now."""
        person = self.owner if name == "owner" else self.people[name]
        return browser_of(self.app, person, strong=name in self.roles)

    def do(self, action: Any, *args: Any, by: str = "owner", **kw: Any) -> Any:
        """Run an action in a unit of work of its own, at the clock's time."""
        with self.app.app_context(), unit_of_work() as session:
            return action(session, *args, actor=self.by(by), now=self.clock.now(), **kw)

    def round(self) -> GrantRound:
        """Return the newest round as it is now."""
        with self.app.app_context():
            db.session.remove()
            return db.session.scalars(select(GrantRound).order_by(GrantRound.id.desc()).limit(1)).one()

    def application(self) -> GrantApplication:
        """Return the newest application as it is now."""
        with self.app.app_context():
            db.session.remove()
            newest = select(GrantApplication).order_by(GrantApplication.id.desc()).limit(1)
            return db.session.scalars(newest).one()

    def open_round(self, plan: Plan = MICRO, budget: int = BUDGET, days: int = 10) -> GrantRound:
        """Publish a round that is open now and closes in so many days."""
        now = self.clock.now()
        closes = now + timedelta(days=days)
        decides = closes.astimezone(LONDON).date() + timedelta(days=20)
        frame = RoundFrame("Small grants", now, closes, decides, budget)
        row = self.do(start_round, self.fund.id, frame, write_plan(plan), by="admin")
        self.do(publish_round, row.id, 0, by="admin")
        self.work()
        return self.round()

    def begin(self) -> GrantApplication:
        """Begin the group's application."""
        return self.do(begin_application, self.round().id, self.group.id)

    def fill(self, pence: int = ASKED, **basics: Any) -> GrantApplication:
        """Fill everything in that the application asks for."""
        values = {"title": "A shed for all", "asked_pence": pence, "income_pence": 500_000, "works_at_risk": False}
        values |= {"district_code": self.group.district_code} | basics
        application = self.application()
        self.do(save_basics, application.id, Basics(**values), application.version)
        with self.app.app_context():
            plan = plan_of(db.session(), db.session.get_one(GrantApplication, application.id))
        for question in plan.questions:
            if question.key in ANSWERS:
                self.do(save_answer, application.id, question.key, ANSWERS[question.key], 0)
        return self.application()

    def send(self, confirmed_by: str = "") -> GrantApplication:
        """Declare the application, and have a second member confirm it where the test names one."""
        application = self.application()
        self.do(declare, application.id, application.version)
        if confirmed_by:
            self.do(confirm, application.id, self.application().version, by=confirmed_by)
        return self.application()

    def sent(self, pence: int = ASKED) -> GrantApplication:
        """Begin, fill in and send an application."""
        self.begin()
        self.fill(pence)
        return self.send()

    def close(self) -> None:
        """Let the round's time run out."""
        self.clock.at = max(self.clock.at, self.round().closes_at)
        self.work()

    def clear(self, *names: str, interest: bool = False) -> None:
        """Have officers declare about the newest application."""
        for name in names:
            said = "A friend runs it." if interest else ""
            self.do(declare_interest, self.application().id, interest, said, by=name)

    def assess(self, name: str = "ann", *, outcome: Outcome = Outcome.FULL, pence: int | None = None) -> None:
        """Have an officer declare, take the newest application and score it."""
        self.clear(name)
        application = self.application()
        self.do(take_application, application.id, by=name)
        with self.app.app_context():
            plan = plan_of(db.session(), db.session.get_one(GrantApplication, application.id))
        marks = {criterion.key: Mark(3, "We asked around.") for criterion in plan.criteria}
        self.do(assess_application, application.id, marks, Advice(outcome, pence, "Good."), by=name)

    def decide(self, verdict: GrantVerdict = FULL, by: str = "dan") -> None:
        """Have an approver declare and decide."""
        self.clear(by)
        application = self.application()
        self.do(decide_application, application.id, verdict, application.version, by=by)

    def offered(self, pence: int = ASKED) -> GrantApplication:
        """Take an application all the way to its offer."""
        self.sent(pence)
        self.close()
        self.assess()
        self.decide()
        return self.application()

    def sign(self, had_pence: int = 0, second: str = "") -> GrantApplication:
        """Accept the offer, and have a second member sign where the test names one."""
        application = self.application()
        self.do(sign_offer, application.id, had_pence, application.version)
        if second:
            self.do(countersign, application.id, self.application().version, by=second)
        return self.application()

    def crowd(self, count: int) -> None:
        """Add as many more applications to the newest one's round, each of a group of its own."""
        first = self.application()
        columns = [one.key for one in inspect(GrantApplication).column_attrs if one.key != "id"]
        values = {name: getattr(first, name) for name in columns}
        with self.app.app_context(), unit_of_work() as session:
            for number in range(count):
                group = make_group(session, self.clock.now())
                own = {"public_id": public_id(), "reference": reference("G"), "group_id": group.id}
                session.add(GrantApplication(**values | own | {"title": f"Plan {number}"}))

    def work(self) -> None:
        """Let the worker do what has come round and what is due."""
        with self.app.app_context():
            worker = worker_of(self.app)
            worker.queue_periodic(self.clock.now())
            worker.drain()
            db.session.remove()

    def mails(self, template: str) -> list[Mail]:
        """Return the mails of a template."""
        with self.app.app_context():
            return list(db.session.scalars(select(Mail).where(Mail.template == template).order_by(Mail.id)))


def make_granting(app: Flask, clock: FixedClock, *, money: int = 500_000, limit: int | None = 100_000) -> Granting:
    """Return a fund with `money` pence, its officers and a group whose owner applies; no round yet."""
    now = clock.now()
    with app.app_context():
        with unit_of_work() as session:
            funder = make_funder(session)
            fund = make_fund(session, funder, now, "Small grants fund")
            fill_fund(session, fund, money, now)
            group = make_group(session, now)
            group.has_bank_account = group.has_rules = group.has_two_signatories = True
        owner = make_member(group.id, MemberRole.OWNER, now, name="Olu Owner")
    granting = Granting(app, clock, funder, fund, group, owner)
    granting.add_officer("admin", OfficerRole.FUNDER_ADMINISTRATOR)
    granting.add_officer("ann", OfficerRole.FUNDER_ASSESSOR)
    granting.add_officer("ben", OfficerRole.FUNDER_ASSESSOR)
    granting.add_officer("dan", OfficerRole.FUNDER_APPROVER, limit=limit)
    return granting
