"""The people of a group: invite, let join, change their role, let go."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MEMBER_WORDS, GroupRight, MemberRole
from crowdfund.core import audit
from crowdfund.core.actor import Actor, Permit
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import NotFound, Refused
from crowdfund.groups.access import can_change_place, can_end_place
from crowdfund.groups.actions import add_member
from crowdfund.groups.invitations import INVITATION_PAGES, InvitationPage, LinkTo, invite, take_back
from crowdfund.groups.models import Group, Invitation, Member
from crowdfund.groups.queries import (
    count_owners,
    find_person_of,
    get_open_invitation,
    list_owner_emails,
    require_right,
    role_in,
)
from crowdfund.groups.rules import InvitationKind
from crowdfund.notifications.actions import queue_mail


def invite_member(
    session: Session,
    group_id: int,
    email: str,
    name: str,
    role: MemberRole,
    *,
    link_to: LinkTo,
    actor: Actor,
    now: datetime,
) -> Invitation:
    """Invite an address to the group and mail the link. Raises Refused where somebody of the group has it."""
    group = lock(session, Group, group_id)
    require_right(session, group_id, actor, GroupRight.MANAGE)
    if find_person_of(session, group_id, email) is not None:
        raise Refused("member_already", "Somebody with this address is in the group already.", "email")
    asked = (InvitationKind.MEMBER, f"group:{group_id}", email, name)
    invitation = invite(session, *asked, role=role, actor=actor, now=now)
    facts: dict[str, Any] = {"invitation_id": invitation.id, "role": role}
    audit.record(session, Tag.MEMBER_INVITED, actor=actor, subject_id=group_id, now=now, **facts)
    words: dict[str, Any] = {"group": group, "invitation": invitation, "inviter": _name(session, actor.person_id)}
    words |= {"role_words": MEMBER_WORDS[role], "link": link_to(invitation)}
    queue_mail(session, "member_invited", invitation.email, key=f"invitation:{invitation.id}", now=now, **words)
    return invitation


def cancel_invitation(session: Session, group_id: int, public_id: str, *, actor: Actor, now: datetime) -> None:
    """Take back an unanswered invitation to the group. Raises NotFound and Refused."""
    lock(session, Group, group_id)
    require_right(session, group_id, actor, GroupRight.MANAGE)
    take_back(session, get_open_invitation(session, group_id, public_id).id, group_id, actor=actor, now=now)


def change_role(
    session: Session, group_id: int, member_id: int, role: MemberRole, *, actor: Actor, now: datetime
) -> None:
    """Give a member another role. Raises Refused for the last owner: a group always has one."""
    lock(session, Group, group_id)  # owners are counted, so their changes go one after the other
    own = require_right(session, group_id, actor, GroupRight.MANAGE)
    member = _member(session, group_id, member_id)
    if member.role is role:
        return
    _demand(can_change_place(own, count_owners(session, group_id), member.role), "role")
    changed: dict[str, Any] = {"person_id": member.person_id, "old": member.role, "new": role}
    member.role = role
    session.flush()
    audit.record(session, Tag.MEMBER_ROLE_CHANGED, actor=actor, subject_id=group_id, now=now, **changed)


def end_place(session: Session, group_id: int, member_id: int, *, actor: Actor, now: datetime) -> None:
    """Leave the group, or as an owner remove somebody, who is told by mail. Raises Refused for the last owner."""
    group = lock(session, Group, group_id)
    own = require_right(session, group_id, actor, GroupRight.SEE)
    member = _member(session, group_id, member_id)
    is_self = member.person_id == actor.person_id
    _demand(can_end_place(own, count_owners(session, group_id), member.role, is_self=is_self), None)
    person = session.get_one(Person, member.person_id)
    session.delete(member)
    session.flush()
    audit.record(session, Tag.MEMBER_LEFT, actor=actor, subject_id=group_id, now=now, person_id=person.id)
    if person.email and not is_self:
        words: dict[str, Any] = {"group": group, "by": _name(session, actor.person_id)}
        key = f"group-removed:{member_id}:{now.isoformat()}"
        queue_mail(session, "group_removed", person.email, key=key, now=now, **words)


def _member(session: Session, group_id: int, member_id: int) -> Member:
    member = lock(session, Member, member_id)
    if member.group_id != group_id:
        raise NotFound(f"member {member_id} of group {group_id}")
    return member


def _demand(permit: Permit, field: str | None) -> None:
    if not permit:
        raise Refused("last_owner", permit.reason, field)


def _name(session: Session, person_id: int | None) -> str:
    return (session.get_one(Person, person_id).name if person_id else "") or "Somebody"


def _group_of(session: Session, invitation: Invitation) -> Group:
    return session.get_one(Group, int(invitation.subject.partition(":")[2]))


def _lock_group(session: Session, invitation: Invitation) -> None:
    lock(session, Group, int(invitation.subject.partition(":")[2]))


def _describe(session: Session, invitation: Invitation) -> dict[str, Any]:
    group = _group_of(session, invitation)
    assert invitation.role is not None
    return {
        "title": f"Join {group.name}",
        "group": group,
        "inviter": _name(session, invitation.invited_by_id),
        "role_words": MEMBER_WORDS[invitation.role],
        "accept": f"Join {group.name}",
        "refuse": "No, thank you",
        "accepted": f"Somebody joined {group.name} with this link. If it was you, sign in to see the group.",
        "refused": "The answer to this invitation was no. Ask the group for a new one if you changed your mind.",
        "after": (f"/apply/groups/{group.public_id}", f"Go to {group.name}"),
    }


def _join(session: Session, invitation: Invitation, person_id: int, actor: Actor, now: datetime) -> None:
    group = _group_of(session, invitation)
    assert invitation.role is not None
    if role_in(session, group.id, person_id) is not None:
        sentence = (
            f"You are in {group.name} already. If this invitation is for somebody else, pass the mail on: "
            "it works for whoever opens it and signs in."
        )
        raise Refused("member_already", sentence)
    owners = list_owner_emails(session, group.id)
    add_member(session, group, person_id, invitation.role)
    joined: dict[str, Any] = {"person_id": person_id, "role": invitation.role}
    audit.record(session, Tag.MEMBER_JOINED, actor=actor, subject_id=group.id, now=now, **joined)
    person = session.get_one(Person, person_id)
    words: dict[str, Any] = {
        "group": group,
        "person": person,
        "invitation": invitation,
        "role_words": MEMBER_WORDS[invitation.role],
    }
    for owner in owners:
        key = f"group-joined:{invitation.id}:{owner}"
        queue_mail(session, "group_joined", owner, key=key, now=now, **words)


def _decline(session: Session, invitation: Invitation, person_id: int, actor: Actor, now: datetime) -> None:  # noqa: ARG001 - kinds share a shape
    facts: dict[str, Any] = {"invitation_id": invitation.id, "kind": invitation.kind}
    group_id = _group_of(session, invitation).id
    audit.record(session, Tag.INVITATION_REFUSED, actor=actor, subject_id=group_id, now=now, **facts)


INVITATION_PAGES[InvitationKind.MEMBER] = InvitationPage(
    describe=_describe,
    on_accept=_join,
    on_refuse=_decline,
    template="groups/invitation_member.html",
    lock_subject=_lock_group,
    reason_wanted=False,
)
