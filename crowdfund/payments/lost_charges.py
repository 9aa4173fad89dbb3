"""Payments that the provider took and our books do not know, as after a backup was restored: they are taken over.

Each carries what it is for. It is believed only when that names a subject of ours by its public reference too, as
numbers of rows are given again after a restore, and only over the amount that is owed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.payments.charge_results import ENDED, GATEWAY
from crowdfund.payments.gateway import ChargeResult, ChargeStatus
from crowdfund.payments.listening import ChargeListener, Owed
from crowdfund.payments.models import CardCheckout, ChargeAttempt
from crowdfund.payments.rules import ATTEMPTS, CLOSED_ATTEMPTS, AttemptKind, AttemptState, CheckoutState

_A = AttemptState
_SECOND = "It is a second payment for {thing}, which is paid: give it back at the provider."
_EARLY = "It is for {thing} and is taken over when that is collected."
_OTHER = "It names {thing}, for which another amount is owed: look both up, and give it back or ask a developer."
_BUSY = "It is for {thing}, which is being charged just now: reconcile again in a few minutes."


@dataclass(frozen=True)
class Owner:
    """Whose a payment is."""

    listener: ChargeListener
    subject: str
    subject_id: int
    owed: Owed

    @property
    def words(self) -> str:
        """Name it for people who work with money."""
        return f"{self.subject.partition(':')[0]} {self.owed.reference}"


def owner_of(session: Session, listeners: Mapping[str, ChargeListener], result: ChargeResult) -> Owner | None:
    """Return whose a payment is; None when it does not say so, or names somebody who is not here."""
    if result.mark is None:
        return None
    kind, _, number = result.mark.subject.partition(":")
    if kind not in listeners or not number.isdecimal():
        return None
    owed = listeners[kind].owed(session, int(number))
    if owed is None or owed.reference != result.mark.subject_ref:
        return None
    return Owner(listeners[kind], result.mark.subject, int(number), owed)


def customers_of(session: Session, subject: str) -> list[str]:
    """Return for whom the provider kept the cards of a subject, the newest first."""
    complete = (CardCheckout.subject == subject, CardCheckout.state == CheckoutState.COMPLETE)
    rows = select(CardCheckout.customer_ref).where(*complete, CardCheckout.customer_ref.is_not(None))
    return [ref for ref in session.scalars(rows.order_by(CardCheckout.id.desc())) if ref]


def unwritten(session: Session, subject: str, paid: list[ChargeResult]) -> list[ChargeResult]:
    """Return those payments of a subject whose attempt is not here, or has not ended here."""
    refs = [result.reference for result in paid]
    rows = select(ChargeAttempt.public_id).where(ChargeAttempt.public_id.in_(refs), ChargeAttempt.state.in_(ENDED))
    ended = set(session.scalars(rows)) if refs else set()
    ours = [result for result in paid if result.mark is not None and result.mark.subject == subject]
    return [result for result in ours if result.reference not in ended]


def take_over(
    session: Session, owner: Owner, result: ChargeResult, now: datetime, *, live: bool, instead_of: int | None = None
) -> int | None:
    """Write the attempt of a payment that only the provider knows and return its id; None where it does not fit.

    The attempt waits for what is true of it there, as any other. One that was never sent, or is `instead_of` which
    the caller knows to be unheard of there, ends for it.
    """
    owner.listener.lock(session, owner.subject_id)
    known = session.scalar(select(ChargeAttempt.id).where(ChargeAttempt.public_id == result.reference))
    if known is not None or not fits(owner, result, live=live):
        return known
    standing = _standing(session, owner.subject)
    if standing is not None:
        standing = lock(session, ChargeAttempt, standing.id)
        unsent = standing.state is _A.PREPARED and standing.sent_at is None
        if not unsent and standing.id != instead_of:
            return None
        standing.state, standing.ended_at = ATTEMPTS.move(standing.state, _A.CANCELLED), now
        session.flush()
        _note(session, owner, standing, now)
    number = session.scalar(select(func.max(ChargeAttempt.number)).where(ChargeAttempt.subject == owner.subject)) or 0
    attempt = _attempt(owner, result, number + 1, now)
    session.add(attempt)
    session.flush()
    data = {"attempt_id": attempt.id, "number": attempt.number, "amount_pence": attempt.amount_pence}
    audit.record(session, Tag.CHARGE_PREPARED, actor=GATEWAY, subject_id=owner.subject_id, now=now, **data)
    return attempt.id


def why_not_known(session: Session, owner: Owner, result: ChargeResult) -> str:
    """Return, for finance, why a payment of somebody we know is not in our books."""
    attempt = session.scalars(select(ChargeAttempt).where(ChargeAttempt.public_id == result.reference)).one_or_none()
    standing = _standing(session, owner.subject)
    if result.amount_pence != owner.owed.amount_pence:
        why = _OTHER
    elif standing is not None and standing.state is _A.SUCCEEDED:
        why = _SECOND
    else:
        why = _EARLY if attempt is not None and not owner.owed.is_due else _BUSY
    return why.format(thing=owner.words)


def fits(owner: Owner, result: ChargeResult, *, live: bool) -> bool:
    """Say whether a payment is what is owed."""
    facts = (result.status, result.amount_pence, (result.currency or "").lower(), result.live)
    return facts == (ChargeStatus.SUCCEEDED, owner.owed.amount_pence, "gbp", live) and result.reference is not None


def _standing(session: Session, subject: str) -> ChargeAttempt | None:
    open_or_paid = (ChargeAttempt.subject == subject, ChargeAttempt.state.not_in(CLOSED_ATTEMPTS))
    return session.scalars(select(ChargeAttempt).where(*open_or_paid)).one_or_none()


def _attempt(owner: Owner, result: ChargeResult, number: int, now: datetime) -> ChargeAttempt:
    card = result.card
    return ChargeAttempt(
        public_id=result.reference,
        subject=owner.subject,
        about=owner.owed.about,
        number=number,
        kind=AttemptKind.OFF_SESSION,  # looked at by its payment: a page, if it had one, is closed
        state=_A.WAITING,
        amount_pence=owner.owed.amount_pence,
        customer_ref=card.customer_ref if card else None,
        payment_method_ref=card.payment_method_ref if card else result.intent_ref,
        intent_ref=result.intent_ref,
        created_at=now,
        sent_at=now,
        expires_at=now,
    )


def _note(session: Session, owner: Owner, ended: ChargeAttempt, now: datetime) -> None:
    data = {"attempt_id": ended.id, "state": ended.state.value}
    audit.record(session, Tag.CHARGE_ENDED, actor=GATEWAY, subject_id=owner.subject_id, now=now, **data)
