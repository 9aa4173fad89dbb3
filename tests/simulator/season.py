"""A season in front of which everything happens: two projects, backers, their cards, officers and a bank."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole, Right
from crowdfund.core.db import db
from crowdfund.payments.charging import Charges
from crowdfund.payments.checkouts import Checkouts
from crowdfund.payments.gateway import PaymentPageRequest
from crowdfund.payments.models import CardCheckout, ChargeAttempt
from crowdfund.payments.rules import CheckoutState
from crowdfund.pledges import actions
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import Audience, PledgeState
from crowdfund.projects.actions import Line, move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import LineKind, ProjectState
from crowdfund.sandbox.stripe.errors import ApiError
from crowdfund.settlement.fixing import start_fix
from crowdfund.settlement.models import Settlement
from tests.simulator.rig import Rig
from tests.support.acting import By
from tests.support.factories import LIMITS, TESTER, make_person, make_project, start
from tests.support.payments import request_for
from tests.support.people import make_member, make_officer
from tests.support.running import declare

GOOD = "4242424242424242"
# What a card does once it is charged; all of them can be saved.
CARDS = {
    "good": GOOD,
    "asks when saved": "4000002500003155",
    "asks every time": "4000002760003184",
    "declined": "4000000000000341",
    "no funds": "4000008260003178",
    "disputed": "4000000000000259",
    "not received": "4000000000002685",
    "inquiry": "4000000000001976",
    "slow refund": "4000000000007726",
    "failing refund": "4000000000005126",
    "refused refund": "4000000000005134",
}
NEVER_SAVED = "4000000000000002"
AUDIENCES = {"open": (Audience.EVERYONE, Audience.EVERYONE), "no amount": (Audience.EVERYONE, Audience.NOBODY),
             "group": (Audience.GROUP, Audience.GROUP), "nobody": (Audience.NOBODY, Audience.NOBODY)}  # fmt: skip
NAMES = ("Ada Quill", "Bram Rook", "Cleo Stoat", "Dov Teal", "Edda Umber", "Finn Vole")


@dataclass
class Season:
    """Everyone and everything of one run; inside an app context."""

    rig: Rig
    project_ids: list[int] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    officers: dict[str, Person] = field(default_factory=dict)
    owners: dict[int, Person] = field(default_factory=dict)

    def begin(self, *targets: int) -> None:
        """Launch a project for each target (pence) on an empty database."""
        self.rig.fresh()
        now = self.rig.clock.now()
        self.people = [make_person(now, f"{name.split()[0].lower()}@example.org", name) for name in NAMES]
        roles = {"approver": OfficerRole.PROGRAMME_APPROVER, "checker": OfficerRole.PROGRAMME_CHECKER,
                 "ben": OfficerRole.PROGRAMME_FINANCE, "cat": OfficerRole.PROGRAMME_FINANCE}  # fmt: skip
        self.officers = {name: make_officer(role, now, name=name.title()) for name, role in roles.items()}
        for target in targets:
            project = make_project(now, lines=(Line(LineKind.COST, "Bench", target, is_capital=True),))
            self.project_ids.append(project.id)
            self.owners[project.id] = make_member(project.group_id, MemberRole.OWNER, now, name="Ann Owner")
            for officer in self.officers.values():
                declare(officer, project, self.rig.clock, has_interest=False)

    # Looking

    def project(self, number: int) -> Project:
        """Return one of the projects as it is now."""
        db.session.expire_all()
        return db.session.get_one(Project, self.project_ids[number % len(self.project_ids)])

    def pledges(self, *states: PledgeState, of: Project | None = None) -> list[Pledge]:
        """Return pledges as they are now, those in some states only where any is named."""
        db.session.expire_all()
        rows = select(Pledge).order_by(Pledge.id)
        rows = rows.where(Pledge.state.in_(states)) if states else rows
        return list(db.session.scalars(rows.where(Pledge.project_id == of.id) if of else rows))

    def settlement(self, project: Project) -> Settlement | None:
        """Return how a project's settlement goes, once there is one."""
        db.session.expire_all()
        return db.session.get(Settlement, project.id)

    def by(self, name: str) -> dict[str, Any]:
        """Return who acts and when, for an action."""
        return {"actor": By(self.officers[name], *Right), "now": self.rig.clock.now()}

    def as_owner(self, project: Project) -> dict[str, Any]:
        """Return the owner of a project's group as whoever acts."""
        return {"actor": By(self.owners[project.id], *Right), "now": self.rig.clock.now()}

    def as_test(self) -> dict[str, Any]:
        """Return the service itself as whoever acts."""
        return {"actor": TESTER, "now": self.rig.clock.now()}

    # What backers do

    def pledge(self, number: int, who: int, pence: int, seen: str) -> Pledge | None:
        """Have somebody agree to a pledge; None where it is refused."""
        name, amount = AUDIENCES[seen]
        project, person = self.project(number), self.people[who % len(self.people)]
        wishes = {"name_audience": name, "amount_audience": amount}
        found: Pledge | None = self.rig.ask(lambda: start(project, self.rig.clock.now(), pence, person, **wishes))
        return found

    def open_page(self, pledge: Pledge) -> None:
        """Ask for the card page of a pledge that is being set up, and type nothing yet."""
        checkout = self._checkout(pledge)
        if checkout is not None and checkout.state is CheckoutState.CREATING:
            self.rig.ask(self._checkouts().open_page, checkout.id, request_for(checkout))

    def type_card(self, pledge: Pledge, card: str, *, passes: bool = True) -> None:
        """Type a card on the page that is open, if one is."""
        checkout = self._checkout(pledge)
        if checkout is not None and checkout.session_ref:
            self.at_provider(self.rig.stripe.complete_checkout, checkout.session_ref, card, challenge=passes)

    def come_back(self, pledge: Pledge) -> None:
        """Return from the card page to ours."""
        if (checkout := self._checkout(pledge)) is not None:
            self.rig.ask(self._checkouts().sync, checkout.id, self.rig.clock.now())

    def change(self, pledge: Pledge, pence: int) -> None:
        """Raise or lower a pledge."""
        agreed = f"I agree to {pence} pence."
        self.rig.attempt(actions.change_amount, pledge.id, pence, agreed, LIMITS, **self.as_test())

    def withdraw(self, pledge: Pledge) -> None:
        """Take a pledge back."""
        self.rig.attempt(actions.withdraw_pledge, pledge.id, **self.as_test())

    def fix(self, pledge: Pledge) -> str:
        """Press the button of the fix page; return the payment page's reference, '' where none is given."""
        attempt: ChargeAttempt | None = self.rig.attempt(start_fix, pledge.id, **self.as_test())
        if attempt is None:
            return ""
        attempt_id, until = attempt.id, attempt.expires_at
        assert until is not None
        away = "http://localhost/pledges/x"
        request = PaymentPageRequest(
            attempt.public_id, attempt.amount_pence, "ada@example.org", "A bench", "Pay.", away, away, until
        )
        self.rig.ask(self.charges().open_page, attempt_id, request, self.rig.clock.now())
        db.session.expire_all()
        return db.session.get_one(ChargeAttempt, attempt_id).session_ref or ""

    def pay(self, session_ref: str, card: str, *, passes: bool = True) -> None:
        """Pay on a payment page, or be declined there."""
        self.at_provider(self.rig.stripe.complete_checkout, session_ref, card, challenge=passes)

    def come_back_from_paying(self, session_ref: str) -> None:
        """Return from a payment page to ours."""
        attempt_id = db.session.scalar(select(ChargeAttempt.id).where(ChargeAttempt.session_ref == session_ref))
        if attempt_id is not None:
            self.rig.ask(self.charges().sync, attempt_id, self.rig.clock.now())

    def charges(self) -> Charges:
        """Return the application's own."""
        found = self.rig.app.extensions["charges"]
        assert isinstance(found, Charges)
        return found

    def move(self, project: Project, new: ProjectState) -> None:
        """Pause or open a project."""
        if project.state in {ProjectState.LIVE, ProjectState.PAUSED} and project.state is not new:
            self.rig.attempt(move_project, project.id, new, reason="a look", **self.as_test())

    def decide_everything(self) -> None:
        """Have everybody decide what is theirs to decide."""

    def at_provider(self, call: Any, *args: Any, **kw: Any) -> Any:
        """Do something at the provider as a card's holder or the bank; None where it will not have it."""
        try:
            return call(*args, **kw)
        except ApiError:
            return None

    def _checkout(self, pledge: Pledge) -> CardCheckout | None:
        db.session.expire_all()
        rows = select(CardCheckout).where(CardCheckout.subject == pledge.subject).order_by(CardCheckout.id.desc())
        return db.session.scalars(rows).first()

    def _checkouts(self) -> Checkouts:
        found = self.rig.app.extensions["checkouts"]
        assert isinstance(found, Checkouts)
        return found
