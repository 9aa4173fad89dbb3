"""The worker's part of settlement: every dated step, and the sweep that gives a step that was lost its job again."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from crowdfund.core import failpoints
from crowdfund.core.actor import SystemActor
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.payments.charging import Charges
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.queries import find_crowd
from crowdfund.projects.rules import NOTICE, VERDICT
from crowdfund.settlement import fixing, notices
from crowdfund.settlement.collecting import collect_again, collect_some
from crowdfund.settlement.refunding_all import refund_some
from crowdfund.settlement.ring_fence import REVIEW, REVIEW_SOON, end_waiting, remind_of_review
from crowdfund.settlement.rules import ALERT, CLOSE_FIXING, COLLECT, FIX_MAIL, REFUND_ALL, REMIND, RETRY, SETTLE, SWEEP
from crowdfund.settlement.settling import settle
from crowdfund.settlement.sweeping import sweep
from crowdfund.settlement.verdict import write_verdict

CLOCK = SystemActor("clock")
COLLECTOR = SystemActor("collector")
Payload = dict[str, Any]


def handlers(
    link_to: Callable[[Pledge], str], charges: Charges, threshold_percent: int, officers_email: str
) -> dict[str, Handler]:
    """Return the job handlers of this domain; `link_to` makes the personal link in a backer's mail."""

    def judge(payload: Payload, now: datetime) -> None:
        with unit_of_work() as session:
            who: Payload = {"threshold_percent": threshold_percent, "actor": CLOCK, "now": now}
            write_verdict(session, payload["project_id"], **who)
        failpoints.reach("verdict.after_commit")

    def notice(payload: Payload, now: datetime) -> None:
        project_id, after = payload["project_id"], payload.get("after", 0)
        with unit_of_work() as session:
            if not after:
                crowd = find_crowd(session, project_id)
                pence = balance_pence(session, AccountKind.PLEDGED, project_id)
                notices.give_group_notice(session, project_id, pence, crowd.backers if crowd else 0, now)
            notices.give_notice(session, project_id, after, now, link_to=link_to)
        failpoints.reach("batch.between")

    def refund_all(payload: Payload, now: datetime) -> None:
        with unit_of_work() as session:
            key = payload.get("key", "")
            refund_some(session, payload["project_id"], payload["after"], now, link_to=link_to, key=key)
        failpoints.reach("batch.between")

    def tell(payload: Payload, now: datetime) -> None:
        with unit_of_work() as session:
            notices.mail_backers(session, payload, now, link_to=link_to)

    def tell_officers(payload: Payload, now: datetime) -> None:
        with unit_of_work() as session:
            notices.mail_officers(session, payload["project_id"], payload["what"], officers_email, now)

    ours = {VERDICT: judge, NOTICE: notice, REFUND_ALL: refund_all, notices.TELL: tell, notices.OFFICERS: tell_officers}
    return {**_PLAIN, **ours, **_fixing(link_to, charges)}


def _fixing(link_to: Callable[[Pledge], str], charges: Charges) -> dict[str, Handler]:
    def mail(payload: Payload, now: datetime) -> None:
        with unit_of_work() as session:
            fixing.mail_to_fix(session, payload["pledge_id"], payload["number"], now, link_to=link_to)

    def remind(payload: Payload, now: datetime) -> None:
        with unit_of_work() as session:
            fixing.remind(session, payload["project_id"], now)

    def close(payload: Payload, now: datetime) -> None:
        fixing.close_fixing(charges, payload["project_id"], now)

    return {FIX_MAIL: mail, REMIND: remind, CLOSE_FIXING: close}


def _collect(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        collect_some(session, payload["project_id"], payload["after"], actor=COLLECTOR, now=now)
    failpoints.reach("batch.between")


def _retry(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        collect_again(session, payload["pledge_id"], actor=COLLECTOR, now=now)


def _settle(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        settle(session, payload["project_id"], now=now)


def _alert(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        notices.alert_officers(session, payload["project_id"], now)


def _review(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        end_waiting(session, payload["project_id"], now)


def _review_soon(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        remind_of_review(session, payload["project_id"], date.fromisoformat(payload["review_on"]), now)


def _sweep(payload: Payload, now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
    with unit_of_work() as session:
        sweep(session, now)


_PLAIN: dict[str, Handler] = {
    COLLECT: _collect,
    RETRY: _retry,
    SETTLE: _settle,
    ALERT: _alert,
    REVIEW: _review,
    REVIEW_SOON: _review_soon,
    SWEEP: _sweep,
}
