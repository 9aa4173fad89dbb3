"""Deny by default: every route has a rule, and nobody reaches somebody else's pledge by any of them."""

import pytest
from flask import Flask
from werkzeug.routing import Rule

from crowdfund.accounts.actions import hand_over, open_session
from crowdfund.core import clock as clocks
from crowdfund.core.clock import FixedClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.web.guards import access_rule
from tests.support.client import HouseClient
from tests.support.factories import make_person, make_pledge, make_project, start
from tests.support.markup import parse

ROLES = ("visitor", "another_backer", "another_person")


def test_every_route_declares_its_access_rule(built_app: Flask) -> None:
    missing = [rule.endpoint for rule in built_app.url_map.iter_rules() if not access_rule(_view(built_app, rule))]
    assert missing == []


def test_a_view_without_a_rule_answers_nobody(client: HouseClient, app: Flask) -> None:
    view = app.view_functions["info.healthz"]
    rule = view.access_rule
    del view.access_rule
    try:
        assert client.get("/healthz").status_code == 403
    finally:
        view.access_rule = rule


@pytest.mark.parametrize("role", ROLES)
def test_nobody_reaches_somebody_elses_pledge(app: Flask, clock: FixedClock, role: str) -> None:
    with app.app_context():
        project = make_project(clock.now())
        active, setup = make_pledge(project, clock.now()), start(project, clock.now())
        other = make_pledge(project, clock.now())
    browser = _browser(app, role, other.subject)
    token = _token(browser, project.slug)
    tried = 0
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/pledges/<"):
            continue
        for pledge in (active, setup):
            path = rule.rule.replace("<public_id>", pledge.public_id).replace("<int:pence>", "5000")
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                reply = browser.open(path, method=method, headers={"X-CSRFToken": token})
                assert reply.status_code == 404, f"{role} {method} {path}: {reply.status_code}"
                tried += 1
    assert tried > 20


@pytest.mark.parametrize("role", ROLES)
def test_nobody_learns_whether_a_pledge_exists(app: Flask, clock: FixedClock, role: str) -> None:
    with app.app_context():
        pledge = make_pledge(make_project(clock.now()), clock.now())
    browser = _browser(app, role, "pledge:999")
    there = browser.get(f"/pledges/{pledge.public_id}").text.replace(pledge.public_id, "")
    nowhere = browser.get("/pledges/abcdefghjkmnpqrstvwxyz0123").text
    assert _without_number(there) == _without_number(nowhere)


def _token(browser: HouseClient, slug: str) -> str:
    page = parse(browser.get(f"/projects/{slug}/pledge").text)
    return str(next(field.get("value") for field in page.all("input") if field.get("name") == "csrf_token"))


def _view(app: Flask, rule: Rule) -> object:
    return app.view_functions[rule.endpoint]


def _without_number(text: str) -> str:
    return text[: text.index("<main")] + text[text.index("</h1>") : text.index("</h1>") + 60]


def _browser(app: Flask, role: str, subject: str) -> HouseClient:
    browser = app.test_client()
    if role == "visitor":
        return browser
    with app.app_context():
        secret = app.config["SECRET_KEY"]
        person = make_person(clocks.now())
        with unit_of_work() as session:
            row, token = open_session(session, secret=secret, real=clocks.real_now())
            hand_over(session, row.id, subject)
            if role == "another_person":
                row.person_id = person.id
    browser.set_cookie("visit", token, domain="localhost")
    return browser
