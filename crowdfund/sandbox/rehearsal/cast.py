"""Who plays in a rehearsal: groups with projects, their backers with cards, and officers with their real roles."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from crowdfund.accounts.actions import find_or_create_person
from crowdfund.accounts.current import BrowserActor
from crowdfund.accounts.models import ConsentKind, Person
from crowdfund.accounts.officers import appoint_officer
from crowdfund.accounts.posts import Post
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.checking.actions import declare_interest
from crowdfund.core import clock, ids
from crowdfund.core.actor import SystemActor
from crowdfund.core.clock import real_now
from crowdfund.core.db import db
from crowdfund.groups.actions import GroupDetails, add_member, create_group
from crowdfund.groups.rules import LegalForm
from crowdfund.payments.checkouts import Checkouts
from crowdfund.payments.gateway import CheckoutRequest
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges import setting_up
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import Audience, PledgeLimits
from crowdfund.pledges.setting_up import Agreed, BackerDetails
from crowdfund.projects.actions import Line, ProjectDetails, draft_project, launch_project, move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import LineKind, ProjectState, Theme
from crowdfund.sandbox.rehearsal.stage import Stage

DIRECTOR = SystemActor("rehearsal")
LIMITS = PledgeLimits(200, 1_000_000)
DISTRICT = "E07000105"
GOOD = "4242424242424242"
NO_FUNDS = "4000008260003178"  # saved, then declined for want of money whenever it is charged
DECLINED = "4000000000000341"  # saved, then declined whenever it is charged
DISPUTED = "4000000000002685"  # works, and its holder disputes the payment at once
BOUNCING = "4000000000005126"  # works; a refund to it comes back
_NAMES = ("Ada", "Bram", "Cleo", "Dov", "Edda", "Finn", "Gwen", "Hugo", "Ines", "Jude", "Kit", "Lena")


@dataclass(frozen=True)
class Officers:
    """The people of the programme who decide and pay."""

    checker: BrowserActor
    approver: BrowserActor
    ben: BrowserActor
    cat: BrowserActor


def hire(stage: Stage) -> Officers:
    """Appoint the officers."""
    roles = (OfficerRole.PROGRAMME_CHECKER, OfficerRole.PROGRAMME_APPROVER, *[OfficerRole.PROGRAMME_FINANCE] * 2)
    names = ("Morag Ellis", "Dee Hart", "Ben Cole", "Cat Moss")
    return Officers(*(_officer(stage, name, role) for name, role in zip(names, roles, strict=True)))


def _officer(stage: Stage, name: str, role: OfficerRole) -> BrowserActor:
    email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
    post = stage.do(appoint_officer, email, name, role, actor=DIRECTOR)
    posts = frozenset({Post(role, None, None)})
    return BrowserActor(person_id=post.person_id, strong_at=real_now(), posts=posts)


def launch(stage: Stage, officers: Officers, title: str, target_pence: int) -> tuple[Project, BrowserActor]:
    """Open a project of a new group for pledges; return it with its group's owner."""
    now = clock.now()
    place: dict[str, Any] = {"town": "Ashford", "district_code": DISTRICT}
    details = GroupDetails(
        name=f"Friends of: {title}", legal_form=LegalForm.ASSOCIATION, about="We meet on Tuesdays.",
        contact_email="friends@example.org", **place,
    )  # fmt: skip
    group = stage.do(create_group, details, actor=DIRECTOR)
    owner = stage.do(find_or_create_person, f"owner{group.id}@example.org", "Ann Owner", actor=DIRECTOR)
    stage.do(lambda session, now: add_member(session, group, owner.id, MemberRole.OWNER))  # noqa: ARG005
    project = stage.do(draft_project, group.id, _details(title, target_pence), actor=DIRECTOR)
    for state in (ProjectState.SUBMITTED, ProjectState.READY):
        stage.do(move_project, project.id, state, actor=DIRECTOR)
    stage.do(launch_project, project.id, actor=DIRECTOR)
    for officer in (officers.approver, officers.ben, officers.cat):
        stage.do(declare_interest, project.id, False, "", actor=officer)
    stage.tell(f"“{title}” opens for pledges, {_ends(project, now)}.")
    return project, BrowserActor(person_id=owner.id, strong_at=real_now())


def _ends(project: Project, now: datetime) -> str:
    assert project.deadline is not None
    return f"for {(project.deadline - now).days} days"


def _details(title: str, target_pence: int) -> ProjectDetails:
    return ProjectDetails(
        title=title, aim="Something that the neighbours asked for.", story="We build it together.",
        theme=Theme.COMMUNITY_SPACES, place="Ashford", district_code=DISTRICT, picture="images/scenes/allotment.svg",
        picture_alt="An allotment in summer", if_too_little="Nobody is charged.", if_too_much="We plant a tree.",
        risks="It may rain.", permissions="The parish council agreed.", campaign_days=28,
        lines=(Line(LineKind.COST, "Everything", target_pence, is_capital=False),),
    )  # fmt: skip


def back(stage: Stage, project: Project, pence: int, card: str = GOOD) -> Pledge:
    """Have a new resident pledge and save a card on the provider's page; return the active pledge."""
    number = (db.session.query(Person).count()) + 1
    name, email = f"{_NAMES[number % len(_NAMES)]} Field", f"backer{number}@example.org"
    person = stage.do(find_or_create_person, email, name, actor=DIRECTOR)
    pledge: Pledge = stage.do(setting_up.start_pledge, project.id, pence, ids.public_id(), LIMITS, actor=DIRECTOR)
    seen = Audience.EVERYONE if number % 3 else Audience.NOBODY
    stage.do(setting_up.describe_backer, pledge.id, BackerDetails(name, email, seen, seen), actor=DIRECTOR)
    stage.do(setting_up.claim_for_person, pledge.id, person.id, actor=DIRECTOR)
    agreed = Agreed(pence, {ConsentKind.CHARGE_LATER: f"You may charge {pence} pence after the deadline."})
    checkout = stage.do(setting_up.agree_and_start_checkout, pledge.id, agreed, actor=DIRECTOR)
    _save_card(stage, checkout.id, email, card)
    stage.work()
    return pledge


def _save_card(stage: Stage, checkout_id: int, email: str, card: str) -> None:
    checkouts = current_app.extensions["checkouts"]
    assert isinstance(checkouts, Checkouts)
    reference = db.session.scalars(select(CardCheckout.public_id).where(CardCheckout.id == checkout_id)).one()
    address = "http://localhost/"
    checkouts.open_page(checkout_id, CheckoutRequest(reference, email, "I agree.", address, address))
    opened = select(CardCheckout.session_ref).where(CardCheckout.id == checkout_id)
    stage.stand_in.complete_checkout(str(db.session.scalars(opened).one()), card)
