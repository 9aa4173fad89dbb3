"""Asking funds for match: one request to each fund that a group chose, and taking one back."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.groups.queries import require_right
from crowdfund.matching.access import can_pitch, can_take_back
from crowdfund.matching.choosing import Choice, list_choices
from crowdfund.matching.drafting import chosen, missing
from crowdfund.matching.mail import mail_about
from crowdfund.matching.models import MatchOffer, PitchDraft
from crowdfund.matching.moving import hold_offer, move_offer, refuse_stale
from crowdfund.matching.queries import find_draft, list_offers_of_project
from crowdfund.matching.rules import OfferState
from crowdfund.projects.models import Project

NEWER = "Asked again under the fund’s newer terms."


def send_pitch(
    session: Session, project_id: int, seen_version: int, *, actor: Actor, now: datetime
) -> list[MatchOffer]:
    """Ask every fund that the draft of a project names; return the offers, which begin as requests.

    A request that was put off is asked again. Raises NotFound for strangers, Forbidden without the right, Refused
    when the project or a fund takes no requests now, something is missing, or somebody else changed the draft.
    """
    project = lock(session, Project, project_id)
    permit = can_pitch(project, require_right(session, project.group_id, actor, GroupRight.SUBMIT), GroupRight.SUBMIT)
    if not permit:
        raise Refused("not_now", permit.reason)
    draft = find_draft(session, project_id)
    if draft is None:
        raise Refused("nothing", "There is nothing to send. It may have been sent already.")
    if draft.version != seen_version:
        raise Refused("changed", "The answers changed since you looked at them. Check them again, then send.")
    choices = chosen(list_choices(session, project, now), draft)
    if lacking := missing(choices, draft):
        raise Refused("missing", " ".join(words for _, words in lacking))
    put_off = {o.fund_id: o for o in list_offers_of_project(session, project_id) if o.state is OfferState.DEFERRED}
    who: dict[str, Any] = {"actor": actor, "now": now}
    offers = [_ask(session, project, choice, draft, put_off.get(choice.fund.id), **who) for choice in choices]
    session.delete(draft)
    session.flush()
    return offers


def take_back(
    session: Session, offer_id: int, seen_version: int, reason: str = "", *, actor: Actor, now: datetime
) -> None:
    """Take back what a group asked for, before it was offered.

    Raises NotFound for strangers, Forbidden without the right, Refused in another state or when it changed.
    """
    offer, project = hold_offer(session, offer_id)
    role = require_right(session, project.group_id, actor, GroupRight.SUBMIT)
    refuse_stale(offer, seen_version)
    permit = can_take_back(offer, role)
    if not permit:
        raise Refused("not_now", permit.reason)
    words = reason or "The group took its request back."
    move_offer(session, offer, OfferState.WITHDRAWN, reason=words, actor=actor, now=now)


def _ask(
    session: Session,
    project: Project,
    choice: Choice,
    draft: PitchDraft,
    before: MatchOffer | None,
    *,
    actor: Actor,
    now: datetime,
) -> MatchOffer:
    assert actor.person_id is not None, "a person asks"
    said = {"asked_pence": draft.asked[choice.key], "why": draft.why, "answers": draft.answers.get(choice.key, {})}
    if before is not None and before.terms_id == choice.terms.id:
        offer = lock(session, MatchOffer, before.id)
        move_offer(session, offer, OfferState.PITCHED, actor=actor, now=now)
        _forget(offer)
        for name, value in (said | {"pitched_at": now}).items():
            setattr(offer, name, value)
    else:
        if before is not None:  # the terms of an offer stay, so newer ones make a new one
            old = lock(session, MatchOffer, before.id)
            move_offer(session, old, OfferState.WITHDRAWN, reason=NEWER, actor=actor, now=now)
        offer = MatchOffer(
            public_id=ids.public_id(),
            project_id=project.id,
            fund_id=choice.fund.id,
            terms_id=choice.terms.id,
            state=OfferState.PITCHED,
            pitched_by_id=actor.person_id,
            pitched_at=now,
            **said,
        )
        session.add(offer)
    session.flush()
    facts = {"project_id": project.id, "fund_id": choice.fund.id, "asked_pence": offer.asked_pence}
    audit.record(session, Tag.OFFER_PITCHED, actor=actor, subject_id=offer.id, now=now, **facts)
    late = decides_late(project, choice, now)
    mail_about(session, offer, "match_pitched", str(offer.version), now, late=late)
    return offer


def decides_late(project: Project, choice: Choice, now: datetime) -> bool:
    """Say whether a fund decides only after a project’s deadline, or after the one it would have if launched now."""
    deadline = project.deadline or now + timedelta(days=project.campaign_days)
    return choice.terms.decides_on > deadline.date()


def _forget(offer: MatchOffer) -> None:
    """Let a request begin anew; its earlier assessments and decision stay in their own records."""
    offer.taken_by_id = offer.decided_by_id = offer.decision_id = None
    offer.decided_at = offer.effective_at = offer.offered_pence = None
    offer.exceeds, offer.exceeds_because, offer.conditions = False, "", ""
    offer.member_told_on = offer.expires_at = offer.reminded_at = None
