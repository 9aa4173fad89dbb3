"""What becomes of the money and of a pledge when a refund is sent, ends or fails, and when a dispute opens or closes.

The project and the pledge are locked by whoever calls, so what is held for a project stands still.
"""

from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from crowdfund.core.actor import SystemActor
from crowdfund.ledger import postings
from crowdfund.ledger.models import LedgerEntry
from crowdfund.ledger.postings import Posting
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.refunding import thing_of, was_made_good
from crowdfund.payments.rules import DisputeState, RefundState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project, move_pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.held import crowd_held_pence
from crowdfund.settlement.refund_mails import tell_of_dispute, tell_of_refund
from crowdfund.settlement.refunding_all import finish_refunding, queue_refunds

GATEWAY = SystemActor("gateway")
_F, _D, _S = RefundState, DisputeState, PledgeState


def refund_ended(session: Session, refund_id: int, now: datetime) -> None:
    """Book what left with a refund, or came back; end the pledge of which all is back. A repeat changes nothing."""
    refund = session.get_one(Refund, refund_id, populate_existing=True)
    attempt = session.get_one(ChargeAttempt, refund.attempt_id, populate_existing=True)
    project, pledge = lock_with_project(session, thing_of(attempt))
    # One that was refused at once never moved money, though the provider may have made it; one that was taken did.
    if refund.was_taken:
        _take(session, project, refund, now)
    if refund.state is _F.FAILED:
        if refund.was_taken:
            _put_back(session, project, refund, now)
        tell_of_refund(session, refund, "failed", now)
    close_if_back(session, project, pledge, attempt, now)


def dispute_changed(session: Session, dispute_id: int, now: datetime) -> None:
    """Book what the bank took or gave back, and move the pledge. A repeat changes nothing."""
    dispute = session.get_one(Dispute, dispute_id, populate_existing=True)
    attempt = session.get_one(ChargeAttempt, dispute.attempt_id, populate_existing=True)
    project, pledge = lock_with_project(session, thing_of(attempt))
    if not is_posted(session, f"dispute:{dispute_id}:opened"):
        _open(session, project, dispute, now)
        if pledge.state is _S.PAID:
            move_pledge(session, project, pledge, _S.DISPUTED, "disputed with the bank", actor=GATEWAY, now=now)
        tell_of_dispute(session, dispute, now)
    if dispute.state is _D.WON and not is_posted(session, f"dispute:{dispute_id}:won"):
        posting = Posting(session, f"dispute:{dispute_id}:won", GATEWAY, now)
        postings.win_dispute(posting, project.id, dispute.amount_pence, 0)
    if pledge.state is _S.DISPUTED and not _is_disputed(session, attempt.id):
        _close(session, project, pledge, attempt, now)
    finish_refunding(session, project.id, now=now)


def close_if_back(session: Session, project: Project, pledge: Pledge, attempt: ChargeAttempt, now: datetime) -> None:
    """Move a paid pledge to refunded once all of its charge is back, and end a project's refunding with its last."""
    if pledge.state is _S.PAID and _back_pence(session, attempt.id) >= attempt.amount_pence:
        move_pledge(session, project, pledge, _S.REFUNDED, "refunded", actor=GATEWAY, now=now)
    finish_refunding(session, project.id, now=now)


def is_posted(session: Session, key: str) -> bool:
    """Say whether the ledger has an entry under this key."""
    return bool(session.scalar(select(exists().where(LedgerEntry.key == key))))


def _take(session: Session, project: Project, refund: Refund, now: datetime) -> None:
    key = f"refund:{refund.id}:taken"
    if is_posted(session, key):
        return
    held = min(refund.amount_pence, _held(session, project.id))
    postings.refund_charge(Posting(session, key, GATEWAY, now), project.id, held, refund.amount_pence - held)
    if refund.state is not _F.FAILED:
        tell_of_refund(session, refund, "sent", now)


def _put_back(session: Session, project: Project, refund: Refund, now: datetime) -> None:
    key = f"refund:{refund.id}:failed"
    if not is_posted(session, key):
        postings.fail_refund(Posting(session, key, GATEWAY, now), project.id, refund.amount_pence)


def _open(session: Session, project: Project, dispute: Dispute, now: datetime) -> None:
    held = min(dispute.amount_pence, _held(session, project.id))
    dispute.exposure_pence = dispute.amount_pence - held
    session.flush()
    posting = Posting(session, f"dispute:{dispute.id}:opened", GATEWAY, now)
    postings.open_dispute(posting, project.id, held, dispute.exposure_pence, dispute.fee_pence)


def _close(session: Session, project: Project, pledge: Pledge, attempt: ChargeAttempt, now: datetime) -> None:
    lost = select(exists().where(Dispute.attempt_id == attempt.id, Dispute.state == _D.LOST))
    if session.scalar(lost):
        move_pledge(session, project, pledge, _S.CHARGED_BACK, "returned by the bank", actor=GATEWAY, now=now)
        return
    move_pledge(session, project, pledge, _S.PAID, "the dispute was won", actor=GATEWAY, now=now)
    close_if_back(session, project, pledge, attempt, now)
    # A project that is refunded went over this pledge while it was disputed.
    if project.state is ProjectState.REFUNDING:
        queue_refunds(session, project.id, 0, now, f":dispute:{attempt.id}")


def _is_disputed(session: Session, attempt_id: int) -> bool:
    return bool(session.scalar(select(exists().where(Dispute.attempt_id == attempt_id, Dispute.state == _D.OPEN))))


def _held(session: Session, project_id: int) -> int:
    return crowd_held_pence(session, project_id)


def _back_pence(session: Session, attempt_id: int) -> int:
    """Return what is back with a backer: on the card, or paid by finance in another way."""
    made_good = (Refund.state == _F.FAILED) & was_made_good()
    back = select(func.coalesce(func.sum(Refund.amount_pence), 0)).where(
        Refund.attempt_id == attempt_id, or_(Refund.state == _F.SUCCEEDED, made_good)
    )
    return int(session.scalar(back) or 0)
