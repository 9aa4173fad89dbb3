"""The backer's own page: the mailed link, changing, hiding and withdrawing, until the deadline."""

import re

import pytest

from crowdfund.core.clock import FixedClock
from crowdfund.pledges.rules import PledgeState
from tests.support.client import HouseClient
from tests.support.journey import Journey


@pytest.fixture
def backer(journey: Journey) -> Journey:
    """A journey whose pledge of £25 is active."""
    journey.pledge(message="Good luck!")
    return journey


def own(backer: Journey, page: str = "") -> str:
    return f"/pledges/{backer.newest_pledge().public_id}{page}"


def test_the_mailed_link_opens_the_pledge_in_another_browser(backer: Journey) -> None:
    [receipt] = backer.mails("pledge_receipt")
    link = re.search(r"http://localhost(/pledges/\S+)", receipt.body)
    assert link
    other = backer.app.test_client()
    assert isinstance(other, HouseClient)
    page = other.get(link[1])
    assert "Rosa" not in page.text
    opened = other.follow(other.submit(page))
    assert "You pledged £25" in opened.text


def test_a_link_with_another_key_opens_nothing(backer: Journey) -> None:
    other = backer.app.test_client()
    assert other.get(own(backer) + "?key=made-up").status_code == 404
    assert other.get(own(backer)).status_code == 404


def test_a_lower_amount_is_taken_at_once_and_the_total_falls(backer: Journey) -> None:
    reply = backer.client.submit(backer.client.get(own(backer, "/amount")), button="Continue", choice="1000")
    assert "You pledged £10" in backer.client.follow(reply).text
    assert "£10" in backer.client.get(f"/projects/{backer.project.slug}/progress").text
    assert len(backer.mails("pledge_amount_changed")) == 1


def test_a_higher_amount_asks_for_consent_again(backer: Journey) -> None:
    reply = backer.client.submit(backer.client.get(own(backer, "/amount")), button="Continue", choice="5000")
    page = backer.client.follow(reply)
    assert "£50" in page.text
    assert backer.newest_pledge().amount_pence == 2500
    backer.client.submit(page)
    pledge = backer.newest_pledge()
    assert (pledge.amount_pence, pledge.consented_pence) == (5000, 5000)


@pytest.mark.parametrize(
    "typed", ["1", "10001", "abc", "-5", "1e3", "£", "9" * 40, "\u0661\u0660", "12.345", "<b>5</b>"]
)
def test_a_strange_amount_gets_a_sentence_and_keeps_what_was_typed(backer: Journey, typed: str) -> None:
    page = backer.client.get(own(backer, "/amount"))
    reply = backer.client.submit(page, button="Continue", choice="other", amount=typed)
    assert reply.status_code == 422
    assert "There is a problem" in reply.text


def test_hiding_the_name_hides_it_on_the_public_page(backer: Journey) -> None:
    public = f"/projects/{backer.project.slug}"
    assert "Rosa F." in backer.client.get(public).text
    form = backer.client.get(own(backer, "/visibility"))
    backer.client.submit(form, name_audience="group", amount_audience="nobody")
    shown = backer.client.get(public).text
    assert "Rosa" not in shown
    assert "Good luck!" not in shown
    assert "Anonymous" in shown


def test_withdrawing_gives_the_total_back_and_forgets_the_card(backer: Journey) -> None:
    reply = backer.client.submit(backer.client.get(own(backer, "/withdraw")))
    assert "Withdrawn" in backer.client.follow(reply).text
    assert backer.newest_pledge().state is PledgeState.WITHDRAWN
    assert len(backer.mails("pledge_withdrawn")) == 1
    assert not backer.card_is_kept()
    assert "£0" in backer.client.get(f"/projects/{backer.project.slug}/progress").text


def test_a_second_click_on_withdraw_says_the_same(backer: Journey) -> None:
    form = backer.client.get(own(backer, "/withdraw"))
    for _ in range(2):
        assert "Withdrawn" in backer.client.follow(backer.client.submit(form)).text


def test_after_withdrawing_one_can_pledge_again(backer: Journey) -> None:
    backer.client.submit(backer.client.get(own(backer, "/withdraw")))
    assert "Thank you" in backer.pledge().text


@pytest.mark.parametrize("part", ["/amount", "/visibility", "/withdraw"])
def test_nothing_can_be_changed_from_the_deadline_on(backer: Journey, clock: FixedClock, part: str) -> None:
    form = backer.client.get(own(backer, part))
    clock.at = backer.project.deadline
    assert backer.client.get(own(backer, part)).status_code == 403
    changes = {"/amount": {"choice": "500"}}.get(part, {})
    assert backer.client.submit(form, **changes).status_code == 403
    assert backer.newest_pledge().state is PledgeState.ACTIVE
    assert "deadline has passed" in backer.client.get(own(backer)).text


def test_who_typed_the_code_may_see_all_pledges_in_one_place(backer: Journey) -> None:
    reply = backer.client.submit(backer.client.get(own(backer)))
    page = backer.client.follow(reply)
    assert "Your pledges" in page.text
    assert backer.project.title in page.text
    signed_out = backer.client.follow(backer.client.submit(page))
    assert "Back what neighbours are building" in signed_out.text
    assert "/account/sign-in" in backer.client.get("/account").location


def test_the_mailed_link_alone_opens_no_account(backer: Journey) -> None:
    [receipt] = backer.mails("pledge_receipt")
    link = re.search(r"http://localhost(/pledges/\S+)", receipt.body)
    assert link
    other = backer.app.test_client()
    opened = other.follow(other.submit(other.get(link[1])))
    assert "See all my pledges" not in opened.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.get(own(backer, "/withdraw")).text)
    assert token
    assert other.post(own(backer, "/account"), data={"csrf_token": token[1]}).status_code == 403
