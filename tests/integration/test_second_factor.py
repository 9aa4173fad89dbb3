"""An officer's second factor: set up once, each code once, recovery codes, and step-up before what cannot be undone."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from crowdfund.accounts.models import Authenticator, BrowserSession, Person, RecoveryCode
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core import clock as clocks
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from tests.support.client import HouseClient
from tests.support.factories import make_person
from tests.support.people import browser_of, make_officer

HERE = "/account/second-factor"
DESK = "/officers/"


@pytest.fixture
def morag(app: Flask, clock: FixedClock) -> Person:
    with app.app_context():
        return make_officer(OfficerRole.PROGRAMME_CHECKER, clock.now())


@pytest.fixture
def browser(app: Flask, morag: Person) -> HouseClient:
    """A browser in which the officer came as far as the mail's code."""
    return browser_of(app, morag)


def set_up(browser: HouseClient) -> tuple[pyotp.TOTP, list[str]]:
    """Set the app up; answers the app and the recovery codes."""
    page = browser.follow(browser.submit(browser.get(HERE), f"{HERE}/begin?next=/account"))
    app = pyotp.TOTP(re.search(r"Key: <strong[^>]*>([A-Z2-7]+)<", page.text)[1])
    done = give(browser, app.now())
    assert done.status_code == 200, done.text
    return app, [code.replace(" ", "") for code in re.findall(r"<li class=\"money\">([0-9a-z ]+)</li>", done.text)]


def give(browser: HouseClient, code: str) -> TestResponse:
    return browser.submit(browser.get(HERE), f"{HERE}?next=/account", code=code)


def forget_factor(app: Flask, ago: timedelta) -> None:
    """Let the second factor lie further back."""
    with app.app_context(), unit_of_work() as session:
        session.execute(update(BrowserSession).values(strong_at=clocks.real_now() - ago))


def next_code(app: Flask, totp: pyotp.TOTP) -> str:
    """Return the first code that was not used yet."""
    with app.app_context():
        used = db.session.scalars(select(Authenticator.last_step)).one()
    return totp.at((used + 1) * 30)


def test_without_a_second_factor_no_desk(browser: HouseClient) -> None:
    assert browser.get(DESK).location == f"{HERE}?next=/officers/"


def test_an_officer_sets_the_app_up_and_is_in(app: Flask, browser: HouseClient) -> None:
    before = browser.get_cookie("visit").value
    _, codes = set_up(browser)
    assert len(set(codes)) == 10
    assert browser.get(DESK).status_code == 200
    assert browser.get_cookie("visit").value != before


def test_the_secret_is_shown_until_it_is_confirmed_and_sealed_at_rest(app: Flask, browser: HouseClient) -> None:
    page = browser.follow(browser.submit(browser.get(HERE), f"{HERE}/begin?next=/account"))
    secret = re.search(r"Key: <strong[^>]*>([A-Z2-7]+)<", page.text)[1]
    picture = browser.get(f"{HERE}/qr.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    with app.app_context():
        assert secret not in db.session.scalars(select(Authenticator.sealed_secret)).one()
    give(browser, pyotp.TOTP(secret).now())
    assert browser.get(f"{HERE}/qr.svg").status_code == 404
    assert secret not in browser.get(HERE).text


def test_a_code_is_used_once_also_in_another_browser(app: Flask, morag: Person, browser: HouseClient) -> None:
    totp, _ = set_up(browser)
    other = browser_of(app, morag)
    with app.app_context():
        used = db.session.scalars(select(Authenticator.last_step)).one()
    assert give(other, totp.at(used * 30)).status_code == 422
    assert HERE in other.get(DESK).location
    assert give(other, next_code(app, totp)).status_code == 303
    assert other.get(DESK).status_code == 200


@pytest.mark.parametrize("typed", ["000000", "12345", "1234567", "abcdef", "", "\uff11\uff12\uff13\uff14\uff15\uff16"])
def test_a_wrong_code_says_so(browser: HouseClient, typed: str) -> None:
    totp, _ = set_up(browser)
    assert typed != totp.now()
    reply = give(browser, typed)
    assert reply.status_code == 422
    assert "There is a problem" in reply.text


def test_a_code_from_long_ago_is_refused(app: Flask, browser: HouseClient) -> None:
    totp, _ = set_up(browser)
    assert give(browser, totp.at(clocks.real_now() - timedelta(minutes=5))).status_code == 422
    assert give(browser, totp.at(clocks.real_now() + timedelta(minutes=5))).status_code == 422


def test_guessing_is_limited(browser: HouseClient) -> None:
    set_up(browser)
    answers = [give(browser, "000000").status_code for _ in range(11)]
    assert set(answers[:9]) == {422}
    assert answers[-1] == 429


def test_a_recovery_code_works_once_in_any_writing_and_is_told(app: Flask, morag: Person, browser: HouseClient) -> None:
    _, codes = set_up(browser)
    other = browser_of(app, morag)
    page = other.get("/account/recovery")
    typed = f"{codes[3][:4].upper()}-{codes[3][4:8]} {codes[3][8:]}"
    assert other.submit(page, code=typed).status_code == 303
    assert other.get(DESK).status_code == 200
    assert other.submit(other.get("/account/recovery"), code=codes[3]).status_code == 422
    with app.app_context():
        assert len(db.session.scalars(select(RecoveryCode).where(RecoveryCode.used_at.is_not(None))).all()) == 1
        told = db.session.scalars(select(Mail.body).where(Mail.template == "second_factor_changed")).all()
    assert any("recovery code was used" in body for body in told)


def test_it_holds_a_working_day_only(app: Flask, browser: HouseClient) -> None:
    set_up(browser)
    forget_factor(app, timedelta(hours=7, minutes=59))
    assert browser.get(DESK).status_code == 200
    forget_factor(app, timedelta(hours=8))
    assert HERE in browser.get(DESK).location


def test_another_app_needs_a_fresh_code_and_is_told(app: Flask, browser: HouseClient) -> None:
    totp, _ = set_up(browser)
    forget_factor(app, timedelta(minutes=16))
    page = browser.get("/account/sessions")
    assert HERE in browser.submit(page, f"{HERE}/begin?next=/account/sessions").location
    assert give(browser, next_code(app, totp)).status_code == 303
    browser.submit(browser.get("/account/sessions"), f"{HERE}/begin?next=/account/sessions")
    again = browser.get(HERE)
    assert "Add this service to your app" in again.text
    assert give(browser, totp.at(clocks.real_now() + timedelta(seconds=30))).status_code == 422


@pytest.mark.parametrize("path", [HERE, f"{HERE}/qr.svg", "/account/recovery"])
def test_there_is_nothing_here_for_people_without_a_role(app: Flask, clock: FixedClock, path: str) -> None:
    with app.app_context():
        person = make_person(clock.now())
    assert browser_of(app, person).get(path).status_code == 404
    assert "/account/sign-in" in app.test_client().get(path).location


def test_a_role_that_ended_ends_at_once(app: Flask, clock: FixedClock, morag: Person, browser: HouseClient) -> None:
    from crowdfund.accounts.officers import end_role
    from tests.support.factories import TESTER

    set_up(browser)
    with app.app_context(), unit_of_work() as session:
        end_role(session, morag.email, OfficerRole.PROGRAMME_CHECKER, actor=TESTER, now=clock.now())
    assert browser.get(DESK).status_code == 403
