"""A small town to look at: projects, backers, a group, officers, and the browsers that may see their pages."""

from dataclasses import dataclass

from flask import Flask

from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group
from crowdfund.notifications.models import Mail
from crowdfund.pledges import actions
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from crowdfund.wiring import personal_link, worker_of
from e2e.scene import Who
from e2e.town_browsers import keep_answers, mail_sign_in, open_browsers
from e2e.town_groups import make_neighbourhood
from e2e.town_invitations import make_invited
from e2e.town_match import make_match
from e2e.town_payouts import make_counter
from e2e.town_pledges import make_pledges
from e2e.town_projects import make_projects
from e2e.town_settlements import make_deciding
from tests.support.factories import TESTER

# Links that people get by mail, by the kind of mail.
_MAILED = {
    "sign-in link": "sign_in",
    "member's link": "member_invited",
    "signatory's link": "project_signatory_asked",
    "news off": "project_update",
}

_OF_FUNDS = {
    Who.ASKER: "asker",
    Who.ASSESSOR: "assessor",
    Who.DECIDER: "approver",
    Who.FUND_EDITOR: "editor",
    Who.FUND_PAYER: "payer",
}


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
        around = make_neighbourhood(now)
        invited = make_invited(around.owner, now)
        counter = make_counter(app, now)
        deciding = make_deciding(app, now)
        match = make_match(app, around.checker, now)
        projects |= deciding.projects | match.projects
        pledges |= deciding.pledges
        kept = keep_answers("/apply/groups/new")
        mail_sign_in("grace@example.org", app.config["PUBLIC_URL"], now)
        db.session.remove()
        worker_of(app).drain()
        db.session.remove()
        db.session.add_all((*projects.values(), *pledges.values(), around.owner, around.checker, invited.reader))
        db.session.add_all((counter.finance, counter.payee, deciding.approver, *match.people.values()))
        with unit_of_work() as session:
            actions.withdraw_pledge(session, pledges["withdrawn"].id, actor=TESTER, now=now)
        known = {Who.OWNER: around.owner, Who.READER: invited.reader, Who.CHECKER: around.checker}
        known |= {Who.FINANCE: counter.finance, Who.PAYEE: counter.payee, Who.APPROVER: deciding.approver}
        known |= {who: match.people[name] for who, name in _OF_FUNDS.items()}
        tokens = open_browsers(pledges, known, kept, now)
        addresses = {
            **around.addresses,
            **invited.addresses,
            **counter.addresses,
            **deciding.addresses,
            **match.addresses,
            "kept": f"/account/kept/{kept}",
            **_addresses(projects, pledges),
        }
        db.session.remove()
    return Town(addresses, tokens)


def _addresses(projects: dict[str, Project], pledges: dict[str, Pledge]) -> dict[str, str]:
    found = {f"project {name}": f"/projects/{project.slug}" for name, project in projects.items()}
    found |= {f"pledge {name}": f"/pledges/{pledge.public_id}" for name, pledge in pledges.items()}
    found |= {name: _mailed_link(template) for name, template in _MAILED.items()}
    newest = db.session.query(Mail).order_by(Mail.id.desc()).limit(1).one()
    group = db.session.get_one(Group, projects["many"].group_id)
    link = personal_link(pledges["mailed"])
    return found | {
        "group": f"/groups/{group.slug}",
        "mail": f"/sandbox/mail/{newest.public_id}",
        "link": link[link.index("/pledges/") :],
    }


def _mailed_link(template: str) -> str:
    """Return the address in the newest mail of a kind, without the host."""
    mail = db.session.query(Mail).filter_by(template=template).order_by(Mail.id.desc()).limit(1).one()
    link = next(line for line in reversed(mail.body.split()) if "key=" in line)
    return "/" + link.split("/", 3)[3]
