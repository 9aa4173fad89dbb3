"""Whatever is typed into any field of any form: a sentence beside it, nothing lost, never a defect."""

from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from crowdfund.core.audit import AuditEvent
from crowdfund.core.db import db
from tests.support.journey import Journey
from tests.support.odd_input import ODD, check_it_speaks

PAGES = ("amount", "you", "code", "change", "visibility", "concern")


def reach(journey: Journey, name: str) -> TestResponse:
    """Return the page of the named form, reached as a person would."""
    if name == "amount":
        return journey.client.get(f"/projects/{journey.project.slug}/pledge")
    if name == "concern":
        return journey.client.get(f"/projects/{journey.project.slug}/concern")
    if name == "you":
        return journey.amount()
    if name == "code":
        return journey.you(journey.amount())
    journey.pledge()
    page = {"change": "amount", "visibility": "visibility"}[name]
    return journey.client.get(f"/pledges/{journey.newest_pledge().public_id}/{page}")


def fields(page: TestResponse) -> tuple[str, dict[str, str], list[str]]:
    """Return the first posting form's address, its values as they stand, and the names a person fills in."""
    form = next(f for f in BeautifulSoup(page.text, "html5lib").select("form[method=post]"))
    values, names = {}, []
    for control in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(control["name"]), control.get("type", "text")
        if kind != "hidden" and name not in names:
            names.append(name)
        if kind not in {"radio", "checkbox"} or control.has_attr("checked"):
            values[name] = str(control.get("value", control.text))
    return str(form["action"]), values, names


def cases() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for odd in ODD:
            yield page, odd


@pytest.mark.parametrize(("name", "odd"), list(cases()))
def test_odd_input_in_every_field(journey: Journey, name: str, odd: str) -> None:
    action, values, names = fields(reach(journey, name))
    assert names
    for field in names:
        reply = journey.client.post(action, data=values | {field: ODD[odd]})
        assert reply.status_code in {303, 422}, f"{field}={odd}: {reply.status_code}"
        if reply.status_code == 422:
            check_it_speaks(reply)


@pytest.mark.parametrize("name", PAGES)
def test_missing_and_extra_fields(journey: Journey, name: str) -> None:
    action, values, _ = fields(reach(journey, name))
    token = {"csrf_token": values["csrf_token"]}
    bare = journey.client.post(action, data=token)
    assert bare.status_code == 422
    check_it_speaks(bare)
    extra = {"state": "paid", "amount_pence": "1", "person_id": "1", "role": "approver", "project_id": "1"}
    assert journey.client.post(action, data=token | extra).status_code == 422


@pytest.mark.parametrize("name", PAGES)
def test_a_form_without_its_token_changes_nothing(journey: Journey, name: str) -> None:
    action, values, _ = fields(reach(journey, name))
    values.pop("csrf_token")
    before = _events(journey)
    kept = journey.client.post(action, data=values)
    assert "/account/kept/" in kept.location
    assert _events(journey) == before
    assert "We kept what you sent" in journey.client.follow(kept).text


def _events(journey: Journey) -> int:
    with journey.app.app_context():
        return db.session.query(AuditEvent).count()


def test_everything_typed_is_kept_when_one_field_is_wrong(journey: Journey) -> None:
    page = journey.amount()
    typed = {"name": "Rosa Field", "postcode": "TN23 1PL", "message": "Good luck to you all!", "email": "no address"}
    reply = journey.client.submit(page, button="Continue", share_with_group="y", **typed)
    assert reply.status_code == 422
    for text in typed.values():
        assert text in reply.text
    assert "checked" in str(BeautifulSoup(reply.text, "html5lib").select_one("#share_with_group"))
