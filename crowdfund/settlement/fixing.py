"""A card that could not be charged: its holder is asked at once and again, pays on one page, or the pledge lapses."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crowdfund.accounts.models import Person
from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor, SystemActor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import db, lock
from crowdfund.core.errors import GatewayDown, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.actions import queue_mail
from crowdfund.payments.charge_results import NotBelieved
from crowdfund.payments.charging import Charges, find_open_attempt, prepare_attempt
from crowdfund.payments.jobs import queue_charge
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptKind, AttemptState
from crowdfund.pledges.actions import tell_backer
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project, move_pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.rules import FIX_MAIL, SHORTEST_PAGE
from crowdfund.settlement.settling import settle
from crowdfund.settlement.window import first_mail_key, lengthen_window

PAGE_LIFE = timedelta(hours=23)  # the provider keeps a payment page open for 24 hours at most
CLOCK = SystemActor("clock")
_S = PledgeState
_UNPAID = (_S.COLLECTING, _S.FIXING)
_REFUSALS = {
    _S.PAID: "This pledge is paid already. Thank you: there is nothing left to do.",
    _S.LAPSED: "The time to pay is over. You were not charged, and there is nothing left to do.",
}


def ask_to_fix(session: Session, pledge: Pledge, number: int, now: datetime) -> None:
    """Have the worker mail a backer whose card could not be charged; `number` tells one mail from the next."""
    payload = {"pledge_id": pledge.id, "number": number}
    jobs.enqueue(session, FIX_MAIL, payload, dedupe_key=f"{FIX_MAIL}:{pledge.id}:{number}", now=now)


def remind(session: Session, project_id: int, now: datetime) -> int:
    """Ask everyone again whose card still needs attention; return how many.

    Where the first mail of somebody was late, there is more time from now on.
    """
    lock(session, Project, project_id)
    lengthen_window(session, project_id, now)
    settlement = session.get_one(Settlement, project_id)
    waiting = select(Pledge).where(Pledge.project_id == project_id, Pledge.state == _S.FIXING)
    found = session.scalars(waiting.order_by(Pledge.id)).all() if _is_open(settlement, now) else []
    assert settlement.first_attempt_at is not None
    for pledge in found:
        # The hours since the first try: further than the number of any try.
        ask_to_fix(session, pledge, int((now - settlement.first_attempt_at).total_seconds() // 3600), now)
    return len(found)


def mail_to_fix(
    session: Session, pledge_id: int, number: int, now: datetime, *, link_to: Callable[[Pledge], str]
) -> bool:
    """Queue the mail that asks a backer to pay, with the personal link; nothing once there is nothing to fix."""
    with_project = joinedload(Pledge.project).joinedload(Project.group)
    pledge = session.scalars(select(Pledge).where(Pledge.id == pledge_id).options(with_project)).one()
    settlement = session.get_one(Settlement, pledge.project_id)
    email = session.scalar(select(Person.email).where(Person.id == pledge.person_id))
    if pledge.state is not _S.FIXING or not _is_open(settlement, now) or email is None:
        return False
    context = {"pledge": pledge, "project": pledge.project, "fix_until": settlement.fix_until, "link": link_to(pledge)}
    queue_mail(session, "pledge_fix", email, key=first_mail_key(pledge_id, number), now=now, **context)
    return True


def start_fix(session: Session, pledge_id: int, *, actor: Actor, now: datetime) -> ChargeAttempt:
    """Return the one open payment page's attempt of a pledge, or write it.

    Raises Refused when there is nothing to fix, the card is being tried just now, or too little time is left.
    """
    project, pledge = lock_with_project(session, pledge_id)
    standing = find_open_attempt(session, pledge.subject)
    settlement = session.get(Settlement, project.id)
    if pledge.state in _UNPAID and not _is_open(settlement, now):
        raise Refused("too_late", "It is too late to pay: the time for it is over. You were not charged.")
    if pledge.state is _S.COLLECTING and standing is not None and standing.kind is AttemptKind.CHECKOUT:
        return standing
    if pledge.state is not _S.FIXING or standing is not None:
        busy = "Your card is being tried at this moment. Please look again in a few minutes."
        raise Refused("nothing_to_fix", _REFUSALS.get(pledge.state, busy))
    assert settlement is not None
    assert settlement.fix_until is not None
    if now > settlement.fix_until - SHORTEST_PAGE:
        raise Refused("too_late", "It is too late to pay: a payment page needs half an hour before the time is over.")
    attempt = prepare_attempt(
        session,
        pledge.subject,
        f"project:{project.id}",
        pledge.amount_pence,
        card=None,
        until=min(settlement.fix_until, now + PAGE_LIFE),
        now=now,
    )
    queue_charge(session, attempt.id, now, attempt.expires_at)  # should nobody tell us that the page has closed
    move_pledge(session, project, pledge, _S.COLLECTING, "its backer opened a payment page", actor=actor, now=now)
    data = {"attempt_id": attempt.id, "number": attempt.number, "amount_pence": attempt.amount_pence}
    audit.record(session, Tag.CHARGE_PREPARED, actor=actor, subject_id=pledge.id, now=now, **data)
    return attempt


def list_tries(session: Session, pledge_id: int) -> Sequence[ChargeAttempt]:
    """Return every try to charge a pledge, oldest first."""
    tries = select(ChargeAttempt).where(ChargeAttempt.subject == f"pledge:{pledge_id}")
    return session.scalars(tries.order_by(ChargeAttempt.number)).all()


def stand_of_fix(
    pledge: Pledge, newest: ChargeAttempt | None, settlement: Settlement | None, now: datetime
) -> Literal["payable", "open", "too_late", "closing", "trying", "over"]:
    """Say what its backer can do about an unpaid pledge now; `newest` is the last try to charge it."""
    if pledge.state not in _UNPAID or settlement is None or settlement.fix_until is None:
        return "trying" if pledge.state is _S.COLLECTING else "over"
    has_page = pledge.state is _S.COLLECTING and newest is not None and newest.kind is AttemptKind.CHECKOUT
    is_late = now > settlement.fix_until - SHORTEST_PAGE
    if now >= settlement.fix_until:
        return "closing" if pledge.state is _S.COLLECTING else "too_late"
    if has_page and newest is not None and (newest.url is not None or not is_late):
        return "open"
    if pledge.state is _S.COLLECTING and not has_page:
        return "trying"
    return "too_late" if is_late else "payable"


def close_fixing(charges: Charges, project_id: int, now: datetime) -> int:
    """End every pledge that is still unpaid when the time to fix it is over; return how many lapsed.

    Nothing ends yet where somebody was asked late: then there is more time. Every page and charge is ended first,
    and confirmed ended: what was paid in the last moment counts. Raises GatewayDown when the provider did not
    confirm one, and NotBelieved for a payment there that does not fit; the others have lapsed, and that one does the
    next time.
    """
    settlement = db.session.get(Settlement, project_id, populate_existing=True)
    if settlement is None or settlement.fix_until is None or now < settlement.fix_until:
        return 0
    with unit_of_work() as session:
        lock(session, Project, project_id)
        if lengthen_window(session, project_id, now):
            return 0
    unpaid = select(Pledge.id).where(Pledge.project_id == project_id, Pledge.state.in_(_UNPAID))
    lapsed = 0
    down: Exception | None = None
    for pledge_id in db.session.scalars(unpaid.order_by(Pledge.id)).all():
        try:
            lapsed += _close(charges, pledge_id, now)
        except (GatewayDown, NotBelieved) as error:
            down = error
    if down is not None:
        raise down
    return lapsed


def _close(charges: Charges, pledge_id: int, now: datetime) -> bool:
    attempt = find_open_attempt(db.session(), f"pledge:{pledge_id}")
    if attempt is not None and attempt.state is not AttemptState.SUCCEEDED:
        charges.close(attempt.id, now)
    if find_open_attempt(db.session(), f"pledge:{pledge_id}") is None:
        charges.find_lost(f"pledge:{pledge_id}", now)
    with unit_of_work() as session:
        project, pledge = lock_with_project(session, pledge_id)
        if pledge.state not in _UNPAID or find_open_attempt(session, pledge.subject) is not None:
            return False
        move_pledge(session, project, pledge, _S.LAPSED, "not_paid", actor=CLOCK, now=now)
        tell_backer(session, pledge, "lapsed", now)
        settle(session, project.id, now=now)
    return True


def _is_open(settlement: Settlement | None, now: datetime) -> bool:
    return settlement is not None and settlement.fix_until is not None and now < settlement.fix_until
