"""The end of accepted offers: confirmed on what was collected, passed on and paid, lapsed, or given back.

The project is locked by whoever calls. The funds' accounts are locked here, so this comes last in a unit of work.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.core import failpoints
from crowdfund.core.actor import Actor
from crowdfund.funds import pots
from crowdfund.funds.models import Fund
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import AccountKind, LedgerEvent
from crowdfund.matching.mail import mail_about
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.moving import move_offer
from crowdfund.matching.reserving import Line
from crowdfund.matching.rules import Limit, OfferState
from crowdfund.projects.models import Project

_S = OfferState
# Why an offer comes to nothing at settlement, by what it ended at.
LAPSE_WORDS: dict[Limit, str] = {
    Limit.TEST: "Too few qualifying backers could be charged, or they gave too little, for the fund’s condition.",
    Limit.CROWD_FIRST: "The crowd’s own share of the target could not be collected.",
    Limit.CROWD: "No pledge could be collected to which the fund adds.",
    Limit.TARGET: "The target was reached without this money.",
    Limit.JOINT: "All public money together had reached its limit without this money.",
    Limit.POT: "The fund had no money left.",
}


def confirm_match(session: Session, lines: Sequence[Line], *, actor: Actor, now: datetime) -> int:
    """At settlement: what each offer comes to is due, the rest is its fund's again; return what is due in pence.

    An offer that comes to nothing lapses with the reason.
    """
    due = 0
    for line in lines:
        offer, pence = line.offer, line.allocation.pence
        pots.confirm(_posting(session, offer, "settled", actor, now), offer.fund_id, offer.id, pence)
        offer.counted_pence, offer.counted_limit = pence, line.allocation.limit
        if not pence:
            reason = LAPSE_WORDS.get(line.allocation.limit, "Nothing was left to add.")
            move_offer(session, offer, _S.LAPSED, reason=reason, actor=actor, now=now)
            mail_about(session, offer, "match_lapsed", "lapsed", now)
            continue
        offer.confirmed_pence, offer.confirmed_at = pence, now
        move_offer(session, offer, _S.CONFIRMED, actor=actor, now=now)
        mail_about(session, offer, "match_confirmed", "confirmed", now)
        due += pence
        failpoints.reach("match.in_settlement")
    return due


def make_payable(session: Session, project: Project, *, actor: Actor, now: datetime) -> None:
    """A project is funded: what is due can be paid. A fund whose money is in the programme's bank is passed on now."""
    for offer in standing_offers(session, project.id, _S.CONFIRMED):
        move_offer(session, offer, _S.PAYABLE, actor=actor, now=now)
        if not offer.fund.pays_direct and pots.is_in_bank(session, offer.fund_id, offer.id):
            pass_on(session, offer, actor=actor, now=now)


def pass_on(session: Session, offer: MatchOffer, *, actor: Actor, now: datetime) -> int:
    """Have the programme hold for a locked project what is due of a locked offer; return the sum in pence.

    Raises Refused('balance_guard') when the funder has not paid in as much.
    """
    pence = pots.pay_through_programme(
        _posting(session, offer, "paid", actor, now), offer.fund_id, offer.id, offer.project_id
    )
    failpoints.reach("match.passing_on")
    offer.paid_at = now
    move_offer(session, offer, _S.PAID, reason="passed on to the project", actor=actor, now=now)
    mail_about(session, offer, "match_paid", "paid", now)
    return pence


def lapse_match(session: Session, project: Project, reason: str, *, actor: Actor, now: datetime) -> None:
    """A project that is not judged, or missed its target, is over: what was set aside is its funds’ again.

    The group hears of the project itself.
    """
    for offer in standing_offers(session, project.id, _S.ACCEPTED):
        pots.confirm(_posting(session, offer, "lapsed", actor, now), offer.fund_id, offer.id, 0)
        offer.counted_pence = 0
        move_offer(session, offer, _S.LAPSED, reason=reason, actor=actor, now=now)


def give_match_back(session: Session, project: Project, reason: str, *, actor: Actor, now: datetime) -> int:
    """Everyone is refunded: what is due or held for the project is its funds' again; return the sum in pence.

    What a funder paid the group itself stays paid: the two settle it between them.
    """
    given, gone = 0, (_S.CONFIRMED, _S.PAYABLE, _S.PAID)
    for offer in standing_offers(session, project.id, *gone):
        if offer.state is _S.PAID and offer.fund.pays_direct:
            continue
        posting = _posting(session, offer, "returned", actor, now)
        given += pots.take_back(posting, offer.fund_id, offer.id, project.id, held=offer.state is _S.PAID)
        offer.counted_pence = 0
        move_offer(session, offer, _S.LAPSED, reason=reason, actor=actor, now=now)
    return given


def match_held_pence(session: Session, project_id: int) -> int:
    """Return how much match the programme ever took into a project's money and did not hand back, in pence.

    Refunds and disputes of pledges never take any of it: match is final once paid.
    """
    moved = (
        select(func.coalesce(func.sum(LedgerLine.amount_pence), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerAccount.kind == AccountKind.HELD, LedgerAccount.subject_id == project_id)
        .where(LedgerEntry.event.in_((LedgerEvent.MATCH_PASSED_ON, LedgerEvent.MATCH_HANDED_BACK)))
    )
    return int(session.scalar(moved) or 0)


def standing_offers(session: Session, project_id: int, *states: OfferState) -> Sequence[MatchOffer]:
    """Return a project's offers in these states with their funds and funders, in the programme's order."""
    found = (
        select(MatchOffer)
        .join(Fund, Fund.id == MatchOffer.fund_id)
        .where(MatchOffer.project_id == project_id, MatchOffer.state.in_(states))
        .options(joinedload(MatchOffer.fund).joinedload(Fund.funder), joinedload(MatchOffer.terms))
        .order_by(Fund.place, MatchOffer.id)
        .execution_options(populate_existing=True)
    )
    return session.scalars(found).all()


def _posting(session: Session, offer: MatchOffer, what: str, actor: Actor, now: datetime) -> Posting:
    return Posting(session, f"offer:{offer.id}:{what}", actor, now)
