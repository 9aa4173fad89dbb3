"""A funded project whose money is held, its owner, and officers who pay it out."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole, Right
from crowdfund.core.clock import FixedClock
from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group
from crowdfund.ledger.postings import Posting, collect_charge
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.notifications.models import Mail
from crowdfund.payouts.actions import approve_payout, prepare_payout
from crowdfund.payouts.details import Account, record_call_back
from crowdfund.payouts.files import Made, make_payment_file
from crowdfund.payouts.models import BankDetails, Payout
from crowdfund.payouts.rules import HOLD
from crowdfund.projects.actions import move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.bank_details import give_for_group
from crowdfund.wiring import worker_of
from tests.support.acting import By
from tests.support.client import HouseClient
from tests.support.factories import TESTER, make_project
from tests.support.people import browser_of, make_member, make_officer
from tests.support.running import declare

HELD = 90_000
_keys = count(1)
S = ProjectState
STEPS: dict[ProjectState, tuple[ProjectState, ...]] = {
    S.LIVE: (),
    S.COLLECTING: (S.COLLECTING,),
    S.FUNDED: (S.COLLECTING, S.FUNDED),
    S.RING_FENCED: (S.COLLECTING, S.FUNDED, S.RING_FENCED),
    S.DELIVERING: (S.COLLECTING, S.FUNDED, S.DELIVERING),
}


def account(**changes: Any) -> Account:
    """Return a bank account that nobody has."""
    given: dict[str, Any] = {"name": "Neighbours", "sort_code": "200415", "number": "38290008", "is_personal": False}
    return Account(**(given | changes))


def by(person: Person) -> By:
    """Return an officer with every right; who they are still counts."""
    return By(person, *Right)


@dataclass
class Purse:
    """A project with £900 held, the owner of its group, two finance officers and an approver."""

    app: Flask
    clock: FixedClock
    project: Project
    owner: Person
    ben: Person
    cat: Person
    approver: Person

    @property
    def purpose(self) -> str:
        return f"project:{self.project.id}"

    def browser(self, person: Person, *, strong: bool = True) -> HouseClient:
        """Return a browser in which somebody gave their second factor just now."""
        return browser_of(self.app, person, strong=strong)

    def of_group(self, page: str = "bank") -> str:
        """Return a page of the group."""
        with self.app.app_context():
            return f"/apply/groups/{db.session.get_one(Group, self.project.group_id).public_id}/{page}"

    def money(self, page: str = "") -> str:
        """Return finance's page for the project."""
        base = f"/officers/payouts/projects/{self.project.public_id}"
        return f"{base}/{page}" if page else base

    def address(self, payout: Payout, page: str = "") -> str:
        """Return a page of a payout."""
        base = f"/officers/payouts/{payout.public_id}"
        return f"{base}/{page}" if page else base

    def who(self, person: Person) -> dict[str, Any]:
        """Return what an action wants to know about who acts."""
        return {"actor": by(person), "now": self.clock.now()}

    def secretly(self, person: Person) -> dict[str, Any]:
        """Return the same with the service's secret."""
        return {"secret": SANDBOX_SECRET, **self.who(person)}

    def give(self, **changes: Any) -> BankDetails:
        """Have the owner give bank details."""
        with unit_of_work() as session:
            given = account(**changes)
            return give_for_group(session, self.project.group_id, given, **self.secretly(self.owner))

    def call(self, details: BankDetails) -> None:
        """Have an officer ring back."""
        with unit_of_work() as session:
            group_id = self.project.group_id
            record_call_back(session, details.id, "Rang Ann.", group_id=group_id, **self.who(self.ben))

    def ready(self, **changes: Any) -> BankDetails:
        """Give bank details, wait until the hold is over, and ring back."""
        details = self.give(**changes)
        self.clock.forward(HOLD)
        self.call(details)
        return details

    def prepare(self, pence: int = 10_000, person: Person | None = None) -> Payout:
        """Prepare a payout."""
        with unit_of_work() as session:
            return prepare_payout(session, self.purpose, pence, **self.secretly(person or self.ben))

    def approve(self, payout: Payout, person: Person | None = None) -> Payout:
        """Approve it."""
        with unit_of_work() as session:
            return approve_payout(session, payout.id, **self.secretly(person or self.cat))

    def send(self) -> Made:
        """Make a payment file."""
        with unit_of_work() as session:
            return make_payment_file(session, **self.secretly(self.ben))

    def sent(self, pence: int = 10_000) -> Payout:
        """Return a payout that is with the bank."""
        payout = self.prepare(pence)
        self.approve(payout)
        self.send()
        return self.again(payout)

    def again(self, payout: Payout) -> Payout:
        """Return a payout as it is now."""
        db.session.expire_all()
        return db.session.get_one(Payout, payout.id)

    def held(self) -> int:
        """Return what is held for the project."""
        return balance_pence(db.session(), AccountKind.HELD, self.project.id)

    def state(self) -> ProjectState:
        """Return the project's state as it is now."""
        db.session.expire_all()
        return db.session.get_one(Project, self.project.id).state

    def move(self, *states: ProjectState) -> None:
        """Move the project."""
        with unit_of_work() as session:
            for state in states:
                move_project(session, self.project.id, state, actor=TESTER, now=self.clock.now())

    def mails(self, template: str) -> list[Mail]:
        """Let the worker work and return the mails of a template."""
        with self.app.app_context():
            worker_of(self.app).drain()
            db.session.remove()
            return list(db.session.scalars(select(Mail).where(Mail.template == template).order_by(Mail.id)))


def hold(session: Session, project_id: int, pence: int, clock: FixedClock, fee: int = 0) -> None:
    """Post money as collected from a card; inside a unit of work."""
    collect_charge(Posting(session, f"test charge {next(_keys)}", TESTER, clock.now()), project_id, pence, fee)


def make_purse(app: Flask, clock: FixedClock, state: ProjectState = S.FUNDED, held: int = HELD) -> Purse:
    """Return a project in this state with this much held; call it inside an application context."""
    now = clock.now()
    project = make_project(now, group={"name": "Neighbours"})
    owner = make_member(project.group_id, MemberRole.OWNER, now, name="Ann Owner")
    ben = make_officer(OfficerRole.PROGRAMME_FINANCE, now, name="Ben Finance")
    cat = make_officer(OfficerRole.PROGRAMME_FINANCE, now, name="Cat Finance")
    approver = make_officer(OfficerRole.PROGRAMME_APPROVER, now, name="Dee Approver")
    purse = Purse(app, clock, project, owner, ben, cat, approver)
    for officer in (ben, cat, approver):
        declare(officer, project, clock, has_interest=False)
    purse.move(*STEPS[state])
    if held:
        with unit_of_work() as session:
            hold(session, project.id, held, clock)
    return purse
