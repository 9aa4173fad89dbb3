"""What the worker does for grants: opening and closing rounds by the clock, reminding of offers and ending them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crowdfund.accounts.posts import officer_of
from crowdfund.core.actor import SystemActor
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.grants.offering import EXPIRE, REMIND, expire_offer, remind_of_offer
from crowdfund.grants.panel_models import GrantPanel
from crowdfund.grants.panels import DECIDE, decide_placed, note_fault, waiting_in
from crowdfund.grants.queries import list_due_rounds, list_idle_rounds, list_run_out
from crowdfund.grants.rounds import end_if_done, move_by_clock

SWEEP = "grants:sweep"
CLOCK = SystemActor("grants")
Payload = Mapping[str, Any]


def handlers() -> dict[str, Handler]:
    """Return the handlers by kind of job."""
    return {SWEEP: _sweep, REMIND: _remind, EXPIRE: _expire, DECIDE: _decide}


def _sweep(payload: Payload, now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
    """Move every round whose time has come, and end offers whose own job was lost; each in a change of its own."""
    for round_id in list_due_rounds(db.session(), now):
        with unit_of_work() as session:
            move_by_clock(session, round_id, actor=CLOCK, now=now)
    for round_id in list_idle_rounds(db.session()):
        with unit_of_work() as session:
            end_if_done(session, round_id, actor=CLOCK, now=now)
    for application_id in list_run_out(db.session(), now):
        with unit_of_work() as session:
            expire_offer(session, application_id, actor=CLOCK, now=now)


def _decide(payload: Payload, now: datetime) -> None:
    """Decide what a panel confirmed, each in a change of its own: a kill loses none and one fault stops none."""
    session, panel_id = db.session(), payload["panel_id"]
    officer = officer_of(session, session.get_one(GrantPanel, panel_id).confirmed_by_id)
    for placing_id in waiting_in(session, panel_id):
        try:
            with unit_of_work() as changing:
                decide_placed(changing, placing_id, actor=officer, now=now)
        except (Refused, Forbidden, NotFound) as error:
            with unit_of_work() as changing:
                note_fault(changing, placing_id, error)


def _remind(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        remind_of_offer(session, payload["application_id"], payload["which"], now=now)


def _expire(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        expire_offer(session, payload["application_id"], actor=CLOCK, now=now)
