"""What the programme lost over a project whose money had been paid out, and the decision that settles it. Pence.

Money that comes in for the project ends the loss by itself first; a decision is needed for what stays.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import Right
from crowdfund.checking.queries import authority_of
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.money import pounds
from crowdfund.decisions.actions import record_decision
from crowdfund.decisions.models import Decision
from crowdfund.ledger.postings import Posting, bear_exposure, repay_exposure
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.payments.models import ChargeAttempt, Dispute
from crowdfund.payments.rules import DisputeState
from crowdfund.projects.models import Project
from crowdfund.projects.running import demand_declared, demand_reason
from crowdfund.settlement.rules import EXPOSURE_WORDS, ExposureChoice

NO_BANK_REFERENCE = "Enter the reference of the group’s payment on the bank statement."
MOST_BANK_REFERENCE = 60


@dataclass(frozen=True)
class Exposure:
    """What the programme lost over a project and nothing made up for yet. Pence."""

    lost_pence: int
    undecided_pence: int  # of it what open disputes may still give back

    @property
    def settleable_pence(self) -> int:
        """What a decision can settle now."""
        return self.lost_pence - self.undecided_pence


def read_exposure(session: Session, project_id: int) -> Exposure:
    """Return what stands of a project's losses."""
    lost = -balance_pence(session, AccountKind.EXPOSURE, project_id)
    disputed = select(func.coalesce(func.sum(Dispute.amount_pence), 0)).join(ChargeAttempt)
    disputed = disputed.where(ChargeAttempt.about == f"project:{project_id}", Dispute.state == DisputeState.OPEN)
    return Exposure(lost, min(lost, int(session.scalar(disputed) or 0)))


def settle_exposure(
    session: Session,
    project_id: int,
    choice: ExposureChoice,
    pence: int,
    reason: str,
    *,
    bank_reference: str = "",
    actor: Actor,
    now: datetime,
) -> Decision:
    """Decide that the programme bears a loss over a project, or record that its group paid it back.

    Raises Forbidden for whoever may not approve money, is tied to the project or declared nothing about it; Refused
    for more than can be settled now, without a reason, and for a payment without the bank's reference.
    """
    project = lock(session, Project, project_id)
    authority = _demand_approver(session, project, actor)
    _refuse_beyond(read_exposure(session, project_id), pence)
    criterion = EXPOSURE_WORDS[choice]
    if choice is ExposureChoice.REPAID:
        if not bank_reference.strip():
            raise Refused("no_bank_reference", NO_BANK_REFERENCE, "bank_reference")
        criterion = f"{criterion}: bank reference {bank_reference.strip()}"[:200]
    demand_reason(reason)
    decision = record_decision(
        session,
        f"project:{project_id}",
        choice.value,
        criterion=criterion,
        reason=reason,
        authority=authority,
        amount_pence=pence,
        actor=actor,
        now=now,
    )
    post = bear_exposure if choice is ExposureChoice.BORNE else repay_exposure
    post(Posting(session, f"exposure:{decision.id}", actor, now), project_id, pence)
    data = {"decision_id": decision.id, "choice": choice.value, "amount_pence": pence}
    audit.record(session, Tag.EXPOSURE_SETTLED, actor=actor, subject_id=project_id, now=now, **data)
    return decision


def _demand_approver(session: Session, project: Project, actor: Actor) -> str:
    may = actor.person_id is not None and actor.may(Right.APPROVE_MONEY)
    demand_declared(session, project, actor)
    authority = authority_of(session, actor.person_id or 0, Right.APPROVE_MONEY) if may else None
    if authority is None:
        raise Forbidden(f"Your role does not let you {Right.APPROVE_MONEY}.")
    return authority


def _refuse_beyond(exposure: Exposure, pence: int) -> None:
    if pence <= 0:
        raise Refused("no_amount", "Enter an amount above £0.", "amount")
    if pence > exposure.settleable_pence:
        sentence = f"That is more than can be settled now: {pounds(exposure.settleable_pence)}."
        raise Refused("more_than_lost", sentence, "amount")
