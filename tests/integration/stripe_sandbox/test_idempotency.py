"""Idempotency keys: replay, mismatch, concurrency, forgetting."""

import threading

import pytest
import stripe

KEY = {"idempotency_key": "charge:1"}


def test_the_first_result_is_replayed(v1):
    first = v1.customers.create({"email": "a@example.org"}, KEY)
    again = v1.customers.create({"email": "a@example.org"}, KEY)
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.request_id
    assert len(v1.customers.list().data) == 1


def test_other_parameters_with_the_same_key_are_refused(v1, customer):
    v1.customers.create({"email": "a@example.org"}, KEY)
    with pytest.raises(stripe.IdempotencyError) as refused:
        v1.customers.create({"email": "b@example.org"}, KEY)
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        v1.customers.update(customer.id, {"email": "a@example.org"}, KEY)


def test_a_decline_is_replayed_without_a_second_attempt(sandbox, v1, saved_card, charge):
    card = saved_card("4000000000000341")
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            charge(card, options=KEY)
    assert len(v1.charges.list().data) == 1


def test_a_refusal_of_parameters_uses_no_key_up(v1):
    with pytest.raises(stripe.InvalidRequestError):
        v1.customers.create({"nmae": "A"}, KEY)
    assert v1.customers.create({"name": "A"}, KEY).name == "A"


def test_a_refusal_of_the_work_is_replayed(v1):
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="pm_none") as refused:
            v1.payment_methods.attach("pm_none", {"customer": "cus_none"}, KEY)
    assert refused.value.headers["Idempotent-Replayed"] == "true"


def test_keys_are_forgotten_after_a_day(sandbox, v1):
    first = v1.customers.create({}, KEY)
    sandbox.forward(hours=23, minutes=59)
    assert v1.customers.create({}, KEY).id == first.id
    sandbox.forward(minutes=1)
    assert v1.customers.create({}, KEY).id != first.id


def test_a_key_in_use_is_refused_with_409_and_works_when_free(sandbox, v1):
    entered, go = threading.Event(), threading.Event()

    def wait(seconds):
        entered.set()
        assert go.wait(10)

    sandbox.stand_in.pause = wait
    sandbox.stand_in.set_mode("slow", times=1)
    made = []
    first = threading.Thread(target=lambda: made.append(v1.customers.create({}, KEY)))
    first.start()
    assert entered.wait(10)
    with pytest.raises(stripe.APIError) as refused:
        sandbox.make_client().v1.customers.create({}, KEY)
    assert refused.value.http_status == 409
    go.set()
    first.join(10)
    assert v1.customers.create({}, KEY).id == made[0].id


def test_parallel_requests_with_one_key_make_one_customer(sandbox, v1):
    barrier, ids = threading.Barrier(8), []

    def create():
        client = sandbox.make_client(retries=5)
        barrier.wait(10)
        ids.append(client.v1.customers.create({}, KEY).id)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(ids) == 8
    assert len(set(ids)) == 1
