"""What a project's accepted offers come to with its crowd as it is, and setting that aside in their funds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import table_of
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
_OFFER = table_of(MatchOffer)
_HAS_OFFERS = (
    select(_OFFER.c.id)
    .where(_OFFER.c.project_id == bindparam("project_id"), _OFFER.c.state == OfferState.ACCEPTED)
    .limit(1)
)


@dataclass(frozen=True)
class Line:
    """An accepted offer, what is set aside for it, and what it comes to with the crowd as it is. Pence."""

    offer: MatchOffer
    terms: Terms
    reserved_pence: int
    pot_pence: int  # what its fund could still set aside
    allocation: Allocation
    was_pence: int  # what it came to when it was last counted


def limits_per_backer(session: Session, project_id: int) -> frozenset[int]:
    """Return the limits per backer (pence) that the accepted offers of a project have: the crowd is summed for each."""
    found = select(FundTerms.per_backer_pence).join(MatchOffer, MatchOffer.terms_id == FundTerms.id)
    kept = found.where(MatchOffer.project_id == project_id, MatchOffer.state == OfferState.ACCEPTED)
    return frozenset(pence for pence in session.scalars(kept) if pence is not None)


@dataclass(frozen=True)
class Reckoning:
    """The accepted offers of a project with everything that decides on their sums but the crowd. Pence."""

    offers: Sequence[MatchOffer]
    facts: ProjectFacts
    other_public_pence: int
    money: Mapping[int, tuple[int, int]]  # by offer: what is set aside, and what its fund has left

    def lines(self, crowd: CrowdFacts, *, from_pots: bool = False) -> list[Line]:
        """Return what each offer comes to with this crowd; `from_pots` as `read_match` says."""
        bids = [_bid(offer, *self.money[offer.id], from_pots=from_pots) for offer in self.offers]
        found = allocate(bids, self.facts, crowd, self.other_public_pence)
        return [
            Line(offer, bid.terms, *self.money[offer.id], allocation, offer.counted_pence)
            for offer, bid, allocation in zip(self.offers, bids, found, strict=True)
        ]


def read_offers(session: Session, project: Project, grants_pence: int = 0) -> Reckoning:
    """Return the accepted offers of a project in the programme's order of funds, in three statements.

    `grants_pence` is other public money of this service in the project; what its own lines state is added.
    """
    offers = _accepted(session, project.id)
    if not offers:
        return Reckoning((), ProjectFacts(project.target_pence, 0, 0), grants_pence, {})
    facts, other_public = project_facts(session, project)
    return Reckoning(offers, facts, other_public + grants_pence, _money(session, offers))


def read_match(
    session: Session, project: Project, crowd: CrowdFacts, *, grants_pence: int = 0, from_pots: bool = False
) -> list[Line]:
    """Return what each accepted offer of a project comes to, in the programme's order of funds.

    Only what is set aside counts, unless `from_pots` asks what the funds could add to that now.
    """
    return read_offers(session, project, grants_pence).lines(crowd, from_pots=from_pots)


def reserve_again(
    session: Session, project: Project, crowd: CrowdFacts, cause: str, *, actor: Actor, now: datetime
) -> list[Line]:
    """Set aside what the per-pledge offers of a locked project come to now; return what each of its offers is.

    `cause` names the change of the crowd, once. A fund that has less left gives what it has; what is no longer
    matched goes back. Every offer keeps what it comes to. The funds' accounts stay locked until the end of the unit
    of work, so this comes last in it.
    """
    lines, turn = read_match(session, project, crowd, from_pots=True), 0
    # Where another project took the last of a pot meanwhile, what the next funds add is more: reckoned again.
    while not _set_all_aside(session, lines, f"{cause}:{turn}" if turn else cause, actor=actor, now=now):
        turn += 1
        lines = read_match(session, project, crowd, from_pots=True)
    for line in lines:
        line.offer.counted_pence, line.offer.counted_limit = line.allocation.pence, line.allocation.limit
    session.flush()
    return lines


def has_offers(session: Session, project_id: int) -> bool:
    """Say whether a project has an accepted offer: one cheap statement, for everything that moves its crowd."""
    return session.connection().execute(_HAS_OFFERS, {"project_id": project_id}).first() is not None


def quote(reckoning: Reckoning, before: CrowdFacts, after: CrowdFacts) -> list[tuple[Line, int]]:
    """Return what each per-pledge offer adds when the crowd grows from `before` to `after`, in pence."""
    was = reckoning.lines(before, from_pots=True)
    return [
        (line, max(0, line.allocation.pence - old.allocation.pence))
        for old, line in zip(was, reckoning.lines(after, from_pots=True), strict=True)
        if line.terms.kind is MatchKind.PER_PLEDGE
    ]


def _set_all_aside(session: Session, lines: Sequence[Line], cause: str, *, actor: Actor, now: datetime) -> bool:
    """Set aside what per-pledge offers come to; say whether every fund had as much."""
    enough = True
    for line in lines:
        if line.terms.kind is MatchKind.PER_PLEDGE:
            wanted = line.allocation.pence
            posting = Posting(session, f"offer:{line.offer.id}:{cause}", actor, now)
            enough = _set_aside(posting, line, wanted) == wanted and enough
    return enough


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


def _bid(offer: MatchOffer, reserved_pence: int, pot_pence: int, *, from_pots: bool) -> Bid:
    terms, most = offer.terms.values(is_public=offer.fund.funder.is_public), offer.offered_pence or 0
    if offer.exceeds:
        terms = replace(terms, most_pence=max(most, terms.most_pence), percent=None)
    within = pot_pence if from_pots and terms.kind is MatchKind.PER_PLEDGE else 0
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


def project_facts(session: Session, project: Project) -> tuple[ProjectFacts, int]:
    """Return the sums of a project that terms refer to, and its other public money, confirmed or hoped for."""
    line, amount = ProjectLine, ProjectLine.amount_pence
    cost = func.sum(case((line.kind == LineKind.COST, amount), else_=0))
    running = func.sum(case(((line.kind == LineKind.COST) & line.is_capital.is_(False), amount), else_=0))
    public = func.sum(case(((line.kind == LineKind.OTHER_MONEY) & line.is_public, amount), else_=0))
    found = session.execute(select(cost, running, public).where(line.project_id == project.id)).one()
    whole, revenue, other_public = (int(pence or 0) for pence in found)
    return ProjectFacts(project.target_pence, whole, revenue), other_public
