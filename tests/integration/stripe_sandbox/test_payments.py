"""Customers, cards, payments: their lives, lists and refusals."""

import pytest
import stripe


def test_a_customer_can_be_changed_and_deleted(sandbox, v1, customer, saved_card):
    card = saved_card()
    changed = v1.customers.update(customer.id, {"name": "Changed", "metadata": {"a": "1", "b": "2"}})
    changed = v1.customers.update(customer.id, {"metadata": {"a": ""}, "phone": ""})
    assert (changed.name, changed.metadata.to_dict(), changed.phone) == ("Changed", {"b": "2"}, None)
    assert v1.customers.delete(customer.id).deleted
    assert v1.customers.retrieve(customer.id).deleted
    assert v1.payment_methods.retrieve(card.id).customer is None
    assert v1.customers.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        v1.customers.update(customer.id, {"name": "x"})
    assert sandbox.flush()[-2:] == ["payment_method.detached", "customer.deleted"]


def test_a_detached_card_is_gone_for_good(v1, customer, saved_card, charge):
    card = saved_card()
    assert v1.payment_methods.detach(card.id).customer is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        v1.payment_methods.attach(card.id, {"customer": customer.id})
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        charge(card)
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        v1.payment_methods.detach(card.id)


def test_a_card_of_someone_else_cannot_be_charged(v1, saved_card, charge):
    other = v1.customers.create({})
    with pytest.raises(stripe.InvalidRequestError, match="different Customer"):
        charge(saved_card(), customer=other.id)


def test_a_payment_is_confirmed_once_and_cancelled_only_before(v1, saved_card, charge):
    paid = charge(saved_card())
    for step in (v1.payment_intents.confirm, v1.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            step(paid.id)
        assert refused.value.code == "payment_intent_unexpected_state"
    assert len(v1.charges.list({"payment_intent": paid.id}).data) == 1


def test_a_failed_payment_can_be_cancelled_and_then_never_confirmed(v1, saved_card, charge):
    with pytest.raises(stripe.CardError) as refused:
        charge(saved_card("4000000000000341"))
    id_ = refused.value.error.payment_intent.id
    cancelled = v1.payment_intents.cancel(id_, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.payment_intents.confirm(id_, {"payment_method": "pm_card_visa"})
    assert refused.value.code == "payment_intent_unexpected_state"


def test_a_setup_can_be_made_confirmed_and_cancelled_over_the_api(sandbox, v1, customer):
    asked = {"customer": customer.id, "payment_method_types": ["card"]}
    waiting = v1.setup_intents.create(asked)
    assert waiting.status == "requires_payment_method"
    done = v1.setup_intents.confirm(waiting.id, {"payment_method": "pm_card_visa"})
    assert (done.status, v1.payment_methods.retrieve(done.payment_method).customer) == ("succeeded", customer.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.setup_intents.cancel(done.id)
    assert refused.value.code == "setup_intent_unexpected_state"
    other = v1.setup_intents.cancel(v1.setup_intents.create(asked).id, {"cancellation_reason": "abandoned"})
    assert other.status == "canceled"
    asked |= {"confirm": True, "payment_method": "pm_card_chargeDeclined"}
    with pytest.raises(stripe.CardError) as declined:
        v1.setup_intents.create(asked)
    assert declined.value.error.setup_intent.status == "requires_payment_method"
    asked |= {"payment_method": "pm_card_authenticationRequired", "return_url": "http://site.test/saved"}
    challenged = v1.setup_intents.create(asked)
    assert challenged.status == "requires_action"
    assert sandbox.stand_in.answer_challenge(challenged.id).redirect.startswith("http://site.test/saved?setup_intent=")
    assert v1.setup_intents.retrieve(challenged.id).status == "succeeded"


def test_default_capture_books_the_money_just_after_the_answer(sandbox, v1, saved_card, charge):
    expand = {"expand": ["latest_charge.balance_transaction"]}
    first = charge(saved_card(), **expand)
    assert first.latest_charge.balance_transaction is None
    assert v1.payment_intents.retrieve(first.id, expand).latest_charge.balance_transaction.net == 2442
    assert sandbox.flush()[-1] == "charge.updated"
    booked = charge(saved_card(), capture_method="automatic", **expand)
    assert booked.latest_charge.balance_transaction.fee == 58


@pytest.mark.parametrize(("amount", "fee"), [(200, 23), (2500, 58), (1033, 35), (1034, 36), (100_000, 1520)])
def test_the_fee_is_one_and_a_half_percent_and_twenty_pence(v1, saved_card, charge, amount, fee):
    charge(saved_card(), amount)
    booked = v1.balance_transactions.list({"type": "charge"}).data[0]
    assert (booked.amount, booked.fee, booked.net) == (amount, fee, amount - fee)


def test_lists_are_paged_newest_first_and_filtered(sandbox, v1, saved_card, charge, customer):
    card = saved_card()
    ids = []
    for pounds in range(1, 6):
        ids.insert(0, charge(card, pounds * 100).id)
        sandbox.forward(hours=1)
    page = v1.payment_intents.list({"customer": customer.id, "limit": 2})
    assert ([item.id for item in page.data], page.has_more) == (ids[:2], True)
    assert [item.id for item in page.auto_paging_iter()] == ids
    before = v1.payment_intents.list({"ending_before": ids[4], "limit": 2})
    assert [item.id for item in before.data] == ids[2:4]
    since = int(sandbox.at.timestamp()) - 2 * 3600
    assert [item.id for item in v1.payment_intents.list({"created": {"gte": since}}).data] == ids[:2]
    assert v1.payment_intents.list({"customer": "cus_other"}).data == []
    one = v1.charges.list({"payment_intent": ids[0], "expand": ["data.payment_intent"]}).data[0]
    assert one.payment_intent.id == ids[0]
    assert [b.amount for b in v1.balance_transactions.list({"source": one.id}).data] == [500]
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_intents.list({"limit": 101})
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        v1.payment_intents.list({"starting_after": "pi_none"})


def test_events_tell_what_happened_and_can_be_read_again(sandbox, v1, customer):
    event = v1.events.list({"type": "customer.created"}).data[0]
    assert (event.data.object.id, event.pending_webhooks, event.livemode) == (customer.id, 1, False)
    assert event["request"].id.startswith("req_")
    sandbox.flush()
    assert v1.events.retrieve(event.id).pending_webhooks == 0
