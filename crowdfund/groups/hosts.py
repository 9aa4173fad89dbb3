"""Hosts: a constituted body that agrees, by its own link, to take the money for a group.

Packages above register in HOST_KEEPERS who says that a group's money still needs its host.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import GroupRight
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.groups.invitations import INVITATION_PAGES, InvitationPage, LinkTo, invite, take_back_all
from crowdfund.groups.models import Group, Host, Invitation
from crowdfund.groups.queries import find_host, find_person_of, list_owner_emails, needs_host, require_right, role_in
from crowdfund.groups.rules import FORM_WORDS, HOST_MACHINE, HostState, InvitationKind, LegalForm
from crowdfund.notifications.actions import queue_mail

HOST_KEEPERS: set[Callable[[Session, int], bool]] = set()
HOST_DAYS = 42  # its committee may have to meet first


@dataclass(frozen=True)
class HostDetails:
    """The body a group asks to be its host, and who answers for it."""

    name: str
    legal_form: LegalForm
    contact_name: str
    contact_email: str
    charity_number: str | None = None
    company_number: str | None = None


def ask_host(
    session: Session, group_id: int, details: HostDetails, *, link_to: LinkTo, actor: Actor, now: datetime
) -> Host:
    """Name a host for the group and mail it the question.

    Raises Refused where the group has a host or waits for one, and for a contact who is of the group.
    """
    group = lock(session, Group, group_id)
    require_right(session, group_id, actor, GroupRight.MANAGE)
    if find_host(session, group_id) is not None:
        raise Refused("host_standing", "Your group has named a host already. End that first.")
    if details.legal_form is LegalForm.INFORMAL:
        sentence = "A host has rules of its own and a bank account, so it cannot be an informal group."
        raise Refused("host_informal", sentence, "legal_form")
    if find_person_of(session, group_id, details.contact_email) is not None:
        sentence = "This person is in your group. A host answers for itself: name somebody who is not in your group."
        raise Refused("host_is_member", sentence, "contact_email")
    host = Host(public_id=ids.public_id(), group_id=group_id, state=HostState.ASKED, asked_at=now, **vars(details))
    session.add(host)
    session.flush()
    audit.record(session, Tag.HOST_ASKED, actor=actor, subject_id=group_id, now=now, host_id=host.id)
    _mail_question(session, group, host, link_to=link_to, actor=actor, now=now)
    return host


def ask_host_again(session: Session, group_id: int, *, link_to: LinkTo, actor: Actor, now: datetime) -> None:
    """Mail the question to the host once more; only the newest link works. Raises Refused once it has answered."""
    group, host = _locked(session, group_id, actor)
    if host.state is not HostState.ASKED:
        raise Refused("host_answered", "The host has answered already.")
    _mail_question(session, group, host, link_to=link_to, actor=actor, now=now)


def end_host(session: Session, group_id: int, *, actor: Actor, now: datetime) -> None:
    """End what was agreed with, or asked of, the host; it is told by mail.

    Raises Refused where there is none, and while money of the group's projects needs it.
    """
    group, host = _locked(session, group_id, actor)
    needed = host.state is HostState.ACCEPTED and needs_host(group)
    if needed and any(keeps(session, group_id) for keeps in HOST_KEEPERS):
        sentence = (
            "A project of your group is open or has money to receive, and you have no bank account in the group’s "
            "name, so this host has to stay. Write to us if it cannot: we find a way with you."
        )
        raise Refused("host_in_use", sentence)
    take_back_all(session, InvitationKind.HOST, _subject(host))
    _move(session, host, HostState.ENDED, actor=actor, now=now)
    words: dict[str, Any] = {"group": group, "host": host}
    queue_mail(session, "group_host_ended", host.contact_email, key=f"host-ended:{host.id}", now=now, **words)


def _locked(session: Session, group_id: int, actor: Actor) -> tuple[Group, Host]:
    group = lock(session, Group, group_id)
    require_right(session, group_id, actor, GroupRight.MANAGE)
    standing = find_host(session, group_id)
    if standing is None:
        raise Refused("no_host", "Your group has no host just now.")
    return group, lock(session, Host, standing.id)


def _mail_question(session: Session, group: Group, host: Host, *, link_to: LinkTo, actor: Actor, now: datetime) -> None:
    asked = (InvitationKind.HOST, _subject(host), host.contact_email, host.contact_name)
    invitation = invite(session, *asked, actor=actor, now=now, days=HOST_DAYS)
    words: dict[str, Any] = {"group": group, "host": host, "invitation": invitation, "link": link_to(invitation)}
    queue_mail(session, "host_asked", host.contact_email, key=f"invitation:{invitation.id}", now=now, **words)


def _move(session: Session, host: Host, new: HostState, *, actor: Actor, now: datetime) -> None:
    moved: dict[str, Any] = {"host_id": host.id, "old": host.state, "new": new}
    host.state = HOST_MACHINE.move(host.state, new)
    session.flush()
    audit.record(session, Tag.HOST_MOVED, actor=actor, subject_id=host.group_id, now=now, **moved)


def _subject(host: Host) -> str:
    return f"host:{host.id}"


def _host_of(session: Session, invitation: Invitation) -> Host:
    return session.get_one(Host, int(invitation.subject.partition(":")[2]))


def _lock_both(session: Session, invitation: Invitation) -> None:
    host = _host_of(session, invitation)
    lock(session, Group, host.group_id)
    lock(session, Host, host.id)


def _describe(session: Session, invitation: Invitation) -> dict[str, Any]:
    host = _host_of(session, invitation)
    group = session.get_one(Group, host.group_id)
    return {
        "title": f"Will {host.name} be the host of {group.name}?",
        "group": group,
        "host": host,
        "form_words": FORM_WORDS,
        "accept": "Yes, we will be the host",
        "refuse": "No, we will not",
        "accepted": f"{host.name} agreed to be the host of {group.name}. The group knows.",
        "refused": f"{host.name} said no to being the host of {group.name}. The group knows.",
    }


def _accept(session: Session, invitation: Invitation, person_id: int, actor: Actor, now: datetime) -> None:  # noqa: ARG001 - kinds share a shape
    _answer(session, invitation, HostState.ACCEPTED, actor=actor, now=now)


def _refuse(session: Session, invitation: Invitation, person_id: int, actor: Actor, now: datetime) -> None:  # noqa: ARG001 - kinds share a shape
    _answer(session, invitation, HostState.REFUSED, actor=actor, now=now)


def _answer(session: Session, invitation: Invitation, new: HostState, *, actor: Actor, now: datetime) -> None:
    host = _host_of(session, invitation)
    group = session.get_one(Group, host.group_id)
    if role_in(session, group.id, actor.person_id) is not None:
        sentence = (
            f"You are in {group.name} yourself, so you cannot answer for its host. "
            f"Pass the mail on to somebody of {host.name} who is not in the group."
        )
        raise Refused("host_is_member", sentence)
    host.answered_at, host.answered_by_id = now, actor.person_id
    _move(session, host, new, actor=actor, now=now)
    person = session.get_one(Person, actor.person_id)
    words: dict[str, Any] = {"group": group, "host": host, "agreed": new is HostState.ACCEPTED, "answerer": person}
    for owner in list_owner_emails(session, group.id):
        key = f"host-answered:{host.id}:{owner}"
        queue_mail(session, "host_answered", owner, key=key, now=now, reason=invitation.reason, **words)


INVITATION_PAGES[InvitationKind.HOST] = InvitationPage(
    describe=_describe,
    on_accept=_accept,
    on_refuse=_refuse,
    template="groups/invitation_host.html",
    lock_subject=_lock_both,
)
