"""Paying an exact amount on the provider's page, through the gateway: any card, closed, too late, without an answer."""

import pytest
import stripe

from crowdfund.core.errors import GatewayDown, Refused
from crowdfund.payments.gateway import ChargeStatus, CheckoutStatus
from crowdfund.sandbox.stripe import TEST_CARDS, ApiError

OPEN, COMPLETE, EXPIRED = CheckoutStatus.OPEN, CheckoutStatus.COMPLETE, CheckoutStatus.EXPIRED


@pytest.mark.parametrize("card", TEST_CARDS, ids=lambda card: card.token)
def test_every_test_card_pays_exactly_the_amount_or_nothing(sandbox, gateway, ask_page, card):
    page = gateway.open_payment(ask_page(pence=1234))
    outcome = sandbox.stand_in.complete_checkout(page.session_ref, card.number)
    status, result = gateway.read_payment(page.session_ref)
    assert result.reference == "attempt-1"
    if card.charge is None:
        assert (status, result.status) == (COMPLETE, ChargeStatus.SUCCEEDED)
        assert (result.amount_pence, result.currency, result.fee_pence) == (1234, "gbp", 39)
        assert (result.card.last4, result.card.fingerprint) == (card.number[-4:], card.fingerprint)
    else:
        assert list(outcome.errors) != []
        assert (status, result.status) == (OPEN, ChargeStatus.DECLINED)
        assert result.decline_code == card.charge.decline_code


def test_the_page_has_the_amount_the_words_and_the_end_that_were_asked_for(sandbox, gateway, v1, ask_page):
    request = ask_page(pence=2550, hours=3)
    page = gateway.open_payment(request)
    assert page.expires_at == request.expires_at
    session = v1.checkout.sessions.retrieve(page.session_ref)
    assert (session.amount_total, session.currency, session.customer_email) == (2550, "gbp", "rosa@example.org")
    assert session.custom_text.submit.message == "Your card is charged now."
    assert session.adaptive_pricing.enabled is False


def test_a_page_on_which_nothing_was_done_knows_of_no_charge(gateway, ask_page):
    page = gateway.open_payment(ask_page())
    status, result = gateway.read_payment(page.session_ref)
    assert (status, result.status, result.intent_ref) == (OPEN, ChargeStatus.NOTHING, None)


def test_a_bank_s_question_can_be_left_open_failed_and_passed(sandbox, gateway, ask_page):
    page = gateway.open_payment(ask_page())
    outcome = sandbox.stand_in.complete_checkout(page.session_ref, "4000002760003184", challenge=False)
    assert "authenticate" in outcome.errors["number"]
    status, result = gateway.read_payment(page.session_ref)
    assert (status, result.status, result.may_retry) == (OPEN, ChargeStatus.DECLINED, False)
    sandbox.stand_in.complete_checkout(page.session_ref, "4000002760003184")
    status, result = gateway.read_payment(page.session_ref)
    assert (status, result.status, result.decline_code) == (COMPLETE, ChargeStatus.SUCCEEDED, None)


def test_the_same_reference_has_one_page_whatever_happens(sandbox, gateway, v1, ask_page):
    request = ask_page()
    for fault, times in (("commit_then_drop", 1), ("429", 1), ("409", 6)):
        sandbox.stand_in.set_mode(fault, path="/v1/checkout", times=times)
        with pytest.raises(GatewayDown):
            gateway.open_payment(request)
    pages = {gateway.open_payment(request) for _ in range(3)}
    assert len(pages) == len(v1.checkout.sessions.list().data) == 1
    with pytest.raises(stripe.IdempotencyError):
        gateway.open_payment(ask_page(pence=2600))


def test_a_page_that_somebody_else_is_asking_for_is_waited_for(sandbox, gateway, ask_page):
    sandbox.stand_in.set_mode("409", path="/v1/checkout", times=2)
    page = gateway.open_payment(ask_page())
    assert page == gateway.open_payment(ask_page())


@pytest.mark.parametrize("fault", ["500", "commit_then_500"])
def test_a_kept_500_gives_way_to_the_one_page_that_is_known(sandbox, gateway, ask_page, fault):
    request = ask_page()
    sandbox.stand_in.set_mode(fault, path="/v1/checkout", times=1)
    with pytest.raises(GatewayDown):
        gateway.open_payment(request)
    assert gateway.open_payment(request) == gateway.open_payment(request)


@pytest.mark.parametrize(("life", "is_open"), [({"minutes": 30}, True), ({"minutes": 29}, False)])
def test_a_page_is_open_half_an_hour_at_least(gateway, ask_page, life, is_open):
    if is_open:
        assert gateway.open_payment(ask_page(**life)).url
    else:
        with pytest.raises(Refused) as refused:
            gateway.open_payment(ask_page(**life))
        assert refused.value.code == "too_late"


def test_a_page_that_is_closed_cannot_be_paid_on(sandbox, gateway, ask_page):
    page = gateway.open_payment(ask_page())
    assert [gateway.close_payment(page.session_ref) for _ in range(2)] == [EXPIRED, EXPIRED]
    with pytest.raises(ApiError):
        sandbox.stand_in.complete_checkout(page.session_ref)
    status, result = gateway.read_payment(page.session_ref)
    assert (status, result.status) == (EXPIRED, ChargeStatus.NOTHING)


def test_closing_ends_what_was_declined_on_the_page(sandbox, gateway, ask_page):
    page = gateway.open_payment(ask_page())
    sandbox.stand_in.complete_checkout(page.session_ref, "4000000000009995")
    declined = gateway.read_payment(page.session_ref)[1]
    assert gateway.cancel_charge(declined.intent_ref).status is ChargeStatus.DECLINED  # the page alone ends it
    assert gateway.close_payment(page.session_ref) is EXPIRED
    status, result = gateway.read_payment(page.session_ref)
    assert (status, result.status, result.decline_code) == (EXPIRED, ChargeStatus.CANCELLED, "insufficient_funds")


def test_closing_a_paid_page_says_that_it_is_paid(sandbox, gateway, ask_page):
    page = gateway.open_payment(ask_page())
    sandbox.stand_in.complete_checkout(page.session_ref)
    assert gateway.close_payment(page.session_ref) is COMPLETE


def test_a_page_closes_by_itself_when_its_time_is_up(sandbox, gateway, ask_page):
    page = gateway.open_payment(ask_page(minutes=30))
    sandbox.forward(minutes=29, seconds=59)
    assert gateway.read_payment(page.session_ref)[0] is OPEN
    sandbox.forward(seconds=1)
    assert gateway.read_payment(page.session_ref)[0] is EXPIRED
    assert gateway.close_payment(page.session_ref) is EXPIRED


@pytest.mark.parametrize("fault", ["down", "429", "commit_then_drop"])
def test_no_answer_while_reading_or_closing_is_said(sandbox, gateway, ask_page, fault):
    page = gateway.open_payment(ask_page())
    sandbox.stand_in.set_mode(fault)
    for step in (gateway.read_payment, gateway.close_payment):
        with pytest.raises(GatewayDown):
            step(page.session_ref)
