"""What is sent while somebody has to prove who they are is kept for their browser, and nobody else's."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from crowdfund.accounts.actions import delete_stale
from crowdfund.accounts.kept import MOST_CHARACTERS
from crowdfund.accounts.models import BrowserSession, KeptForm, SessionGrant
from crowdfund.core import clock as clocks
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from tests.support.client import HouseClient
from tests.support.factories import make_person
from tests.support.people import browser_of


@pytest.fixture
def expired(app: Flask, clock: FixedClock) -> HouseClient:
    """A browser that wrote its name on a page when its session had ended meanwhile, and was led to sign in."""
    with app.app_context():
        person = make_person(clock.now(), "grace@example.org", "Grace")
    browser = browser_of(app, person)
    page = browser.get("/account/name?next=/account/sessions")
    with app.app_context(), unit_of_work() as session:
        session.execute(delete(SessionGrant))
        session.execute(delete(BrowserSession))
    browser.arrived = browser.submit(page, name="Grace O’Neill & <Söhne>")
    return browser


def sign_in(app: Flask, browser: HouseClient) -> None:
    page = browser.follow(browser.arrived)
    browser.submit(page, email="grace@example.org")
    with app.app_context():
        mail = db.session.scalars(select(Mail).where(Mail.template == "sign_in").order_by(Mail.id.desc())).first()
    browser.arrived = browser.submit(
        browser.get("/account/code"), "/account/code", code=re.search(r"[0-9]{6}", mail.subject)[0]
    )


def test_a_session_that_ran_out_loses_nothing(app: Flask, expired: HouseClient) -> None:
    assert "/account/sign-in?next=/account/kept/" in expired.arrived.location
    sign_in(app, expired)
    page = expired.follow(expired.arrived)
    assert "We kept what you sent" in page.text
    saved = expired.submit(page, "/account/name?next=/account/sessions")
    assert saved.location == "/account/sessions"
    assert "Grace O’Neill &amp; &lt;Söhne&gt;" in expired.get("/account").text


def test_it_is_sealed_and_shown_to_its_browser_only(app: Flask, expired: HouseClient) -> None:
    address = re.search(r"/account/kept/[0-9a-z]+", expired.arrived.location)[0]
    with app.app_context():
        row = db.session.scalars(select(KeptForm)).one()
    assert "Neill" not in row.sealed_fields
    assert app.test_client().get(address).status_code == 404
    assert expired.get(address).status_code == 200


def test_it_is_gone_after_a_day(app: Flask, expired: HouseClient) -> None:
    with app.app_context():
        with unit_of_work() as session:
            session.execute(update(KeptForm).values(created_at=clocks.real_now() - timedelta(days=1)))
            delete_stale(session, clocks.real_now())
        assert db.session.scalars(select(KeptForm)).all() == []


def test_a_day_old_one_opens_nothing_even_before_it_is_deleted(app: Flask, expired: HouseClient) -> None:
    address = re.search(r"/account/kept/[0-9a-z]+", expired.arrived.location)[0]
    with app.app_context(), unit_of_work() as session:
        session.execute(update(KeptForm).values(created_at=clocks.real_now() - timedelta(days=1)))
    assert expired.get(address).status_code == 404


@pytest.mark.parametrize(("typed", "status"), [("Grace", 303), (" ", 422)])
def test_it_is_deleted_once_its_page_has_it(app: Flask, clock: FixedClock, typed: str, status: int) -> None:
    with app.app_context():
        person = make_person(clock.now())
    browser = browser_of(app, person)
    browser.get("/account/name")
    page = browser.follow(browser.post("/account/name", data={"csrf_token": "old", "name": typed}))
    assert browser.get(page.request.path).status_code == 200
    assert browser.submit(page, "/account/name").status_code == status
    assert browser.get(page.request.path).status_code == 404
    with app.app_context():
        assert db.session.scalars(select(KeptForm)).all() == []
        assert db.session.scalars(select(SessionGrant).where(SessionGrant.subject.like("kept:%"))).all() == []


def test_it_is_not_deleted_by_another_browser(app: Flask, clock: FixedClock, expired: HouseClient) -> None:
    address = re.search(r"/account/kept/([0-9a-z]+)", expired.arrived.location)
    with app.app_context():
        other = make_person(clock.now(), "other@example.org", "Other")
    stranger = browser_of(app, other)
    token = re.search(r'csrf_token" value="([^"]+)', stranger.get("/account/name").text)[1]
    data = {"csrf_token": token, "name": "Other", "kept_form": address[1]}
    assert stranger.post("/account/name", data=data).status_code == 303
    assert expired.get(address[0]).status_code == 200


@pytest.mark.parametrize(("query", "typed"), [("", "x" * MOST_CHARACTERS), (f"?next=/{'y' * 300}", "Grace")])
def test_too_much_is_not_kept(app: Flask, clock: FixedClock, query: str, typed: str) -> None:
    with app.app_context():
        person = make_person(clock.now())
    browser = browser_of(app, person)
    page = browser.get("/account/name")
    with app.app_context(), unit_of_work() as session:
        session.execute(delete(SessionGrant))
        session.execute(delete(BrowserSession))
    token = re.search(r'csrf_token" value="([^"]+)', page.text)[1]
    reply = browser.post(f"/account/name{query}", data={"csrf_token": token, "name": typed})
    assert reply.status_code == 303
    assert "kept" not in reply.location
    with app.app_context():
        assert db.session.scalars(select(KeptForm)).all() == []


def test_nobody_fills_the_database_with_kept_forms(app: Flask, clock: FixedClock) -> None:
    browser = app.test_client()
    browser.get("/account/sign-in")
    replies = [browser.post("/account/sign-in", data={"csrf_token": "old", "email": "x"}) for _ in range(62)]
    assert [reply.status_code for reply in replies[:60]] == [303] * 60
    assert replies[-1].status_code == 400
    with app.app_context():
        assert len(db.session.scalars(select(KeptForm)).all()) <= 61


def test_a_form_that_was_open_too_long_is_kept_as_well(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        person = make_person(clock.now(), name="Grace")
    browser = browser_of(app, person)
    browser.get("/account/name")
    reply = browser.post("/account/name", data={"csrf_token": "old", "name": "Grace the Second"})
    page = browser.follow(reply)
    assert "We kept what you sent" in page.text
    assert browser.submit(page, "/account/name").status_code == 303
    assert "Grace the Second" in browser.get("/account").text


def test_a_form_from_another_site_is_refused_and_not_kept(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        person = make_person(clock.now())
    browser = browser_of(app, person)
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert browser.post("/account/name", data={"name": "Evil"}, headers=headers).status_code == 403
    with app.app_context():
        assert db.session.scalars(select(KeptForm)).all() == []


@pytest.mark.parametrize(
    ("shown", "leads_to"),
    [
        ("http://localhost/officers/?page=2", "/officers/?page%3D2"),
        ("http://localhost/officers/", "/officers/"),
        ("http://localhost//evil.example", "/account"),
        ("", "/account"),
    ],
)
def test_htmx_is_led_to_the_page_that_it_stands_on(app: Flask, shown: str, leads_to: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": shown}
    reply = app.test_client().get("/officers/", headers=headers)
    assert reply.status_code == 401
    assert reply.headers["HX-Redirect"] == f"/account/sign-in?next={leads_to}"


def test_what_htmx_sent_is_kept_as_well(app: Flask, clock: FixedClock) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/account/name"}
    with app.app_context():
        person = make_person(clock.now())
    browser = browser_of(app, person)
    browser.get("/account/name")
    reply = browser.post("/account/name", data={"csrf_token": "old", "name": "Ada by htmx"}, headers=headers)
    assert reply.status_code == 401
    assert "Ada by htmx" in browser.get(reply.headers["HX-Redirect"]).text
