"""The town's invitations in every state but an open one, a host that said no, and people with other places."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.blueprint import link_to
from crowdfund.groups.hosts import HostDetails, ask_host
from crowdfund.groups.invitations import answer
from crowdfund.groups.models import Group, Invitation, Member
from crowdfund.groups.people import invite_member
from crowdfund.groups.rules import InvitationKind, InvitationState, LegalForm
from tests.support.acting import By
from tests.support.factories import make_group
from tests.support.people import make_named

REASON = "We host three groups already.\n\nAsk the volunteer centre in Canterbury; they look for one."


@dataclass(frozen=True)
class Invited:
    """Somebody who reads along in a group, and where the invitations and places are."""

    reader: Person
    addresses: dict[str, str]


def make_invited(owner: Person, now: datetime) -> Invited:
    """Return what became of invitations to a group of the owner; call it in a request context."""
    reader, host = make_named(now, name="Lena Moss"), make_named(now, name="Hal Hart")
    by: dict[str, Any] = {"actor": By(owner), "now": now}
    with unit_of_work() as session:
        group = make_group(session, now, legal_form=LegalForm.INFORMAL, name="Northgate Repair Shed")
        session.add(Member(group_id=group.id, person_id=owner.id, role=MemberRole.OWNER))
        session.flush()
        links = _members(session, group, reader, by)
        named = HostDetails("Ashford Volunteer Centre", LegalForm.ASSOCIATION, "Hal Hart", "hal@example.org")
        asked = ask_host(session, group.id, named, link_to=link_to, **by)
        question = session.scalars(select(Invitation).where(Invitation.subject == f"host:{asked.id}")).one()
        answer(session, question.id, accepts=False, reason=REASON, actor=By(host), now=now)
        is_open = Invitation.kind == InvitationKind.HOST, Invitation.state == InvitationState.OPEN
        links["host's link"] = _local(link_to(session.scalars(select(Invitation).where(*is_open)).one()))
        own = f"/apply/groups/{group.public_id}"
        places = select(Member.person_id, Member.id).where(Member.group_id == group.id)
        place = {person_id: f"{own}/people/{place_id}" for person_id, place_id in session.execute(places)}
    found = {"refused group": own, "place": place[reader.id], "own place": place[owner.id]}
    return Invited(reader, found | links)


def _members(session: Session, group: Group, reader: Person, by: dict[str, Any]) -> dict[str, str]:
    def invited(name: str, days_ago: int = 0) -> Invitation:
        asked = (group.id, f"{name.lower()}@example.org", name, MemberRole.READER)
        when = {"now": by["now"] - timedelta(days=days_ago)}
        return invite_member(session, *asked, link_to=link_to, **(by | when))

    found = {"answered": invited("Lena"), "over": invited("Otto", 20), "taken back": invited("Nia")}
    answer(session, found["answered"].id, accepts=True, reason="", actor=By(reader), now=by["now"])
    invited("Nia")
    return {f"invitation {state}": _local(link_to(invitation)) for state, invitation in found.items()}


def _local(address: str) -> str:
    return address[address.index("/invitations/") :]
