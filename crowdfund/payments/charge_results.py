"""What the provider says of a charge, written down: only what fits our row is believed."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core import audit, ids
from crowdfund.core.actor import SystemActor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.payments.gateway import ChargeResult, ChargeStatus
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import ATTEMPTS, AttemptKind, AttemptState

ENDED = frozenset({AttemptState.SUCCEEDED, AttemptState.FAILED, AttemptState.CANCELLED})
GATEWAY = SystemActor("gateway")
_A, _S = AttemptState, ChargeStatus


class NotBelieved(LookupError):
    """The provider tells of a charge that is not the one we asked for; a person has to look at it."""


def record_page(session: Session, attempt_id: int, session_ref: str, url: str | None = None) -> bool:
    """Record the page on which an attempt is paid; say whether it is this one. The first one stays."""
    attempt = lock(session, ChargeAttempt, attempt_id)
    if attempt.state is _A.PREPARED:
        attempt.state, attempt.session_ref = ATTEMPTS.move(attempt.state, _A.WAITING), session_ref
    if attempt.session_ref == session_ref and attempt.state not in ENDED:
        attempt.url = attempt.url or url
    session.flush()
    return attempt.session_ref == session_ref and attempt.state not in ENDED


def give_up(session: Session, attempt_id: int) -> None:
    """Record that the provider was asked to charge and did not answer."""
    attempt = lock(session, ChargeAttempt, attempt_id)
    if attempt.state is _A.PREPARED:
        attempt.state = ATTEMPTS.move(attempt.state, _A.UNKNOWN)
        session.flush()


def record_result(
    session: Session, attempt_id: int, result: ChargeResult, now: datetime, *, live: bool, secret: str
) -> AttemptState:
    """Move an attempt to what is true of it at the provider and return its state; a repeat changes nothing.

    Raises NotBelieved for another charge's reference, amount, currency or mode, and for one that was paid
    after it had ended.
    """
    attempt = lock(session, ChargeAttempt, attempt_id)
    _demand_ours(attempt, result, live)
    new = _state_of(attempt, result)
    if attempt.state in ENDED or new is attempt.state:
        if new is _A.SUCCEEDED and attempt.state is not new:
            raise NotBelieved(f"charge attempt {attempt_id} was paid after it had ended")
        return attempt.state
    _keep(attempt, result, secret)
    attempt.state = ATTEMPTS.move(attempt.state, new)
    if new in ENDED:
        attempt.ended_at = now
    session.flush()
    if new in ENDED:
        subject_id = int(attempt.subject.partition(":")[2])
        data = {"attempt_id": attempt.id, "state": new.value}
        audit.record(session, Tag.CHARGE_ENDED, actor=GATEWAY, subject_id=subject_id, now=now, **data)
    return new


def _demand_ours(attempt: ChargeAttempt, result: ChargeResult, live: bool) -> None:
    if result.intent_ref is None:  # the provider knows of nothing, so there is nothing to doubt
        return
    facts = (result.reference, result.amount_pence, (result.currency or "").lower(), result.live)
    if facts != (attempt.public_id, attempt.amount_pence, "gbp", live):
        raise NotBelieved(f"the provider's {result.intent_ref} is not what charge attempt {attempt.id} asked for")


def _state_of(attempt: ChargeAttempt, result: ChargeResult) -> AttemptState:
    match result.status:
        case _S.SUCCEEDED if result.fee_pence is not None:
            return _A.SUCCEEDED
        case _S.SUCCEEDED | _S.PROCESSING:  # paid, but not booked there yet: looked at again
            return attempt.state if attempt.state is _A.DECLINED else _A.WAITING
        case _S.DECLINED:
            return _A.WAITING if attempt.kind is AttemptKind.CHECKOUT else _A.DECLINED
        case _S.CANCELLED:
            return _A.FAILED if attempt.state is _A.DECLINED else _A.CANCELLED
        case _S.NOTHING:
            return _A.FAILED if attempt.state is _A.UNKNOWN else _A.CANCELLED


def _keep(attempt: ChargeAttempt, result: ChargeResult, secret: str) -> None:
    attempt.intent_ref = result.intent_ref or attempt.intent_ref
    if result.status is _S.SUCCEEDED:
        attempt.charge_ref, attempt.fee_pence = result.charge_ref, result.fee_pence
    if result.status in {_S.DECLINED, _S.CANCELLED} and result.decline_code:
        attempt.decline_code, attempt.may_retry = result.decline_code, result.may_retry
    if result.status is _S.NOTHING and attempt.state is _A.UNKNOWN:
        attempt.may_retry = True  # no bank ever heard of it, so none can mind another try
    if result.card is not None:
        attempt.card_brand, attempt.card_last4 = result.card.brand, result.card.last4
        attempt.card_hash = ids.keyed_hash(secret, "card", result.card.fingerprint)
