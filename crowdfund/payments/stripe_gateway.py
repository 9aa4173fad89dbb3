"""Stripe, as a gateway. The one module that imports `stripe`."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import stripe

from crowdfund.core.errors import GatewayDown
from crowdfund.payments.gateway import (
    BadSignature,
    CheckoutPage,
    CheckoutRequest,
    CheckoutResult,
    CheckoutStatus,
    Notice,
    SavedCard,
)

REFERENCE = "crowdfund_reference"  # the name in metadata under which a thing of ours is known
_CALL_SECONDS = (3, 8)  # to connect, to answer: somebody may be waiting
_MOST_KEYS = 6


class StripeGateway:
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

    def open_checkout(self, request: CheckoutRequest) -> CheckoutPage:
        """Create a customer of this one checkout and its hosted page, once per reference and wording."""
        ours = {REFERENCE: request.reference}
        with _answering():
            customer = _once(
                self._client.v1.customers.create,
                {"email": request.email, "metadata": ours},
                f"customer:{request.reference}",
            )
            session = _once(
                self._client.v1.checkout.sessions.create,
                {
                    "mode": "setup",
                    "customer": customer.id,
                    "currency": "gbp",
                    "payment_method_types": ["card"],
                    "metadata": ours,
                    "setup_intent_data": {"metadata": ours},
                    "custom_text": {"submit": {"message": request.wording}},
                    "success_url": request.return_url,
                    "cancel_url": request.cancel_url,
                },
                f"checkout:{request.reference}",
            )
        assert session.url is not None
        return CheckoutPage(session.id, session.url, datetime.fromtimestamp(session.expires_at, UTC))

    def read_checkout(self, session_ref: str) -> CheckoutResult:
        """Read the session with its card."""
        with _answering():
            session = self._client.v1.checkout.sessions.retrieve(
                session_ref, {"expand": ["setup_intent.payment_method"]}
            )
        metadata = session.metadata.to_dict() if session.metadata else {}
        status = CheckoutStatus(session.status or "open")
        card = _card(session.setup_intent) if status is CheckoutStatus.COMPLETE else None
        return CheckoutResult(metadata.get(REFERENCE), status, card, bool(session.livemode))

    def forget_card(self, payment_method_ref: str) -> None:
        """Detach the payment method from its customer."""
        with _answering():
            try:
                self._client.v1.payment_methods.detach(payment_method_ref)
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


def _once(create: Callable[..., Any], params: dict[str, Any], key: str) -> Any:
    """Create something that moves no money, at most once as long as the provider answers at all.

    The same key with other parameters is refused for a day, so their hash is part of it. An answer of 500 is
    kept with its key and given again for a day, so the next key is taken; what the first may have made stays
    unknown to everybody, which is why this must never be used for a charge.
    """
    digest = hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:12]
    for number in range(_MOST_KEYS):
        try:
            return create(params, {"idempotency_key": f"{key}:{digest}:{number}"})
        except stripe.APIError as error:
            replayed = (error.headers or {}).get("Idempotent-Replayed") == "true"
            if not replayed or number == _MOST_KEYS - 1:
                raise
    raise AssertionError


def _card(intent: Any) -> SavedCard | None:
    method = getattr(intent, "payment_method", None)
    if method is None or isinstance(method, str):
        return None
    card = method.card
    customer = intent.customer if isinstance(intent.customer, str) else intent.customer.id
    return SavedCard(
        customer, method.id, card.brand, card.last4, card.exp_month, card.exp_year, card.fingerprint or method.id
    )


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
