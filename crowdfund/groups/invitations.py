"""Asking somebody by mail to do something: invite, answer, take back; and who shows each kind of invitation.

Other packages register their kind in INVITATION_PAGES, so that groups need not know them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import tidy_email
from crowdfund.accounts.roles import MemberRole
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.groups.models import Invitation
from crowdfund.groups.rules import INVITATION_MACHINE, InvitationKind, InvitationState

INVITATION_DAYS = 14
MOST_REASON = 1000

LinkTo = Callable[[Invitation], str]  # makes the address for the mail
Describe = Callable[[Session, Invitation], dict[str, Any]]
Answered = Callable[[Session, Invitation, int, Actor, datetime], None]


def _nothing(session: Session, invitation: Invitation) -> None:
    """Lock nothing: for kinds whose answer touches one row only."""


@dataclass(frozen=True)
class InvitationPage:
    """How one kind of invitation is shown and answered.

    `describe` returns the page's words: `title` (the h1), `accept` (the button), `accepted` and `refused`
    (sentences for a page that is opened again), optionally `refuse` (its button), `after` (address and words of
    where to go once accepted), and whatever the template shows in its block `asked`. `on_accept` and `on_refuse`
    get the answerer's person id, run in the same unit of work with the subject and then the invitation locked, and
    may raise Refused. `lock_subject` locks what the answer decides on, in the order of DESIGN 3.
    """

    describe: Describe
    on_accept: Answered
    on_refuse: Answered
    template: str = "groups/invitation.html"
    lock_subject: Callable[[Session, Invitation], None] = _nothing
    reason_wanted: bool = True


INVITATION_PAGES: dict[InvitationKind, InvitationPage] = {}


def invite(
    session: Session,
    kind: InvitationKind,
    subject: str,
    email: str,
    name: str,
    *,
    role: MemberRole | None = None,
    actor: Actor,
    now: datetime,
    days: int = INVITATION_DAYS,
) -> Invitation:
    """Invite an address to do something about a subject such as 'project:12', for so many days.

    An open invitation of the same address is taken back, so only the newest link works. The caller holds a lock on
    the subject, audits, and mails the link.
    """
    assert actor.person_id is not None, "somebody invites"
    address = tidy_email(email)
    for earlier in session.scalars(_open(kind, subject).where(Invitation.email == address)):
        _take_back(session, earlier.id)
    invitation = Invitation(
        public_id=ids.public_id(),
        kind=kind,
        state=InvitationState.OPEN,
        subject=subject,
        name=name,
        email=address,
        role=role,
        invited_by_id=actor.person_id,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(invitation)
    session.flush()
    return invitation


def answer(
    session: Session, invitation_id: int, *, accepts: bool, reason: str, actor: Actor, now: datetime
) -> Invitation:
    """Record the answer of the signed-in person who opened the link, whatever their address is.

    Raises Refused for an invitation that ran out, was taken back or was answered before, and what the kind refuses.
    """
    assert actor.person_id is not None, "somebody answers"
    page = INVITATION_PAGES[session.get_one(Invitation, invitation_id).kind]
    page.lock_subject(session, session.get_one(Invitation, invitation_id))
    invitation = lock(session, Invitation, invitation_id)
    _refuse_closed(invitation, now)
    if not accepts and page.reason_wanted and not reason:
        raise Refused("reason_missing", "Say why not, in a sentence. We pass it on.", "reason")
    handle = page.on_accept if accepts else page.on_refuse
    state = InvitationState.ACCEPTED if accepts else InvitationState.REFUSED
    invitation.reason = "" if accepts else reason
    handle(session, invitation, actor.person_id, actor, now)
    invitation.state = INVITATION_MACHINE.move(invitation.state, state)
    invitation.answered_at, invitation.answered_by_id = now, actor.person_id
    session.flush()
    return invitation


def take_back_all(session: Session, kind: InvitationKind, subject: str) -> None:
    """Take back every open invitation of a kind about a subject, which the caller has locked."""
    for invitation in session.scalars(_open(kind, subject)):
        _take_back(session, invitation.id)


def take_back(session: Session, invitation_id: int, group_id: int, *, actor: Actor, now: datetime) -> None:
    """Take back one open invitation and record it with the group, which the caller has locked.

    Raises Refused when it was answered or taken back already.
    """
    invitation = _take_back(session, invitation_id)
    facts: dict[str, Any] = {"invitation_id": invitation.id, "kind": invitation.kind}
    audit.record(session, Tag.INVITATION_CANCELLED, actor=actor, subject_id=group_id, now=now, **facts)


def _open(kind: InvitationKind, subject: str) -> Any:
    statement = select(Invitation).where(Invitation.kind == kind, Invitation.subject == subject)
    return statement.where(Invitation.state == InvitationState.OPEN).order_by(Invitation.id)


def _take_back(session: Session, invitation_id: int) -> Invitation:
    invitation = lock(session, Invitation, invitation_id)
    if invitation.state is not InvitationState.OPEN:
        raise Refused("invitation_closed", "This invitation was answered or taken back in the meantime.")
    invitation.state = INVITATION_MACHINE.move(invitation.state, InvitationState.CANCELLED)
    session.flush()
    return invitation


def _refuse_closed(invitation: Invitation, now: datetime) -> None:
    if invitation.state is InvitationState.CANCELLED:
        raise Refused("invitation_cancelled", "This invitation was taken back. A newer one may be in your mail.")
    if invitation.state is not InvitationState.OPEN:
        raise Refused("invitation_used", "This invitation was answered already.")
    if now >= invitation.expires_at:
        raise Refused("invitation_expired", "This invitation has run out. Ask for a new one.")
