"""Charging a card: our row first, then the provider, then what is true there; in any order and any number of times."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import failpoints, ids
from crowdfund.core.db import db, lock
from crowdfund.core.errors import GatewayDown, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.charge_records import ChargeRecords
from crowdfund.payments.charge_results import ENDED, NotBelieved, give_up, record_page
from crowdfund.payments.gateway import (
    ChargeRequest,
    ChargeResult,
    ChargeStatus,
    CheckoutStatus,
    PaymentPageRequest,
)
from crowdfund.payments.lost_charges import customers_of, fits, owner_of, why_not_known
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import CLOSED_ATTEMPTS, SAME_KEY_FOR, UNANNOUNCED, AttemptKind, AttemptState

log = logging.getLogger(__name__)
_IN_DOUBT = "There is an earlier payment that we have to look at first. Please ask us: you pay nothing until then."


@dataclass(frozen=True)
class Card:
    """A card saved at the provider, to be charged without its holder."""

    customer_ref: str
    payment_method_ref: str


def prepare_attempt(
    session: Session,
    subject: str,
    about: str,
    amount_pence: int,
    *,
    card: Card | None,
    until: datetime,
    now: datetime,
) -> ChargeAttempt:
    """Write the next try to charge a subject: its saved card, or without one a page on which its holder pays.

    Nothing is tried after `until` (UTC). The caller has locked the subject. Raises Refused('open_attempt')
    while another try is open or paid.
    """
    others = select(ChargeAttempt.state).where(ChargeAttempt.subject == subject)
    states = session.scalars(others).all()
    if any(state not in CLOSED_ATTEMPTS for state in states):
        raise Refused("open_attempt", "This is being collected, or is paid already.")
    attempt = ChargeAttempt(
        public_id=ids.public_id(),
        subject=subject,
        about=about,
        number=len(states) + 1,
        kind=AttemptKind.CHECKOUT if card is None else AttemptKind.OFF_SESSION,
        state=AttemptState.PREPARED,
        amount_pence=amount_pence,
        customer_ref=card.customer_ref if card else None,
        payment_method_ref=card.payment_method_ref if card else None,
        expires_at=until,
        created_at=now,
    )
    session.add(attempt)
    session.flush()
    return attempt


def find_open_attempt(session: Session, subject: str) -> ChargeAttempt | None:
    """Return the subject's try that is open or paid, if there is one."""
    open_or_paid = select(ChargeAttempt).where(
        ChargeAttempt.subject == subject, ChargeAttempt.state.not_in(CLOSED_ATTEMPTS)
    )
    return session.scalars(open_or_paid).one_or_none()


def count_automatic(session: Session, subject: str) -> int:
    """Return how many times the subject's saved card was tried without its holder."""
    tried = select(func.count()).where(
        ChargeAttempt.subject == subject,
        ChargeAttempt.kind == AttemptKind.OFF_SESSION,
        ChargeAttempt.sent_at.is_not(None),
    )
    return session.scalar(tried) or 0


@dataclass(frozen=True)
class Charges(ChargeRecords):
    """Does what charges need next: asks the provider, looks at it, and records what is true there."""

    def open_page(self, attempt_id: int, request: PaymentPageRequest, now: datetime) -> str:
        """Return the address of the page on which this attempt is paid, asking the provider for it the first time.

        Raises GatewayDown; the row stays, and asking again with it can never open a second page. Raises
        Refused when the attempt has ended or its time is over.
        """
        attempt = self._sent(attempt_id, now)
        if attempt.state in ENDED:
            raise Refused("ended", "This payment page is closed.")
        if attempt.url is not None:
            return attempt.url
        try:
            is_paid = self.find_lost(attempt.subject, now, instead_of=attempt_id)
        except NotBelieved as error:
            log.exception("charge attempt %s is not opened", attempt_id)
            raise Refused("in_doubt", _IN_DOUBT) from error
        if is_paid:
            raise Refused("ended", "This is paid already: there is nothing left to do.")
        # The first one, as it never changes: the same reference must always ask for the same.
        customer_ref = next(reversed(customers_of(db.session(), attempt.subject)), None)
        page = self.gateway.open_payment(replace(request, customer_ref=customer_ref, mark=self.mark_of(attempt)))
        failpoints.reach("page.after_open")
        with unit_of_work() as session:
            is_kept = record_page(session, attempt_id, page.session_ref, page.url)
        if not is_kept:  # the attempt was ended while the provider made its page
            self.gateway.close_payment(page.session_ref)
            raise Refused("ended", "This payment page is closed.")
        return page.url

    def sync(self, attempt_id: int, now: datetime) -> AttemptState:
        """Do what an attempt needs next and record what is true of it at the provider.

        Safe to call from a return page, a webhook, the worker and the sweeper at once. Raises GatewayDown.
        """
        attempt = self._sent(attempt_id, now)
        if attempt.state in ENDED or self.is_early(attempt):
            return attempt.state
        if attempt.kind is AttemptKind.CHECKOUT:
            return self._sync_page(attempt, now)
        return self._sync_saved(attempt, now, may_send=True)

    def close(self, attempt_id: int, now: datetime) -> AttemptState:
        """End an attempt unless it is paid, and return what the provider confirms.

        An attempt that stays open could not be ended yet: the bank has not answered. Raises GatewayDown.
        """
        attempt = db.session.get_one(ChargeAttempt, attempt_id, populate_existing=True)
        never_sent = attempt.sent_at is None or (attempt.kind is AttemptKind.CHECKOUT and attempt.url is None)
        if attempt.state is AttemptState.PREPARED and never_sent:
            return self.record(attempt_id, ChargeResult(ChargeStatus.CANCELLED), now)
        if attempt.kind is AttemptKind.CHECKOUT and attempt.session_ref and attempt.state not in ENDED:
            self.gateway.close_payment(attempt.session_ref)
            failpoints.reach("page.after_close")
        if attempt.kind is AttemptKind.OFF_SESSION and attempt.state not in ENDED:
            return self._sync_saved(attempt, now, may_send=False)
        return self.sync(attempt_id, now)

    def read(self, intent_ref: str, now: datetime) -> AttemptState | None:
        """Record what is true of the provider's charge, if it is one of ours."""
        return self._read(self.gateway.read_charge(intent_ref), now)

    def read_paid(self, charge_ref: str, now: datetime) -> str | None:
        """Take over a payment of which only the provider knows; where that is not possible, return why in a sentence.

        None when it is in our books now, or when it is not known whose it is. Raises GatewayDown and NotBelieved.
        """
        result = self.gateway.find_paid(charge_ref)
        if result is None or self._read(result, now) is AttemptState.SUCCEEDED:
            return None
        owner = owner_of(db.session(), self.listeners, result)
        return None if owner is None else why_not_known(db.session(), owner, result)

    def _read(self, result: ChargeResult, now: datetime) -> AttemptState | None:
        ours = select(ChargeAttempt.id, ChargeAttempt.kind).where(ChargeAttempt.public_id == result.reference)
        found = db.session.execute(ours).one_or_none()
        if found is None:
            return self._adopt(result, now)
        # A page's charge may be declined and still be paid a minute later: only the page says that it is over.
        if found.kind is AttemptKind.CHECKOUT and result.status is not ChargeStatus.SUCCEEDED:
            return self.sync(found.id, now)
        if self.is_early(db.session.get_one(ChargeAttempt, found.id)):
            return None
        return self.settle(found.id, result, now)

    def _adopt(self, result: ChargeResult, now: datetime) -> AttemptState | None:
        """Take over a payment that our books do not know, once no other of its subject can be paid any more."""
        owner = owner_of(db.session(), self.listeners, result)
        if owner is None or not fits(owner, result, live=self.gateway.live):
            return None
        standing = find_open_attempt(db.session(), owner.subject)
        if standing is not None and standing.sent_at is not None and standing.state not in ENDED:
            self.close(standing.id, now)
        return self.take_over(result, now)

    def _sent(self, attempt_id: int, now: datetime) -> ChargeAttempt:
        """Commit that the provider is asked, before it is; or that it is too late to ask it for the first time."""
        attempt = db.session.get_one(ChargeAttempt, attempt_id, populate_existing=True)
        if attempt.sent_at is not None or attempt.state in ENDED:
            return attempt
        assert attempt.expires_at is not None
        if now >= attempt.expires_at:
            self.record(attempt_id, ChargeResult(ChargeStatus.CANCELLED), now)
        else:
            with unit_of_work() as session:
                locked = lock(session, ChargeAttempt, attempt_id)
                locked.sent_at = locked.sent_at or now
        failpoints.reach("charge.before_send")
        return db.session.get_one(ChargeAttempt, attempt_id, populate_existing=True)

    def _sync_page(self, attempt: ChargeAttempt, now: datetime) -> AttemptState:
        if attempt.session_ref is None:  # nobody was given the page, so nobody can pay on it
            over = attempt.expires_at is not None and now >= attempt.expires_at
            return self.record(attempt.id, ChargeResult(ChargeStatus.CANCELLED), now) if over else attempt.state
        status, result = self.gateway.read_payment(attempt.session_ref)
        if status is CheckoutStatus.OPEN:
            return attempt.state
        if status is CheckoutStatus.EXPIRED and result.status is not ChargeStatus.SUCCEEDED:
            result = ChargeResult(ChargeStatus.CANCELLED, decline_code=result.decline_code)
        return self.record(attempt.id, result, now)

    def _sync_saved(self, attempt: ChargeAttempt, now: datetime, *, may_send: bool) -> AttemptState:
        if attempt.intent_ref is not None:
            return self.settle(attempt.id, self.gateway.read_charge(attempt.intent_ref), now)
        assert attempt.sent_at is not None
        assert attempt.customer_ref is not None
        assert attempt.expires_at is not None
        age = now - attempt.sent_at
        # An earlier payment of which a restored backup knows nothing: no charge without this look.
        if self._look_for_lost(attempt, now):
            return db.session.get_one(ChargeAttempt, attempt.id, populate_existing=True).state
        if age or attempt.state is AttemptState.UNKNOWN or not may_send:
            found = self.gateway.find_charge(attempt.public_id, attempt.customer_ref, attempt.created_at)
            if found.status is not ChargeStatus.NOTHING:
                return self.settle(attempt.id, found, now)
            # The same key can never charge twice, but only as long as the provider is sure to know it.
            if not may_send or age >= SAME_KEY_FOR or now >= attempt.expires_at:
                return self.record(attempt.id, found, now) if age >= UNANNOUNCED else attempt.state
        return self._send(attempt, now)

    def _look_for_lost(self, attempt: ChargeAttempt, now: datetime) -> bool:
        try:
            return self.find_lost(attempt.subject, now, instead_of=attempt.id)
        except GatewayDown:
            with unit_of_work() as session:
                give_up(session, attempt.id)
            raise

    def _send(self, attempt: ChargeAttempt, now: datetime) -> AttemptState:
        assert attempt.customer_ref is not None
        assert attempt.payment_method_ref is not None
        # The same parameters every time: the provider answers a known key only with them.
        words = f"{attempt.about} {attempt.subject}, try {attempt.number}"
        request = ChargeRequest(
            attempt.public_id,
            attempt.amount_pence,
            attempt.customer_ref,
            attempt.payment_method_ref,
            words,
            self.mark_of(attempt),
        )
        try:
            result = self.gateway.charge(request)
        except GatewayDown:
            with unit_of_work() as session:
                give_up(session, attempt.id)
            raise
        failpoints.reach("charge.after_send")
        return self.settle(attempt.id, result, now)
