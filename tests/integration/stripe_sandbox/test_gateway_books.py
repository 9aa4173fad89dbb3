"""Disputes, movements and the balance through the gateway: what it holds is the sum of what moved."""

from datetime import timedelta

import pytest

from crowdfund.core.errors import GatewayDown
from crowdfund.payments.stripe_asking import charge
from crowdfund.sandbox.stripe.payments import create_payment


@pytest.fixture
def pay(gateway, ask_charge):
    """Charges one more card and returns the result."""
    made = []

    def again(number="4242424242424242", pence=2500):
        made.append(number)
        return gateway.charge(ask_charge(number, pence, f"attempt-{len(made)}"))

    return again


def only_dispute(gateway, v1):
    return gateway.read_dispute(v1.disputes.list().data[0].id)


def test_a_dispute_takes_amount_and_fee_at_once(sandbox, gateway, v1, pay):
    paid = pay("4000000000000259")
    dispute = only_dispute(gateway, v1)
    assert (dispute.charge_ref, dispute.status, dispute.reason) == (paid.charge_ref, "open", "fraudulent")
    assert (dispute.amount_pence, dispute.fee_pence) == (2500, 2000)
    assert (dispute.returned_pence, dispute.fee_returned_pence) == (0, 0)
    assert dispute.opened_at == sandbox.at
    assert dispute.evidence_due_at == sandbox.at + timedelta(days=14)
    assert {"charge.dispute.created", "charge.dispute.funds_withdrawn"} <= set(sandbox.flush())


@pytest.mark.parametrize(("won", "status", "returned"), [(True, "won", 2500), (False, "lost", 0)])
def test_a_dispute_ends_won_with_the_amount_or_lost(sandbox, gateway, v1, pay, won, status, returned):
    pay("4000000000002685")
    opened = only_dispute(gateway, v1)
    assert opened.reason == "product_not_received"
    sandbox.stand_in.resolve_dispute(opened.dispute_ref, won=won)
    ended = only_dispute(gateway, v1)
    assert (ended.status, ended.returned_pence, ended.fee_returned_pence) == (status, returned, 0)
    assert (ended.amount_pence, ended.fee_pence) == (2500, 2000)


def test_a_bank_that_only_asks_took_nothing(sandbox, gateway, v1, pay):
    pay("4000000000001976")
    asking = only_dispute(gateway, v1)
    assert (asking.status, asking.amount_pence, asking.fee_pence) == ("open", 0, 0)
    sandbox.stand_in.resolve_dispute(asking.dispute_ref, won=False)
    grown = only_dispute(gateway, v1)
    assert (grown.status, grown.amount_pence, grown.fee_pence) == ("open", 2500, 2000)
    sandbox.stand_in.resolve_dispute(asking.dispute_ref, won=True)
    assert only_dispute(gateway, v1).status == "won"


def test_a_bank_that_asked_may_be_content(sandbox, gateway, v1, pay):
    pay("4000000000001976")
    sandbox.stand_in.resolve_dispute(only_dispute(gateway, v1).dispute_ref, won=True)
    assert (only_dispute(gateway, v1).status, gateway.balance_pence()) == ("won", 2442)


def test_part_of_a_charge_that_was_given_back_cannot_be_disputed_too(sandbox, gateway, pay):
    paid = pay()
    gateway.refund("refund-1", paid.charge_ref, 1000)
    dispute = gateway.read_dispute(sandbox.stand_in.open_dispute(paid.charge_ref)["id"])
    assert dispute.amount_pence == 1500


def test_every_movement_is_listed_once_newest_first_and_sums_to_the_balance(sandbox, gateway, pay):
    start = sandbox.at
    assert (gateway.balance_pence(), list(gateway.list_movements(start))) == (0, [])
    paid = pay()
    sandbox.forward(hours=1)
    refund = gateway.refund("refund-1", paid.charge_ref, 1000)
    sandbox.forward(hours=1)
    sandbox.stand_in.fail_refund(refund.refund_ref)
    sandbox.forward(days=3)
    payout = sandbox.stand_in.pay_out()
    pay("4000000000000259", 1000)
    moved = list(gateway.list_movements(start))[::-1]
    assert [(line.kind, line.amount_pence, line.fee_pence) for line in moved] == [
        ("charge", 2500, 58), ("refund", -1000, 0), ("refund_failure", 1000, 0), ("payout", -2442, 0),
        ("charge", 1000, 35), ("adjustment", -1000, 2000),
    ]  # fmt: skip
    sources = [paid.charge_ref, refund.refund_ref, refund.refund_ref, payout["id"]]
    assert [line.source_ref for line in moved[:4]] == sources
    assert [line.at for line in moved[:3]] == [start, start + timedelta(hours=1), start + timedelta(hours=2)]
    assert sum(line.amount_pence - line.fee_pence for line in moved) == gateway.balance_pence()
    since = start + timedelta(hours=2)
    assert list(gateway.list_movements(since)) == moved[:1:-1]


def test_more_movements_than_fit_a_page_are_all_listed(sandbox, gateway, ask_charge, keep_card):
    card = keep_card()
    with sandbox.stand_in.work() as ctx:
        for number in range(105):
            create_payment(ctx, charge(ask_charge(pence=200 + number, reference=f"attempt-{number}", card=card)))
    moved = list(gateway.list_movements(sandbox.at))
    assert [line.amount_pence for line in moved] == [200 + number for number in range(104, -1, -1)]
    assert sum(line.amount_pence - line.fee_pence for line in moved) == gateway.balance_pence()
    found = gateway.find_charge("attempt-0", card.customer_ref, sandbox.at)  # on the second page
    assert found.amount_pence == 200


def test_a_payout_that_comes_back_is_on_the_balance_again(sandbox, gateway, pay):
    pay()
    assert sandbox.stand_in.pay_out() is None  # nothing is available yet
    sandbox.forward(days=3)
    payout = sandbox.stand_in.pay_out()
    assert gateway.balance_pence() == 0
    assert sandbox.stand_in.fail_payout(payout["id"])["status"] == "failed"
    assert gateway.balance_pence() == 2442
    assert [line.kind for line in gateway.list_movements(sandbox.at)] == ["payout_failure", "payout"]
    assert sandbox.flush()[-4:] == ["payout.created", "payout.paid", "payout.updated", "payout.failed"]


def test_no_answer_is_said(sandbox, gateway):
    sandbox.stand_in.set_mode("down")
    for ask in (
        gateway.balance_pence,
        lambda: list(gateway.list_movements(sandbox.at)),
        lambda: gateway.read_dispute("du_x"),
        lambda: gateway.read_charge("pi_x"),
        lambda: gateway.cancel_charge("pi_x"),
    ):
        with pytest.raises(GatewayDown):
            ask()
