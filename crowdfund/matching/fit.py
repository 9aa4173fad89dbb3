"""Which funds fit a project: its own facts, or what a visitor says, held against the terms of every fund."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.clock import LONDON
from crowdfund.funds.fitting import Capital, Fit, Wish, fit
from crowdfund.funds.models import Fund, FundTerms
from crowdfund.funds.queries import Listed, left_by_fund, list_funds
from crowdfund.funds.words import Names
from crowdfund.groups.models import Group
from crowdfund.groups.rules import FORM_WORDS
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.reserving import project_facts
from crowdfund.matching.rules import OfferState
from crowdfund.places.queries import list_districts
from crowdfund.projects.models import Project, ProjectObjective
from crowdfund.projects.rules import OBJECTIVE_WORDS

# A group counts as matched from the day on which it accepted, unless the money never came.
MATCHED = (OfferState.ACCEPTED, OfferState.CONFIRMED, OfferState.PAYABLE, OfferState.PAID)


@dataclass(frozen=True)
class FundFit:
    """A fund with its terms, what is left of it in pence, and how a project fits it."""

    fund: Fund
    terms: FundTerms
    left_pence: int
    fit: Fit


def names_of(session: Session) -> Names:
    """Return what the codes in terms are called; one statement."""
    districts = {district.code: district.name for district in list_districts(session)}
    return Names(districts, _plain(OBJECTIVE_WORDS), _plain(FORM_WORDS))


def list_fits(
    session: Session, wish: Wish, names: Names, now: datetime, matched: Mapping[int, date] | None = None
) -> list[FundFit]:
    """Hold a wish against every fund that is open or still to open: those that fit first, then by deadline.

    `matched` says by fund when it last said yes to the same group. Two statements.
    """
    today = now.astimezone(LONDON).date()
    listed = [one for one in list_funds(session, now) if one.terms is not None and one.terms.closes_on >= today]
    return _held_against(session, listed, wish, names, matched or {})


def fits_of_project(session: Session, project: Project, now: datetime) -> list[FundFit]:
    """Hold a project's own facts against every fund that is open or still to open; six statements."""
    wish, matched = wish_of_project(session, project, now), matched_on(session, project.group_id, project.id)
    return list_fits(session, wish, names_of(session), now, matched)


def fit_of_project(session: Session, project: Project, terms: FundTerms, fund: Fund, now: datetime) -> Fit:
    """Hold a project against one fund's terms, such as those that an offer rests on; the funder is loaded."""
    matched = matched_on(session, project.group_id, project.id).get(fund.id)
    left = left_by_fund(session, [fund.id])[fund.id]
    wish, is_public = wish_of_project(session, project, now), fund.funder.is_public
    return fit(terms, wish, names_of(session), is_public=is_public, left_pence=left, matched_on=matched)


def wish_of_project(session: Session, project: Project, now: datetime) -> Wish:
    """Return a project as the terms of funds see it; three statements. A draft may know only parts of it."""
    facts, other_public = project_facts(session, project)
    served = select(ProjectObjective.objective).where(ProjectObjective.project_id == project.id)
    objectives = frozenset(one.value for one in session.scalars(served))
    form = session.scalar(select(Group.legal_form).where(Group.id == project.group_id))
    return Wish(
        today=now.astimezone(LONDON).date(),
        target_pence=project.target_pence or None,
        district=project.district_code,
        objectives=objectives or None,
        legal_form=form.value if form else None,
        capital=_capital(facts.cost_pence, facts.revenue_pence),
        cost_pence=facts.cost_pence or None,
        revenue_pence=facts.revenue_pence if facts.cost_pence else None,
        other_public_pence=other_public,
    )


def matched_on(session: Session, group_id: int, but_project_id: int | None = None) -> dict[int, date]:
    """Return by fund when it last said yes to a project of a group, other than this one; days in Kent."""
    statement = (
        select(MatchOffer.fund_id, func.max(MatchOffer.accepted_at))
        .join(Project, Project.id == MatchOffer.project_id)
        .where(Project.group_id == group_id, Project.id != (but_project_id or 0), MatchOffer.state.in_(MATCHED))
        .group_by(MatchOffer.fund_id)
    )
    return {fund_id: at.astimezone(LONDON).date() for fund_id, at in session.execute(statement) if at is not None}


def _held_against(
    session: Session, listed: Sequence[Listed], wish: Wish, names: Names, matched: Mapping[int, date]
) -> list[FundFit]:
    left = left_by_fund(session, [one.fund.id for one in listed])
    found = []
    for fund, terms in listed:
        assert terms is not None
        is_public, was = fund.funder.is_public, matched.get(fund.id)
        held = fit(terms, wish, names, is_public=is_public, left_pence=left[fund.id], matched_on=was)
        found.append(FundFit(fund, terms, left[fund.id], held))
    return sorted(found, key=lambda one: (not one.fit.fits, one.terms.closes_on, one.fund.place))


def _capital(cost_pence: int, revenue_pence: int) -> Capital | None:
    if not cost_pence:
        return None
    if revenue_pence == cost_pence:
        return Capital.NONE
    return Capital.SOME if revenue_pence else Capital.ALL


def _plain(words: Mapping[Any, str]) -> dict[str, str]:
    return {str(code): text for code, text in words.items()}
