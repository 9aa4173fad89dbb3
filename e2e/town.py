"""A small town to look at: projects, backers, and the two browsers that may see pledges."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from crowdfund.accounts.actions import hand_over, open_session, sign_in
from crowdfund.accounts.models import Person
from crowdfund.core import clock
from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group
from crowdfund.notifications.models import Mail
from crowdfund.pledges import actions
from crowdfund.pledges.journey import proof_of
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from crowdfund.wiring import personal_link, worker_of
from e2e.town_pledges import make_pledges
from e2e.town_projects import make_projects
from tests.support.factories import TESTER


@dataclass(frozen=True)
class Town:
    """Addresses to visit, by name, and the tokens of the browsers that look at them."""

    addresses: dict[str, str]
    tokens: dict[Who, str]


def build_town(app: Flask) -> Town:
    """Fill the empty database of the served application."""
    with app.app_context(), app.test_request_context():
        now = clock.now()
        projects = make_projects(now)
        pledges = make_pledges(projects, now)
        db.session.remove()
        worker_of(app).drain()
        with unit_of_work() as session:
            actions.withdraw_pledge(session, pledges["withdrawn"].id, actor=TESTER, now=now)
        holder, signed_in = _browsers(pledges, now)
        town = Town(_addresses(projects, pledges), holder, signed_in)
        db.session.remove()
    return town


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
