"""Reading groups."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MEMBER_RIGHTS, GroupRight, MemberRole
from crowdfund.core.actor import Actor, ActorKind
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.groups.models import Group, Host, Invitation, Member
from crowdfund.groups.rules import HostState, InvitationKind, InvitationState, needs_host_because


class Place(NamedTuple):
    """A person's place in a group, with the address that was invited where the place came of an invitation."""

    id: int
    person_id: int
    name: str
    email: str | None
    role: MemberRole
    invited_as: str | None


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


def get_own_group(session: Session, public_id: str, actor: Actor, right: GroupRight = GroupRight.SEE) -> Group:
    """Return a group that the actor is of. Raises NotFound for strangers, Forbidden without the right."""
    group = session.scalars(select(Group).where(Group.public_id == public_id)).one_or_none()
    if group is None:
        raise NotFound(f"group {public_id}")
    require_right(session, group.id, actor, right)
    return group


def list_members(session: Session, group_id: int) -> list[Place]:
    """Return the people of a group: owners first, then writers and readers, each by name."""
    joined_by = (
        select(Invitation.email)
        .where(
            Invitation.kind == InvitationKind.MEMBER,
            Invitation.subject == f"group:{group_id}",
            Invitation.state == InvitationState.ACCEPTED,
            Invitation.answered_by_id == Member.person_id,
        )
        .order_by(Invitation.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rank = case({role: place for place, role in enumerate(MemberRole)}, value=Member.role)
    statement = (
        select(Member.id, Member.person_id, Person.name, Person.email, Member.role, joined_by)
        .join(Person, Person.id == Member.person_id)
        .where(Member.group_id == group_id)
        .order_by(rank, Person.name, Member.id)
    )
    return [Place(*row) for row in session.execute(statement)]


def get_place(session: Session, group_id: int, member_id: int) -> Place:
    """Return one place in a group. Raises NotFound."""
    for place in list_members(session, group_id):
        if place.id == member_id:
            return place
    raise NotFound(f"member {member_id} of group {group_id}")


def count_owners(session: Session, group_id: int) -> int:
    """Return how many owners a group has."""
    owners = select(func.count()).where(Member.group_id == group_id, Member.role == MemberRole.OWNER)
    return session.scalar(owners) or 0


def list_owner_emails(session: Session, group_id: int) -> Sequence[str]:
    """Return the addresses of a group's owners, for mails."""
    statement = (
        select(Person.email)
        .join(Member, Member.person_id == Person.id)
        .where(Member.group_id == group_id, Member.role == MemberRole.OWNER, Person.email.is_not(None))
        .order_by(Person.id)
    )
    return [email for email in session.scalars(statement) if email]


def find_person_of(session: Session, group_id: int, email: str) -> int | None:
    """Return the person id of the member with this verified address, if there is one."""
    statement = select(Member.person_id).join(Person, Person.id == Member.person_id)
    return session.scalar(statement.where(Member.group_id == group_id, Person.email == email.strip().lower()))


def list_open_invitations(session: Session, group_id: int) -> Sequence[Invitation]:
    """Return the invitations to join a group that are not answered, newest first; some may have run out."""
    statement = select(Invitation).where(
        Invitation.kind == InvitationKind.MEMBER,
        Invitation.subject == f"group:{group_id}",
        Invitation.state == InvitationState.OPEN,
    )
    return session.scalars(statement.order_by(Invitation.id.desc())).all()


def get_open_invitation(session: Session, group_id: int, public_id: str) -> Invitation:
    """Return an unanswered invitation to join this group. Raises NotFound."""
    for invitation in list_open_invitations(session, group_id):
        if invitation.public_id == public_id:
            return invitation
    raise NotFound(f"invitation {public_id}")


def find_invitation(session: Session, public_id: str) -> Invitation | None:
    """Return an invitation of any kind and state, if there is one."""
    return session.scalars(select(Invitation).where(Invitation.public_id == public_id)).one_or_none()


def find_host(session: Session, group_id: int) -> Host | None:
    """Return the group's host, asked or agreed; None where there is none."""
    standing = Host.state.in_((HostState.ASKED, HostState.ACCEPTED))
    return session.scalars(select(Host).where(Host.group_id == group_id, standing)).one_or_none()


def find_accepted_host(session: Session, group_id: int) -> Host | None:
    """Return the host that agreed to take the money for a group, if there is one."""
    host = find_host(session, group_id)
    return host if host is not None and host.state is HostState.ACCEPTED else None


def has_accepted_host(session: Session, group_id: int) -> bool:
    """Say whether a host agreed to take the money for a group."""
    return find_accepted_host(session, group_id) is not None


def find_last_host(session: Session, group_id: int) -> Host | None:
    """Return the host asked last, whatever it said."""
    statement = select(Host).where(Host.group_id == group_id).order_by(Host.id.desc()).limit(1)
    return session.scalars(statement).one_or_none()


def find_host_invitation(session: Session, host_id: int) -> Invitation | None:
    """Return the newest mail sent to a host, with the reason where it said no."""
    statement = select(Invitation).where(
        Invitation.kind == InvitationKind.HOST, Invitation.subject == f"host:{host_id}"
    )
    return session.scalars(statement.order_by(Invitation.id.desc()).limit(1)).one_or_none()


def needs_host(group: Group) -> bool:
    """Say whether money can only come to a group through a host."""
    return needs_host_because(group.legal_form, group.has_bank_account)
