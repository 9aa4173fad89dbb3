"""Signing in by mail: the code for the browser that asked, the link anywhere, each once, nobody learns who is known."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from crowdfund.accounts.models import BrowserSession, EmailCode, Person
from crowdfund.accounts.signing_in import local_path
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from tests.support.client import HouseClient
from tests.support.factories import make_person
from tests.support.people import browser_of
from tests.support.queries import count_queries

EMAIL = "grace@example.org"


def ask(browser: HouseClient, email: str = EMAIL, leads_to: str = "/account") -> TestResponse:
    """Ask for a mail and arrive at the page for the code."""
    page = browser.get("/account/sign-in", query_string={"next": leads_to})
    return browser.follow(browser.submit(page, email=email))


def newest_mail(app: Flask) -> Mail:
    with app.app_context():
        return db.session.scalars(select(Mail).where(Mail.template == "sign_in").order_by(Mail.id.desc())).first()


def code_of(app: Flask) -> str:
    return re.search(r"[0-9]{6}", newest_mail(app).subject)[0]


def link_of(app: Flask) -> str:
    return re.search(r"/account/link\?key=\S+", newest_mail(app).body)[0]


def give_code(browser: HouseClient, code: str) -> TestResponse:
    return browser.submit(browser.get("/account/code"), "/account/code", code=code)


@pytest.fixture
def grace(app: Flask, clock: FixedClock) -> Person:
    with app.app_context():
        return make_person(clock.now(), EMAIL, "Grace Adeyemi")


def test_the_code_signs_in_where_it_was_asked_for(app: Flask, client: HouseClient, grace: Person) -> None:
    ask(client, leads_to="/account/sessions")
    reply = give_code(client, code_of(app))
    assert reply.location == "/account/sessions"
    assert "This browser" in client.follow(reply).text


def test_a_new_person_says_their_name_first(app: Flask, client: HouseClient) -> None:
    ask(client, "new@example.org", "/account/sessions")
    page = client.follow(give_code(client, code_of(app)))
    wrong = client.submit(page, name=" ")
    assert wrong.status_code == 422
    assert client.submit(page, name="Ada Newman").location == "/account/sessions"
    assert "Ada Newman" in client.get("/account").text


def test_a_code_is_used_once(app: Flask, client: HouseClient, grace: Person) -> None:
    ask(client)
    page, code = client.get("/account/code"), code_of(app)
    assert client.submit(page, "/account/code", code=code).status_code == 303
    assert client.get("/account/code").location == "/account/sign-in"
    with app.app_context():
        assert db.session.scalars(select(EmailCode.used_at)).one() is not None


def test_a_code_does_not_work_in_another_browser(app: Flask, client: HouseClient, grace: Person) -> None:
    ask(client)
    stolen = code_of(app)
    thief = app.test_client()
    ask(thief, "thief@example.org")
    assert give_code(thief, stolen).status_code == 422
    assert "/account/sign-in" in thief.get("/account").location


def test_the_link_works_in_another_browser_after_its_button_and_once(
    app: Flask, client: HouseClient, grace: Person
) -> None:
    ask(client, leads_to="/account/sessions")
    link, other = link_of(app), app.test_client()
    page = other.get(link)
    assert EMAIL in page.text
    assert "/account/sign-in" in other.get("/account").location
    assert other.submit(page, "/account/link").location == "/account/sessions"
    assert "Grace Adeyemi" in other.get("/account").text
    again = app.test_client().get(link)
    assert "has run out" in again.text
    assert client.get("/account/code").location == "/account/sign-in"
    assert "/account/sign-in" in client.get("/account").location


def test_a_link_opened_twice_at_once_is_used_once(app: Flask, client: HouseClient, grace: Person) -> None:
    ask(client)
    one, two = app.test_client(), app.test_client()
    pages = one.get(link_of(app)), two.get(link_of(app))
    assert one.submit(pages[0], "/account/link").status_code == 303
    refused = two.submit(pages[1], "/account/link")
    assert refused.status_code == 422
    assert "has run out" in refused.text


@pytest.mark.parametrize("how", ["code", "link"])
def test_both_run_out_after_ten_minutes(app: Flask, client: HouseClient, grace: Person, how: str) -> None:
    ask(client)
    page, link = client.get("/account/code"), link_of(app)
    with app.app_context(), unit_of_work() as session:
        row = session.scalars(select(EmailCode)).one()
        row.expires_at -= timedelta(minutes=10)
    if how == "code":
        assert client.submit(page, "/account/code", code=code_of(app)).status_code == 422
    else:
        assert "has run out" in client.get(link).text
    assert "/account/sign-in" in client.get("/account").location


def test_guessing_ends_after_five_tries_even_with_the_right_code(
    app: Flask, client: HouseClient, grace: Person
) -> None:
    ask(client)
    right = code_of(app)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert give_code(client, wrong).status_code == 422
    assert give_code(client, right).status_code == 422


def test_nobody_learns_which_addresses_are_known(app: Flask, grace: Person) -> None:
    def observed(email: str) -> tuple[str, int]:
        browser = app.test_client()
        with app.app_context(), count_queries(db.engine) as queries:
            text = ask(browser, email).text.replace(email, "")
        return re.sub(r'(csrf_token" value=")[^"]+|code is [0-9]{6}', r"\1", text), len(queries)

    assert observed(EMAIL) == observed("nobody@example.org")


def test_asking_too_often_is_refused_and_keeps_the_address(app: Flask, client: HouseClient) -> None:
    for _ in range(6):
        ask(client)
    page = client.get("/account/sign-in")
    refused = client.submit(page, email=EMAIL)
    assert refused.status_code == 429
    assert EMAIL in refused.text


def test_the_session_before_signing_in_is_dead_afterwards(app: Flask, client: HouseClient, grace: Person) -> None:
    ask(client)
    before = client.get_cookie("visit").value
    give_code(client, code_of(app))
    fixed = app.test_client()
    fixed.set_cookie("visit", before, domain="localhost")
    assert "/account/sign-in" in fixed.get("/account").location
    assert client.get_cookie("visit").value != before


def test_somebody_else_can_sign_in_to_the_same_browser(app: Flask, clock: FixedClock, grace: Person) -> None:
    with app.app_context():
        other = make_person(clock.now(), "other@example.org", "Other Person")
    browser = browser_of(app, other)
    assert browser.get("/account/sign-in").location == "/account"
    assert browser.get("/account/sign-in?email=other@example.org").location == "/account"
    page = browser.get(f"/account/sign-in?email={EMAIL}")
    give = browser.follow(browser.submit(page))
    assert browser.submit(give, "/account/code", code=code_of(app)).status_code == 303
    assert "Signed in as Grace Adeyemi" in browser.get("/account").text


def test_signing_out_ends_this_browser_only_and_never_asks_to_sign_in(app: Flask, grace: Person) -> None:
    here, there = browser_of(app, grace), browser_of(app, grace)
    page, token = here.get("/account"), here.get_cookie("visit").value
    assert here.submit(page, "/account/sign-out").location == "/"
    assert here.get_cookie("visit") is None
    here.set_cookie("visit", token, domain="localhost")
    assert "/account/sign-in" in here.get("/account").location
    assert here.submit(page, "/account/sign-out").location == "/"
    assert there.get("/account").status_code == 200


def test_a_new_mail_ends_the_code_and_link_before(app: Flask, client: HouseClient, grace: Person) -> None:
    page = ask(client)
    code, link = code_of(app), link_of(app)
    client.submit(page, "/account/code/again")
    assert "has run out" in app.test_client().get(link).text
    if code != code_of(app):
        assert give_code(client, code).status_code == 422
    assert give_code(client, code_of(app)).status_code == 303


def test_the_demonstration_shows_its_own_code_only(app: Flask, client: HouseClient, grace: Person) -> None:
    page = ask(client)
    assert f"The mail’s code is {code_of(app)}" in page.text
    ask(app.test_client())
    mine = re.search(r"code is ([0-9]{6})", client.get("/account/code").text)[1]
    assert mine == re.search(r"code is ([0-9]{6})", page.text)[1]
    assert give_code(client, mine).status_code == 303


def test_signing_out_everywhere_ends_every_browser(app: Flask, clock: FixedClock, grace: Person) -> None:
    here, there = browser_of(app, grace), browser_of(app, grace)
    with app.app_context():
        other = make_person(clock.now(), "someone.else@example.org")
    stranger = browser_of(app, other)
    reply = here.submit(here.get("/account/sessions"), "/account/sessions/end")
    assert reply.location == "/"
    for browser in (here, there):
        assert "/account/sign-in" in browser.get("/account").location
    assert stranger.get("/account").status_code == 200


def test_an_address_that_is_none_keeps_what_was_typed(client: HouseClient) -> None:
    reply = client.submit(client.get("/account/sign-in"), email="grace at example")
    assert reply.status_code == 422
    assert "grace at example" in reply.text


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/a\nb",
        "evil",
        "",
    ],
)
def test_no_address_leads_to_another_site(path: str) -> None:
    assert local_path(path) == "/account"


@pytest.mark.parametrize("path", ["/account", "/apply/groups/new?x=1", "/officers/?state=mine&page=2"])
def test_own_addresses_lead_on(path: str) -> None:
    assert local_path(path) == path


def test_an_open_redirect_is_not_followed(app: Flask, client: HouseClient, grace: Person) -> None:
    ask(client, leads_to="//evil.example")
    assert give_code(client, code_of(app)).location == "/account"


def test_a_session_that_ran_out_opens_nothing(app: Flask, grace: Person) -> None:
    browser = browser_of(app, grace)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(BrowserSession).values(expires_at=BrowserSession.created_at))
    assert "/account/sign-in" in browser.get("/account").location
