"""People with a place in a group or an officer's role, and browsers in which they are signed in."""

from datetime import datetime
from itertools import count

from flask import Flask

from crowdfund.accounts.actions import find_or_create_person, open_session
from crowdfund.accounts.models import OfficerPost, Person
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core import clock as clocks
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Member
from tests.support.client import HouseClient
from tests.support.factories import TESTER

_numbers = count(1)


def make_named(now: datetime, email: str | None = None, name: str = "Grace Adeyemi") -> Person:
    """Return a person with an address of their own."""
    with unit_of_work() as session:
        address = email or f"someone{next(_numbers)}@example.org"
        return find_or_create_person(session, address, name, actor=TESTER, now=now)


def make_member(
    group_id: int, role: MemberRole, now: datetime, *, email: str | None = None, name: str = "Grace Adeyemi"
) -> Person:
    """Return a person with this role in a group; call it outside a unit of work."""
    person = make_named(now, email, name)
    with unit_of_work() as session:
        session.add(Member(group_id=group_id, person_id=person.id, role=role))
    return person


def make_officer(
    role: OfficerRole,
    now: datetime,
    *,
    funder_id: int | None = None,
    limit_pence: int | None = None,
    email: str | None = None,
    name: str = "Morag Ellis",
) -> Person:
    """Return a person with this officer's role; call it outside a unit of work."""
    person = make_named(now, email, name)
    with unit_of_work() as session:
        post = OfficerPost(person_id=person.id, role=role, funder_id=funder_id, limit_pence=limit_pence, given_at=now)
        session.add(post)
    return person


def browser_of(app: Flask, person: Person, *, strong: bool = False) -> HouseClient:
    """Return a browser in which the person is signed in; `strong`: with a second factor given just now."""
    real = clocks.real_now()
    with app.app_context(), unit_of_work() as session:
        row, token = open_session(session, secret=app.config["SECRET_KEY"], real=real)
        row.person_id = person.id
        row.strong_at = real if strong else None
    browser = app.test_client()
    browser.set_cookie("visit", token, domain="localhost")
    return browser
