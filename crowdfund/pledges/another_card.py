"""Another card for a pledge that counts, saved before the deadline: early, where the one we have runs out too soon."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Consent, ConsentKind, ConsentText
from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Conflict, Forbidden
from crowdfund.payments.checkouts import start_checkout
from crowdfund.payments.models import CardCheckout
from crowdfund.payments.rules import CheckoutState
from crowdfund.pledges.access import can_change
from crowdfund.pledges.actions import give_consents, tell_backer
from crowdfund.pledges.cards import forget_card, runs_out, saved_checkouts
from crowdfund.pledges.matched import count_match
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project
from crowdfund.pledges.rules import CARD_ASKED_BEFORE, CHANGED, PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import OPEN

CARD_MAIL = "pledges:card_mail"  # {"pledge_id", "checkout_id"}: ask for another card, if this one is still used


def start_another_card(
    session: Session, pledge_id: int, wording: str, pence: int, *, actor: Actor, now: datetime
) -> CardCheckout:
    """Record that the backer agrees to this wording, for `pence`, for another card; return the checkout row to open.

    The card that we have stays until the other one is saved. Raises Forbidden when nothing can be changed any more,
    Conflict when the pledge is no longer the one that the wording is about.
    """
    project, pledge = lock_with_project(session, pledge_id)
    pledge.project = project
    permit = can_change(actor, pledge, now)
    if not permit:
        raise Forbidden(permit.reason)
    if pledge.amount_pence != pence:
        raise Conflict(CHANGED)
    # Of these the first is for the card that we have; the others were for pages that saved none.
    _withdraw(_standing_consents(session, pledge)[1:], now)
    consent_ids = give_consents(session, pledge, {ConsentKind.CHARGE_LATER: wording}, now)
    audit.record(session, Tag.PLEDGE_CONSENTED, actor=actor, subject_id=pledge_id, now=now, consent_ids=consent_ids)
    return start_checkout(session, pledge.subject, now)


def use_card(session: Session, pledge_id: int, checkout_id: int, *, actor: Actor, now: datetime) -> bool:
    """Take a newly saved card for a pledge and forget the one before; say whether it was taken.

    A card that was saved too late, or for a pledge that has ended, is forgotten instead. A repeat does nothing.
    What was agreed to for the card before ends with it.
    """
    project, pledge = lock_with_project(session, pledge_id)
    former_id = pledge.checkout_id
    if former_id is None or checkout_id <= former_id:
        return False
    new = lock(session, CardCheckout, checkout_id)
    if new.state is not CheckoutState.COMPLETE or new.subject != pledge.subject:
        return False
    if pledge.state is not PledgeState.ACTIVE or not _is_open(project, now):
        forget_card(session, new, now)
        return False
    pledge.checkout_id = checkout_id
    session.flush()
    for former in saved_checkouts(session, pledge):
        if former.id != checkout_id:
            forget_card(session, former, now)
    _withdraw(_standing_consents(session, pledge)[:-1], now)
    data = {"old_checkout_id": former_id, "new_checkout_id": checkout_id}
    audit.record(session, Tag.PLEDGE_CARD_CHANGED, actor=actor, subject_id=pledge_id, now=now, **data)
    tell_backer(session, pledge, "card_changed", now, about=checkout_id)
    ask_early(session, pledge, project, new, now)
    count_match(session, project, f"card:{checkout_id}", actor=actor, now=now)
    return True


def ask_early(session: Session, pledge: Pledge, project: Project, checkout: CardCheckout, now: datetime) -> None:
    """Have the worker ask for another card in good time, where this one runs out before it is needed."""
    if project.deadline is None or not runs_out(checkout, project.deadline):
        return
    payload = {"pledge_id": pledge.id, "checkout_id": checkout.id}
    moment = max(now, project.deadline - CARD_ASKED_BEFORE)
    jobs.enqueue(session, CARD_MAIL, payload, dedupe_key=f"{CARD_MAIL}:{checkout.id}", now=now, run_after=moment)


def is_card_wanted(pledge: Pledge, checkout: CardCheckout, now: datetime) -> bool:
    """Say whether a pledge, read with its project, still counts on this card and the card runs out too soon."""
    if pledge.state is not PledgeState.ACTIVE or pledge.checkout_id != checkout.id:
        return False
    deadline = pledge.project.deadline
    return _is_open(pledge.project, now) and deadline is not None and runs_out(checkout, deadline)


def _is_open(project: Project, now: datetime) -> bool:
    return project.state in OPEN and project.deadline is not None and now < project.deadline


def _standing_consents(session: Session, pledge: Pledge) -> Sequence[Consent]:
    """Return the consents to charge this pledge that were not withdrawn, oldest first."""
    standing = (
        select(Consent)
        .join(ConsentText, ConsentText.id == Consent.text_id)
        .where(Consent.subject == pledge.subject, Consent.withdrawn_at.is_(None))
        .where(ConsentText.kind == ConsentKind.CHARGE_LATER)
    )
    return session.scalars(standing.order_by(Consent.id)).all()


def _withdraw(consents: Sequence[Consent], now: datetime) -> None:
    for consent in consents:
        consent.withdrawn_at = now
