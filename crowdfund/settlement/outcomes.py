"""What becomes of a pledge, and of the money, when a charge, a refund or a dispute of it ends."""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core import jobs
from crowdfund.core.actor import SystemActor
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.payments.charging import count_automatic
from crowdfund.payments.listening import Owed
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.refunding import ask_refund
from crowdfund.payments.rules import MOST_AUTOMATIC, AttemptKind, AttemptState
from crowdfund.pledges.actions import tell_backer
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project, move_pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.settlement import refund_outcomes
from crowdfund.settlement.fixing import ask_to_fix
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.rules import RETRIES_AFTER, RETRY
from crowdfund.settlement.settling import settle

log = logging.getLogger(__name__)
GATEWAY = SystemActor("gateway")
_S = PledgeState


class PledgeCharges:
    """Hears what became of charges of subjects such as 'pledge:12'. Locks: project, pledge, then the charge."""

    def owed(self, session: Session, subject_id: int) -> Owed | None:
        """Say what a pledge is charged for, from the verdict on."""
        pledge = session.get(Pledge, subject_id)
        if pledge is None:
            return None
        is_due = pledge.state not in {_S.SETUP, _S.ACTIVE}
        return Owed(pledge.public_id, pledge.amount_pence, f"project:{pledge.project_id}", is_due)

    def lock(self, session: Session, subject_id: int) -> None:
        """Lock the project and the pledge. Raises NotFound."""
        lock_with_project(session, subject_id)

    def charge_ended(self, session: Session, subject_id: int, attempt_id: int, now: datetime) -> None:
        """Book a paid charge and the pledge as paid; ask its backer to fix one that was not."""
        project, pledge = lock_with_project(session, subject_id)
        attempt = session.get_one(ChargeAttempt, attempt_id)
        if attempt.state is AttemptState.SUCCEEDED:
            _paid(session, project, pledge, attempt, now)
        elif pledge.state is _S.COLLECTING:
            _not_paid(session, project, pledge, attempt, now)
        settle(session, project.id, now=now)

    def refund_ended(self, session: Session, subject_id: int, refund_id: int, now: datetime) -> None:
        """Book what left, or came back."""
        lock_with_project(session, subject_id)
        refund_outcomes.refund_ended(session, refund_id, now)

    def dispute_changed(self, session: Session, subject_id: int, dispute_id: int, now: datetime) -> None:
        """Book what the provider took, or gave back."""
        lock_with_project(session, subject_id)
        refund_outcomes.dispute_changed(session, dispute_id, now)


def _paid(session: Session, project: Project, pledge: Pledge, attempt: ChargeAttempt, now: datetime) -> None:
    assert attempt.fee_pence is not None
    posting = Posting(session, f"charge:{attempt.id}", GATEWAY, now)
    postings.collect_charge(posting, project.id, attempt.amount_pence, attempt.fee_pence)
    if pledge.state is _S.FIXING:
        move_pledge(session, project, pledge, _S.COLLECTING, "paid by its backer", actor=GATEWAY, now=now)
    if pledge.state is _S.COLLECTING:
        move_pledge(session, project, pledge, _S.PAID, "the charge went through", actor=GATEWAY, now=now)
        tell_backer(session, pledge, "paid", now)
    else:
        log.error("charge attempt %s was paid for a pledge that is %s: given back", attempt.id, pledge.state)
        ask_refund(
            session,
            attempt.id,
            attempt.amount_pence,
            "Paid after the pledge had ended.",
            asked_by=None,
            limit_pence=attempt.amount_pence,
            now=now,
        )


def _not_paid(session: Session, project: Project, pledge: Pledge, attempt: ChargeAttempt, now: datetime) -> None:
    move_pledge(session, project, pledge, _S.FIXING, attempt.decline_code or "not paid", actor=GATEWAY, now=now)
    if attempt.kind is AttemptKind.CHECKOUT:
        return
    tried = count_automatic(session, pledge.subject)
    settlement = session.get_one(Settlement, project.id)
    assert settlement.first_attempt_at is not None
    if attempt.may_retry and 0 < tried < MOST_AUTOMATIC:
        moment = settlement.first_attempt_at + RETRIES_AFTER[tried - 1]
        key = f"{RETRY}:{pledge.id}:{tried}"
        payload = {"pledge_id": pledge.id}
        jobs.enqueue(session, RETRY, payload, dedupe_key=key, now=now, run_after=max(moment, now))
    if tried <= 1:  # later on the reminders ask
        ask_to_fix(session, pledge, attempt.number, now)
