"""Whom a project's money is from, with what unlocks next; and which projects can still be matched."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from crowdfund.core.clock import LONDON
from crowdfund.funds.models import FundTerms
from crowdfund.funds.queries import list_funds
from crowdfund.groups.models import Group
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.reserving import project_facts
from crowdfund.matching.rules import (
    COMMITTED,
    STANDING,
    Allocation,
    Bid,
    CrowdFacts,
    Limit,
    OfferState,
    ProjectFacts,
    passes,
)
from crowdfund.matching.settling import standing_offers
from crowdfund.matching.words import next_words, show_words
from crowdfund.pledges.qualifying import WHY_WORDS, Unqualified, Why, crowd_facts
from crowdfund.projects.models import Project, ProjectLine, ProjectObjective
from crowdfund.projects.rules import LineKind, ProjectState
from crowdfund.site.progress import Giver, Progress, progress_of
from crowdfund.site.queries import Standing

_S = OfferState
CROWD = "The crowd"
AFTER_WORDS: dict[OfferState, str] = {
    _S.CONFIRMED: "Confirmed when the pledges were collected.",
    _S.PAYABLE: "Due, and on its way.",
    _S.PAID: "Paid.",
}
# What an offer that can still grow ended at; per pledge its fund must have money left as well.
_GROWING = (Limit.TEST, Limit.CROWD_FIRST)


def whole_progress(session: Session, standing: Standing, now: datetime) -> Progress:
    """Return how a project stands with everybody its money is from; no statement more where no fund adds to it."""
    return progress_of(standing, now, list_givers(session, standing) if standing.offers else ())


def list_givers(session: Session, standing: Standing) -> list[Giver]:
    """Return the crowd and each funder with what it adds, in the programme's order, and what unlocks next."""
    offers = standing_offers(session, standing.project_id, *COMMITTED)
    givers = [Giver(CROWD, standing.raised_pence)]
    if standing.state is ProjectState.UNSUCCESSFUL:
        return [*givers, Giver("Funders had pledged", standing.match_pence)] if standing.match_pence else []
    if not offers:
        return []
    crowd, facts = CrowdFacts(), ProjectFacts(standing.target_pence, 0, 0)
    growing = [offer.terms.per_backer_pence for offer in offers if offer.state is _S.ACCEPTED]
    if growing:  # what the others come to is counted already
        crowd = crowd_facts(session, standing.project_id, {most for most in growing if most})
        facts, _ = project_facts(session, session.get_one(Project, standing.project_id))
    return [*givers, *(_giver(offer, facts, crowd) for offer in offers)]


def uncounted_words(pledges: Sequence[Unqualified]) -> list[tuple[int, str]]:
    """Say, for a group, how many pledges do not count for match and why; never which ones."""
    counted = Counter(one.why for one in pledges)
    return [(counted[why], WHY_WORDS[why]) for why in Why if counted[why]]


def can_be_matched(session: Session, now: datetime) -> ColumnElement[bool]:
    """Return a condition on live projects: an offer can still add, or an open fund that fits has money."""
    own = (MatchOffer.project_id == Project.id, MatchOffer.state == _S.ACCEPTED)
    adds = and_(MatchOffer.counted_limit == Limit.CROWD, _has_money(MatchOffer.fund_id))
    grows = exists().where(*own, or_(MatchOffer.counted_limit.in_(_GROWING), adds))
    today = now.astimezone(LONDON).date()
    terms = [one.terms for one in list_funds(session, now) if one.terms is not None]
    fitting = [_fits(one) for one in terms if one.opens_on <= today <= one.closes_on]
    return and_(Project.state == ProjectState.LIVE, Project.deadline > now, or_(grows, *fitting, false()))


def _giver(offer: MatchOffer, facts: ProjectFacts, crowd: CrowdFacts) -> Giver:
    funder, most = offer.fund.funder.name, offer.offered_pence or 0
    if offer.state is not _S.ACCEPTED:
        return Giver(funder, offer.counted_pence, AFTER_WORDS[offer.state])
    terms = offer.terms.values(is_public=offer.fund.funder.is_public)
    if not offer.counted_pence and not passes(terms.to_show, crowd, facts.target_pence):
        return Giver(funder, 0, show_words(funder, terms, most, crowd, facts.target_pence), is_shown=False)
    found = Allocation("", offer.counted_pence, offer.counted_limit)
    return Giver(funder, offer.counted_pence, next_words(funder, Bid("", terms, most, most), found, facts, crowd))


def _fits(terms: FundTerms) -> ColumnElement[bool]:
    """Return the condition that an open fund fits a project it was not asked for, as far as its terms are figures."""
    of_fund = (MatchOffer.project_id == Project.id, MatchOffer.fund_id == terms.fund_id)
    asked = exists().where(*of_fund, MatchOffer.state.in_((*STANDING, _S.DECLINED)))
    points = [_has_money(terms.fund_id), ~asked]
    if terms.districts:
        points.append(Project.district_code.in_(terms.districts))
    if terms.objectives:
        points.append(
            exists().where(ProjectObjective.project_id == Project.id, ProjectObjective.objective.in_(terms.objectives))
        )
    if terms.legal_forms:
        points.append(exists().where(Group.id == Project.group_id, Group.legal_form.in_(terms.legal_forms)))
    if not terms.allows_capital:
        running = (ProjectLine.kind == LineKind.COST, ProjectLine.is_capital.is_(False))
        points.append(exists().where(ProjectLine.project_id == Project.id, *running))
    return and_(*points)


def _has_money(fund_id: object) -> ColumnElement[bool]:
    account = LedgerAccount
    left = select(account.id).where(
        account.kind == AccountKind.POT_AVAILABLE, account.subject_id == fund_id, account.balance_pence > 0
    )
    return left.exists()
