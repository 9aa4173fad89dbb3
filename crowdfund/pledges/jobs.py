"""The worker's part of pledges: act on a saved card, tidy up what was never finished, write mails."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crowdfund.accounts.models import Person
from crowdfund.core.actor import SystemActor
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.actions import queue_mail
from crowdfund.pledges.actions import MAIL, abandon_pledge, activate_pledge, forget_cards
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.queries import get_checkout, get_pledge
from crowdfund.pledges.rules import SETUP_LIFE, PledgeState

SWEEP = "pledges:sweep"
GATEWAY = SystemActor("gateway")
SWEEPER = SystemActor("sweeper")


def card_saved(pledge_id: int, checkout_id: int, now: datetime) -> None:
    """Make the pledge whose card is saved count; one that came too late is ended and its card forgotten."""
    try:
        with unit_of_work() as session:
            activate_pledge(session, pledge_id, checkout_id, actor=GATEWAY, now=now)
    except Refused as refused:
        with unit_of_work() as session:
            abandon_pledge(session, pledge_id, refused.code, actor=GATEWAY, now=now)
    if db.session.get_one(Pledge, pledge_id).state is PledgeState.ABANDONED:
        with unit_of_work() as session:
            forget_cards(session, session.get_one(Pledge, pledge_id), now)


def sweep(payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
    """End pledges that were not finished within a day."""
    stale = select(Pledge.id).where(Pledge.state == PledgeState.SETUP, Pledge.created_at < now - SETUP_LIFE)
    for pledge_id in db.session.scalars(stale).all():
        with unit_of_work() as session:
            abandon_pledge(session, pledge_id, "not_finished", actor=SWEEPER, now=now)


def mail_writer(link_to: Callable[[Pledge], str]) -> Handler:
    """Return the handler that writes a mail about a pledge; `link_to` makes the personal link."""

    def write(payload: dict[str, Any], now: datetime) -> None:
        pledge = get_pledge(db.session(), payload["pledge_id"])
        person = db.session.get_one(Person, pledge.person_id)
        if person.email is None:
            return
        context = {
            "pledge": pledge,
            "project": pledge.project,
            "checkout": get_checkout(db.session(), pledge),
            "amount_pence": payload["amount_pence"],
            "link": link_to(pledge),
        }
        key = f"pledge:{pledge.id}:{payload['what']}:{pledge.changes}"
        with unit_of_work() as session:
            queue_mail(session, f"pledge_{payload['what']}", person.email, key=key, now=now, **context)

    return write


def handlers(link_to: Callable[[Pledge], str]) -> dict[str, Handler]:
    """Return the job handlers of this domain."""
    return {SWEEP: sweep, MAIL: mail_writer(link_to)}
