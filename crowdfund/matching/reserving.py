"""What a project's accepted offers come to with its crowd as it is, and setting that aside in their funds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.funds import pots
from crowdfund.funds.models import Fund, FundTerms
from crowdfund.funds.rules import MatchKind, Terms
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import Allocation, Bid, CrowdFacts, OfferState, ProjectFacts, allocate
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.rules import LineKind

_K = AccountKind


@dataclass(frozen=True)
class Line:
    """An accepted offer, what is set aside for it, and what it comes to with the crowd as it is. Pence."""

    offer: MatchOffer
    terms: Terms
    reserved_pence: int
    pot_pence: int  # what its fund could still set aside
    allocation: Allocation


def limits_per_backer(session: Session, project_id: int) -> frozenset[int]:
    """Return the limits per backer (pence) that the accepted offers of a project have: the crowd is summed for each."""
    found = select(FundTerms.per_backer_pence).join(MatchOffer, MatchOffer.terms_id == FundTerms.id)
    kept = found.where(MatchOffer.project_id == project_id, MatchOffer.state == OfferState.ACCEPTED)
    return frozenset(pence for pence in session.scalars(kept) if pence is not None)


def read_match(session: Session, project: Project, crowd: CrowdFacts, *, grants_pence: int = 0) -> list[Line]:
    """Return what each accepted offer of a project comes to, in the programme's order of funds.

    `grants_pence` is other public money of this service in the project; what its own lines state is added.
    """
    offers = _accepted(session, project.id)
    if not offers:
        return []
    facts, other_public = _facts(session, project)
    money = _money(session, offers)
    bids = [_bid(offer, *money[offer.id]) for offer in offers]
    found = allocate(bids, facts, crowd, other_public + grants_pence)
    return [
        Line(offer, bid.terms, *money[offer.id], allocation)
        for offer, bid, allocation in zip(offers, bids, found, strict=True)
    ]


def reserve_again(
    session: Session, project: Project, crowd: CrowdFacts, cause: str, *, actor: Actor, now: datetime
) -> int:
    """Set aside what the per-pledge offers of a locked project come to now; return what all its match is (pence).

    `cause` names the change of the crowd, once. A fund that has less left gives what it has; what is no longer
    matched goes back. The funds' accounts stay locked until the end of the unit of work, so this comes last in it.
    """
    lines = read_match(session, project, crowd)
    total = 0
    for line in lines:
        if line.terms.kind is not MatchKind.PER_PLEDGE:
            total += line.allocation.pence
            continue
        posting = Posting(session, f"offer:{line.offer.id}:{cause}", actor, now)
        total += _set_aside(posting, line, line.allocation.pence)
    return total


def quote(session: Session, project: Project, before: CrowdFacts, after: CrowdFacts) -> int:
    """Return how much more match a project gets when its crowd grows from `before` to `after`, in pence."""
    lines = read_match(session, project, before)
    if not lines:
        return 0
    was = sum(line.allocation.pence for line in lines)
    return max(0, sum(line.allocation.pence for line in read_match(session, project, after)) - was)


def _set_aside(posting: Posting, line: Line, wanted: int) -> int:
    offer, more = line.offer, wanted - line.reserved_pence
    reserved = line.reserved_pence
    if more > 0:
        reserved += pots.reserve(posting, offer.fund_id, offer.id, more)
    elif more < 0:
        pots.free(posting, offer.fund_id, offer.id, -more)
        reserved = wanted
    if reserved != line.reserved_pence:
        audit.record(
            posting.session,
            Tag.OFFER_RECOMPUTED,
            actor=posting.actor,
            subject_id=offer.id,
            now=posting.now,
            old_pence=line.reserved_pence,
            new_pence=reserved,
        )
    return reserved


def _accepted(session: Session, project_id: int) -> Sequence[MatchOffer]:
    wanted = (
        select(MatchOffer)
        .join(Fund, Fund.id == MatchOffer.fund_id)
        .where(MatchOffer.project_id == project_id, MatchOffer.state == OfferState.ACCEPTED)
        .options(joinedload(MatchOffer.terms), joinedload(MatchOffer.fund).joinedload(Fund.funder))
        .order_by(Fund.place, MatchOffer.id)
    )
    return session.scalars(wanted).all()


def _bid(offer: MatchOffer, reserved_pence: int, pot_pence: int) -> Bid:
    terms, most = offer.terms.values(is_public=offer.fund.funder.is_public), offer.offered_pence or 0
    if offer.exceeds:
        terms = replace(terms, most_pence=max(most, terms.most_pence), percent=None)
    within = pot_pence if terms.kind is MatchKind.PER_PLEDGE else 0
    return Bid(str(offer.id), terms, most, reserved_pence + within)


def _money(session: Session, offers: Sequence[MatchOffer]) -> dict[int, tuple[int, int]]:
    """Return what is set aside for each offer, and what its fund has left, in pence."""
    account, ids, funds = LedgerAccount, [one.id for one in offers], [one.fund_id for one in offers]
    reserved = (account.kind == _K.MATCH_RESERVED) & account.subject_id.in_(ids)
    left = (account.kind == _K.POT_AVAILABLE) & account.subject_id.in_(funds)
    summed = select(account.kind, account.subject_id, func.sum(account.balance_pence)).where(reserved | left)
    found = {
        (kind, owner): int(pence)
        for kind, owner, pence in session.execute(summed.group_by(account.kind, account.subject_id))
    }
    return {
        one.id: (found.get((_K.MATCH_RESERVED, one.id), 0), found.get((_K.POT_AVAILABLE, one.fund_id), 0))
        for one in offers
    }


def _facts(session: Session, project: Project) -> tuple[ProjectFacts, int]:
    """Return the sums of a project that terms refer to, and its other public money, confirmed or hoped for."""
    line, amount = ProjectLine, ProjectLine.amount_pence
    cost = func.sum(case((line.kind == LineKind.COST, amount), else_=0))
    running = func.sum(case(((line.kind == LineKind.COST) & line.is_capital.is_(False), amount), else_=0))
    public = func.sum(case(((line.kind == LineKind.OTHER_MONEY) & line.is_public, amount), else_=0))
    found = session.execute(select(cost, running, public).where(line.project_id == project.id)).one()
    whole, revenue, other_public = (int(pence or 0) for pence in found)
    return ProjectFacts(project.target_pence, whole, revenue), other_public
