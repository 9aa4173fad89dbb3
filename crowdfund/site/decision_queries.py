"""Reading the public record of decisions: approvals and awards by name, refusals as counts by criterion."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, Subquery, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from crowdfund.checking.rules import CRITERION_WORDS, Criterion, Outcome
from crowdfund.decisions.models import Decision
from crowdfund.funds.models import Fund, Funder, FundTerms
from crowdfund.grants.models import GrantApplication, GrantPlan, GrantRound
from crowdfund.groups.models import Group
from crowdfund.matching.carrying import CARRIED
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import Recommendation
from crowdfund.places.models import District
from crowdfund.projects.models import Project
from crowdfund.projects.rules import PUBLIC, ProjectState
from crowdfund.site.decision_words import (
    Chosen,
    Entry,
    FundName,
    Refusals,
    bounds_of,
    criterion_words,
    entry_of,
    years_between,
)

PAGE_SIZE = 50


def list_fund_names(session: Session) -> list[FundName]:
    """Return every fund in the programme's order."""
    rows = select(Fund.slug, Fund.name, Funder.slug, Funder.name).join(Funder, Funder.id == Fund.funder_id)
    return [FundName(*row) for row in session.execute(rows.order_by(Fund.place, Fund.id))]


def list_years(session: Session, now: datetime) -> list[str]:
    """Return the financial years of the record up to `now` (UTC), the newest first."""
    return years_between(session.scalar(select(func.min(Decision.decided_at))), now)


def list_entries(session: Session, chosen: Chosen, *, offset: int = 0, limit: int | None = None) -> list[Entry]:
    """Return what was approved, the newest decision first. A project that its group took back is not named."""
    of = _entries()
    statement: Select[*tuple[Any, ...]] = select(
        of.c.kind,
        Project.title,
        Project.slug,
        Project.state,
        Group.name.label("group"),
        District.name.label("district"),
        Funder.name.label("funder"),
        Fund.name.label("fund"),
        Decision.amount_pence,
        MatchOffer.confirmed_pence,
        MatchOffer.state.label("offer_state"),
        MatchOffer.confirmed_at,
        FundTerms.criteria,
        GrantApplication.title.label("application"),
        GrantApplication.state.label("application_state"),
        GrantRound.title.label("round"),
        GrantRound.slug.label("round_slug"),
        GrantPlan.plan,
        Decision.outcome,
        Decision.authority,
        Decision.reference,
        Decision.decided_at,
        Decision.effective_at,
        Decision.criterion,
        Decision.reason,
    )
    narrowed = _narrowed(statement.outerjoin_from(of, FundTerms, FundTerms.id == of.c.terms_id), of, chosen)
    narrowed = narrowed.outerjoin(MatchOffer, MatchOffer.id == of.c.offer_id)
    of_grant = narrowed.outerjoin(GrantRound, GrantRound.id == GrantApplication.round_id).outerjoin(
        GrantPlan, GrantPlan.id == GrantApplication.plan_id
    )
    of_group = of_grant.outerjoin(Group, Group.id == func.coalesce(Project.group_id, GrantApplication.group_id))
    ordered = of_group.order_by(Decision.decided_at.desc(), Decision.id.desc())
    return [entry_of(row) for row in session.execute(ordered.offset(offset).limit(limit))]


def count_entries(session: Session, chosen: Chosen) -> int:
    """Return how many decisions the record names."""
    of = _entries()
    return session.scalar(_narrowed(select(func.count()).select_from(of), of, chosen)) or 0


def count_declined(session: Session, chosen: Chosen) -> list[tuple[str, int]]:
    """Return how many projects were not accepted under each criterion, in words, in the order of the criteria.

    Only the kind and the year narrow refusals: a count for one place could point at somebody.
    """
    if chosen.kind not in {"", "project"} or chosen.fund or chosen.funder:
        return []
    counted = select(Decision.criterion, func.count()).where(
        Decision.outcome == Outcome.DECLINED.value, Decision.subject.like("project:%"), *in_year(chosen)
    )
    counts = {str(key): int(times) for key, times in session.execute(counted.group_by(Decision.criterion))}
    return [(CRITERION_WORDS[c], counts[c.value]) for c in Criterion if counts.get(c.value)]


def count_refusals(session: Session, chosen: Chosen) -> list[Refusals]:
    """Return how often funds said no or not yet, by criterion in words; narrowed by fund, funder and year only."""
    if chosen.kind not in {"", "match"}:
        return []
    outcome = Decision.outcome
    offer = Decision.subject == literal("offer:") + cast(MatchOffer.id, String)
    statement = (
        select(Decision.criterion, outcome, FundTerms.criteria, func.count())
        .join_from(MatchOffer, Decision, offer)
        .join(FundTerms, FundTerms.id == MatchOffer.terms_id)
        .join(Fund, Fund.id == MatchOffer.fund_id)
        .join(Funder, Funder.id == Fund.funder_id)
        .where(outcome.in_([Recommendation.DECLINE.value, Recommendation.DEFER.value]), *in_year(chosen))
        .group_by(Decision.criterion, outcome, FundTerms.id)
    )
    found: dict[str, list[int]] = {}
    for criterion, what, criteria, times in session.execute(of_fund(statement, chosen)):
        counts = found.setdefault(criterion_words(criterion, criteria), [0, 0])
        counts[what == Recommendation.DEFER.value] += times
    return [Refusals(words, *counts) for words, counts in sorted(found.items())]


def _entries() -> Subquery:
    """Return what the record names: decisions about projects, awards of match and of grants, and money carried on."""
    decided, no_id = Decision.id.label("decision_id"), cast(null(), BigInteger)
    accepted = (
        select(literal("project").label("kind"), decided, Project.id.label("project_id"))
        .add_columns(no_id.label("offer_id"), no_id.label("fund_id"), no_id.label("terms_id"), no_id.label("grant_id"))
        .join_from(Project, Decision, Decision.subject == literal("project:") + cast(Project.id, String))
        .where(Decision.outcome == Outcome.ACCEPTED.value)
    )
    awarded = (
        select(literal("match"), Decision.id, MatchOffer.project_id, MatchOffer.id)
        .add_columns(MatchOffer.fund_id, MatchOffer.terms_id, no_id)
        .join_from(MatchOffer, Decision, Decision.id == MatchOffer.decision_id)
        .where(MatchOffer.offered_pence.is_not(None))
    )
    granted = (
        select(literal("grant"), Decision.id, no_id, no_id, GrantApplication.fund_id, no_id, GrantApplication.id)
        .join_from(GrantApplication, Decision, Decision.id == GrantApplication.decision_id)
        .where(GrantApplication.awarded_pence.is_not(None))
    )
    carried = (
        select(literal("carried"), Decision.id, no_id, no_id, Fund.id, no_id, no_id)
        .join_from(Fund, Decision, Decision.subject == literal("fund:") + cast(Fund.id, String))
        .where(Decision.outcome == CARRIED)
    )
    return union_all(accepted, awarded, granted, carried).subquery("entry")


def _narrowed(statement: Select[Any], of: Subquery, chosen: Chosen) -> Select[Any]:
    statement = (
        statement.join(Decision, Decision.id == of.c.decision_id)
        .outerjoin(Project, Project.id == of.c.project_id)
        .outerjoin(GrantApplication, GrantApplication.id == of.c.grant_id)
        .outerjoin(District, District.code == func.coalesce(Project.district_code, GrantApplication.district_code))
        .outerjoin(Fund, Fund.id == of.c.fund_id)
        .outerjoin(Funder, Funder.id == Fund.funder_id)
        .where(Project.id.is_(None) | Project.state.in_([*sorted(PUBLIC), ProjectState.READY]), *in_year(chosen))
    )
    if chosen.kind:
        statement = statement.where(of.c.kind == chosen.kind)
    if chosen.district:
        statement = statement.where(District.slug == chosen.district)
    return of_fund(statement, chosen)


def of_fund(statement: Select[Any], chosen: Chosen) -> Select[Any]:
    """Narrow a statement that joins Fund and Funder to what is chosen."""
    if chosen.funder:
        statement = statement.where(Funder.slug == chosen.funder)
    return statement.where(Fund.slug == chosen.fund) if chosen.fund else statement


def in_year(chosen: Chosen) -> list[ColumnElement[bool]]:
    """Return the conditions on Decision of the chosen financial year."""
    if not chosen.year:
        return []
    begins, ends = bounds_of(chosen.year)
    return [Decision.decided_at >= begins, Decision.decided_at < ends]
