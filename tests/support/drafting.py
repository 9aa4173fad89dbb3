"""A group with an owner, a writer and a reader, and a draft that they fill page by page."""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group
from crowdfund.notifications.models import Mail
from crowdfund.projects.models import Project
from crowdfund.projects.queries import load_draft
from crowdfund.projects.sections import Draft
from tests.support.client import HouseClient
from tests.support.factories import make_group
from tests.support.people import browser_of, make_member

ASHFORD_POSTCODE = "TN23 1PL"
SECTIONS: dict[str, dict[str, Any]] = {
    "basics": {
        "title": "A ramp for the village hall",
        "aim": "Everybody comes in by the same door.",
        "theme": "community_spaces",
        "objectives": ["isolation", "healthy_lives"],
    },
    "place": {"postcode": ASHFORD_POSTCODE, "place": "Mill Green", "division": "unknown"},
    "story": {"story": "Our hall has three steps and no ramp.\n\nWe want to build one."},
    "target": {"if_too_little": "We build a wooden one.", "if_too_much": "We keep it for repairs."},
    "dates": {"campaign_days": "42", "launch": "button"},
    "risks": {"risks": "Prices may rise.", "permissions": "The parish council agreed."},
}
COST = {"label": "Concrete and handrail", "amount": "4,000", "kind": "capital"}
MONEY = {"label": "Jumble sale", "amount": "500", "source": "private", "certainty": "confirmed"}
STEP = {"label": "The ramp is open", "due": "27 3 2027"}
SIGNATORY = {"name": "Priya Shah", "email": "priya@example.org", "agreed": "y"}


@dataclass
class Drafting:
    """A draft and its people."""

    app: Flask
    clock: FixedClock
    group: Group
    owner: Person
    writer: Person
    reader: Person
    public_id: str = ""
    browsers: dict[int, HouseClient] = field(default_factory=dict)

    def browser(self, person: Person) -> HouseClient:
        """Return the browser in which somebody is signed in."""
        return self.browsers.setdefault(person.id, browser_of(self.app, person))

    def address(self, page: str = "") -> str:
        """Return the address of a page of the draft."""
        return f"/apply/projects/{self.public_id}{'/' if page else ''}{page}"

    def start(self, **changes: Any) -> TestResponse:
        """Start the draft as the owner, and remember it."""
        typed = {"title": "A ramp for the village hall", "theme": "community_spaces", "postcode": ASHFORD_POSTCODE}
        browser = self.browser(self.owner)
        page = browser.get(f"/apply/projects/new?group={self.group.public_id}", max_queries=12)
        reply = browser.submit(page, **(typed | changes))
        if reply.status_code == 303:
            self.public_id = reply.location.rsplit("/", 1)[1]
        return reply

    def get(self, page: str = "", person: Person | None = None) -> TestResponse:
        """Open a page of the draft, as its owner where nobody is named."""
        return self.browser(person or self.owner).get(self.address(page), max_queries=12)

    def send(self, page: str, person: Person | None = None, **typed: Any) -> TestResponse:
        """Fill the form on a page and send it."""
        return self.browser(person or self.owner).submit(self.get(page, person), **typed)

    def fill(self) -> None:
        """Fill everything that is needed."""
        for section, typed in SECTIONS.items():
            assert self.send(section, **typed).status_code == 303, section
        for section, typed in (("costs", COST), ("other-money", MONEY), ("milestones", STEP)):
            assert self.send(f"{section}/add", **typed).status_code == 303, section

    def submit(self, **changes: Any) -> TestResponse:
        """Declare and submit as the owner."""
        return self.send("declaration", **(SIGNATORY | changes))

    def project(self) -> Project:
        """Return the project as it is stored."""
        return db.session.scalars(select(Project).where(Project.public_id == self.public_id)).one()

    def draft(self) -> Draft:
        """Return everything that is stored of it."""
        return load_draft(db.session(), self.project())

    def mails(self, template: str) -> list[Mail]:
        """Return the mails of a template in the order of writing."""
        db.session.expire_all()
        return list(db.session.scalars(select(Mail).where(Mail.template == template).order_by(Mail.id)))


def make_drafting(app: Flask, clock: FixedClock, **group: Any) -> Drafting:
    """Return a group with its three people and nothing drafted yet."""
    with app.app_context():
        with unit_of_work() as session:
            made = make_group(session, clock.now(), **group)
        roles = {"Grace Adeyemi": MemberRole.OWNER, "Sam Reed": MemberRole.MEMBER, "Lena Moss": MemberRole.READER}
        people = [make_member(made.id, role, clock.now(), name=name) for name, role in roles.items()]
        return Drafting(app, clock, made, *people)
