"""Reading rounds and applications with their answers, assessments and questions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MEMBER_RIGHTS, GroupRight
from crowdfund.core.actor import Actor
from crowdfund.core.errors import NotFound
from crowdfund.funds.models import Fund
from crowdfund.grants.access import can_see_round
from crowdfund.grants.models import (
    GrantAnswer,
    GrantApplication,
    GrantAssessment,
    GrantAssessor,
    GrantPlan,
    GrantQuestion,
    GrantRound,
)
from crowdfund.grants.plans import AT_RISK, Plan, read_plan
from crowdfund.grants.rules import BEING_ASSESSED, PUBLISHED, ApplicationState, RoundState
from crowdfund.groups.models import Group, Member
from crowdfund.groups.queries import require_right

AWARDED = (
    ApplicationState.AWARDED,
    ApplicationState.AWARDED_UP_TO,
    ApplicationState.OFFERED,
    ApplicationState.ACCEPTED,
)


class Scored(NamedTuple):
    """An assessment with its writer's name."""

    assessment: GrantAssessment
    by: str


class Asked(NamedTuple):
    """An officer's question with who answered it, if anybody did."""

    question: GrantQuestion
    answered_by: str | None


def list_public_rounds(session: Session) -> Sequence[GrantRound]:
    """Return every published round with its fund and funder, those that close next first."""
    found = select(GrantRound).where(GrantRound.state.in_(PUBLISHED))
    whole = found.options(joinedload(GrantRound.fund).joinedload(Fund.funder))
    return session.scalars(whole.order_by(GrantRound.closes_at, GrantRound.id)).all()


def get_public_round(session: Session, slug: str) -> tuple[GrantRound, Plan]:
    """Return a published round with its newest version. Raises NotFound."""
    found = (
        select(GrantRound, GrantPlan)
        .join(GrantPlan, (GrantPlan.round_id == GrantRound.id) & (GrantPlan.number == GrantRound.plan_number))
        .where(GrantRound.slug == slug, GrantRound.state.in_(PUBLISHED))
        .options(joinedload(GrantRound.fund).joinedload(Fund.funder))
    )
    pair = session.execute(found).one_or_none()
    if pair is None:
        raise NotFound(f"round {slug}")
    return pair[0], read_plan(pair[1].plan)


def find_round(session: Session, public_id: str) -> GrantRound | None:
    """Return a round in any state with its fund and funder, if there is one."""
    found = select(GrantRound).where(GrantRound.public_id == public_id)
    return session.scalars(found.options(joinedload(GrantRound.fund).joinedload(Fund.funder))).one_or_none()


def list_rounds(session: Session) -> Sequence[GrantRound]:
    """Return every round in any state with its fund and funder, the newest first."""
    found = select(GrantRound).options(joinedload(GrantRound.fund).joinedload(Fund.funder))
    return session.scalars(found.order_by(GrantRound.id.desc())).all()


def list_plans(session: Session, round_id: int) -> Sequence[GrantPlan]:
    """Return every published version of a round, the newest first."""
    found = select(GrantPlan).where(GrantPlan.round_id == round_id)
    return session.scalars(found.order_by(GrantPlan.number.desc())).all()


def list_due_rounds(session: Session, now: datetime) -> list[int]:
    """Return the ids of rounds that the clock has to open or close at `now` (UTC)."""
    states = {"scheduled": GrantRound.opens_at, "open": GrantRound.closes_at}
    due = [(GrantRound.state == state) & (at <= now) for state, at in states.items()]
    return list(session.scalars(select(GrantRound.id).where(due[0] | due[1]).order_by(GrantRound.id)))


def list_idle_rounds(session: Session) -> list[int]:
    """Return the ids of closed rounds in which nothing is being assessed: nobody applied, or all withdrew."""
    waiting = exists().where(GrantApplication.round_id == GrantRound.id, GrantApplication.state.in_(BEING_ASSESSED))
    found = select(GrantRound.id).where(GrantRound.state == RoundState.ASSESSING, ~waiting)
    return list(session.scalars(found.order_by(GrantRound.id)))


def list_of_group(session: Session, group_id: int) -> Sequence[GrantApplication]:
    """Return a group's applications with their rounds, the newest first."""
    found = select(GrantApplication).where(GrantApplication.group_id == group_id)
    whole = found.options(joinedload(GrantApplication.round))
    return session.scalars(whole.order_by(GrantApplication.id.desc())).all()


def find_standing(session: Session, round_id: int, group_ids: Sequence[int]) -> Sequence[GrantApplication]:
    """Return what these groups have in a round, withdrawn ones left out."""
    found = select(GrantApplication).where(
        GrantApplication.round_id == round_id,
        GrantApplication.group_id.in_(group_ids),
        GrantApplication.state != ApplicationState.WITHDRAWN,
    )
    return session.scalars(found.order_by(GrantApplication.id)).all()


def get_own_application(
    session: Session, public_id: str, actor: Actor, right: GroupRight = GroupRight.SEE
) -> GrantApplication:
    """Return an application to people of its group, with its group, round, fund and version.

    Raises NotFound for strangers, Forbidden without the right.
    """
    found = select(GrantApplication).where(GrantApplication.public_id == public_id)
    whole = found.options(
        joinedload(GrantApplication.group),
        joinedload(GrantApplication.plan),
        joinedload(GrantApplication.round).joinedload(GrantRound.fund).joinedload(Fund.funder),
    )
    application = session.scalars(whole).one_or_none()
    if application is None:
        raise NotFound(f"application {public_id}")
    require_right(session, application.group_id, actor, right)
    return application


def get_officers_application(session: Session, public_id: str, actor: Actor) -> GrantApplication:
    """Return an application that was sent, with its group, round, fund and version, to an officer of its funder.

    Raises NotFound for drafts, and for officers of other funders. What they may read of it, access.can_open says.
    """
    found = select(GrantApplication).where(
        GrantApplication.public_id == public_id, GrantApplication.submitted_at.is_not(None)
    )
    whole = found.options(
        joinedload(GrantApplication.group),
        joinedload(GrantApplication.plan),
        joinedload(GrantApplication.decision),
        joinedload(GrantApplication.round).joinedload(GrantRound.fund).joinedload(Fund.funder),
    )
    application = session.scalars(whole).one_or_none()
    if application is None or not can_see_round(actor, application.round.fund.funder_id):
        raise NotFound(f"application {public_id}")
    return application


def list_sent(session: Session, round_id: int) -> Sequence[GrantApplication]:
    """Return the applications to a round that were sent, with their groups, the first sent first."""
    found = select(GrantApplication).where(
        GrantApplication.round_id == round_id,
        GrantApplication.submitted_at.is_not(None),
        GrantApplication.state != ApplicationState.DRAFT,
    )
    whole = found.options(joinedload(GrantApplication.group))
    return session.scalars(whole.order_by(GrantApplication.submitted_at, GrantApplication.id)).all()


def plans_of_round(session: Session, round_id: int) -> dict[int, Plan]:
    """Return every published version of a round by its id."""
    return {one.id: read_plan(one.plan) for one in list_plans(session, round_id)}


def answers_of(session: Session, application: GrantApplication) -> dict[str, Any]:
    """Return the kept answers of an application by the key of their question, with what the basics say."""
    found = select(GrantAnswer.key, GrantAnswer.value).where(GrantAnswer.application_id == application.id)
    at_risk = {None: None, True: "yes", False: "no"}[application.works_at_risk]
    return {AT_RISK: at_risk, **{row.key: row.value for row in session.execute(found)}}


def find_answer(session: Session, application_id: int, key: str) -> GrantAnswer | None:
    """Return the kept answer to a question, if there is one."""
    found = select(GrantAnswer).where(GrantAnswer.application_id == application_id, GrantAnswer.key == key)
    return session.scalars(found).one_or_none()


def list_questions(session: Session, application_id: int) -> list[Asked]:
    """Return what officers asked about an application, the newest first."""
    found = select(GrantQuestion, Person.name).outerjoin(Person, Person.id == GrantQuestion.answered_by_id)
    rows = session.execute(
        found.where(GrantQuestion.application_id == application_id).order_by(GrantQuestion.id.desc())
    )
    return [Asked(*row) for row in rows]


def list_assessments(session: Session, application_id: int) -> list[Scored]:
    """Return the assessments of an application with their writers, the newest first."""
    found = select(GrantAssessment, Person.name).join(Person, Person.id == GrantAssessment.assessor_id)
    rows = session.execute(
        found.where(GrantAssessment.application_id == application_id).order_by(GrantAssessment.number.desc())
    )
    return [Scored(*row) for row in rows]


def newest_of_each(scored: Sequence[Scored]) -> list[Scored]:
    """Return the newest assessment of each assessor; `scored` has the newest first."""
    return list({one.assessment.assessor_id: one for one in reversed(scored)}.values())


def assessors_of(session: Session, application_id: int) -> frozenset[int]:
    """Return the person ids of everybody who ever assessed an application."""
    found = select(GrantAssessment.assessor_id).where(GrantAssessment.application_id == application_id)
    return frozenset(session.scalars(found))


def holders_of(session: Session, application_id: int) -> frozenset[int]:
    """Return the person ids of those who have its assessment in their hands."""
    found = select(GrantAssessor.person_id).where(
        GrantAssessor.application_id == application_id, GrantAssessor.given_back_at.is_(None)
    )
    return frozenset(session.scalars(found))


def had_award(session: Session, group_id: int) -> bool:
    """Say whether a group was ever awarded a grant here."""
    awarded = exists().where(GrantApplication.group_id == group_id, GrantApplication.state.in_(AWARDED))
    return bool(session.scalar(select(awarded)))


def count_by_state(session: Session, round_id: int) -> dict[ApplicationState, int]:
    """Return how many applications of a round stand where."""
    found = select(GrantApplication.state, func.count()).where(GrantApplication.round_id == round_id)
    return dict(session.execute(found.group_by(GrantApplication.state)).all())


def list_run_out(session: Session, now: datetime) -> list[int]:
    """Return the ids of offers whose time to answer ran out at `now` (UTC) and that still stand."""
    found = select(GrantApplication.id).where(
        GrantApplication.state == ApplicationState.OFFERED, GrantApplication.expires_at <= now
    )
    return list(session.scalars(found.order_by(GrantApplication.id)))


def list_own_groups(session: Session, person_id: int, right: GroupRight) -> Sequence[Group]:
    """Return the groups in which a person's place has a right, by name."""
    roles = [role for role, rights in MEMBER_RIGHTS.items() if right in rights]
    mine = select(Group).join(Member, Member.group_id == Group.id)
    found = mine.where(Member.person_id == person_id, Member.role.in_(roles))
    return session.scalars(found.order_by(Group.name, Group.id)).all()
