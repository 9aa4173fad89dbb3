"""From a finished draft to the council and back: declare and submit, another signatory, withdraw, take up again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.actions import tidy_email
from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import GroupRight, MemberRole
from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor, Permit
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.groups.invitations import LinkTo, invite, take_back_all
from crowdfund.groups.models import Group, Invitation
from crowdfund.groups.queries import require_right
from crowdfund.groups.rules import InvitationKind
from crowdfund.notifications.actions import queue_mail
from crowdfund.places.calendar import due_after
from crowdfund.projects.access import can_change_signatory, can_submit, can_take_up, can_withdraw
from crowdfund.projects.actions import move_project
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.queries import load_draft
from crowdfund.projects.rules import ProjectState, Section
from crowdfund.projects.sections import gaps

OPEN_CHECK = "checking:open"
CHECK_DAYS = 10  # working days until a check is done
SIGNATORY_DAYS = 42  # as long as a host has


def submit_project(
    session: Session, project_id: int, name: str, email: str, *, link_to: LinkTo, actor: Actor, now: datetime
) -> Project:
    """Declare for the group that everything is true, ask the second signatory by mail, and hand the project in.

    Raises Refused while anything is missing, or for a signatory who is the declarer.
    """
    project = _locked(session, project_id, can_submit, actor)
    draft, today = load_draft(session, project), now.astimezone(LONDON).date()
    if any(gaps(draft, section, today) for section in Section):
        raise Refused("incomplete", "Something is missing still. The page with your answers shows what.")
    _refuse_declarer(session, actor, email)
    project.submitted_at, project.declared_by_id, project.signed_at = now, actor.person_id, None
    move_project(session, project_id, ProjectState.SUBMITTED, actor=actor, now=now)
    invitation = _ask_signatory(session, project, name, email, link_to=link_to, actor=actor, now=now)
    facts: dict[str, Any] = {"signatory_invitation_id": invitation.id}
    audit.record(session, Tag.PROJECT_DECLARED, actor=actor, subject_id=project_id, now=now, **facts)
    told: dict[str, Any] = {"signatory": name, "due_at": due_after(now, CHECK_DAYS)}
    mail_group(session, project, "project_submitted", now, GroupRight.SUBMIT, **told)
    key = f"{OPEN_CHECK}:{project_id}:{now.timestamp()}"
    jobs.enqueue(session, OPEN_CHECK, {"project_id": project_id}, dedupe_key=key, now=now)
    return project


def change_signatory(
    session: Session, project_id: int, name: str, email: str, *, link_to: LinkTo, actor: Actor, now: datetime
) -> None:
    """Ask somebody else to confirm the declaration; the link of the one before stops working."""
    project = _locked(session, project_id, can_change_signatory, actor)
    _refuse_declarer(session, actor, email, project.declared_by_id)
    invitation = _ask_signatory(session, project, name, email, link_to=link_to, actor=actor, now=now)
    facts: dict[str, Any] = {"signatory_invitation_id": invitation.id}
    audit.record(session, Tag.PROJECT_DECLARED, actor=actor, subject_id=project_id, now=now, **facts)


def withdraw_project(session: Session, project_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a project back before it is launched; its group is told, and its links to the signatory stop working."""
    project = _locked(session, project_id, can_withdraw, actor)
    take_back_all(session, InvitationKind.SIGNATORY, f"project:{project_id}")
    project.launch_on, project.signed_at = None, None
    move_project(session, project_id, ProjectState.WITHDRAWN, actor=actor, now=now)
    mail_group(session, project, "project_withdrawn", now)


def take_up_again(session: Session, project_id: int, *, actor: Actor, now: datetime) -> None:
    """Make a withdrawn project a draft again, with everything that was written."""
    project = _locked(session, project_id, can_take_up, actor)
    project.checked_at = None
    move_project(session, project_id, ProjectState.DRAFT, actor=actor, now=now)


def _locked(
    session: Session, project_id: int, may: Callable[[Project, MemberRole | None], Permit], actor: Actor
) -> Project:
    project = lock(session, Project, project_id)
    permit = may(project, require_right(session, project.group_id, actor, GroupRight.SUBMIT))
    if not permit:
        raise Refused("closed", permit.reason)
    return project


def _refuse_declarer(session: Session, actor: Actor, email: str, declared_by_id: int | None = None) -> None:
    declarers = {actor.person_id, declared_by_id} - {None}
    own = {session.get_one(Person, person_id).email for person_id in sorted(p for p in declarers if p)}
    if tidy_email(email) in own:
        sentence = "The second signatory is somebody else than the person who declares. Enter their own address."
        raise Refused("own_address", sentence, "email")


def _ask_signatory(
    session: Session, project: Project, name: str, email: str, *, link_to: LinkTo, actor: Actor, now: datetime
) -> Invitation:
    subject = f"project:{project.id}"
    take_back_all(session, InvitationKind.SIGNATORY, subject)
    asked = (InvitationKind.SIGNATORY, subject, email, name)
    invitation = invite(session, *asked, actor=actor, now=now, days=SIGNATORY_DAYS)
    declarer = session.get_one(Person, project.declared_by_id).name or "Somebody of the group"
    words: dict[str, Any] = {"project": project, "group": session.get_one(Group, project.group_id)}
    words |= {"invitation": invitation, "link": link_to(invitation), "declarer": declarer}
    queue_mail(session, "project_signatory_asked", email, key=f"invitation:{invitation.id}", now=now, **words)
    return invitation
