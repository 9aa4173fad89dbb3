"""Checkout Sessions: set-up and payment, what is refused, completion, expiry."""

import pytest
import stripe

from crowdfund.sandbox.stripe import ApiError


def test_a_saved_card_is_attached_to_the_customer(sandbox, v1, customer, open_session):
    session = open_session(
        client_reference_id="P-1",
        metadata={"pledge": "P-1"},
        setup_intent_data={"metadata": {"pledge": "P-1"}, "description": "Pledge P-1"},
    )
    assert (session.status, session.payment_status, session.mode) == ("open", "no_payment_required", "setup")
    outcome = sandbox.stand_in.complete_checkout(session.id)
    assert outcome.redirect == f"http://site.test/done?session={session.id}"
    done = v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method", "customer"]})
    intent = done.setup_intent
    assert (done.status, done.url, done.customer.id) == ("complete", None, customer.id)
    assert (intent.status, intent.usage, intent.metadata["pledge"]) == ("succeeded", "off_session", "P-1")
    assert intent.payment_method.customer == customer.id
    assert [card.id for card in v1.customers.payment_methods.list(customer.id).data] == [intent.payment_method.id]
    assert sandbox.flush()[-3:] == ["payment_method.attached", "setup_intent.succeeded", "checkout.session.completed"]


def test_a_payment_is_taken_with_the_payer_present(sandbox, v1, customer, open_session):
    session = open_session("payment", payment_intent_data={"metadata": {"pledge": "P-1"}}, submit_type="donate")
    assert (session.amount_total, session.payment_status, session.payment_intent) == (2500, "unpaid", None)
    sandbox.stand_in.complete_checkout(session.id)
    done = v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]})
    assert (done.status, done.payment_status) == ("complete", "paid")
    intent = done.payment_intent
    assert (intent.status, intent.customer, intent.metadata["pledge"]) == ("succeeded", customer.id, "P-1")
    assert intent.latest_charge.balance_transaction.net == 2442
    types = sandbox.flush()
    assert types.index("payment_intent.succeeded") < types.index("checkout.session.completed")


def test_a_declined_payment_can_be_tried_again_on_the_same_intent(sandbox, v1, open_session):
    session = open_session("payment")
    assert "number" in sandbox.stand_in.complete_checkout(session.id, "4000000000000002").errors
    failed = v1.checkout.sessions.retrieve(session.id)
    assert failed.status == "open"
    sandbox.stand_in.complete_checkout(session.id)
    done = v1.checkout.sessions.retrieve(session.id)
    assert done.payment_intent == failed.payment_intent
    assert [c.status for c in v1.charges.list({"payment_intent": done.payment_intent}).data] == ["succeeded", "failed"]


@pytest.mark.parametrize("mode", ["setup", "payment"])
@pytest.mark.parametrize("number", ["4000002500003155", "4000002760003184"])
def test_a_challenge_can_be_failed_and_then_passed(sandbox, v1, open_session, mode, number):
    session = open_session(mode)
    outcome = sandbox.stand_in.complete_checkout(session.id, number, challenge=False)
    assert "authenticate" in outcome.errors["number"]
    assert v1.checkout.sessions.retrieve(session.id).status == "open"
    assert f"{mode}_intent.requires_action" in sandbox.flush()
    assert sandbox.stand_in.complete_checkout(session.id, number).redirect is not None
    assert v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_a_session_expires_when_its_time_is_up(sandbox, v1, open_session):
    session = open_session(expires_at=int(sandbox.at.timestamp()) + 1800)
    sandbox.forward(minutes=29, seconds=59)
    assert v1.checkout.sessions.retrieve(session.id).status == "open"
    sandbox.forward(seconds=1)
    with pytest.raises(ApiError):
        sandbox.stand_in.complete_checkout(session.id)
    expired = v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert (expired.status, expired.setup_intent.status) == ("expired", "canceled")
    assert sandbox.flush()[-2:] == ["setup_intent.canceled", "checkout.session.expired"]


def test_expiry_is_announced_without_anyone_asking(sandbox, open_session):
    open_session()
    sandbox.flush()
    sandbox.forward(hours=24)
    assert "checkout.session.expired" in sandbox.flush()


def test_a_session_can_be_expired_once(sandbox, v1, open_session):
    session = open_session("payment")
    sandbox.stand_in.complete_checkout(session.id, "4000000000000002")
    assert v1.checkout.sessions.expire(session.id).status == "expired"
    begun = v1.payment_intents.retrieve(v1.checkout.sessions.retrieve(session.id).payment_intent)
    assert (begun.status, begun.cancellation_reason) == ("canceled", "expired")
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        v1.checkout.sessions.expire(session.id)


def test_a_session_is_used_once(sandbox, open_session):
    session = open_session()
    sandbox.stand_in.complete_checkout(session.id)
    with pytest.raises(ApiError, match="complete"):
        sandbox.stand_in.complete_checkout(session.id)


def test_what_checkout_made_is_left_to_checkout(sandbox, v1, open_session):
    session = open_session()
    with pytest.raises(stripe.InvalidRequestError, match="Checkout"):
        v1.setup_intents.cancel(session.setup_intent)
    with pytest.raises(stripe.InvalidRequestError, match="Checkout"):
        v1.setup_intents.confirm(session.setup_intent, {"payment_method": "pm_card_visa"})
    paying = open_session("payment")
    sandbox.stand_in.complete_checkout(paying.id, "4000000000000002")
    with pytest.raises(stripe.InvalidRequestError, match="Checkout"):
        v1.payment_intents.cancel(v1.checkout.sessions.retrieve(paying.id).payment_intent)


def test_without_a_customer_checkout_makes_one_when_asked(sandbox, v1, open_session):
    session = open_session("payment", customer=None, customer_email="new@example.org", customer_creation="always")
    sandbox.stand_in.complete_checkout(session.id)
    done = v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]})
    assert (done.customer.email, done.customer_details.email) == ("new@example.org", "new@example.org")


def test_a_card_used_without_a_customer_cannot_be_used_again(sandbox, v1, customer, open_session):
    session = open_session(customer=None)
    sandbox.stand_in.complete_checkout(session.id)
    intent = v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]}).setup_intent
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        v1.payment_methods.attach(intent.payment_method, {"customer": customer.id})


@pytest.mark.parametrize(
    ("mode", "more", "param"),
    [
        ("setup", {"expires_at": 0}, "expires_at"),
        ("setup", {"payment_intent_data": {"description": "x"}}, "payment_intent_data"),
        ("setup", {"payment_method_types": None}, "currency"),
        ("setup", {"success_url": None}, "success_url"),
        ("setup", {"success_url": "javascript:alert(1)"}, "success_url"),
        ("setup", {"customer_email": "a@example.org"}, "customer"),
        ("setup", {"customer": "cus_none"}, "customer"),
        ("subscription", {}, "mode"),
        ("payment", {"line_items": None}, "line_items"),
        ("payment", {"setup_intent_data": {"description": "x"}}, "setup_intent_data"),
        ("payment", {"payment_intent_data": {"statement_descriptor_suffix": "***"}}, "statement_descriptor_suffix"),
        ("payment", {"line_items": [{"quantity": 1, "price_data": {"currency": "gbp", "unit_amount": 5,
                     "product_data": {"name": "x"}}}]}, "amount"),
    ],
)  # fmt: skip
def test_sessions_stripe_would_refuse_are_refused(open_session, mode, more, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        open_session(mode, **more)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"expiry": "13/34"}, "expiry"), ({"expiry": "05/26"}, "expiry"), ({"cvc": "12"}, "cvc"), ({"name": " "}, "name")],
)
def test_mistakes_are_reported_at_their_field(sandbox, open_session, typed, field):
    assert list(sandbox.stand_in.complete_checkout(open_session().id, **typed).errors) == [field]
