"""Holding an offer while it is changed, and moving it through its life: its rows locked, every move audited."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.funds.models import Fund, FundTerms
from crowdfund.matching.access import can_open, can_see
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import MACHINE, OfferState
from crowdfund.projects.distance import Distance, distance_of
from crowdfund.projects.models import Project

ENDED = (
    OfferState.DECLINED,
    OfferState.REFUSED,
    OfferState.EXPIRED,
    OfferState.LAPSED,
    OfferState.WITHDRAWN,
)


def hold_offer(session: Session, offer_id: int) -> tuple[MatchOffer, Project]:
    """Lock the project of an offer and then the offer, and return them. Raises NotFound."""
    found = session.get(MatchOffer, offer_id)
    if found is None:
        raise NotFound(f"offer {offer_id}")
    project = lock(session, Project, found.project_id)
    return lock(session, MatchOffer, offer_id), project


def hold_for_officer(session: Session, offer_id: int, actor: Actor) -> tuple[MatchOffer, Project, int, Distance]:
    """Lock an offer for an officer; return it with its project, its funder's id and how far the officer stands.

    Raises NotFound for officers of another funder, Forbidden for whoever did not declare or has an interest.
    """
    offer, project = hold_offer(session, offer_id)
    funder_id = session.get_one(Fund, offer.fund_id).funder_id
    if not can_see(actor, funder_id):
        raise NotFound(f"offer {offer_id}")
    distance = distance_of(session, project.id, actor.person_id or 0)
    permit = can_open(actor, funder_id, distance)
    if not permit:
        raise Forbidden(permit.reason)
    return offer, project, funder_id, distance


def refuse_stale(offer: MatchOffer, seen_version: int) -> None:
    """Raise Refused when an offer changed since the actor looked at version `seen_version`."""
    if offer.version != seen_version:
        raise Refused("changed", "Somebody changed this meanwhile. Look at it again, then send your answer again.")


def move_offer(
    session: Session, offer: MatchOffer, new: OfferState, *, reason: str = "", actor: Actor, now: datetime
) -> None:
    """Move a locked offer to a state that the table allows; one that ends keeps when and why. Raises IllegalMove."""
    old, offer.state = offer.state, MACHINE.move(offer.state, new)
    if new in ENDED:
        offer.ended_at, offer.end_reason = now, reason
    touch(session, offer)
    facts = {"old": old.value, "new": new.value, "reason": reason}
    audit.record(session, Tag.OFFER_MOVED, actor=actor, subject_id=offer.id, now=now, **facts)


def touch(session: Session, offer: MatchOffer) -> None:
    """Mark an offer as changed, so that forms which show an older one are refused."""
    offer.version += 1
    session.flush()


def terms_of(session: Session, offer: MatchOffer) -> tuple[FundTerms, Fund]:
    """Return the terms under which an offer was asked for, and its fund with its funder's key."""
    return session.get_one(FundTerms, offer.terms_id), session.get_one(Fund, offer.fund_id)
