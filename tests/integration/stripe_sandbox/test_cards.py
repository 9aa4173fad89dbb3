"""What each test card does when it is saved, attached, charged."""

import pytest
import stripe

from crowdfund.sandbox.stripe import TEST_CARDS, made_up_card
from crowdfund.sandbox.stripe.cards import Card, find_card

REFUSED = [
    ("4000000000000002", "chargeDeclined", "card_declined", "generic_decline", "number"),
    ("4000000000009995", "chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", "number"),
    ("4000000000009987", "chargeDeclinedLostCard", "card_declined", "lost_card", "number"),
    ("4000000000009979", "chargeDeclinedStolenCard", "card_declined", "stolen_card", "number"),
    ("4000000000000069", "chargeDeclinedExpiredCard", "expired_card", "expired_card", "expiry"),
    ("4000000000000127", "chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "cvc"),
    ("4000000000000119", "chargeDeclinedProcessingError", "processing_error", "processing_error", "number"),
]


@pytest.mark.parametrize("refused_card", REFUSED, ids=lambda row: row[1])
def test_a_refused_card_cannot_be_saved(sandbox, v1, open_session, refused_card):
    number, _, code, decline_code, field = refused_card
    session = open_session()
    outcome = sandbox.stand_in.complete_checkout(session.id, number)
    assert outcome.redirect is None
    assert list(outcome.errors) == [field]
    intent = v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]}).setup_intent
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert (intent.last_setup_error.code, intent.last_setup_error.decline_code) == (code, decline_code)
    assert "setup_intent.setup_failed" in sandbox.flush()
    assert sandbox.stand_in.complete_checkout(session.id).redirect == f"http://site.test/done?session={session.id}"


@pytest.mark.parametrize("refused_card", REFUSED, ids=lambda row: row[1])
def test_a_refused_card_cannot_be_attached_or_charged(v1, customer, refused_card):
    _, token, code, decline_code, _ = refused_card
    with pytest.raises(stripe.CardError) as refused:
        v1.payment_methods.attach(f"pm_card_visa_{token}", {"customer": customer.id})
    assert (refused.value.code, refused.value.error.decline_code) == (code, decline_code)
    with pytest.raises(stripe.CardError) as refused:
        v1.payment_intents.create({
            "amount": 500, "currency": "gbp", "payment_method": f"pm_card_visa_{token}", "confirm": True,
            "payment_method_types": ["card"],
        })  # fmt: skip
    assert (refused.value.http_status, refused.value.code) == (402, code)
    intent = v1.payment_intents.retrieve(refused.value.error.payment_intent.id, {"expand": ["latest_charge"]})
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error.code == code
    assert (intent.latest_charge.status, intent.latest_charge.failure_code) == ("failed", code)


def test_a_good_card_is_charged_off_session(sandbox, v1, saved_card, charge):
    intent = charge(saved_card(), metadata={"pledge": "P-1"})
    assert (intent.status, intent.amount_received) == ("succeeded", 2500)
    paid = v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]}).latest_charge
    assert paid.metadata["pledge"] == "P-1"
    assert (paid.balance_transaction.fee, paid.balance_transaction.net) == (58, 2442)


def test_a_card_that_declines_on_charge_can_be_saved(sandbox, saved_card, charge):
    with pytest.raises(stripe.CardError) as refused:
        charge(saved_card("4000000000000341"))
    error = refused.value.error
    assert (refused.value.code, error.decline_code) == ("card_declined", "generic_decline")
    assert error.charge == error.payment_intent.latest_charge
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_intent.payment_method is None
    types = sandbox.flush()
    assert types[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_card_confirmed_when_saved_works_off_session(saved_card, charge):
    assert charge(saved_card("4000002500003155")).status == "succeeded"


def test_a_card_never_confirmed_needs_authentication_off_session(v1, customer, charge):
    method = v1.payment_methods.attach("pm_card_authenticationRequiredOnSetup", {"customer": customer.id})
    with pytest.raises(stripe.CardError) as refused:
        charge(method)
    assert refused.value.code == "authentication_required"


def test_a_card_that_always_asks_is_refused_off_session_and_works_with_the_payer_present(
    sandbox, v1, saved_card, charge
):
    method = saved_card("4000002760003184")
    with pytest.raises(stripe.CardError) as refused:
        charge(method)
    assert (refused.value.http_status, refused.value.code) == (402, "authentication_required")
    intent = refused.value.error.payment_intent
    assert (intent.status, intent.last_payment_error.payment_method.id) == ("requires_payment_method", method.id)
    asked = {"payment_method": method.id, "return_url": "http://site.test/fixed?x=1"}
    waiting = v1.payment_intents.confirm(intent.id, asked)
    assert waiting.status == "requires_action"
    assert waiting.next_action.redirect_to_url.url.startswith(sandbox.url)
    outcome = sandbox.stand_in.answer_challenge(intent.id)
    assert outcome.redirect.startswith(f"http://site.test/fixed?x=1&payment_intent={intent.id}&")
    assert outcome.redirect.endswith("redirect_status=succeeded")
    assert v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_failed_challenge_leaves_the_payment_open(sandbox, v1, saved_card, charge):
    method = saved_card("4000002760003184")
    asked = {"off_session": False, "return_url": "http://site.test/fixed"}
    waiting = charge(method, **asked)
    outcome = sandbox.stand_in.answer_challenge(waiting.id, passed=False)
    assert outcome.redirect.endswith("redirect_status=failed")
    intent = v1.payment_intents.retrieve(waiting.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert intent.latest_charge is None


def test_a_payer_who_cannot_be_asked_is_refused_instead(saved_card, charge):
    with pytest.raises(stripe.CardError) as refused:
        charge(saved_card("4000002760003184"), off_session=False, error_on_requires_action=True)
    assert refused.value.code == "authentication_required"


@pytest.mark.parametrize(
    ("number", "code"),
    [("4242424242424241", "incorrect"), ("42", "incorrect"), ("4539578763621486", "not a test card")],
)
def test_a_number_that_is_no_test_card_is_refused_and_forgotten(sandbox, v1, open_session, number, code):
    outcome = sandbox.stand_in.complete_checkout(open_session().id, number)
    assert code in outcome.errors["number"]
    kept = sandbox.stand_in.store.sql("SELECT data FROM object")
    assert not [row for row in kept if number in row["data"] and len(number) > 12]


def test_the_fingerprint_belongs_to_the_number(saved_card):
    first, again, other = saved_card(), saved_card(), saved_card("5555555555554444")
    assert first.card.fingerprint == again.card.fingerprint != other.card.fingerprint
    assert first.id != again.id
    assert (other.card.brand, other.card.last4) == ("mastercard", "4444")


def test_made_up_cards_differ_in_fingerprint_and_behave_like_their_model():
    crowd = [find_card(made_up_card(n)) for n in range(200)]
    declining = find_card(made_up_card(7, like="4000000000000341"))
    assert len({card.fingerprint for card in crowd}) == 200
    assert all(card.charge is None and card.setup is None for card in crowd)
    assert declining.charge is not None
    assert declining.setup is None


def test_every_listed_card_is_a_valid_number():
    assert all(isinstance(find_card(card.number), Card) for card in TEST_CARDS)


def test_card_numbers_are_refused_over_the_api(v1):
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    with pytest.raises(stripe.InvalidRequestError, match="test token"):
        v1.payment_methods.create({"type": "card", "card": card})
    assert v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}}).card.last4 == "4242"
