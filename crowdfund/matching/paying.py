"""Paying what is due: passed on by the programme once the funder paid in, or paid by the funder, with evidence."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.accounts.models import OfficerPost
from crowdfund.accounts.roles import FUND_RIGHTS, FundRight
from crowdfund.core.actor import Actor, Permit
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.funds import pots
from crowdfund.funds.models import Fund, Funder
from crowdfund.ledger.postings import Posting
from crowdfund.matching.mail import mail_about
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.moving import hold_offer, move_offer
from crowdfund.matching.rules import WORDS, OfferState
from crowdfund.matching.settling import pass_on
from crowdfund.projects.distance import distance_of
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState

MOST_EVIDENCE = 200
NO_EVIDENCE = "Enter what shows the payment, such as the bank reference and the day."
NOT_IN = "The funder has not paid in enough for this yet. Record what arrived first."
_PAYING = frozenset({ProjectState.FUNDED, ProjectState.DELIVERING, ProjectState.COMPLETED})


def can_pay(actor: Actor, offer: MatchOffer, fund: Fund, project: Project) -> Permit:
    """Say whether an officer may pay what is due of an offer, or record that it was paid."""
    if not actor.may_at(FundRight.PAY, fund.funder_id):
        return Permit(False, f"Your role does not let you {FundRight.PAY}.")
    if offer.state is not OfferState.PAYABLE:
        return Permit(False, f"Nothing is to be paid. It stands at: {WORDS[offer.state]}.")
    if project.state not in _PAYING:
        return Permit(False, "The money of this project waits for a decision, so nothing is paid now.")
    return Permit(True)


def pay_through_programme(session: Session, offer_id: int, *, actor: Actor, now: datetime) -> int:
    """Pass on what is due of an offer to its project from what the funder paid in; return the sum in pence.

    Raises NotFound for officers of another funder, Forbidden for whoever may not pay or is tied to the project,
    Refused for a funder that pays groups itself and while too little was paid in.
    """
    offer, fund, _ = _hold(session, offer_id, actor)
    if fund.pays_direct:
        raise Refused("pays_direct", "This funder pays groups itself.")
    if not pots.is_in_bank(session, fund.id, offer.id):
        raise Refused("not_paid_in", NOT_IN)
    return pass_on(session, offer, actor=actor, now=now)


def record_direct(session: Session, offer_id: int, evidence: str, *, actor: Actor, now: datetime) -> int:
    """Record that the funder paid the group itself what was due; return the sum in pence.

    Raises as above, and Refused for a funder that pays through the programme or without evidence.
    """
    offer, fund, _ = _hold(session, offer_id, actor)
    if not fund.pays_direct:
        raise Refused("pays_in", "This funder pays through the programme.")
    if not evidence.strip():
        raise Refused("no_evidence", NO_EVIDENCE, "evidence")
    pence = pots.pay_direct(Posting(session, f"offer:{offer.id}:paid", actor, now), offer.id)
    offer.paid_at, offer.paid_evidence = now, evidence.strip()
    move_offer(session, offer, OfferState.PAID, reason="paid to the group by the funder", actor=actor, now=now)
    mail_about(session, offer, "match_paid", "paid", now)
    return pence


def count_due(session: Session, actor: Actor) -> int:
    """Return how many offers are due whose funder this officer pays for."""
    counted = select(func.count(MatchOffer.id)).join(Fund, Fund.id == MatchOffer.fund_id)
    return int(session.scalar(counted.where(*_due(actor))) or 0)


def list_due(session: Session, actor: Actor, *, offset: int = 0, limit: int = 50) -> Sequence[MatchOffer]:
    """Return the offers that are due and not paid of funders this officer pays for, the oldest first."""
    found = (
        select(MatchOffer)
        .join(Fund, Fund.id == MatchOffer.fund_id)
        .where(*_due(actor))
        .options(joinedload(MatchOffer.fund).joinedload(Fund.funder))
        .options(joinedload(MatchOffer.project).joinedload(Project.group))
        .order_by(MatchOffer.confirmed_at, MatchOffer.id)
    )
    return session.scalars(found.offset(offset).limit(limit)).all()


def sum_due(session: Session, actor: Actor) -> list[tuple[str, int, int]]:
    """Return by funder, by name, how many offers are due and what they come to in pence, as `list_due` finds them."""
    found = (
        select(Funder.name, func.count(MatchOffer.id), func.sum(MatchOffer.confirmed_pence))
        .join(Fund, Fund.id == MatchOffer.fund_id)
        .join(Funder, Funder.id == Fund.funder_id)
        .where(*_due(actor))
        .group_by(Funder.id, Funder.name)
        .order_by(Funder.name, Funder.id)
    )
    return [(name, count, int(pence or 0)) for name, count, pence in session.execute(found)]


def get_due(session: Session, public_id: str, actor: Actor) -> MatchOffer:
    """Return an offer to an officer who pays for its funder, with its project and fund. Raises NotFound."""
    found = (
        select(MatchOffer)
        .where(MatchOffer.public_id == public_id)
        .options(joinedload(MatchOffer.fund).joinedload(Fund.funder))
        .options(joinedload(MatchOffer.project).joinedload(Project.group))
    )
    offer = session.scalars(found).one_or_none()
    if offer is None or not actor.may_at(FundRight.PAY, offer.fund.funder_id):
        raise NotFound(f"offer {public_id}")
    return offer


def _hold(session: Session, offer_id: int, actor: Actor) -> tuple[MatchOffer, Fund, Project]:
    offer, project = hold_offer(session, offer_id)
    fund = session.get_one(Fund, offer.fund_id)
    if not actor.may_at(FundRight.PAY, fund.funder_id):
        raise NotFound(f"offer {offer_id}")
    tie = distance_of(session, project.id, actor.person_id or 0).refusal
    if tie:
        raise Forbidden(tie)
    permit = can_pay(actor, offer, fund, project)
    if not permit:
        raise Refused("not_now", permit.reason)
    return offer, fund, project


def _due(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    paying = [role for role, rights in FUND_RIGHTS.items() if FundRight.PAY in rights]
    held = (
        OfficerPost.person_id == (actor.person_id or 0),
        OfficerPost.role.in_(paying),
        OfficerPost.ended_at.is_(None),
    )
    funders = select(OfficerPost.funder_id).where(*held, OfficerPost.funder_id.is_not(None))
    of_programme = select(OfficerPost.id).where(*held, OfficerPost.funder_id.is_(None)).exists()
    return MatchOffer.state == OfferState.PAYABLE, or_(of_programme, Fund.funder_id.in_(funders))
