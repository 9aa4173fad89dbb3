"""Fixtures of the stand-in's own tests."""

from datetime import timedelta

import pytest

from crowdfund.payments.gateway import ChargeRequest, CheckoutRequest, PaymentPageRequest
from crowdfund.payments.stripe_gateway import StripeGateway
from tests.support.stripe_sandbox import API_KEY, WEBHOOK_SECRET, stripe_sandbox

HOME = "http://site.test/pledges/x"


@pytest.fixture
def sandbox():
    with stripe_sandbox() as running:
        yield running


@pytest.fixture
def v1(sandbox):
    return sandbox.v1


@pytest.fixture
def customer(v1):
    return v1.customers.create({"email": "resident@example.org", "name": "A Resident"})


@pytest.fixture
def open_session(v1, customer):
    """Makes a Checkout Session; what is given wins over these."""

    def make(mode="setup", **more):
        asked = {
            "mode": mode,
            "customer": customer.id,
            "success_url": "http://site.test/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://site.test/back",
            "payment_method_types": ["card"],
        }
        if mode == "payment":
            product = {"name": "Pledge to A bench for the green"}
            price = {"currency": "gbp", "unit_amount": 2500, "product_data": product}
            asked["line_items"] = [{"price_data": price, "quantity": 1}]
        asked |= more
        return v1.checkout.sessions.create({key: value for key, value in asked.items() if value is not None})

    return make


@pytest.fixture
def saved_card(sandbox, v1, customer, open_session):
    """Saves a card through Checkout and returns its payment method."""

    def save(number="4242424242424242"):
        session = open_session()
        outcome = sandbox.stand_in.complete_checkout(session.id, number)
        assert outcome.errors == {}
        done = v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]})
        return done.setup_intent.payment_method

    return save


@pytest.fixture
def charge(v1, customer):
    """Charges a saved card off-session."""

    def pay(method, amount=2500, options=None, **more):
        asked = {
            "amount": amount,
            "currency": "gbp",
            "customer": customer.id,
            "payment_method": method.id,
            "payment_method_types": ["card"],
            "confirm": True,
            "off_session": True,
        }
        return v1.payment_intents.create(asked | more, options or {})

    return pay


@pytest.fixture
def gateway(sandbox):
    return StripeGateway(API_KEY, sandbox.url, (WEBHOOK_SECRET,))


@pytest.fixture
def keep_card(sandbox, gateway):
    """Saves a card as a pledge does and returns it as our own record of it."""

    def keep(number="4242424242424242", reference="checkout-1"):
        page = gateway.open_checkout(CheckoutRequest(reference, "rosa@example.org", "I agree.", HOME, HOME))
        assert sandbox.stand_in.complete_checkout(page.session_ref, number).errors == {}
        return gateway.read_checkout(page.session_ref).card

    return keep


@pytest.fixture
def ask_charge(keep_card):
    """Makes the request to charge a card, saved for it unless one is given."""

    def ask(number="4242424242424242", pence=2500, reference="attempt-1", card=None):
        card = card or keep_card(number)
        return ChargeRequest(reference, pence, card.customer_ref, card.payment_method_ref, "A bench, try 1")

    return ask


@pytest.fixture
def ask_page(sandbox):
    """Makes the request for a page on which an exact amount is paid."""

    def ask(pence=2500, reference="attempt-1", **life):
        until = sandbox.at + timedelta(**(life or {"hours": 2}))
        return PaymentPageRequest(
            reference, pence, "rosa@example.org", "A bench", "Your card is charged now.", HOME, HOME, until
        )

    return ask
