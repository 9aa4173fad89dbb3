"""The second signatory: sees the project as it stands and the declaration, and confirms or refuses by their own link.

Importing this module makes the page behind the mailed link known to groups.invitations.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.groups.invitations import INVITATION_PAGES, InvitationPage
from crowdfund.groups.models import Invitation
from crowdfund.groups.rules import InvitationKind
from crowdfund.projects.answers import answers_of
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.queries import find_division_name, get_project, load_draft
from crowdfund.projects.rules import ProjectState

DECLARATION = (
    "Everything we say about the project is true and complete, as far as we know.",
    "Our group has agreed to do this project, and the people named as doing something know of it.",
    "The money will be used only for what the costs say, and we keep the receipts for six years.",
    "We have, or will have before work starts, every permission, insurance and safeguard that it needs.",
    "We tell the council at once when something important changes.",
    "The council may check what we say and show the project publicly.",
)
_OPEN = frozenset({ProjectState.SUBMITTED, ProjectState.READY})


def project_id_of(invitation: Invitation) -> int:
    """Return the project that an invitation to a signatory is about."""
    return int(invitation.subject.partition(":")[2])


def _lock_project(session: Session, invitation: Invitation) -> None:
    lock(session, Project, project_id_of(invitation))


def _describe(session: Session, invitation: Invitation) -> dict[str, Any]:
    project = get_project(session, project_id_of(invitation))
    draft = load_draft(session, project)
    declarer = session.get(Person, project.declared_by_id) if project.declared_by_id else None
    return {
        "title": f"Do you confirm the declaration for {project.title}?",
        "project": project,
        "group": project.group,
        "declarer": (declarer.name if declarer else "") or "Somebody of the group",
        "declaration": DECLARATION,
        "sections": answers_of(draft, find_division_name(session, project.division_code)),
        "accept": "I confirm the declaration",
        "refuse": "I do not confirm it",
        "accepted": f"The declaration for {project.title} is confirmed. The group and the council know.",
        "refused": f"The declaration for {project.title} was not confirmed. The group knows.",
    }


def _confirm(session: Session, invitation: Invitation, person_id: int, actor: Actor, now: datetime) -> None:
    project = _answerable(session, invitation, person_id)
    project.signed_at = now
    session.flush()
    facts: dict[str, Any] = {"invitation_id": invitation.id}
    audit.record(session, Tag.SIGNATORY_CONFIRMED, actor=actor, subject_id=project.id, now=now, **facts)
    mail_group(session, project, "project_signatory_answered", now, invitation=invitation, confirmed=True)


def _refuse(session: Session, invitation: Invitation, person_id: int, actor: Actor, now: datetime) -> None:
    project = _answerable(session, invitation, person_id)
    facts: dict[str, Any] = {"invitation_id": invitation.id}
    audit.record(session, Tag.SIGNATORY_REFUSED, actor=actor, subject_id=project.id, now=now, **facts)
    mail_group(session, project, "project_signatory_answered", now, invitation=invitation, confirmed=False)


def _answerable(session: Session, invitation: Invitation, person_id: int) -> Project:
    project = session.get_one(Project, project_id_of(invitation))
    if person_id == project.declared_by_id:
        sentence = (
            "You made the declaration yourself, so somebody else has to confirm it. "
            "Pass the mail on: the link works for whoever opens it and signs in."
        )
        raise Refused("declarer_signs", sentence)
    if project.state not in _OPEN:
        sentence = "The group is changing the project just now. When it is submitted again you get a new mail."
        raise Refused("not_submitted", sentence)
    return project


INVITATION_PAGES[InvitationKind.SIGNATORY] = InvitationPage(
    describe=_describe,
    on_accept=_confirm,
    on_refuse=_refuse,
    template="projects/invitation_signatory.html",
    lock_subject=_lock_project,
)
