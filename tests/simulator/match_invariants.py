"""What must hold of funds and of what they add: every pound in one place, in no place too much, final once paid."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.funds.models import Fund
from crowdfund.funds.rules import MatchKind
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind, LedgerEvent
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.reserving import project_facts, read_match
from crowdfund.matching.rules import COMMITTED, OfferState
from crowdfund.matching.settling import match_held_pence
from crowdfund.payouts.models import Payout
from crowdfund.payouts.rules import PayoutState
from crowdfund.pledges.matched import read_crowd
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.models import Settlement, Verdict

Breaches = Iterator[str]
Sums = Counter[tuple[int, str, str]]  # pence by fund, source and financial year
_K = AccountKind
_OF_OFFERS = (_K.MATCH_RESERVED, _K.MATCH_CONFIRMED, _K.MATCH_PAID)
_COUNTING = (ProjectState.LIVE, ProjectState.PAUSED)


def every_pound_is_in_one_place(session: Session) -> Breaches:
    """By fund, source and year: what came in is left, set aside, due or paid; and paid or in the bank, as cash."""
    budget = _moved(session, LedgerEvent.POT_FILLED, LedgerEvent.POT_CARRIED)
    yield from _differ("budget", budget, _standing(session, _K.POT_AVAILABLE, *_OF_OFFERS))
    came = _moved(session, LedgerEvent.FUNDER_PAID_IN, LedgerEvent.POT_CASH_CARRIED)
    paid = _standing(session, _K.MATCH_PAID, only=Fund.pays_direct.is_(False))
    yield from _differ("cash", came, _standing(session, _K.POT_CASH) + paid)


def match_keeps_its_limits(session: Session) -> Breaches:
    """Never above the offer, the fund's caps, the joint cap of public money, or what is missing of the target."""
    for project in session.scalars(select(Project).order_by(Project.id)):
        standing = (MatchOffer.project_id == project.id, MatchOffer.state.in_(COMMITTED))
        offers = _offers(session, *standing)
        facts, other_public = project_facts(session, project)
        for offer in offers:
            pence, terms = _comes_to(offer), offer.terms
            share = facts.base(terms.base) * (100 if terms.percent is None else terms.percent) / 100
            if pence > min(offer.offered_pence or 0, terms.most_pence, share):
                yield f"offer {offer.id} comes to {pence} pence, more than it or its fund's terms allow"
        caps = [one.terms.joint_percent for one in offers if one.terms.joint_percent is not None and _comes_to(one)]
        public = sum(_comes_to(one) for one in offers if one.fund.funder.is_public)
        if caps and public + other_public > project.target_pence * min(caps) / 100:
            yield f"project {project.id} has {public} pence of public match, above {min(caps)} %"
        crowd, match = _crowd_pence(session, project), sum(map(_comes_to, offers))
        if match and crowd + match > project.target_pence:
            yield f"project {project.id}: match of {match} on {crowd} is above its target of {project.target_pence}"


def match_is_what_counting_it_gives(session: Session) -> Breaches:
    """While a crowd is open: what is kept of each offer is what counting it anew gives, and is set aside."""
    for project in session.scalars(select(Project).where(Project.state.in_(_COUNTING)).order_by(Project.id)):
        for line in read_match(session, project, read_crowd(session, project.id)):
            if line.allocation.pence != line.offer.counted_pence:
                yield f"offer {line.offer.id} keeps {line.offer.counted_pence}, counted anew {line.allocation.pence}"
            if line.terms.kind is MatchKind.PER_PLEDGE and line.reserved_pence != line.allocation.pence:
                yield f"offer {line.offer.id} has {line.reserved_pence} set aside of {line.allocation.pence}"


def verdicts_count_what_was_offered(session: Session) -> Breaches:
    """3: a verdict counts no match that no fund offered and the group accepted."""
    offered = func.coalesce(func.sum(MatchOffer.offered_pence), 0)
    signed = (MatchOffer.project_id == Verdict.project_id) & MatchOffer.accepted_at.is_not(None)
    sums = select(Verdict.project_id, Verdict.match_pence, offered).outerjoin(MatchOffer, signed)
    for project_id, pence, most in session.execute(sums.group_by(Verdict.project_id, Verdict.match_pence)):
        if pence > most:
            yield f"project {project_id} counts {pence} pence of match, offered were {most}"


def pledges_keep_their_match(session: Session) -> Breaches:
    """What funds add to a pledge is never more than the pledge, nor than what they add to one backer."""
    for pledge in session.scalars(select(Pledge).where(Pledge.match_pence != 0).order_by(Pledge.id)):
        of = (MatchOffer.project_id == pledge.project_id, MatchOffer.accepted_at.is_not(None))
        each = [
            min(pledge.amount_pence, offer.terms.per_backer_pence or pledge.amount_pence)
            for offer in _offers(session, *of)
            if offer.terms.kind is MatchKind.PER_PLEDGE
        ]
        if not 0 <= pledge.match_pence <= sum(each):
            yield f"pledge {pledge.id} of {pledge.amount_pence} has {pledge.match_pence} pence of match"


def paid_match_stays(session: Session) -> Breaches:
    """Refunds and disputes never take match that is held for a project: it is there, or the group has it."""
    left = (PayoutState.SENT, PayoutState.CONFIRMED)
    for project_id in session.scalars(select(Project.id).order_by(Project.id)):
        gone = select(func.coalesce(func.sum(Payout.amount_pence), 0)).where(
            Payout.purpose == f"project:{project_id}", Payout.state.in_(left)
        )
        match = match_held_pence(session, project_id)
        there = balance_pence(session, _K.HELD, project_id) + int(session.scalar(gone) or 0)
        if there < match:
            yield f"project {project_id}: {match} pence of match were passed on, {there} are held or paid out"


ALL = (
    every_pound_is_in_one_place,
    match_keeps_its_limits,
    match_is_what_counting_it_gives,
    verdicts_count_what_was_offered,
    pledges_keep_their_match,
    paid_match_stays,
)


def paid_offers(session: Session) -> dict[int, tuple[Any, ...]]:
    """Return what was paid of each offer, and when; it changes only where everyone is refunded."""
    over = (ProjectState.REFUNDING, ProjectState.REFUNDED)
    kept = select(MatchOffer).join(Project, Project.id == MatchOffer.project_id).where(Project.state.not_in(over))
    paid = session.scalars(kept.where(or_(MatchOffer.paid_at.is_not(None), MatchOffer.state == OfferState.PAID)))
    return {offer.id: (offer.state, offer.confirmed_pence, offer.paid_at) for offer in paid}


def _offers(session: Session, *conditions: ColumnElement[bool]) -> Sequence[MatchOffer]:
    loaded = (joinedload(MatchOffer.terms), joinedload(MatchOffer.fund).joinedload(Fund.funder))
    return session.scalars(select(MatchOffer).where(*conditions).options(*loaded).order_by(MatchOffer.id)).all()


def _comes_to(offer: MatchOffer) -> int:
    return offer.counted_pence if offer.confirmed_pence is None else offer.confirmed_pence


def _crowd_pence(session: Session, project: Project) -> int:
    """Return what the crowd gives: what is pledged until it is settled, what was collected by then afterwards."""
    settlement = session.get(Settlement, project.id)
    if settlement is not None and settlement.settled_at is not None:
        return settlement.collected_pence or 0
    return balance_pence(session, _K.PLEDGED, project.id)


def _differ(what: str, came: Sums, is_there: Sums) -> Breaches:
    for fund_id, source, year in sorted(came | is_there):
        one, other = came[fund_id, source, year], is_there[fund_id, source, year]
        if one != other:
            yield f"fund {fund_id}, {source} of {year}: {what} of {one} pence, found are {other}"


def _standing(session: Session, *kinds: AccountKind, only: ColumnElement[bool] | None = None) -> Sums:
    account = LedgerAccount
    columns = (account.source, account.year, account.balance_pence)
    found: Sums = Counter()
    for kind in kinds:
        rows: Select[Any]
        if kind in _OF_OFFERS:
            rows = select(MatchOffer.fund_id, *columns).join(MatchOffer, MatchOffer.id == account.subject_id)
            rows = rows.join(Fund, Fund.id == MatchOffer.fund_id)
        else:
            rows = select(account.subject_id, *columns).join(Fund, Fund.id == account.subject_id)
        rows = rows.where(account.kind == kind)
        for fund_id, source, year, pence in session.execute(rows if only is None else rows.where(only)):
            found[fund_id, source, year] += int(pence)
    return found


def _moved(session: Session, *events: LedgerEvent) -> Sums:
    """Return what these events put into the accounts of each fund and its offers."""
    line, account = LedgerLine, LedgerAccount
    rows = (
        select(account.kind, account.subject_id, account.source, account.year, line.amount_pence)
        .join(account, account.id == line.account_id)
        .join(LedgerEntry, LedgerEntry.id == line.entry_id)
        .where(LedgerEntry.event.in_(events), account.kind.in_((_K.POT_AVAILABLE, _K.POT_CASH, *_OF_OFFERS)))
    )
    fund_of: dict[int, int] = dict(session.execute(select(MatchOffer.id, MatchOffer.fund_id)).all())
    found: Sums = Counter()
    for kind, owner, source, year, pence in session.execute(rows):
        found[fund_of[owner] if kind in _OF_OFFERS else owner, source, year] += int(pence)
    return found
