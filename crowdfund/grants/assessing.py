"""Assessing an application: declaring interests, taking it, asking the group, and scoring it criterion by criterion."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.money import pounds
from crowdfund.decisions.actions import record_interest
from crowdfund.grants.access import SEALED, can_assess, can_reply, is_sealed
from crowdfund.grants.distance import distance_of
from crowdfund.grants.mail import mail_group
from crowdfund.grants.models import GrantApplication, GrantAssessment, GrantAssessor, GrantQuestion
from crowdfund.grants.moving import (
    hold_for_officer,
    hold_own,
    hold_round,
    move_application,
    plan_of,
    see_application,
    tier_of,
    touch,
)
from crowdfund.grants.queries import holders_of, list_sent, newest_of_each, plans_of_round
from crowdfund.grants.queries import list_assessments as read_assessments
from crowdfund.grants.rules import AWARDING, HIGHEST, ApplicationState, Outcome, RoundState
from crowdfund.grants.scoring import standings
from crowdfund.places.calendar import due_after

ANSWER_DAYS = 5  # working days to answer a question
MOST_TEXT = 2000
ENOUGH = "As many people as this needs have taken it already."
NOT_CLOSED = "Scores are given once the round is closed."
_S = ApplicationState


@dataclass(frozen=True)
class Mark:
    """What an assessor gives at one criterion: 0 to 4, None where it does not apply, and always why."""

    score: int | None
    reason: str


@dataclass(frozen=True)
class Advice:
    """What an assessor recommends. Pence for a part."""

    outcome: Outcome
    pence: int | None
    reason: str


def declare_interest(
    session: Session, application_id: int, has_interest: bool, statement: str, *, actor: Actor, now: datetime
) -> None:
    """Record whether an officer has an interest in an application; the newest declaration holds.

    Whoever declares one and had taken the assessment gives it back. Raises NotFound for officers of another funder,
    Forbidden for whoever is of the group, Refused on `statement` for an interest that is not explained.
    """
    application, _, _ = see_application(session, application_id, actor)
    if tie := distance_of(session, application, actor.person_id or 0).tie:
        raise Forbidden(tie)
    if has_interest and not statement.strip():
        raise Refused("no_statement", "Say in a sentence what your interest is.", "statement")
    said = statement if has_interest else ""
    record_interest(session, application.subject, has_interest, said, actor=actor, now=now)
    facts = {"has_interest": has_interest}
    audit.record(session, Tag.APPLICATION_INTEREST, actor=actor, subject_id=application.id, now=now, **facts)
    if has_interest:
        _give_back(session, application, actor, now)


def declare_for_round(
    session: Session, round_id: int, with_interest: Collection[int], statement: str, *, actor: Actor, now: datetime
) -> int:
    """Declare at once about every application of a round that the officer declared nothing about yet; say how many.

    `with_interest` are the ids of those in which they have one. Raises NotFound for officers of another funder,
    Forbidden while the round is sealed, Refused on `statement` for an interest that is not explained.
    """
    row, _ = hold_round(session, round_id, actor)
    if is_sealed(row):
        raise Forbidden(SEALED)
    me, found = actor.person_id or 0, list_sent(session, round_id)
    standing = standings(session, found, plans_of_round(session, round_id), me)
    open_ = [one.id for one in found if not standing[one.id].barred and not standing[one.id].declared]
    for key in open_:
        declare_interest(session, key, key in with_interest, statement, actor=actor, now=now)
    return len(open_)


def take_application(session: Session, application_id: int, *, actor: Actor, now: datetime) -> None:
    """Take an assessment; as many officers hold one as its tier asks for.

    Raises NotFound, Forbidden and Refused as every action of officers does, also when others were faster.
    """
    application = _hold(session, application_id, actor)
    holders = holders_of(session, application_id)
    if actor.person_id in holders:
        return
    if len(holders) >= tier_of(plan_of(session, application), application).assessors:
        raise Refused("enough", ENOUGH)
    session.add(GrantAssessor(application_id=application_id, person_id=actor.person_id, taken_at=now))
    session.flush()
    audit.record(
        session, Tag.APPLICATION_TAKEN, actor=actor, subject_id=application_id, now=now, officer_id=actor.person_id
    )
    if application.state is _S.SUBMITTED:
        move_application(session, application, _S.IN_ASSESSMENT, actor=actor, now=now)


def give_back(session: Session, application_id: int, *, actor: Actor, now: datetime) -> None:
    """Give an assessment back, so that somebody else can take it. Raises as `take_application` does."""
    application = _hold(session, application_id, actor)
    if actor.person_id not in holders_of(session, application_id):
        raise Refused("not_yours", "You have not taken it.")
    _give_back(session, application, actor, now)


def assess_application(
    session: Session,
    application_id: int,
    marks: Mapping[str, Mark],
    advice: Advice,
    *,
    actor: Actor,
    now: datetime,
) -> GrantAssessment:
    """Score an application against each criterion; a newer assessment stands beside the old, which is kept for ever.

    Raises as `take_application` does, Refused on `score_<key>` or `reason_<key>` for a criterion without a mark or
    reason, on `pence` and `reason`, before the round is closed and for whoever has not taken it.
    """
    application = _hold(session, application_id, actor)
    if actor.person_id not in holders_of(session, application_id):
        raise Refused("not_yours", "Take the assessment first.")
    plan = plan_of(session, application)
    for criterion in plan.criteria:
        _refuse_mark(criterion.key, criterion.words, marks.get(criterion.key))
    pence = _recommended(application, advice)
    if not advice.reason.strip():
        raise Refused("no_reason", "Give the reason for what you recommend.", "reason")
    assert actor.person_id is not None, "a person assesses"
    of_it = GrantAssessment.application_id == application_id
    number = 1 + int(session.scalar(select(func.coalesce(func.max(GrantAssessment.number), 0)).where(of_it)) or 0)
    given = {c.key: {"score": marks[c.key].score, "reason": marks[c.key].reason} for c in plan.criteria}
    assessment = GrantAssessment(
        application_id=application_id,
        number=number,
        assessor_id=actor.person_id,
        scores=given,
        recommendation=advice.outcome,
        recommended_pence=pence,
        reason=advice.reason,
        assessed_at=now,
    )
    session.add(assessment)
    touch(session, application)
    facts: dict[str, Any] = {"number": number, "recommendation": advice.outcome.value}
    audit.record(session, Tag.APPLICATION_ASSESSED, actor=actor, subject_id=application_id, now=now, **facts)
    return assessment


def ask_group(session: Session, application_id: int, words: str, *, actor: Actor, now: datetime) -> GrantQuestion:
    """Ask the group about its application; it has five working days to answer.

    Raises as `take_application` does, Refused on `words` for an empty question.
    """
    application = _hold(session, application_id, actor)
    if actor.person_id not in holders_of(session, application_id):
        raise Refused("not_yours", "Take the assessment first.")
    if not words.strip():
        raise Refused("no_words", "Write your question.", "words")
    question = GrantQuestion(
        public_id=ids.public_id(),
        application_id=application_id,
        words=words,
        asked_by_id=actor.person_id,
        asked_at=now,
        due_at=due_after(now, ANSWER_DAYS).astimezone(UTC),
    )
    session.add(question)
    session.flush()
    facts = {"question_id": question.id}
    audit.record(session, Tag.APPLICATION_ASKED, actor=actor, subject_id=application_id, now=now, **facts)
    if application.state is _S.IN_ASSESSMENT:
        move_application(session, application, _S.CLARIFICATION, actor=actor, now=now)
    mail_group(session, application, "grant_question", str(question.id), now, question=question)
    return question


def answer_officer(session: Session, question_id: int, answer: str, *, actor: Actor, now: datetime) -> None:
    """Answer an officer's question; after the last one the assessment goes on.

    Raises NotFound for strangers to the group, Refused on `answer` for an empty one and for one answered already.
    """
    found = session.get(GrantQuestion, question_id)
    if found is None:
        raise NotFound(f"question {question_id}")
    application, _, role = hold_own(session, found.application_id, actor, GroupRight.EDIT)
    question = lock(session, GrantQuestion, question_id)
    permit = can_reply(application, question.answered_at is not None, role)
    if not permit:
        raise Refused("not_now", permit.reason)
    if not answer.strip():
        raise Refused("no_answer", "Write your answer.", "answer")
    question.answer, question.answered_by_id, question.answered_at = answer, actor.person_id, now
    session.flush()
    facts = {"question_id": question.id}
    audit.record(session, Tag.APPLICATION_ANSWERED, actor=actor, subject_id=application.id, now=now, **facts)
    waiting = select(func.count()).where(
        GrantQuestion.application_id == application.id, GrantQuestion.answered_at.is_(None)
    )
    if application.state is _S.CLARIFICATION and not session.scalar(waiting):
        move_application(session, application, _S.IN_ASSESSMENT, actor=actor, now=now)


def is_assessed(session: Session, application: GrantApplication) -> bool:
    """Say whether as many people have assessed an application as its tier asks for."""
    needed = tier_of(plan_of(session, application), application).assessors
    return len(newest_of_each(clear_assessments(session, application))) >= needed


def clear_assessments(session: Session, application: GrantApplication) -> list[Any]:
    """Return the assessments that count, the newest first: those of people who declared an interest later do not."""
    found = read_assessments(session, application.id)
    return [one for one in found if distance_of(session, application, one.assessment.assessor_id).is_clear]


def _hold(session: Session, application_id: int, actor: Actor) -> GrantApplication:
    application, row, funder_id = hold_for_officer(session, application_id, actor)
    permit = can_assess(actor, funder_id, application)
    if not permit:
        raise Refused("not_now", permit.reason)
    if row.state is not RoundState.ASSESSING:
        raise Refused("not_closed", NOT_CLOSED)
    return application


def _give_back(session: Session, application: GrantApplication, actor: Actor, now: datetime) -> None:
    held = select(GrantAssessor).where(
        GrantAssessor.application_id == application.id,
        GrantAssessor.person_id == actor.person_id,
        GrantAssessor.given_back_at.is_(None),
    )
    for row in session.scalars(held):
        row.given_back_at = now
        audit.record(session, Tag.APPLICATION_TAKEN, actor=actor, subject_id=application.id, now=now, officer_id=None)
    touch(session, application)


def _recommended(application: GrantApplication, advice: Advice) -> int | None:
    if advice.outcome not in AWARDING:
        return None
    asked = application.asked_pence or 0
    if advice.outcome is Outcome.FULL:
        return asked
    if not advice.pence or advice.pence >= asked:
        raise Refused("amount", f"Enter an amount below the {pounds(asked)} that the group asked for.", "pence")
    return advice.pence


def _refuse_mark(key: str, words: str, mark: Mark | None) -> None:
    if mark is None or (mark.score is not None and not 0 <= mark.score <= HIGHEST):
        raise Refused("no_score", f"Choose a score: {words}", f"score_{key}")
    if not mark.reason.strip():
        raise Refused("no_reason", f"Write why: {words}", f"reason_{key}")
