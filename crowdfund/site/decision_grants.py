"""Refused grants on the public record of decisions: how often, by criterion, never by group."""

from typing import Any

from sqlalchemy import Select, String, cast, func, literal, select
from sqlalchemy.orm import Session

from crowdfund.decisions.models import Decision
from crowdfund.funds.models import Fund, Funder
from crowdfund.grants.models import GrantApplication, GrantPlan
from crowdfund.grants.rules import Outcome
from crowdfund.site.decision_queries import in_year, of_fund
from crowdfund.site.decision_words import Chosen, Refusals, criterion_words

_NO = (Outcome.DECLINE.value, Outcome.INELIGIBLE.value, Outcome.DEFER.value)


def count_grant_refusals(session: Session, chosen: Chosen) -> list[Refusals]:
    """Return how often rounds said no or not yet, by criterion in words; narrowed by fund, funder and year only."""
    if chosen.kind not in {"", "grant"}:
        return []
    about = Decision.subject == literal("application:") + cast(GrantApplication.id, String)
    statement: Select[*tuple[Any, ...]] = (
        select(Decision.criterion, Decision.outcome, GrantPlan.id, func.count())
        .join_from(GrantApplication, Decision, about)
        .join(GrantPlan, GrantPlan.id == GrantApplication.plan_id)
        .join(Fund, Fund.id == GrantApplication.fund_id)
        .join(Funder, Funder.id == Fund.funder_id)
        .where(Decision.outcome.in_(_NO), *in_year(chosen))
        .group_by(Decision.criterion, Decision.outcome, GrantPlan.id)
    )
    counted: list[Any] = list(session.execute(of_fund(statement, chosen)))
    plans = _criteria(session, {plan_id for _, _, plan_id, _ in counted})
    found: dict[str, list[int]] = {}
    for criterion, outcome, plan_id, times in counted:
        counts = found.setdefault(criterion_words(criterion, plans[plan_id]), [0, 0])
        counts[outcome == Outcome.DEFER.value] += times
    return [Refusals(words, *counts) for words, counts in sorted(found.items())]


def _criteria(session: Session, plan_ids: set[int]) -> dict[int, list[dict[str, object]]]:
    if not plan_ids:
        return {}
    rows = session.execute(select(GrantPlan.id, GrantPlan.plan).where(GrantPlan.id.in_(plan_ids)))
    return {plan_id: plan["criteria"] for plan_id, plan in rows}
