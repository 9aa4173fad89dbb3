"""The funds a group can ask for a project: those that fit first, the others with what stands against them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.clock import LONDON
from crowdfund.funds.fitting import Wish
from crowdfund.funds.models import Fund, FundTerms
from crowdfund.matching.caps import caps_of
from crowdfund.matching.fit import FundFit, list_fits, matched_on, names_of, wish_of_project
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import STANDING, WORDS, OfferState, ProjectFacts
from crowdfund.projects.models import Project
from crowdfund.web.templating import day


@dataclass(frozen=True)
class Choice:
    """A fund as a group sees it while it chooses. `most_pence` is the most it can ask; `bar` is why it cannot ask."""

    fund: Fund
    terms: FundTerms
    most_pence: int
    most_words: str
    unmet: list[str]
    bar: str = ""

    @property
    def key(self) -> str:
        """How drafts and forms name the fund."""
        return str(self.fund.id)


def list_choices(session: Session, project: Project, now: datetime) -> list[Choice]:
    """Return every fund that is open at `now` (UTC) or still to open: those that can be asked and fit first."""
    wish, matched = wish_of_project(session, project, now), matched_on(session, project.group_id, project.id)
    standing = _standing(session, project.id)
    fits = list_fits(session, wish, names_of(session), now, matched)
    choices = [_choice(one, facts_of(wish), standing, now) for one in fits]
    return sorted(choices, key=lambda one: bool(one.bar))


def facts_of(wish: Wish) -> ProjectFacts:
    """Return the sums of a project that limits refer to."""
    return ProjectFacts(wish.target_pence or 0, wish.cost_pence or 0, wish.revenue_pence or 0)


def _choice(one: FundFit, facts: ProjectFacts, standing: Mapping[int, OfferState], now: datetime) -> Choice:
    terms, values = one.terms, one.terms.values(is_public=one.fund.funder.is_public)
    caps = caps_of(values, facts, allows_capital=terms.allows_capital)
    # Where policy may let an offer go above the limits, officers see the wish and decide.
    lowest = next((cap for cap in caps if not (cap.may_exceed and terms.may_exceed)), caps[0])
    state, bar = standing.get(one.fund.id), ""
    if state is not None and state is not OfferState.DEFERRED:
        bar = f"You asked this fund already: {WORDS[state].lower()}."
    elif now.astimezone(LONDON).date() < terms.opens_on:
        bar = f"It takes requests from {day(terms.opens_on)}."
    return Choice(one.fund, terms, lowest.pence, one.fit.most_words, one.fit.unmet, bar)


def _standing(session: Session, project_id: int) -> dict[int, OfferState]:
    found = select(MatchOffer.fund_id, MatchOffer.state).where(MatchOffer.project_id == project_id)
    return dict(session.execute(found.where(MatchOffer.state.in_(STANDING))).all())
