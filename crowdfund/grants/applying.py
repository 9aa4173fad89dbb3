"""Writing an application, declaring and confirming it, sending it, taking it back and withdrawing it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import GroupRight
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.core.money import pounds
from crowdfund.files.actions import delete_file, store_document
from crowdfund.files.documents import Document
from crowdfund.files.models import Purpose
from crowdfund.grants.access import can_confirm, can_submit, can_take_back, can_withdraw, can_write, takes_applications
from crowdfund.grants.answers import missing, read_answer
from crowdfund.grants.fitting import bars_for, lacking
from crowdfund.grants.mail import mail_group
from crowdfund.grants.models import GrantAnswer, GrantApplication, GrantPlan, GrantRound
from crowdfund.grants.moving import hold_own, move_application, plan_of, refuse_stale, tier_of, touch
from crowdfund.grants.plans import Plan, Question, QuestionKind, read_plan, tier_for
from crowdfund.grants.queries import answers_of, find_answer, had_award
from crowdfund.grants.rules import ApplicationState
from crowdfund.groups.models import Group
from crowdfund.groups.queries import has_accepted_host, require_right

# A pause longer than this between two saved answers was no writing.
LONGEST_WRITING = timedelta(minutes=15)
ALREADY = "Your group has an application in this round already."
_S = ApplicationState


@dataclass(frozen=True)
class Basics:
    """What the tier rests on. Pence."""

    title: str
    asked_pence: int
    income_pence: int
    works_at_risk: bool
    district_code: str


def begin_application(
    session: Session, round_id: int, group_id: int, *, actor: Actor, now: datetime
) -> GrantApplication:
    """Begin a group's application under the round's newest version; a round that is not open refuses.

    Raises NotFound for strangers to the group, Forbidden without the right, Refused for a group that does not fit or
    has an application already.
    """
    row = lock(session, GrantRound, round_id)
    require_right(session, group_id, actor, GroupRight.EDIT)
    permit = takes_applications(row, now)
    if not permit:
        raise Refused("not_open", permit.reason)
    newest = select(GrantPlan).where(GrantPlan.round_id == round_id, GrantPlan.number == row.plan_number)
    plan = session.scalars(newest).one()
    if bars := bars_for(read_plan(plan.plan), session.get_one(Group, group_id)):
        raise Refused("does_not_fit", " ".join(bars))
    assert actor.person_id is not None, "a person writes"
    application = GrantApplication(
        public_id=ids.public_id(),
        reference=ids.reference("G"),
        round_id=round_id,
        plan_id=plan.id,
        fund_id=row.fund_id,
        group_id=group_id,
        state=_S.DRAFT,
        started_by_id=actor.person_id,
        started_at=now,
        saved_at=now,
    )
    try:
        with session.begin_nested():
            session.add(application)
            session.flush()
    except IntegrityError as error:
        raise Refused("already", ALREADY) from error
    facts = {"round_id": round_id, "group_id": group_id}
    audit.record(session, Tag.APPLICATION_STARTED, actor=actor, subject_id=application.id, now=now, **facts)
    return application


def save_basics(
    session: Session, application_id: int, basics: Basics, seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Keep what an application is called and asks for; the tier that asks least is chosen from it.

    Raises as `save_answer` does, and Refused on the field for a sum that no tier takes from such a group.
    """
    application = _hold_writing(session, application_id, actor, now)
    refuse_stale(application, seen_version)
    plan = plan_of(session, application)
    if not basics.title.strip():
        raise Refused("no_title", "Give your plan a name.", "title")
    if basics.asked_pence < max(1, plan.least_pence):
        raise Refused("too_little", f"Ask for at least {pounds(max(1, plan.least_pence))}.", "asked")
    if plan.districts and basics.district_code not in plan.districts:
        raise Refused("elsewhere", "This round is for other districts.", "district")
    tier = tier_for(plan, basics.asked_pence, basics.income_pence, basics.works_at_risk)
    if tier is None:
        words = f"This round gives up to {pounds(plan.most_pence)}, and less to larger groups. Ask for less."
        raise Refused("too_much", words, "asked")
    for name, value in vars(basics).items():
        setattr(application, name, value)
    application.tier = tier.key
    _wrote(session, application, "", now)
    touch(session, application)
    _audit(session, application, "basics", actor, now)


def save_answer(
    session: Session, application_id: int, key: str, typed: str, seen_version: int, *, actor: Actor, now: datetime
) -> GrantAnswer:
    """Keep the answer to one question as it was typed; `seen_version` is that of the answer, 0 where there was none.

    Raises NotFound for strangers, Forbidden without the right, Refused once it cannot be changed any more, on
    `answer` for what cannot be read, and with the code 'changed' when somebody else changed the same answer.
    """
    application = _hold_writing(session, application_id, actor, now)
    question = _question(plan_of(session, application), key)
    return _keep(session, application, question, read_answer(question, typed), seen_version, actor=actor, now=now)


def save_file(
    session: Session,
    application_id: int,
    key: str,
    document: Document,
    seen_version: int,
    *,
    actor: Actor,
    now: datetime,
) -> GrantAnswer:
    """Keep a cleaned file as the answer to a question, in place of an earlier one. Raises as `save_answer` does."""
    application = _hold_writing(session, application_id, actor, now)
    question = _question(plan_of(session, application), key)
    before = find_answer(session, application_id, key)
    replaced = before.value["file"] if before else ""
    public_id = store_document(session, application.subject, Purpose.GRANT_ANSWER, document, actor=actor, now=now)
    kept = _keep(
        session, application, question, {"file": public_id, "name": document.name}, seen_version, actor=actor, now=now
    )
    if replaced:
        delete_file(session, replaced)
    return kept


def declare(session: Session, application_id: int, seen_version: int, *, actor: Actor, now: datetime) -> None:
    """Declare for the group that everything is true; where the tier asks no second person, it is sent with that.

    Raises as `save_answer` does, and Refused for whatever is missing.
    """
    application, row, role = hold_own(session, application_id, actor, GroupRight.SUBMIT)
    refuse_stale(application, seen_version)
    permit = can_submit(application, row, role, now)
    if not permit:
        raise Refused("not_now", permit.reason)
    plan = plan_of(session, application)
    _refuse_gaps(session, application, plan)
    application.declared_by_id, application.declared_at = actor.person_id, now
    audit.record(session, Tag.APPLICATION_DECLARED, actor=actor, subject_id=application.id, now=now)
    if tier_of(plan, application).second_signature:
        touch(session, application)
        mail_group(session, application, "grant_confirm", str(application.version), now)
    else:
        _send(session, application, actor, now)


def confirm(session: Session, application_id: int, seen_version: int, *, actor: Actor, now: datetime) -> None:
    """Confirm what another member declared, which sends the application.

    Raises NotFound for strangers, Refused for whoever declared it, where nothing waits, and when it changed.
    """
    application, row, _ = hold_own(session, application_id, actor, GroupRight.SEE)
    refuse_stale(application, seen_version)
    permit = can_confirm(application, row, actor, now)
    if not permit:
        raise Refused("not_now", permit.reason)
    _refuse_gaps(session, application, plan_of(session, application))
    application.confirmed_by_id = actor.person_id
    audit.record(session, Tag.APPLICATION_CONFIRMED, actor=actor, subject_id=application.id, now=now)
    _send(session, application, actor, now)


def take_back(session: Session, application_id: int, seen_version: int, *, actor: Actor, now: datetime) -> None:
    """Take an application back to change it while the round is open: it is a draft again.

    Raises NotFound for strangers, Refused once the round is closed and where there is nothing to take back.
    """
    application, row, role = hold_own(session, application_id, actor, GroupRight.SUBMIT)
    refuse_stale(application, seen_version)
    permit = can_take_back(application, row, role, now)
    if not permit:
        raise Refused("not_now", permit.reason)
    application.declared_by_id = application.declared_at = application.confirmed_by_id = None
    if application.state is _S.SUBMITTED:
        application.submitted_at = None
        move_application(session, application, _S.DRAFT, actor=actor, now=now)
    else:
        touch(session, application)
        _audit(session, application, "declaration", actor, now)


def withdraw(
    session: Session, application_id: int, reason: str, seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Withdraw an application for good. Raises NotFound for strangers, Refused once it is decided."""
    application, _, role = hold_own(session, application_id, actor, GroupRight.SUBMIT)
    refuse_stale(application, seen_version)
    permit = can_withdraw(application, role)
    if not permit:
        raise Refused("not_now", permit.reason)
    move_application(session, application, _S.WITHDRAWN, reason=reason, actor=actor, now=now)


def _hold_writing(session: Session, application_id: int, actor: Actor, now: datetime) -> GrantApplication:
    application, row, role = hold_own(session, application_id, actor, GroupRight.EDIT)
    permit = can_write(application, row, role, now)
    if not permit:
        raise Refused("not_now", permit.reason)
    return application


def _question(plan: Plan, key: str) -> Question:
    question = plan.question(key)
    if question is None:
        raise Refused("no_question", "This question is not asked any more.")
    return question


def _keep(
    session: Session,
    application: GrantApplication,
    question: Question,
    value: Any,
    seen_version: int,
    *,
    actor: Actor,
    now: datetime,
) -> GrantAnswer:
    assert actor.person_id is not None, "a person writes"
    wanted = select(GrantAnswer).where(GrantAnswer.application_id == application.id, GrantAnswer.key == question.key)
    kept = session.scalars(wanted).one_or_none()
    if kept is not None and kept.version != seen_version and kept.value != value:
        who = session.scalar(select(Person.name).where(Person.id == kept.saved_by_id))
        raise Refused("changed", f"{who} changed this answer meanwhile. Both are below: send yours again to keep it.")
    if kept is None:
        kept = GrantAnswer(application_id=application.id, key=question.key, version=0)
        session.add(kept)
    if kept.version == 0 or kept.value != value:
        kept.value, kept.version = value, kept.version + 1
        kept.saved_by_id, kept.saved_at = actor.person_id, now
        if question.kind is not QuestionKind.FILE:
            _audit(session, application, question.key, actor, now)
    _wrote(session, application, question.key, now)
    session.flush()
    return kept


def _wrote(session: Session, application: GrantApplication, key: str, now: datetime) -> None:
    passed = now - application.saved_at
    if timedelta(0) < passed <= LONGEST_WRITING:
        application.spent_seconds += int(passed.total_seconds())
    application.saved_at, application.last_question = now, key or application.last_question
    session.flush()


def _refuse_gaps(session: Session, application: GrantApplication, plan: Plan) -> None:
    if not application.tier:
        raise Refused("no_basics", "Say first what your plan is called and how much you ask for.", "agreed")
    group = session.get_one(Group, application.group_id)
    has_host = has_accepted_host(session, group.id)
    gaps = [one.words for one in lacking(tier_of(plan, application), group, application.works_at_risk, has_host)]
    given = answers_of(session, application)
    gaps += [f"{one.question.label}: {one.words}" for one in missing(plan, application.tier, given)]
    if gaps:
        raise Refused("not_whole", f"Not everything is there yet. {gaps[0]}", "agreed")


def _send(session: Session, application: GrantApplication, actor: Actor, now: datetime) -> None:
    application.submitted_at = now
    application.is_first = not had_award(session, application.group_id)
    move_application(session, application, _S.SUBMITTED, actor=actor, now=now)
    mail_group(session, application, "grant_received", str(application.version), now)


def _audit(session: Session, application: GrantApplication, part: str, actor: Actor, now: datetime) -> None:
    audit.record(session, Tag.APPLICATION_EDITED, actor=actor, subject_id=application.id, now=now, part=part)
