"""A group with its people, and what happens to it, for tests of groups, invitations and hosts."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group, Host, Invitation, Member
from crowdfund.groups.rules import HostState
from crowdfund.notifications.models import Mail
from tests.support.client import HouseClient
from tests.support.factories import make_group
from tests.support.people import browser_of, make_member, make_named

_LINK = re.compile(r"/invitations/\w+\?key=\S+")


@dataclass
class Grouping:
    """A group with an owner, a writer and a reader, and somebody who is of no group."""

    app: Flask
    clock: FixedClock
    group: Group
    owner: Person
    writer: Person
    reader: Person
    stranger: Person

    def address(self, page: str = "") -> str:
        """Return the address of a page of the group."""
        return f"/apply/groups/{self.group.public_id}{'/' + page if page else ''}"

    def browser(self, person: Person) -> HouseClient:
        """Return a browser in which somebody is signed in."""
        return browser_of(self.app, person)

    def submit(self, person: Person, page: str, button: str | None = None, **typed: Any) -> TestResponse:
        """Fill the form of a page of the group as somebody and send it."""
        browser = self.browser(person)
        return browser.submit(browser.get(self.address(page)), button=button, **typed)

    def person(self, name: str = "Nia Newman") -> Person:
        """Return somebody new."""
        with self.app.app_context():
            return make_named(self.clock.now(), name=name)

    def row(self) -> Group:
        """Return the group as it is now."""
        with self.app.app_context():
            return db.session.get_one(Group, self.group.id)

    def roles(self) -> dict[int, MemberRole]:
        """Return everybody's role by person id."""
        return {member.person_id: member.role for member in self.rows(Member)}

    def member_id(self, person: Person) -> int:
        """Return the number of somebody's place."""
        return next(member.id for member in self.rows(Member) if member.person_id == person.id)

    def rows(self, model: type[Any]) -> list[Any]:
        """Return all rows of a table, oldest first."""
        with self.app.app_context():
            return list(db.session.scalars(select(model).order_by(model.id)))

    def mails(self, template: str) -> list[Mail]:
        """Return the mails of a template, oldest first."""
        return [mail for mail in self.rows(Mail) if mail.template == template]

    def link(self) -> str:
        """Return the link in the newest mail that has one."""
        linked = [found[0] for mail in self.rows(Mail) if (found := _LINK.search(mail.body))]
        return linked[-1]

    def invitation(self) -> Invitation:
        """Return the newest invitation."""
        newest = self.rows(Invitation)[-1]
        assert isinstance(newest, Invitation)
        return newest

    def host(self) -> Host:
        """Return the newest host."""
        newest = self.rows(Host)[-1]
        assert isinstance(newest, Host)
        return newest

    def tags(self) -> list[str]:
        """Return what the group's audit trail says, oldest first."""
        return [event.tag for event in self.rows(AuditEvent) if event.subject_kind == "group"]

    def invite(self, email: str = "nia@example.org", role: str = "member") -> str:
        """Have the owner invite an address; return the mailed link."""
        reply = self.submit(self.owner, "people/invite", name="Nia", email=email, role=role)
        assert reply.status_code == 303, reply.text
        return self.link()

    def ask_host(self, form: str = "association", **typed: Any) -> TestResponse:
        """Have the owner name a host."""
        said = {"name": "Village Hall Trust", "contact_name": "Hal Hart", "contact_email": "hal@example.org"}
        return self.submit(self.owner, f"host/new?legal_form={form}", **(said | typed))

    def answer(self, person: Person, link: str, button: str, **typed: Any) -> TestResponse:
        """Open a mailed link as somebody signed in and press a button."""
        browser = self.browser(person)
        return browser.submit(browser.get(link), button=button, **typed)

    def host_state(self) -> HostState:
        """Return where the newest host's agreement stands."""
        return self.host().state


def make_grouping(app: Flask, clock: FixedClock, **changes: Any) -> Grouping:
    """Return a group with its people."""
    with app.app_context():
        with unit_of_work() as session:
            group = make_group(session, clock.now(), **changes)
        roles = (MemberRole.OWNER, MemberRole.MEMBER, MemberRole.READER)
        people = [make_member(group.id, role, clock.now(), name=f"Ann {role.value}") for role in roles]
        return Grouping(app, clock, group, *people, make_named(clock.now(), name="Sam Stranger"))
