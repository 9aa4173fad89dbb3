"""Things to test with, made through the same actions as in real life, with honest defaults."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.actions import find_or_create_person
from crowdfund.accounts.models import ConsentKind, Person
from crowdfund.core.actor import SystemActor
from crowdfund.core.ids import public_id
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.actions import GroupDetails, create_group
from crowdfund.groups.models import Group
from crowdfund.groups.rules import LegalForm
from crowdfund.payments.models import CardCheckout
from crowdfund.payments.rules import CheckoutState
from crowdfund.pledges import actions, setting_up
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import Audience, PledgeLimits
from crowdfund.pledges.setting_up import Agreed, BackerDetails
from crowdfund.projects.actions import Line, ProjectDetails, draft_project, launch_project, move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import LineKind, ProjectState, Theme

TESTER = SystemActor("test")
LIMITS = PledgeLimits(200, 1_000_000)
ASHFORD = "E07000105"
_numbers = count(1)

PATHS: dict[ProjectState, tuple[ProjectState, ...]] = {
    ProjectState.DRAFT: (),
    ProjectState.SUBMITTED: (ProjectState.SUBMITTED,),
    ProjectState.CHANGES_REQUESTED: (ProjectState.SUBMITTED, ProjectState.CHANGES_REQUESTED),
    ProjectState.DECLINED: (ProjectState.SUBMITTED, ProjectState.DECLINED),
    ProjectState.READY: (ProjectState.SUBMITTED, ProjectState.READY),
}


def make_group(session: Session, now: datetime, **changes: Any) -> Group:
    """Return a new group; inside a unit of work."""
    details: dict[str, Any] = {
        "name": f"Neighbours {next(_numbers)}",
        "legal_form": LegalForm.ASSOCIATION,
        "about": "We meet on Tuesdays.",
        "town": "Ashford",
        "district_code": ASHFORD,
        "contact_email": "neighbours@example.org",
    }
    return create_group(session, GroupDetails(**(details | changes)), actor=TESTER, now=now)


def project_details(**changes: Any) -> ProjectDetails:
    """Return what a group says about a project that costs £1,000 and has £100 already."""
    details: dict[str, Any] = {
        "title": f"A bench for everyone {next(_numbers)}",
        "aim": "A bench where people can rest on the way to the shops.",
        "story": "## What we want to do\n\nPut up a bench.",
        "theme": Theme.COMMUNITY_SPACES,
        "place": "Ashford",
        "district_code": ASHFORD,
        "picture": "images/scenes/allotment.svg",
        "picture_alt": "An allotment in summer",
        "if_too_little": "Nobody is charged.",
        "if_too_much": "We plant a tree beside it.",
        "risks": "It may rain.",
        "permissions": "The parish council agreed.",
        "lines": (
            Line(LineKind.COST, "Bench", 100_000, is_capital=True),
            Line(LineKind.OTHER_MONEY, "Jumble sale", 10_000, is_confirmed=True),
            Line(LineKind.HELP_WANTED, "Two people with spades"),
        ),
    }
    return ProjectDetails(**(details | changes))


def make_project(now: datetime, state: ProjectState = ProjectState.LIVE, **changes: Any) -> Project:
    """Return a project in the given state, made in a unit of work of its own."""
    group_changes = changes.pop("group", {})
    with unit_of_work() as session:
        group = make_group(session, now, **group_changes)
        project = draft_project(session, group.id, project_details(**changes), actor=TESTER, now=now)
        for step in PATHS.get(state, PATHS[ProjectState.READY]):
            move_project(session, project.id, step, actor=TESTER, now=now)
        if state in {ProjectState.LIVE, ProjectState.PAUSED}:
            launch_project(session, project.id, actor=TESTER, now=now)
        if state is ProjectState.PAUSED:
            move_project(session, project.id, state, reason="a test", actor=TESTER, now=now)
    return project


def make_person(now: datetime, email: str | None = None, name: str = "Rosa Field") -> Person:
    """Return a person, in a unit of work of its own."""
    with unit_of_work() as session:
        address = email or f"person{next(_numbers)}@example.org"
        return find_or_create_person(session, address, name, actor=TESTER, now=now)


def start(project: Project, now: datetime, pence: int = 2500, person: Person | None = None, **changes: Any) -> Pledge:
    """Return a pledge in set-up that its verified backer has agreed to; its card is not saved yet."""
    backer = person or make_person(now)
    details: dict[str, Any] = {
        "name": backer.name,
        "email": backer.email,
        "name_audience": Audience.EVERYONE,
        "amount_audience": Audience.EVERYONE,
    }
    with unit_of_work() as session:
        pledge = setting_up.start_pledge(session, project.id, pence, public_id(), LIMITS, actor=TESTER, now=now)
        setting_up.describe_backer(session, pledge.id, BackerDetails(**(details | changes)), actor=TESTER, now=now)
        setting_up.claim_for_person(session, pledge.id, backer.id, actor=TESTER, now=now)
        asked = {"share_with_group": ConsentKind.SHARE_WITH_GROUP, "wants_news": ConsentKind.NEWS}
        wordings = {kind: f"I agree to {kind}." for name, kind in asked.items() if changes.get(name)}
        agreed = Agreed(pence, {ConsentKind.CHARGE_LATER: f"I agree to {pence} pence.", **wordings})
        setting_up.agree_and_start_checkout(session, pledge.id, agreed, actor=TESTER, now=now)
    return pledge


def save_card(session: Session, pledge: Pledge, now: datetime) -> CardCheckout:
    """Mark the pledge's checkout complete, as the provider's answer would; inside a unit of work."""
    checkout = session.query(CardCheckout).filter_by(subject=pledge.subject).one()
    checkout.session_ref, checkout.state = f"cs_{checkout.id}", CheckoutState.OPEN
    session.flush()
    checkout.payment_method_ref, checkout.customer_ref = f"pm_{checkout.id}", f"cus_{checkout.id}"
    checkout.card_brand, checkout.card_last4, checkout.card_hash = "visa", "4242", "0" * 64
    checkout.card_exp_month, checkout.card_exp_year = 12, 2030
    checkout.state, checkout.completed_at = CheckoutState.COMPLETE, now
    session.flush()
    return checkout


def make_pledge(project: Project, now: datetime, pence: int = 2500, **changes: Any) -> Pledge:
    """Return an active pledge."""
    pledge = start(project, now, pence, **changes)
    with unit_of_work() as session:
        checkout = save_card(session, pledge, now)
        actions.activate_pledge(session, pledge.id, checkout.id, actor=TESTER, now=now)
    return pledge


def days(number: float) -> timedelta:
    """Return a span of days."""
    return timedelta(days=number)
