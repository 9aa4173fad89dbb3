"""An officer's second factor: set up once, each code once, recovery codes, and step-up before what cannot be undone."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from crowdfund.accounts.models import Authenticator, BrowserSession, Person, RecoveryCode
from crowdfund.accounts.officers import end_role
from crowdfund.accounts.roles import OfficerRole
from crowdfund.accounts.second_factor import check_app_code
from crowdfund.core import clock as clocks
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from tests.support.client import HouseClient
from tests.support.factories import TESTER, make_person
from tests.support.people import browser_of, make_officer
from tests.support.threads import together

HERE = "/account/second-factor"
DESK = "/officers/"
KEY = re.compile(r"Key: <strong>(.+)</strong>")


@pytest.fixture
def morag(app: Flask, clock: FixedClock) -> Person:
    with app.app_context():
        return make_officer(OfficerRole.PROGRAMME_CHECKER, clock.now())


@pytest.fixture
def browser(app: Flask, morag: Person) -> HouseClient:
    """A browser in which the officer came as far as the mail's code."""
    return browser_of(app, morag)


def key_on(page: TestResponse) -> str:
    """Return the key as it is copied from the page."""
    return re.sub("<[^>]*>", "", KEY.search(page.text)[1])


def set_up(browser: HouseClient) -> tuple[pyotp.TOTP, list[str]]:
    """Set the app up; answers the app and the recovery codes."""
    page = browser.follow(browser.submit(browser.get(HERE), f"{HERE}/begin?next=/account"))
    app = pyotp.TOTP(key_on(page))
    done = give(browser, app.now())
    assert done.status_code == 200, done.text
    return app, [code.replace(" ", "") for code in re.findall(r"<li>([0-9a-z ]{14})</li>", done.text)]


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
    secret = key_on(page)
    picture = browser.get(f"{HERE}/qr.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    with app.app_context():
        assert secret not in db.session.scalars(select(Authenticator.sealed_secret)).one()
    give(browser, pyotp.TOTP(secret).now())
    assert browser.get(f"{HERE}/qr.svg").status_code == 404
    assert "Key:" not in browser.get(HERE).text


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
    new = pyotp.TOTP(key_on(again))
    assert "Your recovery codes" in give(browser, new.now()).text
    assert give(browser, next_code(app, totp)).status_code == 422
    assert give(browser, next_code(app, new)).status_code == 303
    with app.app_context():
        told = db.session.scalars(select(Mail.body).where(Mail.template == "second_factor_changed")).all()
        assert len(db.session.scalars(select(RecoveryCode)).all()) == 10
    assert ["new authenticator app" in body for body in told] == [True, True]


def test_an_app_that_is_not_set_up_to_the_end_changes_nothing(app: Flask, morag: Person, browser: HouseClient) -> None:
    totp, codes = set_up(browser)
    browser.submit(browser.get("/account/sessions"), f"{HERE}/begin?next=/account/sessions")
    coming = key_on(browser.get(HERE))
    mailbox_thief = browser_of(app, morag)
    assert "Key:" not in mailbox_thief.get(HERE).text
    assert mailbox_thief.get(f"{HERE}/qr.svg").status_code == 404
    assert give(mailbox_thief, pyotp.TOTP(coming).now()).status_code == 422
    begin = mailbox_thief.submit(mailbox_thief.get("/account/sessions"), f"{HERE}/begin?next=/account/sessions")
    assert "kept" in begin.location
    assert give(mailbox_thief, next_code(app, totp)).status_code == 303
    other = browser_of(app, morag)
    assert other.submit(other.get("/account/recovery"), code=codes[0]).status_code == 303


def test_a_code_given_twice_at_once_is_used_once(app: Flask, morag: Person, browser: HouseClient) -> None:
    totp, _ = set_up(browser)
    code, secret = next_code(app, totp), app.config["SECRET_KEY"]

    def use() -> str:
        with unit_of_work() as session:
            check_app_code(session, morag.id, code, secret=secret, real=clocks.real_now())
        return "used"

    results = together(app, [use] * 4)
    assert results.count("used") == 1
    assert sum(isinstance(result, Refused) for result in results) == 3


def test_the_demonstration_shows_the_code_that_works(app: Flask, morag: Person, browser: HouseClient) -> None:
    def shown(page: TestResponse) -> str:
        return re.search(r"The app’s code is ([0-9]{6})", page.text)[1]

    page = browser.follow(browser.submit(browser.get(HERE), f"{HERE}/begin?next=/account"))
    assert browser.submit(page, f"{HERE}?next=/account", code=shown(page)).status_code == 200
    other = browser_of(app, morag)
    assert give(other, shown(other.get(HERE))).status_code == 303
    assert "code is" not in browser.get("/account").text


@pytest.mark.parametrize("path", [f"{HERE}/qr.svg", "/account/recovery"])
def test_there_is_nothing_here_for_people_without_an_app(app: Flask, clock: FixedClock, path: str) -> None:
    with app.app_context():
        person = make_person(clock.now())
    assert browser_of(app, person).get(path).status_code == 404
    assert "/account/sign-in" in app.test_client().get(path).location


def test_a_role_that_ended_ends_at_once(app: Flask, clock: FixedClock, morag: Person, browser: HouseClient) -> None:
    set_up(browser)
    with app.app_context(), unit_of_work() as session:
        end_role(session, morag.email, OfficerRole.PROGRAMME_CHECKER, actor=TESTER, now=clock.now())
    assert browser.get(DESK).status_code == 403
