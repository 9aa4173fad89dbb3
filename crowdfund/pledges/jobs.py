"""The worker's part of pledges: act on a saved card, tidy up what was never finished, write mails."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import String, cast, exists, select

from crowdfund.accounts.models import Person
from crowdfund.core.actor import SystemActor
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.actions import queue_mail
from crowdfund.payments.models import CardCheckout
from crowdfund.payments.rules import UNFINISHED
from crowdfund.pledges.actions import MAIL, abandon_pledge, activate_pledge, forget_typed
from crowdfund.pledges.another_card import CARD_MAIL, ask_early, is_card_wanted, use_card
from crowdfund.pledges.cards import forget_cards
from crowdfund.pledges.links import off_key
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.queries import get_card, get_pledge
from crowdfund.pledges.receipts import find_receipt
from crowdfund.pledges.releasing import RELEASE, TOLD, release_some, why_cancelled
from crowdfund.pledges.rules import EXPLAINED, SETUP_LIFE, TYPED_LIFE, PledgeState
from crowdfund.pledges.updates import UPDATE_MAILS, mail_some
from crowdfund.web.signing import app_secret

SWEEP = "pledges:sweep"
GATEWAY = SystemActor("gateway")
SWEEPER = SystemActor("sweeper")
RELEASER = SystemActor("release")


def card_saved(pledge_id: int, checkout_id: int, now: datetime) -> None:
    """Make the pledge whose card is saved count, or use the card instead of the one before.

    A pledge that came too late is ended and its card forgotten.
    """
    with unit_of_work() as session:
        use_card(session, pledge_id, checkout_id, actor=GATEWAY, now=now)
    try:
        with unit_of_work() as session:
            if activate_pledge(session, pledge_id, checkout_id, actor=GATEWAY, now=now):
                pledge = get_pledge(session, pledge_id)
                ask_early(session, pledge, pledge.project, session.get_one(CardCheckout, checkout_id), now)
    except Refused as refused:
        with unit_of_work() as session:
            abandon_pledge(session, pledge_id, refused.code, actor=GATEWAY, now=now)
    if db.session.get_one(Pledge, pledge_id).state is PledgeState.ABANDONED:
        with unit_of_work() as session:
            forget_cards(session, session.get_one(Pledge, pledge_id), now)


def sweep(payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
    """End pledges that were not finished within a day, and forget what was typed for those long ended.

    One whose card page is still open is left alone: the payments sweep asks the provider first.
    """
    at_the_provider = exists().where(
        CardCheckout.subject == "pledge:" + cast(Pledge.id, String), CardCheckout.state.in_(UNFINISHED)
    )
    stale = select(Pledge.id).where(
        Pledge.state == PledgeState.SETUP, Pledge.created_at < now - SETUP_LIFE, ~at_the_provider
    )
    for pledge_id in db.session.scalars(stale).all():
        with unit_of_work() as session:
            abandon_pledge(session, pledge_id, "not_finished", actor=SWEEPER, now=now)
    with unit_of_work() as session:
        forget_typed(session, now - TYPED_LIFE)


def mail_writer(link_to: Callable[[Pledge], str]) -> Handler:
    """Return the handler that writes a mail about a pledge; `link_to` makes the personal link."""

    def write(payload: dict[str, Any], now: datetime) -> None:
        with unit_of_work() as session:
            pledge = get_pledge(session, payload["pledge_id"])
            person = session.get_one(Person, pledge.person_id)
            if person.email is None:
                return
            context = {
                "pledge": pledge,
                "project": pledge.project,
                "checkout": get_card(session, pledge),
                "amount_pence": payload["amount_pence"],
                "reason": payload.get("reason") or EXPLAINED.get(pledge.end_reason or "", ""),
                "link": link_to(pledge),
                "receipt": find_receipt(session, pledge) if payload["what"] == "paid" else None,
                "why": why_cancelled(session, pledge.project_id) if payload["what"] == TOLD else "",
            }
            key = f"pledge:{pledge.id}:{payload['what']}:{payload['change']}"
            queue_mail(session, f"pledge_{payload['what']}", person.email, key=key, now=now, **context)

    return write


def card_mailer(link_to: Callable[[Pledge], str]) -> Handler:
    """Return the handler that asks a backer for another card, unless there is one meanwhile."""

    def write(payload: dict[str, Any], now: datetime) -> None:
        with unit_of_work() as session:
            pledge = get_pledge(session, payload["pledge_id"])
            checkout = session.get_one(CardCheckout, payload["checkout_id"])
            email = session.get_one(Person, pledge.person_id).email
            if email is None or not is_card_wanted(pledge, checkout, now):
                return
            context = {"pledge": pledge, "project": pledge.project, "checkout": checkout, "link": link_to(pledge)}
            queue_mail(session, "pledge_card_runs_out", email, key=f"card:{checkout.id}:runs_out", now=now, **context)

    return write


def release(payload: dict[str, Any], now: datetime) -> None:
    """End the next pledges to a cancelled project."""
    with unit_of_work() as session:
        release_some(session, payload["project_id"], actor=RELEASER, now=now)


def update_mailer(link_to: Callable[[Pledge], str]) -> Handler:
    """Return the handler that mails an update to the next backers."""

    def write(payload: dict[str, Any], now: datetime) -> None:
        with unit_of_work() as session:
            mail_some(session, payload["update_id"], payload["after"], now, opens=link_to, off=off_link)

    return write


def off_link(pledge: Pledge) -> str:
    """Return the address where one click ends mails with the news of this pledge's project."""
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    return f"{base}/pledges/{pledge.public_id}/updates-off?key={off_key(pledge, app_secret())}"


def handlers(link_to: Callable[[Pledge], str]) -> dict[str, Handler]:
    """Return the job handlers of this domain."""
    mails = {MAIL: mail_writer(link_to), UPDATE_MAILS: update_mailer(link_to), CARD_MAIL: card_mailer(link_to)}
    return {SWEEP: sweep, RELEASE: release, **mails}
