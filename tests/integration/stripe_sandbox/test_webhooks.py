"""Webhooks: signed, at least once, tried again; duplicated, reordered, delayed and dropped on demand."""

import queue
import threading

import pytest
import stripe
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from crowdfund.sandbox.stripe import StandIn
from tests.support.stripe_sandbox import API_KEY, WEBHOOK_SECRET


def test_a_webhook_is_signed_over_its_body(sandbox, v1, customer):
    assert sandbox.flush() == ["customer.created"]
    body, headers = sandbox.inbox.received[0]
    assert stripe.Webhook.construct_event(body, headers["Stripe-Signature"], WEBHOOK_SECRET).data.object.id
    for wrong_body, secret in ((body + b" ", WEBHOOK_SECRET), (body, "whsec_other")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(wrong_body, headers["Stripe-Signature"], secret)


def test_events_come_in_the_order_they_happened_and_once(sandbox, saved_card, charge):
    charge(saved_card())
    types = sandbox.flush()
    assert types.index("checkout.session.completed") < types.index("payment_intent.created")
    assert sandbox.flush() == []


def test_a_refused_webhook_comes_again_later_and_later(sandbox, customer):
    sandbox.inbox.answers = [500, 0, 200]
    assert sandbox.stand_in.flush_webhooks() == 0
    sandbox.forward(seconds=9)
    assert sandbox.flush() == []
    sandbox.forward(seconds=1)
    assert sandbox.flush() == ["customer.created"]
    sandbox.forward(seconds=59)
    assert sandbox.flush() == []
    sandbox.forward(seconds=1)
    assert sandbox.stand_in.flush_webhooks() == 1
    sandbox.forward(days=1)
    assert sandbox.flush() == []


def test_after_three_days_it_gives_up(sandbox, customer):
    sandbox.inbox.answers = [500] * 100
    for _ in range(100):
        sandbox.stand_in.flush_webhooks()
        sandbox.forward(hours=12)
    assert len(sandbox.inbox.received) == 12


def test_duplicates(sandbox, v1):
    sandbox.stand_in.set_mode("duplicate", copies=2, times=1)
    v1.customers.create({})
    v1.customers.create({})
    sandbox.flush()
    ids = [event.id for event in sandbox.inbox.events]
    assert (len(ids), len(set(ids))) == (4, 2)


def test_reordering(sandbox, customer, v1):
    sandbox.stand_in.set_mode("reorder")
    v1.customers.delete(customer.id)
    assert sandbox.flush() == ["customer.deleted", "customer.created"]


def test_delay(sandbox, v1):
    sandbox.stand_in.set_mode("delay", seconds=30, types=["customer.created"])
    made = v1.customers.create({})
    v1.customers.update(made.id, {"name": "A"})
    assert sandbox.flush() == ["customer.updated"]
    sandbox.forward(seconds=30)
    assert sandbox.flush() == ["customer.created"]


def test_a_webhook_that_is_three_days_late_tells_what_was_true_when_it_was_made(sandbox, gateway, ask_charge):
    sandbox.stand_in.set_mode("delay", seconds=3 * 24 * 3600)
    declined = gateway.charge(ask_charge("4000000000000341"))
    gateway.cancel_charge(declined.intent_ref)
    sandbox.forward(days=2, hours=23)
    assert sandbox.flush() == []
    sandbox.forward(hours=1)
    late = sandbox.flush()
    assert late.index("payment_intent.payment_failed") < late.index("payment_intent.canceled")
    told = [event.data.object.status for event in sandbox.inbox.events if event.type.startswith("payment_intent.p")]
    assert told == ["requires_payment_method"]


def test_everything_that_happens_to_money_is_announced(sandbox, gateway, ask_charge):
    paid = gateway.charge(ask_charge(pence=5000))
    gateway.refund("refund-1", paid.charge_ref, 1000)
    dispute = sandbox.stand_in.open_dispute(paid.charge_ref)
    sandbox.stand_in.resolve_dispute(dispute["id"], won=True)
    sandbox.forward(days=3)
    sandbox.stand_in.pay_out()
    assert set(sandbox.flush()) >= {
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "refund.created", "charge.refunded",
        "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
        "charge.dispute.closed", "payout.created", "payout.paid",
    }  # fmt: skip


def test_drop_loses_the_webhook_but_not_the_event(sandbox, v1):
    sandbox.stand_in.set_mode("drop", times=1)
    v1.customers.create({})
    v1.customers.create({})
    assert sandbox.flush() == ["customer.created"]
    assert len(v1.events.list().data) == 2
    sandbox.forward(days=4)
    assert sandbox.flush() == []


def test_an_event_can_be_sent_again(sandbox, v1, customer):
    sandbox.flush()
    sandbox.stand_in.deliveries.resend(v1.events.list().data[0].id)
    assert sandbox.flush() == ["customer.created"]


def test_without_an_address_nothing_is_sent():
    stand_in = StandIn(None, None, WEBHOOK_SECRET, API_KEY)
    with stand_in.work() as ctx:
        ctx.emit("customer.created", {"id": "cus_x", "object": "customer"})
    assert stand_in.flush_webhooks() == 0
    stand_in.stop()


def test_webhooks_go_out_by_themselves_over_http():
    received: queue.Queue[Request] = queue.Queue()

    @Request.application
    def receiver(request):
        received.put((request.get_data(), request.headers["Stripe-Signature"]))
        return Response(status=200)

    server = make_server("127.0.0.1", 0, receiver)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
    thread.start()
    stand_in = StandIn(None, f"http://127.0.0.1:{server.server_port}/stripe/webhook", WEBHOOK_SECRET, API_KEY)
    try:
        url = stand_in.start(deliver=True)
        client = stripe.StripeClient(API_KEY, base_addresses={"api": url}, max_network_retries=0)
        made = client.v1.customers.create({})
        body, signature = received.get(timeout=5)
        assert stripe.Webhook.construct_event(body, signature, WEBHOOK_SECRET).data.object.id == made.id
    finally:
        stand_in.stop()
        server.shutdown()
        thread.join(5)
        server.server_close()
