"""The one way in which a counting pledge moves on after the deadline, or stops counting."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.accounts.actions import withdraw_consents
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.pledges.cards import forget_cards
from crowdfund.pledges.matched import count_match
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import CARD_KEPT, COUNTING, MACHINE, PledgeState
from crowdfund.projects.models import Project


def lock_with_project(session: Session, pledge_id: int) -> tuple[Project, Pledge]:
    """Lock the project first, then the pledge: every change of a project's pledges queues behind it."""
    project = lock(session, Project, session.get_one(Pledge, pledge_id).project_id)
    return project, lock(session, Pledge, pledge_id)


def move_pledge(
    session: Session, project: Project, pledge: Pledge, new: PledgeState, reason: str, *, actor: Actor, now: datetime
) -> None:
    """Move a locked pledge to a state that its table allows; the promise ends with its last counting state.

    Raises IllegalMove.
    """
    old, pledge.state = pledge.state, MACHINE.move(pledge.state, new)
    if old in COUNTING and new not in COUNTING:
        stop_counting(session, project, pledge, reason, actor=actor, now=now)
    session.flush()
    if new not in CARD_KEPT:
        forget_cards(session, pledge, now)
    data = {"old": old.value, "new": new.value, "reason": reason}
    audit.record(session, Tag.PLEDGE_MOVED, actor=actor, subject_id=pledge.id, now=now, **data)
    if old in COUNTING and new not in COUNTING:
        count_match(session, project, f"pledge:{pledge.id}:ended", actor=actor, now=now)


def stop_counting(
    session: Session, project: Project, pledge: Pledge, reason: str | None, *, actor: Actor, now: datetime
) -> None:
    """End the promise of a pledge that was moved out of the states that count, with its consents."""
    pledge.ended_at, pledge.end_reason = now, reason
    session.flush()
    posting = Posting(session, f"pledge:{pledge.id}:ended", actor, now)
    postings.end_pledge(posting, project.accounts, pledge.amount_pence)
    withdraw_consents(session, pledge.subject, now)
