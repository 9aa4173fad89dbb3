"""Refunds, disputes and the balance."""

import pytest
import stripe


@pytest.fixture
def paid(saved_card, charge):
    def pay(number="4242424242424242", amount=2500):
        return charge(saved_card(number), amount)

    return pay


def test_money_goes_back_in_parts_but_never_more_than_was_paid(sandbox, v1, paid):
    intent = paid()
    part = v1.refunds.create({"payment_intent": intent.id, "amount": 1000, "reason": "requested_by_customer"})
    assert (part.status, part.amount, part.charge) == ("succeeded", 1000, intent.latest_charge)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount") as refused:
        v1.refunds.create({"charge": intent.latest_charge, "amount": 1501})
    assert refused.value.param == "amount"
    assert v1.refunds.create({"charge": intent.latest_charge}).amount == 1500
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.refunds.create({"charge": intent.latest_charge})
    assert refused.value.code == "charge_already_refunded"
    whole = v1.charges.retrieve(intent.latest_charge)
    assert (whole.refunded, whole.amount_refunded) == (True, 2500)
    assert [r.amount for r in v1.refunds.list({"payment_intent": intent.id}).data] == [1500, 1000]
    assert sandbox.flush()[-4:] == ["charge.refunded", "refund.created"] * 2


def test_the_fee_is_not_returned(sandbox, v1, paid):
    v1.refunds.create({"payment_intent": paid().id})
    held = v1.balance.retrieve()
    assert held.pending[0].amount + held.available[0].amount == -58


def test_a_payment_becomes_available_after_three_days(sandbox, v1, paid):
    paid()
    assert (v1.balance.retrieve().available[0].amount, v1.balance.retrieve().pending[0].amount) == (0, 2442)
    assert v1.balance_transactions.list().data[0].status == "pending"
    sandbox.forward(days=3)
    assert (v1.balance.retrieve().available[0].amount, v1.balance.retrieve().pending[0].amount) == (2442, 0)
    booked = v1.balance_transactions.list().data[0]
    assert v1.balance_transactions.retrieve(booked.id).status == "available"


def test_a_refund_may_be_pending_first(sandbox, v1, paid):
    refund = v1.refunds.create({"payment_intent": paid("4000000000007726").id})
    assert refund.status == "pending"
    assert v1.refunds.retrieve(refund.id).status == "succeeded"
    assert "refund.updated" in sandbox.flush()


def test_a_refund_may_fail_later_and_the_money_is_back(sandbox, v1, paid):
    intent = paid("4000000000005126")
    refund = v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    failed = v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert [b.net for b in v1.balance_transactions.list().data] == [2500, -2500, 2442]
    assert v1.charges.retrieve(intent.latest_charge).amount_refunded == 0
    assert "refund.failed" in sandbox.flush()


def test_a_bank_can_send_any_refund_back(sandbox, v1, paid):
    refund = v1.refunds.create({"payment_intent": paid().id})
    sandbox.stand_in.fail_refund(refund.id)
    assert v1.refunds.retrieve(refund.id).status == "failed"


@pytest.mark.parametrize(
    ("asked", "words"), [({}, "payment_intent or charge"), ({"charge": "ch_none"}, "No such charge"),
                         ({"charge": "ch_none", "amount": 0}, "greater than")],
)  # fmt: skip
def test_refunds_of_nothing_are_refused(v1, asked, words):
    with pytest.raises(stripe.InvalidRequestError, match=words):
        v1.refunds.create(asked)


def test_a_failed_charge_cannot_be_refunded(v1, saved_card, charge):
    with pytest.raises(stripe.CardError) as refused:
        charge(saved_card("4000000000000341"))
    for asked in ({"charge": refused.value.error.charge}, {"payment_intent": refused.value.error.payment_intent.id}):
        with pytest.raises(stripe.InvalidRequestError):
            v1.refunds.create(asked)


def test_a_disputed_card_takes_amount_and_fee(sandbox, v1, paid):
    intent = paid("4000000000000259")
    dispute = v1.disputes.list({"charge": intent.latest_charge}).data[0]
    assert (dispute.amount, dispute.status, dispute.reason) == (2500, "needs_response", "fraudulent")
    assert [b.net for b in v1.balance_transactions.list().data] == [-4500, 2442]
    assert v1.charges.retrieve(intent.latest_charge).disputed
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"
    assert "charge.dispute.created" in sandbox.flush()


@pytest.mark.parametrize(("won", "nets"), [(True, [2500, -4500, 2442]), (False, [-4500, 2442])])
def test_a_dispute_is_won_or_lost_once(sandbox, v1, paid, won, nets):
    dispute = sandbox.stand_in.open_dispute(paid().latest_charge)
    sandbox.stand_in.resolve_dispute(dispute["id"], won=won)
    assert v1.disputes.retrieve(dispute["id"]).status == ("won" if won else "lost")
    assert [b.net for b in v1.balance_transactions.list().data] == nets
    assert sandbox.flush()[-1] == "charge.dispute.closed"
    from crowdfund.sandbox.stripe import ApiError

    with pytest.raises(ApiError):
        sandbox.stand_in.resolve_dispute(dispute["id"], won=won)
