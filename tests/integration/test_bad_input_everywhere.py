"""Whatever is typed into any field of a group or an officer: a sentence beside it, nothing lost, never a defect."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from crowdfund.core.clock import FixedClock
from tests.integration.test_bad_input import ODD, speaks
from tests.support.callers import CALLERS
from tests.support.estate import make_estate
from tests.support.open_forms import Filler, OpenForm, control, make_filler

GROUP = ("signed in", "members")
OFFICER = ("officers",)
WHO = {"own_owner": GROUP, "programme_checker": OFFICER, "checker_without_factor": ("signed in",)}
# What a control cannot show as it was sent, or must not show again: codes.
UNSHOWN = frozenset({"nul", "surrogate", "line_breaks", "spaces", "empty"})
SECRET = frozenset({"code"})
# Turns the direction of everything after it, so it is taken out.
TURNED = "\u202e"


@pytest.fixture(params=WHO)
def filler(request: pytest.FixtureRequest, app: Flask, clock: FixedClock) -> Filler:
    """Somebody of a group, an officer at the desk, or one who has still to give a second factor."""
    caller = next(caller for caller in CALLERS if caller.name == request.param)
    with app.app_context():
        estate = make_estate(app, clock)
    return make_filler(caller, estate)


@pytest.mark.parametrize("odd", ODD)
def test_odd_input_in_every_field(filler: Filler, odd: str) -> None:
    for form in filler.forms(*WHO[filler.caller.name]):
        for name in form.names:
            reply = filler.send(filler.page(form), {name: [ODD[odd]]})
            assert reply.status_code in {303, 422}, f"{form}: {name}={odd}: {reply.status_code}"
            if reply.status_code == 303:
                filler.renew(form.state)
            else:
                speaks(reply)
                assert odd in UNSHOWN or name in SECRET or is_kept(reply, name, ODD[odd]), f"{form}: {name}={odd}"


def is_kept(reply: TestResponse, name: str, typed: str) -> bool:
    """Say whether what was typed stands in its field again; a choice that is not on offer has nowhere to stand."""
    found = control(reply, name)
    if not found or found[0].tag == "select" or found[0].get("type") in {"radio", "checkbox"}:
        return True
    shown = "".join(found[0].itertext()) if found[0].tag == "textarea" else found[0].get("value", "")
    return shown.strip() == typed.replace(TURNED, "").strip()


def test_missing_and_extra_fields(filler: Filler) -> None:
    extra = {"state": "live", "amount_pence": "1", "person_id": "1", "role": "owner", "project_id": "1"}
    for form in filler.forms(*WHO[filler.caller.name]):
        for changes in ({}, {name: value for name, value in extra.items() if name not in form.names}):
            reply = filler.send(filler.page(form), changes, without=form.names)
            assert reply.status_code in {303, 422}, f"{form}: {reply.status_code}"
            if reply.status_code == 303:
                filler.renew(form.state)
            else:
                speaks(reply)


def test_a_form_without_its_token_changes_nothing(filler: Filler) -> None:
    for form in filler.forms(*WHO[filler.caller.name]):
        reply = filler.send(filler.page(form), {}, without=("csrf_token",))
        assert reply.status_code == 303, f"{form}: {reply.status_code}"
        kept = filler.browser.follow(reply)
        assert BeautifulSoup(kept.text, "html5lib").select_one("h1").get_text() == "We kept what you sent", str(form)


def test_every_page_with_a_field_is_among_them(filler: Filler) -> None:
    found = {form.rule.endpoint for form in filler.forms(*WHO[filler.caller.name])}
    assert len(found) >= {"own_owner": 20, "programme_checker": 9}.get(filler.caller.name, 1), sorted(found)
