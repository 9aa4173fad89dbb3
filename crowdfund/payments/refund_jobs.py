"""The worker's part of refunds and disputes: sending, looking after webhooks, and looking where none came."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from crowdfund.core import jobs
from crowdfund.core.db import db
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.disputing import Disputes
from crowdfund.payments.events import Look
from crowdfund.payments.models import Dispute, Refund
from crowdfund.payments.refund_sending import Refunds
from crowdfund.payments.refunding import queue_sending
from crowdfund.payments.rules import SEND_REFUND, UNANNOUNCED, DisputeState, RefundState

SWEEP_REFUNDS = "payments:sweep_refunds"
READ_DISPUTE = "payments:read_dispute"  # {"dispute_ref"}
_SLOW = timedelta(hours=1)  # how often a refund or a dispute that takes its time is looked at


def handlers(refunds: Refunds, disputes: Disputes) -> dict[str, Handler]:
    """Return the job handlers of refunds and disputes."""

    def send(payload: dict[str, Any], now: datetime) -> None:
        refunds.sync(payload["refund_id"], now)

    def read(payload: dict[str, Any], now: datetime) -> None:
        disputes.read(payload["dispute_ref"], now)

    return {SEND_REFUND: send, READ_DISPUTE: read, SWEEP_REFUNDS: sweep}


def looks(refunds: Refunds, disputes: Disputes) -> Mapping[str, Look]:
    """Return what webhooks about refunds and disputes make us look at, by how their kind begins."""

    def on_refund_event(refund_ref: str, now: datetime) -> None:
        refunds.read(refund_ref, now)

    def on_dispute_event(dispute_ref: str, now: datetime) -> None:
        disputes.read(dispute_ref, now)

    return {"refund.": on_refund_event, "charge.refund.": on_refund_event, "charge.dispute.": on_dispute_event}


def sweep(payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
    """Queue a look at every refund and dispute that should have been heard of."""
    minutes, hours = int(now.timestamp() // 300), int(now.timestamp() // 3600)
    late = now - UNANNOUNCED
    sent: ColumnElement[bool] = (Refund.state == RefundState.APPROVED) & (Refund.created_at < late)
    slow: ColumnElement[bool] = (Refund.state == RefundState.PENDING) & (Refund.created_at < late)
    unheard = select(Refund.id, Refund.state).where(or_(sent, slow)).order_by(Refund.id)
    open_ = select(Dispute.dispute_ref).where(Dispute.state == DisputeState.OPEN, Dispute.opened_at < now - _SLOW)
    found, disputed = db.session.execute(unheard).all(), db.session.scalars(open_.order_by(Dispute.id)).all()
    with unit_of_work() as session:
        for refund_id, state in found:
            when = minutes if state is RefundState.APPROVED else hours
            queue_sending(session, refund_id, now, f":{state.value}:{when}")
        for ref in disputed:
            key = f"{READ_DISPUTE}:{ref}:{hours}"
            jobs.enqueue(session, READ_DISPUTE, {"dispute_ref": ref}, dedupe_key=key, now=now)
