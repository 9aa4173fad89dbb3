"""Demonstration officers with their roles, and the funders with funds that they know."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from crowdfund.accounts.actions import find_or_create_person
from crowdfund.accounts.officers import appoint_officer
from crowdfund.core import ids
from crowdfund.core.actor import SystemActor
from crowdfund.core.clock import LONDON
from crowdfund.funds.models import Fund, Funder
from crowdfund.sandbox.demo import ROLES, load_funders, load_people

SEEDER = SystemActor("seed")


def seed_funders(session: Session, now: datetime) -> dict[str, int]:
    """Make the funders with their funds; returns their ids by short name."""
    today, made = now.astimezone(LONDON).date(), {}
    for funder in load_funders():
        row = Funder(public_id=ids.public_id(), slug=funder.slug, name=funder.name, kind=funder.kind)
        session.add(row)
        session.flush()
        made[funder.slug] = row.id
        for fund in funder.funds:
            dates = {
                "opens_on": today + timedelta(days=fund.opens_in_days),
                "closes_on": today + timedelta(days=fund.closes_in_days),
                "decides_on": today + timedelta(days=fund.decides_in_days),
            }
            names = {"slug": fund.slug, "name": fund.name, "about": fund.about}
            session.add(Fund(public_id=ids.public_id(), funder_id=row.id, **names, **dates))
    session.flush()
    return made


def seed_people(session: Session, funders: dict[str, int], now: datetime) -> dict[str, int]:
    """Make the people to sign in as, officers with their roles; returns their ids by address."""
    made = {}
    for person in load_people():
        if person.kind in ROLES:
            funder_id = funders[person.funder] if person.funder else None
            role = ROLES[person.kind]
            appoint_officer(session, person.email, person.name, role, funder_id=funder_id, actor=SEEDER, now=now)
        made[person.email] = find_or_create_person(session, person.email, person.name, actor=SEEDER, now=now).id
    return made
