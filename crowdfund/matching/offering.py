"""An offer in the group's hands: sent when its decision takes effect, accepted, turned down, run out or withdrawn."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight
from crowdfund.core import audit, failpoints, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.errors import Refused
from crowdfund.core.money import pounds
from crowdfund.funds import pots
from crowdfund.funds.rules import MatchKind
from crowdfund.funds.subsidy import subsidy_words
from crowdfund.groups.queries import require_right
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.access import STANDING_PROJECT, can_answer, can_take_away
from crowdfund.matching.listening import tell_offers_changed
from crowdfund.matching.mail import mail_about
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.moving import hold_for_officer, hold_offer, move_offer, refuse_stale, terms_of
from crowdfund.matching.rules import OfferState
from crowdfund.projects.models import Project

# Jobs, all {"offer_id"}, a reminder with {"which"}.
IN_EFFECT = "matching:in_effect"
REMIND = "matching:remind"
EXPIRE = "matching:expire"
REMINDERS = {"week": timedelta(days=7), "day": timedelta(days=1)}
ANSWER_HOUR = time(17)
NO_REASON = "Give the reason. The group reads it."
OVER = "The project no longer takes match, so there was nothing left to offer."
_S = OfferState


@dataclass(frozen=True)
class Subsidy:
    """What a group confirms: the public subsidies it had in this and the two financial years before, in pence."""

    pence: int


def offer_now(session: Session, offer: MatchOffer, *, actor: Actor, now: datetime) -> None:
    """Send the group a decided offer, with its terms and the day it runs out; reminders and the end are queued."""
    terms, _ = terms_of(session, offer)
    last_day = now.astimezone(LONDON).date() + timedelta(days=terms.offer_days)
    offer.expires_at = datetime.combine(last_day, ANSWER_HOUR, tzinfo=LONDON).astimezone(UTC)
    move_offer(session, offer, _S.OFFERED, actor=actor, now=now)
    audit.record(session, Tag.OFFER_SENT, actor=actor, subject_id=offer.id, now=now, expires_on=last_day.isoformat())
    for which, before in REMINDERS.items():
        if offer.expires_at - before > now:
            payload = {"offer_id": offer.id, "which": which}
            key = f"{REMIND}:{offer.id}:{which}:{last_day}"
            jobs.enqueue(session, REMIND, payload, dedupe_key=key, now=now, run_after=offer.expires_at - before)
    key = f"{EXPIRE}:{offer.id}:{last_day}"
    jobs.enqueue(session, EXPIRE, {"offer_id": offer.id}, dedupe_key=key, now=now, run_after=offer.expires_at)
    mail_about(session, offer, "match_offered", str(offer.version), now)


def take_effect(session: Session, offer_id: int, *, actor: Actor, now: datetime) -> bool:
    """Send an offer whose decision is in effect at `now` (UTC); say whether it went out.

    Nothing happens twice, nor to a decision that was stopped. A project that is over by then gets no offer.
    """
    offer, project = hold_offer(session, offer_id)
    if offer.state is not _S.ASSESSING or offer.offered_pence is None or offer.effective_at is None:
        return False
    if offer.effective_at > now:
        return False
    if project.state not in STANDING_PROJECT:
        move_offer(session, offer, _S.WITHDRAWN, reason=OVER, actor=actor, now=now)
        return False
    offer_now(session, offer, actor=actor, now=now)
    return True


def accept_offer(
    session: Session, offer_id: int, subsidy: Subsidy, seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Accept an offer with its terms: the money is set aside in the fund.

    A lump sum and a top-up are set aside whole; per pledge, what the crowd has earned so far. Raises NotFound for
    strangers, Forbidden for members who may not, Refused when it is too late, when the subsidies are too many, and
    when the fund has less left than was offered.
    """
    offer, project = hold_offer(session, offer_id)
    role = require_right(session, project.group_id, actor, GroupRight.SUBMIT)
    refuse_stale(offer, seen_version)
    permit = can_answer(offer, project, role, now)
    if not permit:
        raise Refused("not_now", permit.reason)
    assert offer.offered_pence is not None, "an offer has a sum"
    assert actor.person_id is not None, "a person accepts"
    offer.subsidy_words = subsidy_words(subsidy.pence, offer.offered_pence)
    offer.accepted_by_id, offer.accepted_at = actor.person_id, now
    move_offer(session, offer, _S.ACCEPTED, actor=actor, now=now)
    terms, _ = terms_of(session, offer)
    wanted = 0 if terms.kind is MatchKind.PER_PLEDGE else offer.offered_pence
    mail_about(session, offer, "match_accepted", str(offer.version), now, per_pledge=not wanted)
    reserved = pots.reserve(Posting(session, f"offer:{offer.id}:accepted", actor, now), offer.fund_id, offer.id, wanted)
    if reserved < wanted:
        words = f"The fund has only {pounds(reserved)} left, less than the {pounds(wanted)} that it offered you. "
        raise Refused("pot_short", f"{words}Nothing was accepted. Please ring us: we look for a way with the funder.")
    audit.record(session, Tag.OFFER_ACCEPTED, actor=actor, subject_id=offer.id, now=now, reserved_pence=reserved)
    tell_offers_changed(session, project, f"offer:{offer.id}:accepted", actor=actor, now=now)
    failpoints.reach("match.in_acceptance")


def turn_down(session: Session, offer_id: int, reason: str, seen_version: int, *, actor: Actor, now: datetime) -> None:
    """Turn an offer down for the group; the reason may be empty. Raises as `accept_offer` does."""
    offer, project = hold_offer(session, offer_id)
    role = require_right(session, project.group_id, actor, GroupRight.SUBMIT)
    refuse_stale(offer, seen_version)
    permit = can_answer(offer, project, role, now)
    if not permit:
        raise Refused("not_now", permit.reason)
    move_offer(session, offer, _S.REFUSED, reason=reason, actor=actor, now=now)


def withdraw_offer(
    session: Session, offer_id: int, reason: str, seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Withdraw what a funder offered; what was set aside is the fund's again, and the group is told why.

    Raises NotFound for officers of another funder, Forbidden for whoever may not open it, Refused in a wrong state,
    when it changed, and without a reason.
    """
    offer, project, funder_id, distance = hold_for_officer(session, offer_id, actor)
    refuse_stale(offer, seen_version)
    permit = can_take_away(actor, funder_id, distance, offer, project)
    if not permit:
        raise Refused("not_now", permit.reason)
    if not reason.strip():
        raise Refused("no_reason", NO_REASON, "reason")
    end_offer(session, offer, project, reason, actor=actor, now=now)


def end_offer(
    session: Session, offer: MatchOffer, project: Project, reason: str, *, actor: Actor, now: datetime
) -> None:
    """Withdraw a locked offer of a locked project: money set aside goes back to its sources, the group is told."""
    was_accepted = offer.state is _S.ACCEPTED
    move_offer(session, offer, _S.WITHDRAWN, reason=reason, actor=actor, now=now)
    mail_about(session, offer, "match_withdrawn", str(offer.version), now, reason=reason, was_accepted=was_accepted)
    if was_accepted:
        offer.counted_pence = 0
        reserved = sum(part.pence for part in pots.parts_of(session, AccountKind.MATCH_RESERVED, offer.id))
        cause = f"offer:{offer.id}:withdrawn"
        pots.free(Posting(session, cause, actor, now), offer.fund_id, offer.id, reserved)
        tell_offers_changed(session, project, cause, actor=actor, now=now)


def expire_offer(session: Session, offer_id: int, *, actor: Actor, now: datetime) -> bool:
    """Let an offer run out that nobody answered by `now` (UTC); say whether it did."""
    offer, _ = hold_offer(session, offer_id)
    if offer.state is not _S.OFFERED or offer.expires_at is None or offer.expires_at > now:
        return False
    move_offer(session, offer, _S.EXPIRED, reason="Nobody answered in time.", actor=actor, now=now)
    mail_about(session, offer, "match_expired", str(offer.version), now)
    return True


def remind_of_offer(session: Session, offer_id: int, which: str, *, now: datetime) -> bool:
    """Remind the group of an offer that it has not answered, 'week' or 'day' before it runs out; say whether."""
    offer, _ = hold_offer(session, offer_id)
    if offer.state is not _S.OFFERED or offer.expires_at is None or offer.expires_at <= now:
        return False
    if offer.reminded_at is not None and offer.reminded_at >= offer.expires_at - REMINDERS[which]:
        return False
    offer.reminded_at = now
    session.flush()
    facts: dict[str, Any] = {"which": which, "days": 7 if which == "week" else 1}
    mail_about(session, offer, "match_reminder", f"{which}:{offer.expires_at.date()}", now, **facts)
    return True
