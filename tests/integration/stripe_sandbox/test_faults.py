"""Faults of the API: hang, drop, 409, 429, 500, slow, refuse; with and without the work done."""

import pytest
import requests
import stripe

KEY = {"idempotency_key": "charge:1"}


def test_commit_then_drop_did_the_work_and_the_key_finds_it(sandbox, v1):
    sandbox.stand_in.set_mode("commit_then_drop", times=1)
    with pytest.raises(stripe.APIConnectionError):
        v1.customers.create({"email": "a@example.org"}, KEY)
    assert len(v1.customers.list().data) == 1
    found = v1.customers.create({"email": "a@example.org"}, KEY)
    assert found.id == v1.customers.list().data[0].id
    assert len(v1.customers.list().data) == 1


def test_the_librarys_own_retry_survives_a_drop(sandbox, monkeypatch):
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.01)
    sandbox.stand_in.set_mode("commit_then_drop", times=1, method="POST")
    client = sandbox.make_client(retries=1)
    made = client.v1.customers.create({})
    assert [c.id for c in client.v1.customers.list().data] == [made.id]


def test_commit_then_500_did_the_work_and_replays_the_500(sandbox, v1):
    sandbox.stand_in.set_mode("commit_then_500", times=1)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            v1.customers.create({}, KEY)
        assert failed.value.http_status == 500
    assert len(v1.customers.list().data) == 1


def test_500_did_nothing_and_is_replayed_too(sandbox, v1):
    sandbox.stand_in.set_mode("500", times=1)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            v1.customers.create({}, KEY)
    assert v1.customers.list().data == []


@pytest.mark.parametrize(
    ("mode", "error", "status"),
    [("409", stripe.APIError, 409), ("429", stripe.RateLimitError, 429), ("down", stripe.APIError, 503)],
)
def test_refusals_at_the_door_use_no_key_up(sandbox, v1, mode, error, status):
    sandbox.stand_in.set_mode(mode, times=1)
    with pytest.raises(error) as refused:
        v1.customers.create({}, KEY)
    assert refused.value.http_status == status
    assert v1.customers.create({}, KEY).id


def test_hang_does_nothing_and_outlasts_the_caller(sandbox, v1):
    sandbox.stand_in.set_mode("hang", times=1, seconds=30)
    with pytest.raises(stripe.APIConnectionError):
        sandbox.make_client(timeout=0.2).v1.customers.create({}, KEY)
    assert v1.customers.list().data == []


def test_slow_waits_and_then_works(sandbox, v1):
    waited = []
    sandbox.stand_in.pause = waited.append
    sandbox.stand_in.set_mode("slow", seconds=1.5)
    assert v1.customers.create({}).id
    assert waited == [1.5]


def test_refuse_declines_every_charge(sandbox, v1, saved_card, charge):
    card = saved_card()
    sandbox.stand_in.set_mode("refuse", decline_code="insufficient_funds", times=1, path="/v1/payment_intents")
    with pytest.raises(stripe.CardError) as refused:
        charge(card)
    assert refused.value.error.decline_code == "insufficient_funds"
    assert charge(card).status == "succeeded"


def test_a_fault_can_be_narrowed_and_cleared(sandbox, v1):
    sandbox.stand_in.set_mode("500", path="/v1/refunds", method="POST")
    assert v1.customers.create({}).id
    assert v1.refunds.list().data == []
    with pytest.raises(stripe.APIError):
        v1.refunds.create({"charge": "ch_x"})
    sandbox.stand_in.clear_modes("500")
    with pytest.raises(stripe.InvalidRequestError):
        v1.refunds.create({"charge": "ch_x"})


@pytest.mark.parametrize(("name", "params"), [("explode", {}), ("slow", {"secs": 1}), ("slow", {"seconds": "1"})])
def test_a_fault_that_does_not_exist_is_refused(sandbox, name, params):
    with pytest.raises(ValueError, match="mode"):
        sandbox.stand_in.set_mode(name, **params)


def test_faults_and_payers_are_driven_over_http_too(sandbox, v1, open_session, saved_card, charge):
    base = f"{sandbox.url}/_sandbox"

    def post(path, **asked):
        return requests.post(f"{base}{path}", json=asked, timeout=5)

    assert post("/modes", name="drop", times=2).json() == {"on": {"drop": {"times": 2}}}
    assert requests.delete(f"{base}/modes?name=drop", timeout=5).json() == {"on": {}}
    assert post("/modes", name="explode").status_code == 400
    session = open_session()
    assert "declined" in post(f"/checkout/{session.id}", card="4000000000000002").json()["errors"]["number"]
    assert post(f"/checkout/{session.id}", card="4000002500003155").json()["redirect"].startswith("http://site.test/")
    assert post(f"/checkout/{session.id}").status_code == 400
    assert post(f"/checkout/{session.id}", crad="4").status_code == 400
    paid = charge(saved_card())
    dispute = post("/disputes", charge=paid.latest_charge).json()
    assert post(f"/disputes/{dispute['id']}", won=False).json()["status"] == "lost"
    refund = v1.refunds.create({"payment_intent": charge(saved_card()).id})
    assert post(f"/refunds/{refund.id}/fail").json() == {"failed": refund.id}
    assert post("/payouts").json() == {}
    sandbox.forward(days=3)
    payout = post("/payouts").json()
    assert post(f"/payouts/{payout['id']}/fail").json()["status"] == "failed"
    assert post(f"/payouts/{payout['id']}/fail").status_code == 400
    waiting = charge(saved_card("4000002760003184"), off_session=False, return_url="http://site.test/x")
    assert "redirect_status=failed" in post(f"/challenge/{waiting.id}", passed=False).json()["redirect"]
    assert post("/webhooks").json()["delivered"] > 10
    assert post(f"/events/{v1.events.list().data[0].id}/resend").status_code == 200
    assert post("/webhooks").json() == {"delivered": 1}
