"""The desk leads every officer to the pages that their role opens, and to no other."""

import re
from datetime import datetime

import pytest
from flask import Flask

from crowdfund.accounts.roles import OfficerRole
from crowdfund.core import clock
from tests.support.people import browser_of, make_officer

R = OfficerRole
MONEY = {"/officers/settlements", "/officers/refunds", "/officers/payouts", "/officers/money"}
STATUS = {"/officers/status"}
CONCERNS = {"/officers/concerns"}
FUNDS, DUE = {"/officers/matches", "/officers/funds", "/officers/rounds"}, {"/officers/match-due"}
LED_TO = {
    R.PROGRAMME_CHECKER: CONCERNS,
    R.PROGRAMME_APPROVER: MONEY | STATUS | FUNDS,
    R.PROGRAMME_FINANCE: MONEY | STATUS | FUNDS | DUE,
    R.PROGRAMME_ADMINISTRATOR: CONCERNS | STATUS | FUNDS,
}


@pytest.mark.parametrize("role", LED_TO)
def test_the_desk_links_to_what_the_role_opens(app: Flask, role: OfficerRole) -> None:
    now: datetime = clock.now()
    with app.app_context():
        browser = browser_of(app, make_officer(role, now), strong=True)
    desk = browser.get("/officers/").text
    led_to = set(re.findall(r'href="(/officers/[a-z-]+)"', desk))
    assert led_to == LED_TO[role]
    for address in led_to:
        assert browser.get(address).status_code == 200
    for address in (MONEY | STATUS | CONCERNS) - led_to:
        assert browser.get(address).status_code in {403, 404}
