"""A small town to look at: a project of every kind, backers, and one browser's pledges at every step."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask

from crowdfund.accounts.actions import hand_over, issue_code, open_session, sign_in
from crowdfund.accounts.models import Person
from crowdfund.core import clock
from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.db import db
from crowdfund.core.ids import public_id
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group
from crowdfund.groups.rules import LegalForm
from crowdfund.notifications.models import Mail
from crowdfund.pledges import actions
from crowdfund.pledges.actions import BackerDetails
from crowdfund.pledges.journey import proof_of
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import Audience
from crowdfund.projects.actions import Line, post_update
from crowdfund.projects.models import Project
from crowdfund.projects.rules import LineKind, ProjectState, Theme
from crowdfund.sandbox.demo import load_people
from crowdfund.wiring import personal_link, worker_of
from tests.support.factories import LIMITS, TESTER, make_person, make_pledge, make_project, project_details

CANTERBURY = "E07000106"
STORY = """## What we want to do

Bring the old boathouse back. **Everybody** may come in, and _nobody_ pays.

* Mend the roof
* Paint the doors

> It was here before us.

Read more at [our own page](https://boathouse.example.org/a/rather/long/address/that/does/not/break).
"""


@dataclass(frozen=True)
class Town:
    """Addresses to visit, by name, and the cookies of the two browsers that may see pledges."""

    addresses: dict[str, str]
    holder: str
    signed_in: str


def build_town(app: Flask) -> Town:
    """Fill the empty database of the served application."""
    with app.app_context(), app.test_request_context():
        now = clock.now()
        projects = _projects(now)
        pledges = _pledges(projects, now)
        db.session.remove()
        worker_of(app).drain()
        with unit_of_work() as session:
            actions.withdraw_pledge(session, pledges["withdrawn"].id, actor=TESTER, now=now)
        holder, signed_in = _browsers(pledges, now)
        town = Town(_addresses(projects, pledges), holder, signed_in)
        db.session.remove()
    return town


def _projects(now: datetime) -> dict[str, Project]:
    for number in range(9):
        make_project(now - timedelta(days=2), title=f"A tree for street {number + 1}")
    small = (Line(LineKind.COST, "Paint", 5_000),)
    return {
        "empty": make_project(now, title="A bench by the Stour"),
        "few": make_project(now, title="A choir for all", theme=Theme.ARTS_HERITAGE, district_code=CANTERBURY),
        "many": make_project(now, **_rich()),
        "met": make_project(now, title="Paint for the hall", lines=small),
        "paused": make_project(now, ProjectState.PAUSED, title="A kiln for the pottery"),
        "ended": make_project(now - timedelta(days=60), title="Lanterns for the winter walk"),
    }


def _rich() -> dict[str, Any]:
    due = date(2027, 5, 1)
    extra = (
        Line(LineKind.COST, "A carpenter for six weeks, with tools and scaffolding", 250_000),
        Line(LineKind.OTHER_MONEY, "District council, subject to a decision", 30_000, is_public=True),
        Line(LineKind.MILESTONE, "The roof is on", due=due),
        Line(LineKind.MONEY_USE, "a door handle", 500),
        Line(LineKind.MONEY_USE, "a day’s paint", 5_000),
    )
    group = {
        "name": "Friends of the Whitstable Boathouse and Landing Stage",
        "legal_form": LegalForm.CIO,
        "charity_number": "1000001",
        "contact_email": "friends-of-the-boathouse-and-landing-stage@whitstable-boathouse.example.org",
    }
    return {
        "title": "Bring back the boathouse and its Landungsbrückengeländer, please",
        "story": STORY,
        "lines": (*project_details().lines, *extra),
        "stretch_pence": 500_000,
        "stretch_use": "A second boat.",
        "group": group,
    }


def _pledges(projects: dict[str, Project], now: datetime) -> dict[str, Pledge]:
    for number in range(54):
        person = make_person(now, name=f"Backer Number{number}")
        make_pledge(projects["many"], now, 5_000, person=person, message="Well done!" if number % 9 == 0 else "")
    make_pledge(projects["few"], now, 500, name_audience=Audience.NOBODY, amount_audience=Audience.NOBODY)
    make_pledge(projects["met"], now, 5_000)
    with unit_of_work() as session:
        body = "The first boards came.\n\n## Thank you\n\nTo everyone."
        post_update(session, projects["many"].id, "Wood", body, actor=TESTER, now=now)
    someone = load_people()[0]
    rosa = make_person(now, someone.email, someone.name)
    long_ago = now - timedelta(days=50)
    return {
        "amount": _setup(projects["empty"], now, step=0),
        "code": _setup(projects["empty"], now, step=1),
        "check": _setup(projects["empty"], now, step=2),
        "active": make_pledge(projects["many"], now, 2_500, person=rosa),
        "withdrawn": make_pledge(projects["few"], now, 2_500, person=rosa),
        "ended": make_pledge(projects["ended"], long_ago, 2_500, person=rosa),
        "mailed": make_pledge(projects["met"], now, 2_500, person=rosa),
    }


def _setup(project: Project, now: datetime, step: int) -> Pledge:
    """Return a pledge in set-up: just started (0), described (1) or with its address verified (2)."""
    person = make_person(now)
    everyone = {"name_audience": Audience.EVERYONE, "amount_audience": Audience.EVERYONE}
    with unit_of_work() as session:
        pledge = actions.start_pledge(session, project.id, 2_500, public_id(), LIMITS, actor=TESTER, now=now)
        if step >= 1:
            actions.describe_backer(
                session, pledge.id, BackerDetails("Rosa Field", person.email or "", **everyone), actor=TESTER, now=now
            )
            issue_code(session, pledge.subject, person.email or "", secret=SANDBOX_SECRET, real=clock.real_now())
        if step >= 2:
            actions.claim_for_person(session, pledge.id, person.id, actor=TESTER, now=now)
    return pledge


def _browsers(pledges: dict[str, Pledge], now: datetime) -> tuple[str, str]:
    """Return the cookies of a visitor who holds every pledge but the mailed one, and of its signed-in backer."""
    real = clock.real_now()
    with unit_of_work() as session:
        row, token = open_session(session, secret=SANDBOX_SECRET, real=real)
        for name, pledge in pledges.items():
            if name != "mailed":
                hand_over(session, row.id, pledge.subject)
        times = {"real": real, "now": now}
        person = session.get_one(Person, pledges["mailed"].person_id)
        hand_over(session, row.id, proof_of(person.id))
        signed_in = sign_in(session, None, person, "test", actor=TESTER, secret=SANDBOX_SECRET, **times)
    return token, signed_in


def _addresses(projects: dict[str, Project], pledges: dict[str, Pledge]) -> dict[str, str]:
    found = {f"project {name}": f"/projects/{project.slug}" for name, project in projects.items()}
    found |= {f"pledge {name}": f"/pledges/{pledge.public_id}" for name, pledge in pledges.items()}
    newest = db.session.query(Mail).order_by(Mail.id.desc()).limit(1).one()
    group = db.session.get_one(Group, projects["many"].group_id)
    link = personal_link(pledges["mailed"])
    return found | {
        "group": f"/groups/{group.slug}",
        "mail": f"/sandbox/mail/{newest.public_id}",
        "link": link[link.index("/pledges/") :],
    }
