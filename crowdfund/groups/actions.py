"""Changing groups."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import MemberRole
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.groups.models import Group, Member
from crowdfund.groups.rules import LegalForm


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


def create_group(session: Session, details: GroupDetails, *, actor: Actor, now: datetime) -> Group:
    """Create a group with an address of its own."""
    group = Group(public_id=ids.public_id(), slug=_free_slug(session, details.name), created_at=now, **vars(details))
    session.add(group)
    session.flush()
    audit.record(session, Tag.GROUP_CREATED, actor=actor, subject_id=group.id, now=now, legal_form=details.legal_form)
    return group


def add_member(session: Session, group: Group, person_id: int, role: MemberRole) -> None:
    """Give a person a place in a group."""
    session.add(Member(group_id=group.id, person_id=person_id, role=role))
    session.flush()


def _free_slug(session: Session, name: str) -> str:
    slug = ids.slugify(name)
    taken = session.scalar(select(func.count()).select_from(Group).where(Group.slug == slug))
    return f"{slug}-{ids.public_id()[:4]}" if taken else slug
