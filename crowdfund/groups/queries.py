"""Reading groups."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import MEMBER_RIGHTS, GroupRight, MemberRole
from crowdfund.core.actor import Actor, ActorKind
from crowdfund.core.errors import Forbidden, NotFound
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


def role_in(session: Session, group_id: int, person_id: int | None) -> MemberRole | None:
    """Return a person's role in a group, None for a stranger."""
    if person_id is None:
        return None
    return session.scalar(select(Member.role).where(Member.group_id == group_id, Member.person_id == person_id))


def require_right(session: Session, group_id: int, actor: Actor, right: GroupRight) -> MemberRole | None:
    """Return the actor's role in the group, None for the service itself.

    Raises NotFound for strangers, who learn nothing, and Forbidden for members without the right.
    """
    if actor.kind is ActorKind.SYSTEM:
        return None
    role = role_in(session, group_id, actor.person_id)
    if role is None:
        raise NotFound(f"group {group_id}")
    if right not in MEMBER_RIGHTS[role]:
        raise Forbidden(f"Your place in the group does not let you {right}. Ask an owner of the group.")
    return role
