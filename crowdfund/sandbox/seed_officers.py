"""Demonstration officers with their roles."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.accounts.actions import find_or_create_person
from crowdfund.accounts.officers import appoint_officer
from crowdfund.core.actor import SystemActor
from crowdfund.sandbox.demo import ROLES, load_people

SEEDER = SystemActor("seed")


def seed_people(session: Session, funders: dict[str, int], now: datetime) -> dict[str, int]:
    """Make the people to sign in as, officers with their roles; returns their ids by address."""
    made = {}
    for person in load_people():
        if person.kind in ROLES:
            funder_id = funders[person.funder] if person.funder else None
            role = ROLES[person.kind]
            post = {"funder_id": funder_id, "limit_pence": person.limit_pence}
            appoint_officer(session, person.email, person.name, role, **post, actor=SEEDER, now=now)
        made[person.email] = find_or_create_person(session, person.email, person.name, actor=SEEDER, now=now).id
    return made
