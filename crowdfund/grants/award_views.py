"""What a group does once officers have its application: answer them, sign for an award or turn it down."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.roles import GroupRight, MemberRole
from crowdfund.core import clock
from crowdfund.core.actor import Permit
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.decisions.models import Decision
from crowdfund.funds.subsidy import SUBSIDY_LIMIT
from crowdfund.grants import access
from crowdfund.grants.assessing import answer_officer
from crowdfund.grants.deciding import criteria_of
from crowdfund.grants.forms import DeclareForm, ReasonForm, ReplyForm, SignForm, WordsForm
from crowdfund.grants.models import GrantApplication
from crowdfund.grants.offering import countersign, sign_offer, turn_down
from crowdfund.grants.pages import OF_GROUP, Answer, change_own, own, pages
from crowdfund.grants.plans import Plan
from crowdfund.grants.queries import list_assessments, list_questions, newest_of_each
from crowdfund.grants.reviewing import ask_review, until_of


@dataclass(frozen=True)
class Told:
    """What a group reads about a decision: the criterion in words, the reason, and each assessor's scores."""

    decision: Decision
    criterion: str
    scores: list[tuple[str, list[tuple[int | None, str]]]]


def decision_of(session: Session, application: GrantApplication, plan: Plan) -> Told | None:
    """Return what was decided about an application with its scores, without the names of those who gave them."""
    if application.decision_id is None:
        return None
    decision = session.get_one(Decision, application.decision_id)
    counted = [one.assessment for one in newest_of_each(list_assessments(session, application.id))]
    scores = [
        (
            criterion.words,
            [(one.scores[criterion.key]["score"], one.scores[criterion.key]["reason"]) for one in counted],
        )
        for criterion in plan.criteria
    ]
    return Told(decision, criteria_of(plan).get(decision.criterion, ""), scores)


@pages.get("/<public_id>/asked/<question_id>")
@pages.post("/<public_id>/asked/<question_id>")
@members(OF_GROUP)
def reply(public_id: str, question_id: str) -> Answer:
    """Answer an officer's question."""
    application, _ = own(public_id, GroupRight.EDIT)
    found = (one.question for one in list_questions(db.session(), application.id))
    question = next((one for one in found if one.public_id == question_id), None)
    if question is None:
        raise NotFound(f"question {question_id}")
    form, number = ReplyForm(), question.id

    def change(session: Session, _key: int, _seen: int, **who: Any) -> None:
        answer_officer(session, number, form.answer.data or "", **who)

    def may(shown: GrantApplication, role: MemberRole | None) -> Permit:
        return access.can_reply(shown, question.answered_at is not None, role)

    return change_own("reply", (public_id, GroupRight.EDIT), form, change, may, question=question)


@pages.get("/<public_id>/accept")
@pages.post("/<public_id>/accept")
@members(OF_GROUP)
def accept(public_id: str) -> Answer:
    """Accept an award: its terms, and what the group confirms about subsidies."""
    form = SignForm()

    def change(session: Session, key: int, seen: int, **who: Any) -> None:
        sign_offer(session, key, form.subsidy.pence or 0, seen, **who)

    return change_own("accept", (public_id, GroupRight.SUBMIT), form, change, _may_sign, limit=SUBSIDY_LIMIT)


@pages.get("/<public_id>/sign")
@pages.post("/<public_id>/sign")
@members(OF_GROUP)
def sign(public_id: str) -> Answer:
    """Sign beside another member, which accepts the award."""

    def may(shown: GrantApplication, _role: MemberRole | None) -> Permit:
        return access.can_countersign(shown, current_actor(), clock.now())

    return change_own("countersign", (public_id, GroupRight.SEE), DeclareForm(), countersign, may)


@pages.get("/<public_id>/turn-down")
@pages.post("/<public_id>/turn-down")
@members(OF_GROUP)
def refuse(public_id: str) -> Answer:
    """Turn an award down."""
    form = ReasonForm()

    def change(session: Session, key: int, seen: int, **who: Any) -> None:
        turn_down(session, key, form.reason.data or "", seen, **who)

    return change_own("turn_down", (public_id, GroupRight.SUBMIT), form, change, _may_sign)


@pages.get("/<public_id>/review")
@pages.post("/<public_id>/review")
@members(OF_GROUP)
def review(public_id: str) -> Answer:
    """Ask for a review of a decision."""
    application, _ = own(public_id, GroupRight.SUBMIT)
    form, until = WordsForm(), until_of(db.session(), application)

    def change(session: Session, key: int, seen: int, **who: Any) -> None:
        ask_review(session, key, form.words.data or "", seen, **who)

    def may(shown: GrantApplication, role: MemberRole | None) -> Permit:
        return access.can_ask_review(shown, role, until, clock.now())

    return change_own("review", (public_id, GroupRight.SUBMIT), form, change, may, until=until)


def _may_sign(application: GrantApplication, role: MemberRole | None) -> Permit:
    return access.can_sign(application, role, clock.now())
