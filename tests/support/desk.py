"""A submitted project with its people and officers, for tests of checking."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.checking.actions import open_check
from crowdfund.checking.models import Check
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.factories import TESTER, make_project
from tests.support.people import browser_of, make_member, make_officer
from tests.support.running import declare


@dataclass
class Desk:
    """A project that is being checked, the owner of its group, and two checkers without an interest."""

    app: Flask
    clock: FixedClock
    project: Project
    owner: Person
    officer: Person
    other: Person

    def browser(self, person: Person | None = None) -> HouseClient:
        """Return an officer's browser with a second factor given just now; the first checker's by default."""
        return browser_of(self.app, person or self.officer, strong=True)

    def address(self, page: str = "", project: Project | None = None) -> str:
        """Return the address of an officers' page of a project."""
        base = f"/officers/projects/{(project or self.project).public_id}"
        return f"{base}/{page}" if page else base

    def state(self) -> ProjectState:
        """Return the project's state as it is now."""
        with self.app.app_context():
            return db.session.get_one(Project, self.project.id).state

    def check(self) -> Check:
        """Return the check as it is now."""
        with self.app.app_context():
            return db.session.get_one(Check, self.project.id)

    def mails(self, template: str) -> list[Mail]:
        """Let the worker work and return the mails of a template."""
        with self.app.app_context():
            worker_of(self.app).drain()
            db.session.remove()
            return list(db.session.scalars(select(Mail).where(Mail.template == template).order_by(Mail.id)))

    def sign(self) -> None:
        """Have the second signatory confirm."""
        self.set(signed_at=self.clock.now())

    def set(self, **values: Any) -> None:
        """Change columns of the project behind everybody's back."""
        with self.app.app_context(), unit_of_work() as session:
            session.execute(update(Project).where(Project.id == self.project.id).values(**values))

    def answer_everything(self, **changes: str) -> None:
        """Answer every point of the checklist with Yes, but for the changes."""
        browser = self.browser()
        page = browser.get(self.address("checklist"))
        keys = {part.split('"')[0] for part in page.text.split('name="answer_')[1:]}
        filled = {f"answer_{key}": "yes" for key in keys} | changes
        assert browser.submit(page, **filled).status_code == 303


def make_desk(app: Flask, clock: FixedClock, state: ProjectState = ProjectState.SUBMITTED, **changes: Any) -> Desk:
    """Return a submitted project with an open check; the officers have declared that they have no interest."""
    with app.app_context():
        project = make_project(clock.now(), state, **changes)
        owner = make_member(project.group_id, MemberRole.OWNER, clock.now(), name="Ann Owner")
        officer = make_officer(OfficerRole.PROGRAMME_CHECKER, clock.now(), name="Morag Ellis")
        other = make_officer(OfficerRole.PROGRAMME_CHECKER, clock.now(), name="Sam Oyelaran")
        for person in (officer, other):
            declare(person, project, clock, has_interest=False)
        with unit_of_work() as session:
            session.execute(update(Project).where(Project.id == project.id).values(submitted_at=clock.now()))
            open_check(session, project.id, actor=TESTER, now=clock.now())
    return Desk(app, clock, project, owner, officer, other)
