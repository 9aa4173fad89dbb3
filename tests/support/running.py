"""A launched project with its people, for tests of what happens while it runs."""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Interest
from crowdfund.notifications.models import Mail
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.factories import make_project
from tests.support.people import browser_of, make_member, make_officer

ROLES = (MemberRole.OWNER, MemberRole.MEMBER, MemberRole.READER)


@dataclass
class Running:
    """A live project, an owner, a writer and a reader of its group, and an officer who declared no interest."""

    app: Flask
    clock: FixedClock
    project: Project
    owner: Person
    writer: Person
    reader: Person
    officer: Person

    def browser(self, person: Person) -> HouseClient:
        """Return a browser in which somebody is signed in; an officer with a second factor given just now."""
        return browser_of(self.app, person, strong=person is self.officer)

    def address(self, page: str) -> str:
        """Return the address of a page of the group for this project."""
        return f"/apply/projects/{self.project.public_id}/{page}"

    def desk(self, page: str) -> str:
        """Return the address of an officers' page for this project."""
        return f"/officers/projects/{self.project.public_id}/{page}"

    def state(self) -> ProjectState:
        """Return the project's state as it is now."""
        with self.app.app_context():
            return db.session.get_one(Project, self.project.id).state

    def mails(self, template: str) -> list[Mail]:
        """Let the worker work and return the mails of a template."""
        with self.app.app_context():
            worker_of(self.app).drain()
            db.session.remove()
            return list(db.session.scalars(select(Mail).where(Mail.template == template).order_by(Mail.id)))


def make_running(app: Flask, clock: FixedClock) -> Running:
    """Return a launched project with its people."""
    with app.app_context():
        project = make_project(clock.now())
        people = [make_member(project.group_id, role, clock.now(), name=f"Ann {role.value}") for role in ROLES]
        officer = make_officer(OfficerRole.PROGRAMME_CHECKER, clock.now())
        declare(officer, project, clock, has_interest=False)
    return Running(app, clock, project, *people, officer)


def declare(officer: Person, project: Project, clock: FixedClock, *, has_interest: bool) -> None:
    """Record an officer's declaration about a project."""
    said = {"has_interest": has_interest, "statement": "My sister runs it." if has_interest else ""}
    with unit_of_work() as session:
        session.add(Interest(person_id=officer.id, subject=f"project:{project.id}", declared_at=clock.now(), **said))
