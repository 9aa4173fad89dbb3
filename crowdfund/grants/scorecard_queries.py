"""Reading what a scorecard is made from: the applications to rounds that are decided, in one statement."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.decisions.models import Decision
from crowdfund.funds.models import Fund
from crowdfund.grants.models import GrantApplication, GrantPlan, GrantRound
from crowdfund.grants.plans import read_plan
from crowdfund.grants.rules import RoundState
from crowdfund.grants.scorecard import ELSEWHERE, Row
from crowdfund.groups.models import Group
from crowdfund.groups.rules import FORM_WORDS
from crowdfund.places.models import District

TOLD = (RoundState.DECIDED, RoundState.CLOSED)
AT_BASICS = "The first page: what you plan and how much you ask for"
GONE = "A question that is not asked any more"


def list_told_rounds(session: Session, funder_id: int) -> Sequence[GrantRound]:
    """Return a funder's rounds that are decided, the newest first."""
    found = select(GrantRound).join(Fund, Fund.id == GrantRound.fund_id)
    told = found.where(Fund.funder_id == funder_id, GrantRound.state.in_(TOLD))
    return session.scalars(told.order_by(GrantRound.closes_at.desc(), GrantRound.id.desc())).all()


def list_rows(session: Session, round_ids: Sequence[int]) -> list[Row]:
    """Return every application to these rounds as the scorecard needs it."""
    labels = _labels(session, round_ids)
    of = GrantApplication
    statement = (
        select(of, GrantRound.closes_at, GrantRound.decides_on, Group.legal_form)
        .add_columns(District.name, func.length(Decision.reason))
        .join(GrantRound, GrantRound.id == of.round_id)
        .join(Group, Group.id == of.group_id)
        .outerjoin(District, District.code == of.district_code)
        .outerjoin(Decision, Decision.id == of.decision_id)
        .where(of.round_id.in_(round_ids))
        .order_by(of.id)
    )
    return [
        Row(
            round_id=one.round_id,
            state=one.state,
            was_sent=one.submitted_at is not None,
            closed_at=closed_at,
            promised_on=promised_on,
            decided_at=one.decided_at,
            has_reason=bool(reason),
            district=district or ELSEWHERE,
            legal_form=FORM_WORDS[legal_form],
            is_first=one.is_first,
            asked_pence=one.asked_pence or 0,
            awarded_pence=one.awarded_pence or 0,
            spent_seconds=one.spent_seconds,
            last_question=labels.get((one.plan_id, one.last_question), GONE) if one.last_question else AT_BASICS,
        )
        for one, closed_at, promised_on, legal_form, district, reason in session.execute(statement)
    ]


def _labels(session: Session, round_ids: Sequence[int]) -> dict[tuple[int, str], str]:
    found = select(GrantPlan.id, GrantPlan.plan).where(GrantPlan.round_id.in_(round_ids))
    return {(key, one.key): one.label for key, plan in session.execute(found) for one in read_plan(plan).questions}
