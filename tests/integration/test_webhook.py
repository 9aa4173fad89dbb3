"""Webhooks wake us up and decide nothing: forged, stale, repeated, overtaking, lost, or meant for somebody else."""

import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job
from crowdfund.payments.models import StripeEvent
from crowdfund.payments.rules import HANDLE_EVENT, CheckoutState, EventState
from crowdfund.pledges.rules import PledgeState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.sandbox.stripe.webhooks import sign
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.factories import make_project
from tests.support.payments import Desk, request_for
from tests.support.signed import event_body, signature
from tests.support.stand_in import WEBHOOK_SECRET, Post
from tests.support.threads import together
from tests.support.totals import totals


@pytest.fixture
def desk(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Desk:
    return Desk(app, stripe, make_project(clock.now()))


def send(client: Any, body: str, *, header: str | None = None, **signing: Any) -> TestResponse:
    headers = signature(body, **signing) if header is None else {"Stripe-Signature": header}
    return client.post("/stripe/webhook", data=body, headers=headers)


def count(model: type) -> int:
    db.session.expire_all()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def count_looks() -> int:
    looks = select(func.count()).select_from(Job).where(Job.kind == HANDLE_EVENT)
    return db.session.scalar(looks) or 0


FORGED = {
    "no signature": {"header": ""},
    "nonsense": {"header": "nonsense"},
    "another secret": {"secret": "whsec_other"},
    "ten minutes old": {"age": 600},
    "just over five minutes old": {"age": 301},
    "no time": {"header": "v1=00"},
    "an odd time": {"header": "t=abc,v1=00"},
    "a huge time": {"header": f"t={10**30},v1=00"},
    "letters beyond ascii": {"header": f"t={int(time.time())},v1=é"},
    "only an old scheme": {"header": f"t={int(time.time())},v0=00"},
}


@pytest.mark.parametrize("what", FORGED)
def test_what_stripe_did_not_sign_just_now_is_refused_and_not_kept(client: HouseClient, desk: Desk, what: str) -> None:
    assert send(client, event_body(), **FORGED[what]).status_code == 400
    assert (count(StripeEvent), count_looks()) == (0, 0)


def test_a_body_changed_after_signing_is_refused(client: HouseClient, desk: Desk) -> None:
    body = event_body()
    header = sign(body, WEBHOOK_SECRET, int(time.time()))
    assert send(client, body.replace("cs_1", "cs_2"), header=header).status_code == 400
    assert send(client, body + " ", header=header).status_code == 400
    assert count(StripeEvent) == 0


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", "{", '{"id": "evt_1"}', '"x"'])
def test_a_signed_body_that_is_no_event_is_refused(client: HouseClient, desk: Desk, body: str) -> None:
    assert send(client, body).status_code == 400
    assert count(StripeEvent) == 0


def test_either_secret_will_do_while_one_is_rotated(app: Flask, client: HouseClient, desk: Desk) -> None:
    gateway = desk.checkouts.gateway
    gateway._secrets, before = ("whsec_new", WEBHOOK_SECRET), gateway._secrets
    try:
        assert [send(client, event_body(), secret=s).status_code for s in ("whsec_new", WEBHOOK_SECRET, "x")] == [
            200,
            200,
            400,
        ]
    finally:
        gateway._secrets = before


def test_an_event_about_a_thing_without_an_id_is_taken(client: HouseClient, desk: Desk) -> None:
    body = event_body(type="balance.available", data={"object": {"object": "balance", "livemode": False}})
    assert send(client, body).status_code == 200
    assert worker_of(desk.app).drain() == 1
    assert db.session.scalars(select(StripeEvent)).one().state is EventState.DONE


def test_one_of_the_wrong_mode_is_set_aside(client: HouseClient, desk: Desk) -> None:
    assert send(client, event_body(livemode=True)).status_code == 200
    assert db.session.scalars(select(StripeEvent)).one().state is EventState.QUARANTINED
    assert count_looks() == 0


def test_five_deliveries_at_once_have_one_effect(app: Flask, db_session: Session, desk: Desk, post: Post) -> None:
    pledge = desk.start()
    desk.open(pledge)
    body = event_body(desk.checkout(pledge).session_ref or "")
    desk.save(pledge)
    results = together(app, [lambda: send(app.test_client(), body).status_code] * 5)
    assert results == [200] * 5
    assert count(StripeEvent) == 1
    assert db_session.scalar(select(func.count()).select_from(Job).where(Job.kind == HANDLE_EVENT)) == 1
    desk.work()
    assert send(app.test_client(), body).status_code == 200
    desk.work()
    assert totals(db_session, desk.project.id) == (2500, 2500, 1, 1)


def test_the_provider_s_own_webhooks_make_the_pledge_count(db_session: Session, desk: Desk) -> None:
    pledge = desk.start()
    desk.open(pledge)
    desk.stripe.set_mode("duplicate", copies=3)
    desk.stripe.set_mode("reorder")
    desk.save(pledge)
    assert desk.stripe.flush_webhooks() > 0
    desk.work()
    assert totals(db_session, desk.project.id) == (2500, 2500, 1, 1)
    assert set(db_session.scalars(select(StripeEvent.state))) == {EventState.DONE}


def test_a_lie_in_the_body_is_not_believed(client: HouseClient, db_session: Session, desk: Desk) -> None:
    pledge = desk.start()
    desk.open(pledge)
    assert send(client, event_body(desk.checkout(pledge).session_ref or "")).status_code == 200
    desk.work()
    assert desk.checkout(pledge).state is CheckoutState.OPEN
    assert totals(db_session, desk.project.id) == (0, 0, 0, 0)


def test_one_that_overtakes_our_own_row_makes_the_pledge_count(client: HouseClient, desk: Desk) -> None:
    pledge = desk.start()
    page = desk.checkouts.gateway.open_checkout(request_for(desk.checkout(pledge)))
    desk.stripe.complete_checkout(page.session_ref)
    desk.stripe.flush_webhooks()
    worker_of(desk.app).drain()
    assert desk.checkout(pledge).session_ref == page.session_ref
    assert desk.reread(pledge).state is PledgeState.ACTIVE
    assert desk.open(pledge) == page.url


def test_one_about_a_second_page_of_ours_leaves_the_first_alone(client: HouseClient, desk: Desk) -> None:
    pledge = desk.start()
    desk.open(pledge)
    first = desk.checkout(pledge).session_ref
    second = desk.checkouts.gateway.open_checkout(request_for(desk.checkout(pledge), "Other words."))
    assert second.session_ref != first
    desk.stripe.complete_checkout(second.session_ref)
    desk.stripe.flush_webhooks()
    worker_of(desk.app).drain()
    assert desk.checkout(pledge).session_ref == first
    assert desk.reread(pledge).state is PledgeState.SETUP


def test_one_about_somebody_else_s_session_is_only_noted(client: HouseClient, desk: Desk) -> None:
    gateway = desk.checkouts.gateway
    foreign = gateway._client.v1.checkout.sessions.create(
        {"mode": "setup", "currency": "gbp", "success_url": "http://localhost/", "cancel_url": "http://localhost/"}
    )
    assert send(client, event_body(foreign.id)).status_code == 200
    worker_of(desk.app).drain()
    assert db.session.scalars(select(StripeEvent)).one().state is EventState.DONE


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_it_is_posted_or_nothing(client: HouseClient, desk: Desk, method: str) -> None:
    assert getattr(client, method)("/stripe/webhook").status_code == 405


def test_it_needs_no_form_token_and_any_origin_may_send_it(client: HouseClient, desk: Desk) -> None:
    body = event_body()
    headers = signature(body) | {"Origin": "https://stripe.example"}
    assert client.post("/stripe/webhook", data=body, headers=headers).status_code == 200
