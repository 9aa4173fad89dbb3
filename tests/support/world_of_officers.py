"""The part of a small world that officers, hosts and funders are in: a row in each of their tables."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from crowdfund.accounts.models import Authenticator, EmailCode, KeptForm, OfficerPost, RecoveryCode
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.checking.models import Check, Concern, Fact, Item, Note
from crowdfund.checking.rules import ConcernOutcome, ConcernState, Finding, ItemAnswer
from crowdfund.core.db import Base
from crowdfund.core.ids import public_id
from crowdfund.decisions.models import Decision, Interest
from crowdfund.files.models import Purpose, StoredFile
from crowdfund.funds.models import Funder
from crowdfund.funds.rules import FunderKind
from crowdfund.groups.models import Group, Host, Invitation
from crowdfund.groups.rules import HostState, InvitationKind, InvitationState, LegalForm
from crowdfund.projects.models import Project, ProjectObjective, Question
from crowdfund.projects.rules import Objective, Section
from tests.support.funding import fill_fund, make_fund


def fill_officers(session: Session, project: Project, group: Group, person_id: int, now: datetime) -> None:
    """Fill the tables about accounts, funders, hosts, files and checks; inside a unit of work."""
    rows = [*_accounts(person_id, now), *_groups(group, person_id, now)]
    rows += [*_drafts(project, person_id, now), *_checks(project, person_id, now), *_decided(project, person_id, now)]
    session.add_all(rows)
    _fund(session, person_id, now)
    session.query(EmailCode).update({"link_hash": "1" * 64})
    session.flush()


def _accounts(person_id: int, now: datetime) -> list[Base]:
    return [
        Authenticator(person_id=person_id, sealed_secret="x", created_at=now, confirmed_at=now),
        RecoveryCode(person_id=person_id, code_hash="2" * 64, used_at=now),
        KeptForm(public_id=public_id(), path="/apply", sealed_fields="x", created_at=now),
    ]


def _fund(session: Session, person_id: int, now: datetime) -> None:
    """Add two funders, the first with a fund and an officer."""
    first, second = (
        Funder(public_id=public_id(), slug=slug, name=slug, kind=FunderKind.COUNTY) for slug in ("first", "second")
    )
    session.add_all([first, second])
    session.flush()
    fill_fund(session, make_fund(session, first, now), 5, now)
    post = {"person_id": person_id, "funder_id": first.id, "limit_pence": 5, "given_at": now}
    session.add(OfficerPost(role=OfficerRole.FUNDER_APPROVER, **post))


def _groups(group: Group, person_id: int, now: datetime) -> list[Base]:
    answered = {"answered_at": now, "answered_by_id": person_id}
    host = {"name": "Village Hall Trust", "contact_name": "Hal", "contact_email": "hal@example.org", "asked_at": now}
    asked = {"subject": f"group:{group.id}", "name": "Nia", "email": "nia@example.org", "role": MemberRole.READER}
    asked |= {"invited_by_id": person_id, "created_at": now, "expires_at": now + timedelta(days=14)}
    form, taken, member = LegalForm.ASSOCIATION, HostState.ACCEPTED, InvitationKind.MEMBER
    return [
        Host(public_id=public_id(), group_id=group.id, state=taken, legal_form=form, **host, **answered),
        Invitation(public_id=public_id(), kind=member, state=InvitationState.ACCEPTED, **asked, **answered),
    ]


def _drafts(project: Project, person_id: int, now: datetime) -> list[Base]:
    asked = {"section": Section.RISKS, "body": "What if it rains?", "asked_by_id": person_id, "asked_at": now}
    answered = {"answer": "We wait.", "answered_by_id": person_id, "answered_at": now, "due_on": now.date()}
    file = {"name": "a.jpg", "media_type": "image/jpeg", "size_bytes": 1, "body": b"x", "width": 640, "height": 480}
    uploaded = {"subject": f"project:{project.id}", "uploaded_by_id": person_id, "uploaded_at": now}
    return [
        ProjectObjective(project_id=project.id, objective=Objective.ISOLATION),
        Question(public_id=public_id(), project_id=project.id, **asked, **answered),
        StoredFile(public_id=public_id(), purpose=Purpose.PHOTO, **file, **uploaded),
    ]


def _checks(project: Project, person_id: int, now: datetime) -> list[Base]:
    of = {"project_id": project.id}
    case = {"body": "Is the group real?", "email": "nia@example.org", "officer_id": person_id, "opened_at": now}
    closed = {"due_at": now, "closed_at": now, "outcome": ConcernOutcome.ANSWERED, "answer": "It is."}
    return [
        Check(**of, officer_id=person_id, due_at=now, changed_at=now, changed_by_id=person_id),
        Fact(**of, key="number", finding=Finding.OK, words="It is there.", source="A register", checked_at=now),
        Item(**of, key="real", answer=ItemAnswer.YES, note="Seen.", answered_by_id=person_id, answered_at=now),
        Note(**of, body="Rang them.", written_by_id=person_id, written_at=now),
        Concern(**of, public_id=public_id(), reference="CN-1", state=ConcernState.CLOSED, **case, **closed),
    ]


def _decided(project: Project, person_id: int, now: datetime) -> list[Base]:
    subject = f"project:{project.id}"
    why = {"outcome": "accepted", "criterion": "meets_all", "reason": "All is well.", "authority": "Checker"}
    when = {"decided_by_id": person_id, "decided_at": now, "effective_at": now}
    return [
        Decision(public_id=public_id(), subject=subject, amount_pence=5, **why, **when),
        Interest(person_id=person_id, subject=subject, has_interest=True, statement="A friend.", declared_at=now),
    ]
