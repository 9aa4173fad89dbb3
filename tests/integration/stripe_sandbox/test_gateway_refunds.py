"""Giving money back through the gateway: done, pending, failed, refused, without an answer, looked up."""

import pytest
import stripe

from crowdfund.core.errors import GatewayDown
from crowdfund.payments.gateway import RefundResult, RefundStatus
from crowdfund.payments.reconciling import THE_BEGINNING
from crowdfund.payments.stripe_reading import refund_result
from tests.integration.stripe_sandbox.test_gateway_charges import DID_THE_WORK, FAULTS


@pytest.fixture
def charge_of(gateway, ask_charge):
    """Charges a card and returns the reference of the charge."""

    def pay(number="4242424242424242"):
        return gateway.charge(ask_charge(number)).charge_ref

    return pay


def test_money_goes_back_to_the_card_in_parts(gateway, v1, charge_of):
    charge = charge_of()
    part = gateway.refund("refund-1", charge, 1000)
    assert part == RefundResult(RefundStatus.SUCCEEDED, "refund-1", part.refund_ref, 1000, None, charge, taken=True)
    assert gateway.read_refund(part.refund_ref) == gateway.find_refund("refund-1", charge) == part
    assert gateway.refund("refund-2", charge, 1500).amount_pence == 1500
    intent = v1.charges.retrieve(charge).payment_intent
    assert gateway.read_charge(intent).refunded_pence == 2500


def test_more_than_was_paid_is_never_given_back(gateway, v1, charge_of):
    charge = charge_of()
    over = gateway.refund("refund-1", charge, 2501)
    assert (over.status, over.reference, over.refund_ref) == (RefundStatus.FAILED, "refund-1", None)
    gateway.refund("refund-2", charge, 2500)
    again = gateway.refund("refund-3", charge, 1)
    assert (again.status, again.failure) == (RefundStatus.FAILED, "charge_already_refunded")
    assert [refund.amount for refund in v1.refunds.list().data] == [2500]


@pytest.mark.parametrize("fault", FAULTS)
def test_no_answer_is_no_knowledge_and_looking_up_decides(sandbox, gateway, v1, charge_of, fault):
    charge = charge_of()
    sandbox.stand_in.set_mode(fault, path="/v1/refunds", method="POST", times=1, **FAULTS[fault])
    with pytest.raises(GatewayDown):
        gateway.refund("refund-1", charge, 2500)
    expected = RefundStatus.SUCCEEDED if fault in DID_THE_WORK else RefundStatus.NOTHING
    assert gateway.find_refund("refund-1", charge).status is expected
    if fault not in {"500", "commit_then_500"}:
        assert gateway.refund("refund-1", charge, 2500).status is RefundStatus.SUCCEEDED
    assert len(v1.refunds.list().data) == (0 if fault == "500" else 1)


def test_the_same_reference_is_given_back_once_even_when_the_key_is_forgotten(sandbox, gateway, v1, charge_of):
    charge = charge_of()
    first = gateway.refund("refund-1", charge, 2500)
    assert gateway.refund("refund-1", charge, 2500) == first
    with pytest.raises(stripe.IdempotencyError):
        gateway.refund("refund-1", charge, 2400)
    sandbox.forward(hours=25)
    assert gateway.refund("refund-1", charge, 2500) == first
    assert len(v1.refunds.list().data) == 1


def test_a_refund_may_be_pending_and_is_read_again(sandbox, gateway, charge_of):
    pending = gateway.refund("refund-1", charge_of("4000000000007726"), 2500)
    assert pending.status is RefundStatus.PENDING
    assert "refund.updated" in sandbox.flush()
    assert gateway.read_refund(pending.refund_ref).status is RefundStatus.SUCCEEDED


def test_a_refund_may_fail_after_it_succeeded(sandbox, gateway, charge_of):
    before = gateway.balance_pence()
    charge = charge_of("4000000000005126")
    refund = gateway.refund("refund-1", charge, 2500)
    assert refund.status is RefundStatus.SUCCEEDED
    failed = gateway.read_refund(refund.refund_ref)
    assert (failed.status, failed.failure) == (RefundStatus.FAILED, "expired_or_canceled_card")
    assert gateway.find_refund("refund-1", charge) == failed
    assert gateway.balance_pence() - before == 2442
    assert "refund.failed" in sandbox.flush()


def test_a_refund_may_fail_at_once_and_move_nothing(sandbox, gateway, charge_of):
    charge = charge_of("4000000000005134")
    before = gateway.balance_pence()
    failed = gateway.refund("refund-1", charge, 2500)
    assert (failed.status, failed.failure, failed.taken) == (RefundStatus.FAILED, "lost_or_stolen_card", False)
    assert gateway.find_refund("refund-1", charge) == gateway.read_refund(failed.refund_ref) == failed
    assert gateway.balance_pence() == before
    assert [line.kind for line in gateway.list_movements(THE_BEGINNING)] == ["charge"]


@pytest.mark.parametrize(("back", "status"), [(None, RefundStatus.PENDING), ("txn_2", RefundStatus.FAILED)])
def test_a_refund_that_failed_is_over_once_its_money_is_back(back, status):
    said = {
        "id": "re_1",
        "metadata": {},
        "status": "failed",
        "failure_reason": "unknown",
        "amount": 5,
        "charge": "ch_1",
    }
    found = refund_result(said | {"balance_transaction": "txn_1", "failure_balance_transaction": back})
    assert (found.status, found.taken) == (status, True)


def test_a_disputed_charge_is_not_given_back_as_well(sandbox, gateway, charge_of):
    charge = charge_of("4000000000000259")
    refused = gateway.refund("refund-1", charge, 2500)
    assert (refused.status, refused.failure) == (RefundStatus.FAILED, "charge_disputed")
    assert gateway.balance_pence() == 2442 - 2500 - 2000


@pytest.mark.parametrize("method", ["find_refund", "read_refund"])
def test_no_answer_while_looking_up_is_said(sandbox, gateway, method):
    sandbox.stand_in.set_mode("down")
    with pytest.raises(GatewayDown):
        getattr(gateway, method)(*{"find_refund": ("refund-1", "ch_x"), "read_refund": ("re_x",)}[method])
