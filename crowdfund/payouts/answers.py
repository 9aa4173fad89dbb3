"""What the bank says about sent payouts: arrived, sent back, or paid twice."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.notifications.actions import queue_mail
from crowdfund.payouts.access import can_prepare
from crowdfund.payouts.actions import demand, demand_reason, lock_payout, move, thing_of
from crowdfund.payouts.bank_answer import AnswerLine
from crowdfund.payouts.listening import Payable, listener_of
from crowdfund.payouts.models import BankDetails, Payout
from crowdfund.payouts.queries import TWICE, is_paid_twice
from crowdfund.payouts.rules import PayoutState

MOST_BANK_REFERENCE = 60
CAME_BACK = "It came back"  # how it is told that a second payment settled itself
BOTH_BACK = (
    "The second payment came back before. If this is the first one coming back too, record it on the payout’s page."
)


class Outcome(StrEnum):
    """What became of one line of the bank's answer."""

    CONFIRMED = "confirmed"
    RETURNED = "returned"
    KNOWN = "known"
    TWICE = "twice"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Told:
    """One line of the bank's answer and what came of it, with a sentence for people."""

    reference: str
    outcome: Outcome
    words: str


def confirm_payout(session: Session, payout_id: int, bank_reference: str, *, actor: Actor, now: datetime) -> Payout:
    """Record that a sent payout arrived, under the bank's reference; whoever waits for the money is told.

    Raises Forbidden for whoever may not, Refused for a payout that is not on its way.
    """
    demand(can_prepare(actor))
    payout, payable = lock_payout(session, payout_id, actor)
    if payout.state is not PayoutState.SENT:
        raise Refused("not_sent", "Only a payout that was sent to the bank can be confirmed.")
    if not bank_reference.strip():
        raise Refused("no_bank_reference", "Enter the bank’s reference of the payment.", "bank_reference")
    payout.bank_reference, payout.ended_at = bank_reference[:MOST_BANK_REFERENCE], now
    move(session, payout, PayoutState.CONFIRMED, actor=actor, now=now)
    listener, subject_id = listener_of(payout.purpose)
    posting = Posting(session, f"payout:{payout.id}:confirmed", actor, now)
    postings.confirm_payout(posting, subject_id, payout.amount_pence)
    listener.confirmed(session, subject_id, actor=actor, now=now)
    _tell(session, payout, payable, "payout_confirmed", now)
    return payout


def return_payout(session: Session, payout_id: int, reason: str, *, actor: Actor, now: datetime) -> Payout:
    """Record that the bank sent a payout back: it is held again, and its details need a call-back.

    Raises Forbidden for whoever may not, Refused without a reason and for a payout that never left.
    """
    demand(can_prepare(actor))
    payout, payable = lock_payout(session, payout_id, actor)
    demand_reason(reason)
    if payout.state not in {PayoutState.SENT, PayoutState.CONFIRMED}:
        raise Refused("not_sent", "Only a payout that was sent to the bank can come back.")
    if is_paid_twice(payout):
        raise Refused("paid_twice", "The bank paid this twice. Record what became of the second payment instead.")
    subject_id = thing_of(payout.purpose)
    if payout.state is PayoutState.CONFIRMED:
        # It had left the bank account for good: take that back first, so that the return finds it on its way.
        taken_back = Posting(session, f"payout:{payout.id}:unconfirmed", actor, now)
        postings.confirm_payout(taken_back, subject_id, -payout.amount_pence)
    postings.return_payout(
        Posting(session, f"payout:{payout.id}:returned", actor, now), subject_id, payout.amount_pence
    )
    payout.reason, payout.ended_at = reason, now
    move(session, payout, PayoutState.RETURNED, reason, actor=actor, now=now)
    _tell(session, payout, payable, "payout_returned", now)
    return payout


def report_paid_twice(session: Session, payout_id: int, bank_reference: str, *, actor: Actor, now: datetime) -> Payout:
    """Record that the bank paid a payout a second time; until that is settled nothing more is paid for its purpose.

    Raises Forbidden for whoever may not, Refused for a payout that is not confirmed.
    """
    demand(can_prepare(actor))
    payout, _ = lock_payout(session, payout_id, actor)
    if payout.state is not PayoutState.CONFIRMED:
        raise Refused("not_confirmed", "Only a payout that arrived can have been paid twice.")
    # What was said before stays behind it, so that an answer read again finds every reference.
    told = f"{TWICE}: under {payout.bank_reference} and under {bank_reference}."
    payout.reason = f"{told} {payout.reason or ''}".strip()
    return _noted(session, payout, told, actor=actor, now=now)


def settle_paid_twice(session: Session, payout_id: int, reason: str, *, actor: Actor, now: datetime) -> Payout:
    """Record what became of a second payment; further payouts are possible again.

    Raises Forbidden for whoever may not, Refused without a reason and where there was no second payment.
    """
    demand(can_prepare(actor))
    payout, _ = lock_payout(session, payout_id, actor)
    demand_reason(reason)
    if not is_paid_twice(payout):
        raise Refused("not_twice", "This payout was paid once, or somebody settled it meanwhile.")
    payout.reason = f"Settled: {reason} {payout.reason}"
    return _noted(session, payout, f"The second payment: {reason}", actor=actor, now=now)


def take_answer(session: Session, lines: list[AnswerLine], *, actor: Actor, now: datetime) -> list[Told]:
    """Apply the bank's answer line by line and return what came of each, in its order.

    A line that does not fit changes nothing and is told as a problem; the same answer twice changes nothing more.
    Raises Forbidden for whoever may not.
    """
    demand(can_prepare(actor))
    found = select(Payout.reference, Payout.purpose, Payout.id)
    rows = session.execute(found.where(Payout.reference.in_([line.reference for line in lines])))
    known = {reference: (thing_of(purpose), number) for reference, purpose, number in rows}
    told: dict[int, Told] = {}
    # In the order in which everybody locks, told in the order of the file.
    order = sorted(range(len(lines)), key=lambda place: (known.get(lines[place].reference, (0, 0)), place))
    for place in order:
        line = lines[place]
        told[place] = _take(session, line, known.get(line.reference), actor=actor, now=now)
    return [told[place] for place in range(len(lines))]


def _take(session: Session, line: AnswerLine, known: tuple[int, int] | None, *, actor: Actor, now: datetime) -> Told:
    if line.fault or known is None:
        return Told(line.reference, Outcome.PROBLEM, line.fault or "No payout of ours has this reference.")
    try:
        payout, _ = lock_payout(session, known[1], actor)
    except Forbidden as tied:
        return Told(line.reference, Outcome.PROBLEM, f"{tied} A colleague has to read this line.")
    if line.amount_pence is not None and line.amount_pence != payout.amount_pence:
        return Told(line.reference, Outcome.PROBLEM, "The bank names another amount than ours. Ask the bank.")
    take = _take_paid if line.is_paid else _take_returned
    return take(session, payout, line, actor=actor, now=now)


def _take_returned(session: Session, payout: Payout, line: AnswerLine, *, actor: Actor, now: datetime) -> Told:
    if is_paid_twice(payout):
        settle_paid_twice(session, payout.id, f"{CAME_BACK}: {line.reason}", actor=actor, now=now)
        return Told(line.reference, Outcome.RETURNED, "The second payment came back.")
    if payout.state is PayoutState.CONFIRMED and CAME_BACK in (payout.reason or ""):
        # Read again, or the first payment too: a file cannot tell which, and money must not be held twice.
        return Told(line.reference, Outcome.PROBLEM, BOTH_BACK)
    if payout.state in {PayoutState.SENT, PayoutState.CONFIRMED}:
        return_payout(session, payout.id, line.reason, actor=actor, now=now)
        return Told(line.reference, Outcome.RETURNED, f"Sent back: {line.reason}")
    if payout.state is PayoutState.RETURNED:
        return Told(line.reference, Outcome.KNOWN, "We knew already that it came back.")
    return Told(line.reference, Outcome.PROBLEM, "This payout was never sent to the bank.")


def _take_paid(session: Session, payout: Payout, line: AnswerLine, *, actor: Actor, now: datetime) -> Told:
    if payout.state is PayoutState.SENT:
        confirm_payout(session, payout.id, line.bank_reference, actor=actor, now=now)
        return Told(line.reference, Outcome.CONFIRMED, "Paid.")
    if payout.state is PayoutState.RETURNED and line.bank_reference == payout.bank_reference:
        return Told(line.reference, Outcome.KNOWN, "We knew already that it was paid, and came back later.")
    if payout.state is not PayoutState.CONFIRMED:
        return Told(line.reference, Outcome.PROBLEM, "The bank says paid, but this payout is not on its way.")
    mentioned = payout.reason or ""
    if line.bank_reference == payout.bank_reference or f"under {line.bank_reference}." in mentioned:
        return Told(line.reference, Outcome.KNOWN, "We knew already that it was paid.")
    report_paid_twice(session, payout.id, line.bank_reference, actor=actor, now=now)
    return Told(line.reference, Outcome.TWICE, f"Paid twice: also under {line.bank_reference}. Ask the payee for it.")


def _noted(session: Session, payout: Payout, reason: str, *, actor: Actor, now: datetime) -> Payout:
    session.flush()
    about = {"payout_id": payout.id, "old": payout.state, "new": payout.state, "reason": reason}
    audit.record(session, Tag.PAYOUT_MOVED, actor=actor, subject_id=thing_of(payout.purpose), now=now, **about)
    return payout


def _tell(session: Session, payout: Payout, payable: Payable, template: str, now: datetime) -> None:
    details = session.get_one(BankDetails, payout.bank_details_id)
    words: dict[str, Any] = {"payout": payout, "payable": payable, "account_end": details.account_end}
    listener, subject_id = listener_of(payout.purpose)
    for address in listener.whom_to_tell(session, subject_id):
        queue_mail(session, template, address, key=f"{template}:{payout.id}:{address}"[:120], now=now, **words)
