"""Reading groups."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.errors import NotFound
from crowdfund.groups.models import Group, Member


def get_group(session: Session, slug: str) -> Group:
    """Return the group at this address. Raises NotFound."""
    group = session.scalars(select(Group).where(Group.slug == slug)).one_or_none()
    if group is None:
        raise NotFound(f"group {slug}")
    return group


def is_member(session: Session, group_id: int, person_id: int) -> bool:
    """Say whether a person belongs to a group."""
    found = session.scalar(select(Member.id).where(Member.group_id == group_id, Member.person_id == person_id))
    return found is not None
