"""Demonstration groups with their people, what they say they have, and hosts that said yes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import find_or_create_person
from crowdfund.accounts.current import BrowserActor
from crowdfund.accounts.roles import MemberRole
from crowdfund.core.actor import SystemActor
from crowdfund.groups.actions import GroupDetails, Readiness, add_member, create_group, say_readiness
from crowdfund.groups.hosts import HostDetails, ask_host
from crowdfund.groups.invitations import answer
from crowdfund.groups.links import mailed_address
from crowdfund.groups.models import Invitation
from crowdfund.groups.rules import InvitationKind, LegalForm, Safeguarding
from crowdfund.sandbox.demo import DemoGroup

SEEDER = SystemActor("seed")
BEFORE = timedelta(days=200)


@dataclass(frozen=True)
class SeededGroup:
    """A group of the demonstration: its row, its owner and a second person who can sign for it."""

    id: int
    owner_id: int
    second_id: int


def seed_groups(session: Session, groups: tuple[DemoGroup, ...], now: datetime) -> dict[str, SeededGroup]:
    """Make every group with its people, by key; hosts are asked and agree."""
    made = {group.key: _make_group(session, group, now - BEFORE) for group in groups}
    by_key = {group.key: group for group in groups}
    for group in groups:
        if group.host:
            _find_host(session, made[group.key], by_key[group.host], made[group.host], now - BEFORE)
    return made


def _make_group(session: Session, group: DemoGroup, now: datetime) -> SeededGroup:
    details = GroupDetails(
        name=group.name,
        legal_form=group.legal_form,
        about=group.about,
        town=group.town,
        district_code=group.district_code,
        contact_email=group.contact_email,
        charity_number=group.charity_number,
        company_number=group.company_number,
        postcode=group.postcode,
    )
    made = create_group(session, details, actor=SEEDER, now=now)
    people = {}
    for member in group.members:
        person = find_or_create_person(session, member.email, member.name, actor=SEEDER, now=now)
        add_member(session, made, person.id, member.role)
        people[member.role] = person.id
    constituted = group.legal_form is not LegalForm.INFORMAL
    said = Readiness(constituted, group.host is None, group.host is None, Safeguarding.POLICY)
    say_readiness(session, made.id, said, actor=SEEDER, now=now)
    return SeededGroup(made.id, people[MemberRole.OWNER], people[MemberRole.MEMBER])


def _find_host(session: Session, group: SeededGroup, body: DemoGroup, host: SeededGroup, now: datetime) -> None:
    contact = next(member for member in body.members if member.role is MemberRole.OWNER)
    details = HostDetails(
        body.name, body.legal_form, contact.name, contact.email, body.charity_number, body.company_number
    )
    asked = ask_host(session, group.id, details, link_to=link, actor=BrowserActor(person_id=group.owner_id), now=now)
    invited = Invitation.kind == InvitationKind.HOST, Invitation.subject == f"host:{asked.id}"
    invitation = session.scalars(select(Invitation).where(*invited)).one()
    agreed = now + timedelta(days=3)
    answer(session, invitation.id, accepts=True, reason="", actor=BrowserActor(person_id=host.owner_id), now=agreed)


def link(invitation: Invitation) -> str:
    """Return the address for an invitation's mail."""
    return mailed_address(invitation, current_app.config["PUBLIC_URL"], current_app.config["SECRET_KEY"])
