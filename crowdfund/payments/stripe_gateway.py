"""Stripe, as a gateway. The one module that imports `stripe`."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import stripe

from crowdfund.core.errors import GatewayDown, Refused
from crowdfund.payments import stripe_asking as asking
from crowdfund.payments import stripe_reading as reading
from crowdfund.payments.gateway import (
    BadSignature,
    ChargeRequest,
    ChargeResult,
    ChargeStatus,
    CheckoutPage,
    CheckoutRequest,
    CheckoutStatus,
    Notice,
    PaymentPageRequest,
    RefundResult,
    RefundStatus,
)
from crowdfund.payments.stripe_lookups import StripeLookups
from crowdfund.payments.stripe_reading import REFERENCE, Json

__all__ = ["REFERENCE", "StripeGateway"]
_CALL_SECONDS = (3, 8)  # to connect, to answer: somebody may be waiting
_MOST_KEYS = 6
_WAITS = (0.1, 0.2, 0.4, 0.8, 1.6)  # seconds for somebody else's request with the same key to end
_TOO_LATE = "There is not enough time left to open a payment page."


class StripeGateway(StripeLookups):
    """Talks to Stripe, or in the sandbox to its stand-in at `api_base`."""

    def __init__(self, api_key: str, api_base: str, webhook_secrets: tuple[str, ...]) -> None:
        self.live = api_key.startswith(("rk_live", "sk_live"))
        self._secrets = webhook_secrets
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base},
            max_network_retries=0,  # jobs try again, and so can whoever waits for this answer
            http_client=stripe.RequestsClient(timeout=_CALL_SECONDS),
        )
        super().__init__(self._client.v1, _answering)

    def open_checkout(self, request: CheckoutRequest) -> CheckoutPage:
        """Create a customer of this one checkout and its hosted page, once per reference and wording."""
        with _answering():
            params = asking.customer(request)
            customer = _once(self._v1.customers.create, params, f"customer:{request.reference}:{_digest(params)}")
            params = asking.checkout(request, customer.id)
            create = self._v1.checkout.sessions.create
            return _page(_once(create, params, f"checkout:{request.reference}:{_digest(params)}"))

    def forget_card(self, payment_method_ref: str) -> None:
        """Detach the payment method from its customer."""
        with _answering():
            try:
                self._v1.payment_methods.detach(payment_method_ref)
            except stripe.InvalidRequestError as error:
                if "not attached" not in str(error) and error.code != "resource_missing":
                    raise

    def read_notice(self, body: bytes, signature: str) -> Notice:
        """Accept a body signed with any of our secrets within Stripe's five minutes."""
        if not any(_signed(body, signature, secret) for secret in self._secrets):
            raise BadSignature("no secret of ours signed this")
        try:
            event = json.loads(body)
            thing = event["data"]["object"]
            # Some things have no id (a balance); they are noted and nothing more.
            return Notice(
                str(event["id"]), str(event["type"])[:60], str(thing.get("id", ""))[:100], bool(event["livemode"])
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadSignature("signed, but no event") from error

    def charge(self, request: ChargeRequest) -> ChargeResult:
        """Create and confirm a PaymentIntent. A card that is gone is CANCELLED: nothing was begun with it."""
        with _answering():
            try:
                intent = self._v1.payment_intents.create(
                    asking.charge(request),
                    {"idempotency_key": f"charge:{request.reference}"},
                ).to_dict()
            except stripe.CardError as error:
                intent = _declined_intent(error)
            except stripe.InvalidRequestError as error:
                if not _card_is_gone(error):
                    raise
                code = (error.code or "card_gone")[:60]
                return ChargeResult(ChargeStatus.CANCELLED, request.reference, decline_code=code)
        return reading.charge_result(intent)

    def list_paid(self, customer_ref: str) -> list[ChargeResult]:
        """List what a customer paid; one that Stripe does not know, or deleted, paid nothing that can be found."""
        try:
            return super().list_paid(customer_ref)
        except stripe.InvalidRequestError as error:
            if not _card_is_gone(error):
                raise
            return []

    def find_paid(self, charge_ref: str) -> ChargeResult | None:
        """Read a charge of the balance; one that Stripe does not know is none of ours."""
        try:
            return super().find_paid(charge_ref)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            return None

    def open_payment(self, request: PaymentPageRequest) -> CheckoutPage:
        """Create a Checkout Session for the exact amount. Raises Refused('too_late') when it would close too soon."""
        with _answering():
            params = asking.payment_page(request)
            try:
                # Not by what is asked: a second page for the same reference could be paid as well.
                return _page(_once(self._v1.checkout.sessions.create, params, f"payment:{request.reference}"))
            except stripe.InvalidRequestError as error:
                if error.param != "expires_at":
                    raise
                raise Refused("too_late", _TOO_LATE) from error

    def close_payment(self, session_ref: str) -> CheckoutStatus:
        """Expire the session. Raises GatewayDown while it can neither be expired nor is complete."""
        with _answering():
            try:
                found = self._v1.checkout.sessions.expire(session_ref)
            except stripe.InvalidRequestError:
                found = self._v1.checkout.sessions.retrieve(session_ref)
        status = CheckoutStatus(found.status or "open")
        if status is CheckoutStatus.OPEN:
            raise GatewayDown("a payment page cannot be closed while it is being paid")
        return status

    def cancel_charge(self, intent_ref: str) -> ChargeResult:
        """Cancel the PaymentIntent; one that was paid or cancelled already, or is a page's, stays as it is."""
        with _answering():
            try:
                self._v1.payment_intents.cancel(intent_ref, {"cancellation_reason": "abandoned"})
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    raise
        return self.read_charge(intent_ref)

    def refund(self, reference: str, charge_ref: str, amount_pence: int) -> RefundResult:
        """Create a Refund. What Stripe will not do has FAILED, unless an earlier call with the reference did it."""
        params = asking.refund(reference, charge_ref, amount_pence)
        with _answering():
            try:
                made = self._v1.refunds.create(params, {"idempotency_key": f"refund:{reference}"})
            except stripe.InvalidRequestError as error:
                failure = (error.code or "refused")[:60]
            else:
                return reading.refund_result(made.to_dict())
        found = self.find_refund(reference, charge_ref)
        if found.status is not RefundStatus.NOTHING:
            return found
        return RefundResult(RefundStatus.FAILED, reference, amount_pence=amount_pence, failure=failure)


def _signed(body: bytes, signature: str, secret: str) -> bool:
    if not signature.isascii():
        return False
    try:
        stripe.WebhookSignature.verify_header(  # type: ignore[no-untyped-call]
            body.decode(), signature, secret, stripe.Webhook.DEFAULT_TOLERANCE
        )
    except (stripe.SignatureVerificationError, ValueError):
        return False
    return True


def _digest(params: Json) -> str:
    """Return a hash of what is asked: the same key with other parameters is refused for a day."""
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:12]


def _once(create: Callable[..., Any], params: Json, key: str) -> Any:
    """Create something that moves no money, at most once as long as the provider answers at all.

    Somebody else who asks for the same at this moment makes us wait, as both want its address.
    An answer of 500 is kept with its key and given again for a day, so the next key is taken; what the first
    may have made stays unknown to everybody, which is why this must never be used for a charge.
    """
    number, waits = 0, iter(_WAITS)
    while True:
        try:
            return create(params, {"idempotency_key": f"{key}:{number}"})
        except stripe.APIError as error:
            # The library leaves `error.code` empty for a 409.
            in_use = error.error is not None and error.error.code == "idempotency_key_in_use"
            if in_use and (seconds := next(waits, None)):
                time.sleep(seconds)
            elif (error.headers or {}).get("Idempotent-Replayed") == "true" and number < _MOST_KEYS - 1:
                number += 1
            else:
                raise


def _page(session: Any) -> CheckoutPage:
    assert session.url is not None
    return CheckoutPage(session.id, session.url, reading.moment(session.expires_at))


def _declined_intent(error: stripe.CardError) -> Json:
    body: Any = error.json_body
    intent: Json | None = body["error"].get("payment_intent")
    if intent is None:
        raise GatewayDown("a decline that names no payment") from error
    return intent


def _card_is_gone(error: stripe.InvalidRequestError) -> bool:
    return error.param in {"customer", "payment_method"} or "may not be used again" in str(error)


@contextmanager
def _answering() -> Iterator[None]:
    """Turn 'no answer' into GatewayDown; a refusal of what we asked is our defect and stays as it is."""
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        if (
            isinstance(error, stripe.APIError)
            and error.http_status
            and error.http_status < 500
            and error.http_status != 409
        ):
            raise
        raise GatewayDown(str(error.user_message or type(error).__name__)) from error
