"""Charging a saved card through the gateway: paid, declined, without an answer, looked up, cancelled."""

import threading
from datetime import timedelta

import pytest
import stripe

from crowdfund.core.errors import GatewayDown
from crowdfund.payments.gateway import ChargeStatus

FAULTS = {
    "hang": {"seconds": 0.01},
    "commit_then_drop": {},
    "commit_then_500": {},
    "500": {},
    "409": {},
    "429": {},
    "down": {},
}
DID_THE_WORK = {"commit_then_drop", "commit_then_500"}


def test_a_good_card_is_charged_and_all_is_known_at_once(sandbox, gateway, ask_charge):
    request = ask_charge(pence=2500)
    paid = gateway.charge(request)
    assert (paid.status, paid.reference) == (ChargeStatus.SUCCEEDED, "attempt-1")
    assert (paid.amount_pence, paid.currency, paid.fee_pence, paid.refunded_pence) == (2500, "gbp", 58, 0)
    assert (paid.decline_code, paid.may_retry, paid.live) == (None, False, False)
    assert paid.charge_ref.startswith("ch_")
    assert (paid.card.customer_ref, paid.card.payment_method_ref) == (request.customer_ref, request.payment_method_ref)
    assert (paid.card.brand, paid.card.last4) == ("visa", "4242")
    assert gateway.read_charge(paid.intent_ref) == paid
    assert gateway.find_charge("attempt-1", request.customer_ref, sandbox.at) == paid


@pytest.mark.parametrize(
    ("number", "code", "may_retry"),
    [
        ("4000000000000341", "generic_decline", True),
        ("4000002760003184", "authentication_required", False),
    ],
)
def test_a_decline_is_a_result(gateway, ask_charge, number, code, may_retry):
    declined = gateway.charge(ask_charge(number))
    assert (declined.status, declined.decline_code, declined.may_retry) == (ChargeStatus.DECLINED, code, may_retry)
    assert (declined.reference, declined.amount_pence, declined.currency) == ("attempt-1", 2500, "gbp")
    assert declined.fee_pence is None
    read = gateway.read_charge(declined.intent_ref)
    assert (read.status, read.decline_code, read.may_retry) == (ChargeStatus.DECLINED, code, may_retry)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_answer_is_no_knowledge_and_the_same_request_again_charges_once(sandbox, gateway, v1, ask_charge, fault):
    request = ask_charge()
    sandbox.stand_in.set_mode(fault, path="/v1/payment_intents", method="POST", times=1, **FAULTS[fault])
    with pytest.raises(GatewayDown):
        gateway.charge(request)
    found = gateway.find_charge("attempt-1", request.customer_ref, sandbox.at)
    expected = ChargeStatus.SUCCEEDED if fault in DID_THE_WORK else ChargeStatus.NOTHING
    assert found.status is expected
    if fault in {"500", "commit_then_500"}:  # kept with its key and given again
        with pytest.raises(GatewayDown):
            gateway.charge(request)
    else:
        assert gateway.charge(request).status is ChargeStatus.SUCCEEDED
    paid = [charge for charge in v1.charges.list().data if charge.paid]
    assert len(paid) == (0 if fault == "500" else 1)


def test_a_charge_is_found_only_under_its_own_reference_customer_and_time(sandbox, gateway, ask_charge):
    request = ask_charge()
    gateway.charge(request)
    nothing = ChargeStatus.NOTHING
    assert gateway.find_charge("attempt-2", request.customer_ref, sandbox.at).status is nothing
    assert gateway.find_charge("attempt-1", request.customer_ref, sandbox.at + timedelta(hours=1)).status is nothing
    sandbox.stand_in.set_mode("down")
    with pytest.raises(GatewayDown):
        gateway.find_charge("attempt-1", request.customer_ref, sandbox.at)


def test_the_same_reference_with_another_amount_is_a_defect_and_charges_nothing(gateway, v1, ask_charge, keep_card):
    card = keep_card()
    gateway.charge(ask_charge(pence=2500, card=card))
    with pytest.raises(stripe.IdempotencyError):
        gateway.charge(ask_charge(pence=2600, card=card))
    assert [charge.amount for charge in v1.charges.list().data] == [2500]


def test_a_day_later_the_key_is_forgotten_so_only_looking_up_is_safe(sandbox, gateway, v1, ask_charge):
    request = ask_charge()
    begun = sandbox.at
    first = gateway.charge(request)
    sandbox.forward(hours=23)
    assert gateway.charge(request) == first
    sandbox.forward(hours=1)
    assert gateway.find_charge("attempt-1", request.customer_ref, begun) == first
    assert gateway.charge(request).intent_ref != first.intent_ref
    assert len(v1.charges.list().data) == 2


def test_a_paid_charge_is_found_before_a_declined_one_of_the_same_reference(sandbox, gateway, ask_charge):
    request = ask_charge()
    begun = sandbox.at
    paid = gateway.charge(request)
    sandbox.forward(days=2)
    sandbox.stand_in.set_mode("refuse", times=1, method="POST")
    assert gateway.charge(request).status is ChargeStatus.DECLINED
    assert gateway.find_charge("attempt-1", request.customer_ref, begun) == paid


def test_a_card_that_is_gone_ends_the_charge_before_it_began(gateway, v1, ask_charge, keep_card):
    card = keep_card()
    gateway.forget_card(card.payment_method_ref)
    gone = gateway.charge(ask_charge(card=card))
    assert (gone.status, gone.intent_ref, gone.decline_code) == (ChargeStatus.CANCELLED, None, "card_gone")
    other = keep_card(reference="checkout-2")
    v1.customers.delete(other.customer_ref)
    gone = gateway.charge(ask_charge(reference="attempt-2", card=other))
    assert (gone.status, gone.decline_code) == (ChargeStatus.CANCELLED, "resource_missing")


def test_a_defect_in_what_we_ask_is_not_taken_for_a_decline(gateway, ask_charge):
    with pytest.raises(stripe.InvalidRequestError, match="at least"):
        gateway.charge(ask_charge(pence=29))


def test_a_declined_charge_is_cancelled_once_and_for_all(gateway, v1, ask_charge):
    declined = gateway.charge(ask_charge("4000000000000341"))
    for _ in range(2):
        cancelled = gateway.cancel_charge(declined.intent_ref)
        assert (cancelled.status, cancelled.reference) == (ChargeStatus.CANCELLED, "attempt-1")
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_intents.confirm(declined.intent_ref, {"payment_method": "pm_card_visa"})


def test_cancelling_a_paid_charge_says_that_it_is_paid(gateway, ask_charge):
    paid = gateway.charge(ask_charge())
    assert gateway.cancel_charge(paid.intent_ref) == paid
    with pytest.raises(stripe.InvalidRequestError):
        gateway.cancel_charge("pi_none")


def test_workers_at_once_charge_once(gateway, v1, ask_charge):
    request, barrier, ended = ask_charge(), threading.Barrier(6), []

    def work():
        barrier.wait(10)
        try:
            ended.append(gateway.charge(request).intent_ref)
        except GatewayDown:  # somebody else's request with this key was still under way
            ended.append(None)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(ended) == 6
    assert set(ended) - {None} == {gateway.charge(request).intent_ref}
    assert len(v1.charges.list().data) == 1
