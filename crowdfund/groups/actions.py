"""Changing groups and what they say about themselves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight, MemberRole
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock, one_at_a_time
from crowdfund.core.errors import Refused
from crowdfund.groups.models import Group, Member
from crowdfund.groups.queries import require_right
from crowdfund.groups.rules import LegalForm, Safeguarding


@dataclass(frozen=True)
class GroupDetails:
    """What a group tells about itself."""

    name: str
    legal_form: LegalForm
    about: str
    town: str
    district_code: str
    contact_email: str
    charity_number: str | None = None
    company_number: str | None = None
    postcode: str | None = None
    website: str = ""


@dataclass(frozen=True)
class Readiness:
    """What a group says about its rules, its bank account, who signs and safeguarding."""

    has_rules: bool
    has_bank_account: bool
    has_two_signatories: bool
    safeguarding: Safeguarding


def create_group(session: Session, details: GroupDetails, *, actor: Actor, now: datetime) -> Group:
    """Create a group with an address of its own."""
    group = Group(public_id=ids.public_id(), slug=_free_slug(session, details.name), created_at=now, **vars(details))
    session.add(group)
    session.flush()
    audit.record(session, Tag.GROUP_CREATED, actor=actor, subject_id=group.id, now=now, legal_form=details.legal_form)
    return group


def start_group(session: Session, details: GroupDetails, *, actor: Actor, now: datetime) -> Group:
    """Create a group whose owner is the signed-in person who starts it.

    Raises Refused where a group with one of its numbers is here already, or the person has one of this name.
    """
    assert actor.person_id is not None, "somebody signed in starts a group"
    one_at_a_time(session, f"groups-of:{actor.person_id}")
    _refuse_same_name(session, details.name, actor.person_id)
    _refuse_known_number(session, details)
    group = create_group(session, details, actor=actor, now=now)
    add_member(session, group, actor.person_id, MemberRole.OWNER)
    joined = {"person_id": actor.person_id, "role": MemberRole.OWNER}
    audit.record(session, Tag.MEMBER_JOINED, actor=actor, subject_id=group.id, now=now, **joined)
    return group


def change_details(session: Session, group_id: int, details: GroupDetails, *, actor: Actor, now: datetime) -> None:
    """Change what a group tells about itself; the address of its page stays.

    Raises Forbidden for people who may not, Refused where another group has one of the numbers.
    """
    group = lock(session, Group, group_id)
    require_right(session, group_id, actor, GroupRight.MANAGE)
    _refuse_known_number(session, details, but=group_id)
    _set(session, group, vars(details), actor=actor, now=now)


def say_readiness(session: Session, group_id: int, said: Readiness, *, actor: Actor, now: datetime) -> None:
    """Record what a group says it has. Raises Forbidden for people who may not."""
    group = lock(session, Group, group_id)
    require_right(session, group_id, actor, GroupRight.MANAGE)
    _set(session, group, vars(said), actor=actor, now=now)


def add_member(session: Session, group: Group, person_id: int, role: MemberRole) -> None:
    """Give a person a place in a group."""
    session.add(Member(group_id=group.id, person_id=person_id, role=role))
    session.flush()


def _set(session: Session, group: Group, values: dict[str, object], *, actor: Actor, now: datetime) -> None:
    changed = sorted(name for name, value in values.items() if getattr(group, name) != value)
    for name in changed:
        setattr(group, name, values[name])
    session.flush()
    if changed:
        audit.record(session, Tag.GROUP_CHANGED, actor=actor, subject_id=group.id, now=now, fields=changed)


def _refuse_same_name(session: Session, name: str, person_id: int) -> None:
    own = select(Group.name).join(Member, Member.group_id == Group.id).where(Member.person_id == person_id)
    if name.casefold() in {one.casefold() for one in session.scalars(own)}:
        sentence = "You have a group with this name already. You find it under your account."
        raise Refused("same_name", sentence, "name")


def _refuse_known_number(session: Session, details: GroupDetails, but: int | None = None) -> None:
    for field in ("charity_number", "company_number"):
        number = getattr(details, field)
        if number is None:
            continue
        one_at_a_time(session, f"{field}:{number}")
        column = getattr(Group, field)
        if session.scalar(select(Group.id).where(column == number, Group.id != (but or 0)).limit(1)) is not None:
            sentence = (
                "A group with this number is here already. Ask one of its owners to invite you. "
                "If you do not know who that is, write to us: our address is at the foot of the page."
            )
            raise Refused("number_known", sentence, field)


def _free_slug(session: Session, name: str) -> str:
    slug = ids.slugify(name)
    taken = session.scalar(select(func.count()).select_from(Group).where(Group.slug == slug))
    return f"{slug}-{ids.public_id()[:4]}" if taken else slug
