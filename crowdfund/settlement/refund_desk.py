"""Reading payments, refunds and disputes for the officers' desk. Amounts are pence."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import NotFound
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.refunding import find_refusal, left_pence
from crowdfund.payments.rules import AttemptState, DisputeState, RefundState
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from crowdfund.settlement.giving_back import exposed_pence

MOST_FOUND = 25
SHOWS: dict[str, str] = {
    "asked": "Waiting for a second person",
    "failed": "Failed, for finance to make good",
    "coming": "On their way",
    "sent": "Sent to the card",
    "all": "All",
}
_F = RefundState
_OF_SHOW: dict[str, ColumnElement[bool]] = {
    "asked": Refund.state == _F.ASKED,
    "failed": and_(Refund.state == _F.FAILED, Refund.settled_at.is_(None)),
    "coming": Refund.state.in_((_F.APPROVED, _F.PENDING)),
    "sent": Refund.state == _F.SUCCEEDED,
    "all": Refund.id.is_not(None),
}
_SUBJECT = literal("pledge:", String) + cast(Pledge.id, String)


@dataclass(frozen=True)
class Row:
    """A refund with what it is about."""

    refund: Refund
    attempt: ChargeAttempt
    pledge: Pledge
    project: Project


@dataclass(frozen=True)
class Paid:
    """A paid charge with what it is about."""

    attempt: ChargeAttempt
    pledge: Pledge
    project: Project


@dataclass(frozen=True)
class Payment:
    """A paid charge, everything that was given back of it, and what stands in the way of giving back more."""

    attempt: ChargeAttempt
    pledge: Pledge
    project: Project
    refunds: Sequence[Refund]
    disputes: Sequence[Dispute]
    left_pence: int
    exposed_pence: int  # how much of what is left is not held for the project any more
    refusal: str


@dataclass(frozen=True)
class Disputed:
    """A dispute with what it is about."""

    dispute: Dispute
    attempt: ChargeAttempt
    pledge: Pledge
    project: Project


def count_refunds(session: Session) -> dict[str, tuple[int, int]]:
    """Return how many refunds each part of the list has, and what they add up to, in one query."""
    sums: list[Any] = []
    for part in _OF_SHOW.values():
        sums += [func.count(case((part, 1))), func.coalesce(func.sum(case((part, Refund.amount_pence))), 0)]
    found = session.execute(select(*sums)).one()
    return {show: (int(found[2 * n]), int(found[2 * n + 1])) for n, show in enumerate(_OF_SHOW)}


def list_refunds(session: Session, show: str, *, offset: int, limit: int) -> list[Row]:
    """Return a part of the list, the newest first."""
    wanted = _joined(select(Refund, ChargeAttempt, Pledge, Project).join(ChargeAttempt)).where(_OF_SHOW[show])
    ordered = wanted.order_by(Refund.created_at.desc(), Refund.id.desc())
    return [Row(*found) for found in session.execute(ordered.offset(offset).limit(limit))]


def get_refund(session: Session, public_id: str) -> Row:
    """Return one refund. Raises NotFound."""
    wanted = _joined(select(Refund, ChargeAttempt, Pledge, Project).join(ChargeAttempt))
    return Row(*_one(session, wanted.where(Refund.public_id == public_id), f"refund {public_id}"))


def get_payment(session: Session, public_id: str) -> Payment:
    """Return one paid charge. Raises NotFound, also for one that was not paid."""
    wanted = _paid().where(ChargeAttempt.public_id == public_id)
    attempt, pledge, project = _one(session, wanted, f"charge {public_id}")
    refunds = select(Refund).where(Refund.attempt_id == attempt.id).order_by(Refund.id)
    disputes = select(Dispute).where(Dispute.attempt_id == attempt.id).order_by(Dispute.id)
    left = left_pence(session, attempt)
    return Payment(
        attempt,
        pledge,
        project,
        session.scalars(refunds).all(),
        session.scalars(disputes).all(),
        left,
        exposed_pence(session, project.id, left),
        find_refusal(session, attempt.id),
    )


def find_payments(session: Session, reference: str) -> list[Paid]:
    """Return the paid charges of the pledge with this reference, as people type it."""
    typed = reference.strip().upper()
    wanted = _paid().where(Pledge.reference == typed).order_by(ChargeAttempt.id)
    return [Paid(*found) for found in session.execute(wanted)]


def find_projects(session: Session, words: str) -> Sequence[Project]:
    """Return projects with paid charges whose name has these words, by name; the first few."""
    about = literal("project:", String) + cast(Project.id, String)
    paid = select(ChargeAttempt.about).where(ChargeAttempt.state == AttemptState.SUCCEEDED)
    named = select(Project).options(joinedload(Project.group)).where(Project.title.icontains(words, autoescape=True))
    return session.scalars(named.where(about.in_(paid)).order_by(Project.title, Project.id).limit(MOST_FOUND)).all()


def count_payments(session: Session, project_id: int) -> int:
    """Return how many charges of a project were paid."""
    counted = select(func.count()).where(
        ChargeAttempt.about == f"project:{project_id}", ChargeAttempt.state == AttemptState.SUCCEEDED
    )
    return int(session.scalar(counted) or 0)


def list_payments(session: Session, project_id: int, *, offset: int, limit: int) -> list[Paid]:
    """Return the paid charges of a project, the newest first."""
    wanted = _paid().where(ChargeAttempt.about == f"project:{project_id}")
    ordered = wanted.order_by(ChargeAttempt.ended_at.desc(), ChargeAttempt.id.desc())
    return [Paid(*found) for found in session.execute(ordered.offset(offset).limit(limit))]


def count_disputes(session: Session) -> tuple[int, int, int]:
    """Return how many disputes there are, how many are open, and what of the open ones is exposed."""
    is_open = Dispute.state == DisputeState.OPEN
    exposed = func.coalesce(func.sum(case((is_open, Dispute.exposure_pence))), 0)
    every, open_, pence = session.execute(select(func.count(Dispute.id), func.count(case((is_open, 1))), exposed)).one()
    return int(every), int(open_), int(pence)


def list_disputes(session: Session, *, offset: int, limit: int) -> list[Disputed]:
    """Return disputes: the open ones first, by when evidence is due."""
    wanted = _joined(select(Dispute, ChargeAttempt, Pledge, Project).join(ChargeAttempt))
    rank = case((Dispute.state == DisputeState.OPEN, 0), else_=1)
    ordered = wanted.order_by(rank, Dispute.evidence_due_at, Dispute.id.desc())
    return [Disputed(*found) for found in session.execute(ordered.offset(offset).limit(limit))]


def find_note(session: Session, pledge: Pledge, refund: Refund) -> str:
    """Return what somebody wrote when a refund was rejected or made good; empty where nobody did."""
    written = select(AuditEvent.data).where(
        AuditEvent.subject_kind == "pledge",
        AuditEvent.subject_id == pledge.id,
        AuditEvent.tag.in_((Tag.REFUND_REJECTED.value, Tag.REFUND_SETTLED.value)),
    )
    notes = [json.loads(data) for data in session.scalars(written.order_by(AuditEvent.id))]
    return next((str(note["reason"]) for note in notes if note["refund_id"] == refund.id), "")


def _paid() -> Any:
    return _joined(select(ChargeAttempt, Pledge, Project)).where(ChargeAttempt.state == AttemptState.SUCCEEDED)


def _joined(statement: Any) -> Any:
    pledged = statement.join(Pledge, ChargeAttempt.subject == _SUBJECT)
    return pledged.join(Project, Project.id == Pledge.project_id).execution_options(populate_existing=True)


def _one(session: Session, statement: Any, what: str) -> Any:
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(what)
    return found
