"""State in a file: what a restart keeps."""

from tests.support.stripe_sandbox import stripe_sandbox

KEY = {"idempotency_key": "customer:1"}


def test_a_restart_keeps_everything(tmp_path):
    path = tmp_path / "stand-in.sqlite3"
    with stripe_sandbox(path) as before:
        made = before.v1.customers.create({"email": "a@example.org"}, KEY)
        asked = {"mode": "setup", "customer": made.id, "success_url": "http://site.test/", "currency": "gbp"}
        session = before.v1.checkout.sessions.create(asked)
        before.stand_in.set_mode("duplicate", copies=1)
    with stripe_sandbox(path) as after:
        assert after.v1.customers.create({"email": "a@example.org"}, KEY).id == made.id
        assert after.stand_in.modes.on() == {"duplicate": {"copies": 1}}
        assert after.flush() == ["customer.created", "setup_intent.created"]
        after.stand_in.complete_checkout(session.id)
        assert after.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_a_process_that_died_in_the_middle_leaves_neither_keys_nor_webhooks_stuck(tmp_path):
    path = tmp_path / "stand-in.sqlite3"
    with stripe_sandbox(path) as before:
        before.v1.customers.create({})
        store = before.stand_in.store
        store.sql("UPDATE delivery SET state = 'sending'")
        store.sql("INSERT INTO replay (key, created, fingerprint, request) VALUES ('customer:1', 1e12, 'x', 'req_x')")
    with stripe_sandbox(path) as after:
        assert after.v1.customers.create({}, KEY).id
        assert after.flush() == ["customer.created", "customer.created"]
