"""Looking at a decision again: a group asks within the round's days, somebody who had no part in it answers."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.grants.access import can_answer_review, can_ask_review
from crowdfund.grants.mail import mail_group
from crowdfund.grants.models import GrantApplication
from crowdfund.grants.moving import hold_for_officer, hold_own, move_application, plan_of, refuse_stale, touch
from crowdfund.grants.queries import assessors_of
from crowdfund.grants.review_models import GrantReview
from crowdfund.grants.rules import ApplicationState
from crowdfund.places.calendar import due_after

ANSWER_DAYS = 20  # working days to answer a review
NO_WORDS = "Say what was overlooked or wrong."


def ask_until(decided_at: datetime, review_days: int) -> datetime:
    """Return until when (UTC) a group can ask for a review of what was decided at `decided_at` (UTC)."""
    return due_after(decided_at, review_days).astimezone(UTC)


def find_review(session: Session, application_id: int) -> GrantReview | None:
    """Return the review of an application, if one was asked for."""
    return session.scalars(select(GrantReview).where(GrantReview.application_id == application_id)).one_or_none()


def ask_review(
    session: Session, application_id: int, words: str, seen_version: int, *, actor: Actor, now: datetime
) -> GrantReview:
    """Ask for another look at a decision, once, within the working days that the round gives.

    Raises NotFound for strangers, Forbidden without the right, Refused where nothing was refused, when it is too late,
    the second time, and on `words` without any.
    """
    application, _, role = hold_own(session, application_id, actor, GroupRight.SUBMIT)
    refuse_stale(application, seen_version)
    permit = can_ask_review(application, role, until_of(session, application), now)
    if not permit:
        raise Refused("not_now", permit.reason)
    if not words.strip():
        raise Refused("no_words", NO_WORDS, "words")
    assert actor.person_id is not None, "a person asks"
    review = GrantReview(
        application_id=application_id,
        words=words,
        asked_by_id=actor.person_id,
        asked_at=now,
        due_at=due_after(now, ANSWER_DAYS).astimezone(UTC),
    )
    try:
        with session.begin_nested():
            session.add(review)
            session.flush()
    except IntegrityError as error:
        raise Refused("already", "A review was asked for already.") from error
    touch(session, application)
    audit.record(session, Tag.REVIEW_ASKED, actor=actor, subject_id=application_id, now=now)
    return review


def answer_review(
    session: Session, application_id: int, is_upheld: bool, answer: str, *, actor: Actor, now: datetime
) -> None:
    """Answer a review; one that is upheld opens the decision again, and somebody decides anew.

    Raises as every officer's action does, Refused for whoever decided or assessed it, where nothing was asked or it
    is answered, and on `answer` without any.
    """
    application, _, funder_id = hold_for_officer(session, application_id, actor)
    found = find_review(session, application_id)
    permit = can_answer_review(actor, funder_id, application, assessors_of(session, application_id))
    if found is None or found.answered_at is not None:
        raise Refused("not_now", "There is no review to answer.")
    if not permit:
        raise Refused("not_now", permit.reason)
    if not answer.strip():
        raise Refused("no_answer", "Write what you found. The group reads it.", "answer")
    review = lock(session, GrantReview, found.id)
    review.is_upheld, review.answer = is_upheld, answer
    review.answered_by_id, review.answered_at = actor.person_id, now
    session.flush()
    audit.record(
        session,
        Tag.REVIEW_ANSWERED,
        actor=actor,
        subject_id=application_id,
        now=now,
        is_upheld=is_upheld,
        reason=answer,
    )
    if is_upheld:
        application.ended_at, application.end_reason = None, ""
        move_application(session, application, ApplicationState.IN_ASSESSMENT, actor=actor, now=now)
    else:
        touch(session, application)
    mail_group(session, application, "grant_reviewed", "answered", now, review=review)


def until_of(session: Session, application: GrantApplication) -> datetime | None:
    """Return until when (UTC) an application's group can ask for a review; None before there is a decision."""
    if application.decided_at is None:
        return None
    return ask_until(application.decided_at, plan_of(session, application).review_days)
