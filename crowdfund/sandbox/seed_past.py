"""The demonstration's round that is over: judged at the deadline, cards charged at the local Stripe, match counted."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from crowdfund.core.actor import SystemActor
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.charging import Charges
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptState
from crowdfund.payments.stripe_gateway import StripeGateway
from crowdfund.projects.models import Project
from crowdfund.sandbox.seed_pledges import API_KEY, CardDesk
from crowdfund.settlement.collecting import collect_some
from crowdfund.settlement.fixing import close_fixing
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.verdict import write_verdict

SEEDER = SystemActor("seed")


class Closer:
    """Brings projects through their deadlines; the local Stripe is served on loopback meanwhile."""

    def __init__(self, desk: CardDesk) -> None:
        charges = current_app.extensions["charges"]
        assert isinstance(charges, Charges)
        self._desk = desk
        self._charges = replace(charges, gateway=StripeGateway(API_KEY, desk.serve(), ()))

    def close(self, project_id: int) -> None:
        """Judge a project at its deadline, charge its cards, and end the days in which cards are fixed."""
        percent = current_app.config["SETTLE_THRESHOLD_PERCENT"]
        with unit_of_work() as session:
            deadline = session.get_one(Project, project_id).deadline
            assert deadline is not None
            write_verdict(session, project_id, threshold_percent=percent, actor=SEEDER, now=deadline)
        with unit_of_work() as session:
            collect_some(session, project_id, "", actor=SEEDER, now=deadline)
        self._charge(project_id, deadline + timedelta(minutes=5))
        while (fix_until := _open_until(project_id)) is not None:
            # Nobody is mailed while this is filled, so the window grows to its longest before it closes.
            self._desk.set_time(fix_until)
            close_fixing(self._charges, project_id, fix_until)

    def forget_card(self, payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG002 - handlers share a shape
        """Forget a card that is no longer needed."""
        self._charges.gateway.forget_card(payload["payment_method_ref"])

    def _charge(self, project_id: int, at: datetime) -> None:
        self._desk.set_time(at)
        with unit_of_work() as session:
            waiting = select(ChargeAttempt.id).where(
                ChargeAttempt.about == f"project:{project_id}", ChargeAttempt.state == AttemptState.PREPARED
            )
            attempt_ids = list(session.scalars(waiting.order_by(ChargeAttempt.id)))
        for attempt_id in attempt_ids:
            self._charges.sync(attempt_id, at)


def _open_until(project_id: int) -> datetime | None:
    with unit_of_work() as session:
        settlement = session.get(Settlement, project_id)
        return settlement.fix_until if settlement and settlement.settled_at is None else None
