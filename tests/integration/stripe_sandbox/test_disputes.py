"""Disputes over the API: evidence handed in, accepted as lost, an inquiry; and cards that the bank refuses at first."""

import pytest
import stripe


@pytest.fixture
def dispute(v1, saved_card, charge):
    """Charges a card whose holder disputes it, and returns the dispute."""

    def make(number="4000000000000259"):
        return v1.disputes.list({"charge": charge(saved_card(number)).latest_charge}).data[0]

    return make


@pytest.mark.parametrize(
    ("words", "status"),
    [("winning_evidence", "won"), ("losing_evidence", "lost"), ("They came to the opening.", "under_review")],
)
def test_evidence_decides_as_it_does_in_test_mode(sandbox, v1, dispute, words, status):
    opened = dispute()
    handed_in = v1.disputes.update(opened.id, {"evidence": {"uncategorized_text": words}})
    assert (handed_in.status, handed_in.evidence.uncategorized_text) == ("under_review", words)
    read = v1.disputes.retrieve(opened.id)
    assert (read.status, read.evidence_details.submission_count) == (status, 1)
    assert "charge.dispute.updated" in sandbox.flush()


def test_evidence_can_be_kept_before_it_is_handed_in(v1, dispute):
    opened = dispute()
    evidence = {"customer_name": "Rosa Hart", "product_description": "A bench"}
    kept = v1.disputes.update(opened.id, {"evidence": evidence, "submit": False, "metadata": {"case": "7"}})
    assert (kept.status, kept.evidence_details.has_evidence) == ("needs_response", True)
    assert (kept.evidence_details.submission_count, kept.metadata["case"]) == (0, "7")


def test_a_dispute_that_is_accepted_is_lost_and_over(v1, dispute):
    opened = dispute()
    assert v1.disputes.close(opened.id).status == "lost"
    for step in (v1.disputes.close, v1.disputes.update):
        with pytest.raises(stripe.InvalidRequestError, match="already lost"):
            step(opened.id)


def test_an_inquiry_leaves_the_money_and_the_refund_alone(v1, dispute):
    asking = dispute("4000000000001976")
    assert (asking.status, asking.is_charge_refundable) == ("warning_needs_response", True)
    assert asking.balance_transactions == []
    handed_in = v1.disputes.update(asking.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert handed_in.status == "warning_under_review"
    assert v1.disputes.retrieve(asking.id).status == "warning_closed"
    assert v1.refunds.create({"charge": asking.charge}).status == "succeeded"


def test_each_saved_card_may_be_refused_once_and_then_work(sandbox, v1, customer, saved_card, charge):
    sandbox.stand_in.set_mode("insufficient_then_good")
    for method in (saved_card(), saved_card("5555555555554444")):
        with pytest.raises(stripe.CardError) as refused:
            charge(method)
        assert refused.value.error.decline_code == "insufficient_funds"
        assert charge(method).status == "succeeded"
    sandbox.stand_in.set_mode("insufficient_then_good", decline_code="do_not_honor")
    with pytest.raises(stripe.CardError) as refused:
        charge(saved_card())
    assert refused.value.error.decline_code == "do_not_honor"


def test_a_saved_card_without_money_is_refused_however_it_was_confirmed(v1, saved_card, charge):
    with pytest.raises(stripe.CardError) as refused:
        charge(saved_card("4000008260003178"))
    assert refused.value.error.decline_code == "insufficient_funds"


def test_a_card_used_once_on_a_page_is_not_kept(sandbox, v1, customer, open_session):
    session = open_session("payment")
    sandbox.stand_in.complete_checkout(session.id)
    done = v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        v1.payment_methods.attach(done.payment_intent.payment_method, {"customer": customer.id})


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "pickup_card"])
def test_a_refusal_for_good_says_so(sandbox, gateway, ask_charge, code):
    request = ask_charge()
    sandbox.stand_in.set_mode("refuse", decline_code=code)
    declined = gateway.charge(request)
    assert (declined.decline_code, declined.may_retry) == (code, False)
