"""The eligibility check: six answers without an account end in what is ready, missing, or possible instead."""

from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.support.client import HouseClient

FITTING = {
    "postcode": "TN23 1PL",
    "benefit": "community",
    "set_up": "association",
    "account": "yes",
    "amount": "small",
    "when": "year",
}


def ask(client: HouseClient, **changes: Any) -> str:
    reply = client.submit(client.get("/start"), "/start", **(FITTING | changes))
    assert reply.status_code == 200
    return BeautifulSoup(reply.text, "html5lib").get_text(" ", strip=True)


def test_a_project_that_fits_leads_on(client: HouseClient) -> None:
    reply = client.submit(client.get("/start"), "/start", **FITTING)
    assert "Yes, you can start" in reply.text
    assert 'href="/apply/groups/new?legal_form=association"' in reply.text
    client.queries.refuse_over(4, "/start")


def test_it_is_six_questions_and_needs_no_account(client: HouseClient) -> None:
    page = BeautifulSoup(client.get("/start").text, "html5lib")
    names = {str(field["name"]) for field in page.select("main input[name]")} - {"go"}
    assert names == set(FITTING)
    assert not client.get_cookie("visit")


@pytest.mark.parametrize(
    ("field", "value", "because", "instead"),
    [
        ("postcode", "ME4 4AY", "Medway Council can tell you", "use a postcode from there"),
        ("benefit", "members", "more people than the group’s own members", "Open it up"),
        ("benefit", "private", "cannot become somebody’s profit", "with a community group"),
        ("benefit", "campaign", "cannot go to parties", "Something you do for everyone"),
        ("benefit", "duty", "the duty to provide it", "Something extra"),
        ("set_up", "business", "Only groups can post", "Find two neighbours"),
        ("when", "done", "still to come", "next step of your project"),
    ],
)
def test_a_no_says_why_and_what_to_do_instead(
    client: HouseClient, field: str, value: str, because: str, instead: str
) -> None:
    text = ask(client, **{field: value})
    assert "Not this way yet" in text
    assert because in text
    assert instead in text
    assert "Begin with your group" not in text


def test_every_reason_is_told_at_once(client: HouseClient) -> None:
    text = ask(client, postcode="me44ay", benefit="private", when="done")
    assert text.count("Why:") == text.count("Instead:") == 3


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("postcode", "TN99 9ZZ", "We do not know this postcode"),
        ("amount", "tiny", "A small grant may be quicker"),
        ("amount", "large", "is rarely raised from a crowd"),
        ("amount", "middle", "three prices in writing"),
        ("when", "soon", "about 3 months"),
        ("when", "later", "launch up to a year later"),
        ("account", "no", "You need a host"),
        ("account", "opening", "begin today"),
        ("set_up", "informal", "You can start without"),
    ],
)
def test_what_is_missing_comes_with_help(client: HouseClient, field: str, value: str, said: str) -> None:
    text = ask(client, **{field: value})
    assert "Yes, you can start" in text
    assert said in text


def test_what_is_ready_stands_apart(client: HouseClient) -> None:
    text = ask(client, account="no")
    ready, missing = text.split("Still to do or to check")
    assert "Your group’s rules" in ready
    assert "A bank account in the group’s name" not in ready
    assert "A bank account in the group’s name" in missing


@pytest.mark.parametrize("field", sorted(FITTING))
@pytest.mark.parametrize("odd", ["", "x" * 300, "<b>", "🐑", "%00"])
def test_odd_answers_are_asked_again_and_the_others_kept(client: HouseClient, field: str, odd: str) -> None:
    reply = client.get("/start", query_string=FITTING | {"go": "1", field: odd})
    assert reply.status_code == 422
    page = BeautifulSoup(reply.text, "html5lib")
    assert page.select_one(f"#{field}-error")
    assert page.select_one(f".govuk-error-summary a[href='#{field}']")
    kept = {name for name in FITTING if name != field and page.select_one(f"[name={name}][checked], #postcode[value]")}
    assert kept == set(FITTING) - {field}


def test_answers_can_be_changed(client: HouseClient) -> None:
    page = BeautifulSoup(client.submit(client.get("/start"), "/start", **FITTING).text, "html5lib")
    back = client.get(str(page.select(".govuk-back-link")[0]["href"]))
    assert back.status_code == 200
    form = BeautifulSoup(back.text, "html5lib")
    assert len(form.select("input[checked]")) == 5
    assert form.select("#postcode")[0]["value"] == "TN23 1PL"
