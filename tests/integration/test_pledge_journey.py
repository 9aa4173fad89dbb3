"""A resident pledges: the whole way through real pages, the real library and the stand-in for Stripe."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from crowdfund.accounts.models import Consent, ConsentText
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from tests.support.journey import Journey


def test_a_pledge_from_amount_to_receipt(journey: Journey) -> None:
    page = journey.pledge()
    assert "Thank you. You pledged £25" in page.text
    pledge = journey.newest_pledge()
    assert (pledge.state, pledge.amount_pence) == (PledgeState.ACTIVE, 2500)
    [receipt] = journey.mails("pledge_receipt")
    assert receipt.recipient == "rosa@example.org"
    assert "£25" in receipt.subject
    assert pledge.reference in receipt.body
    assert "4242" in receipt.body


def test_the_same_total_stands_on_every_page(journey: Journey) -> None:
    journey.pledge()
    slug = journey.project.slug
    for address in ("/", "/projects", f"/projects/{slug}", f"/projects/{slug}/progress"):
        assert "£25" in journey.client.get(address).text, address


def test_the_consent_is_kept_in_the_words_that_were_shown(journey: Journey) -> None:
    check = journey.code(journey.you(journey.amount()))
    journey.check(check)
    with journey.app.app_context():
        [body] = db.session.scalars(select(ConsentText.body).join(Consent, Consent.text_id == ConsentText.id))
    assert "£25" in body
    assert body.replace("“", "").replace("”", "") in check.text.replace("“", "").replace("”", "").replace("&#39;", "'")


def test_another_amount_is_taken_to_the_penny(journey: Journey) -> None:
    check = journey.code(journey.you(journey.amount(choice="other", amount="£1,000.50")))
    assert "£1,000.50" in check.text


def test_going_back_and_forth_makes_one_pledge(journey: Journey) -> None:
    session = journey.to_card_page()
    again = journey.client.get(f"/pledges/{journey.newest_pledge().public_id}/check")
    assert journey.check(again) == session
    journey.stripe.complete_checkout(session, card="4242424242424242")
    for _ in range(3):
        page = journey.come_back()
    assert "Thank you" in page.text
    with journey.app.app_context():
        assert len(db.session.scalars(select(Pledge)).all()) == 1


def test_a_double_click_on_the_amount_starts_one_pledge(journey: Journey) -> None:
    page = journey.client.get(f"/projects/{journey.project.slug}/pledge")
    first, second = (journey.client.submit(page, button="Continue", choice="1000") for _ in range(2))
    assert first.location == second.location


def test_a_browser_closed_at_the_card_page_loses_nothing(journey: Journey) -> None:
    session = journey.to_card_page()
    journey.stripe.complete_checkout(session, card="4242424242424242")
    journey.stripe.flush_webhooks()
    journey.work()
    assert journey.newest_pledge().state is PledgeState.ACTIVE


def test_without_any_webhook_the_sweeper_completes_it(journey: Journey, clock: FixedClock) -> None:
    journey.stripe.complete_checkout(journey.to_card_page(), card="4242424242424242")
    clock.forward(timedelta(minutes=31))
    with journey.app.app_context():
        journey.app.extensions["worker"].queue_periodic(clock.now())
    journey.work()
    assert journey.newest_pledge().state is PledgeState.ACTIVE


@pytest.mark.parametrize("card", ["4000000000000002", "4000000000009995", "4000000000000069"])
def test_a_refused_card_leaves_everything_as_it_was(journey: Journey, card: str) -> None:
    journey.stripe.complete_checkout(journey.to_card_page(), card=card)
    page = journey.come_back()
    assert "Your card was not saved" in page.text
    assert journey.newest_pledge().state is PledgeState.SETUP


def test_an_abandoned_pledge_ends_after_a_day(journey: Journey, clock: FixedClock) -> None:
    journey.to_card_page()
    for wait in (timedelta(hours=25), timedelta(minutes=10)):
        clock.forward(wait)
        with journey.app.app_context():
            journey.app.extensions["worker"].queue_periodic(clock.now())
        journey.work()
    assert journey.newest_pledge().state is PledgeState.ABANDONED


def test_a_card_saved_after_the_deadline_makes_no_pledge(journey: Journey, clock: FixedClock) -> None:
    clock.at = journey.project.deadline - timedelta(minutes=10)
    session = journey.to_card_page()
    clock.at = journey.project.deadline
    journey.stripe.complete_checkout(session, card="4242424242424242")
    journey.come_back()
    journey.work()
    assert journey.newest_pledge().state is PledgeState.ABANDONED
    assert not journey.card_is_kept()


def test_the_amount_page_after_the_deadline_is_kind(journey: Journey, clock: FixedClock) -> None:
    clock.at = journey.project.deadline
    reply = journey.client.get(f"/projects/{journey.project.slug}/pledge")
    assert reply.status_code == 410
    assert "Pledging for" in reply.text


def test_a_wrong_code_is_refused_at_its_field_and_five_end_it(journey: Journey) -> None:
    page = journey.you(journey.amount())
    right = journey.newest_code()
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        page = journey.code(page, wrong)
        assert "That is not the code we sent" in page.text
    assert "tried too often" in journey.code(page, right).text


def test_a_changed_address_has_to_be_verified_again(journey: Journey) -> None:
    journey.code(journey.you(journey.amount()))
    you = journey.client.get(f"/pledges/{journey.newest_pledge().public_id}/you")
    page = journey.you(you, email="other@example.org")
    assert "Enter the code we sent you" in page.text
    assert journey.newest_pledge().person_id is None


def test_an_edit_after_agreeing_has_to_be_agreed_again(journey: Journey) -> None:
    session = journey.to_card_page()
    change = journey.client.get(f"/pledges/{journey.newest_pledge().public_id}/setup-amount")
    journey.client.submit(change, button="Continue", choice="5000")
    journey.stripe.complete_checkout(session, card="4242424242424242")
    page = journey.come_back()
    assert "Check your pledge" in page.text
    assert journey.newest_pledge().state is PledgeState.SETUP
    page = journey.client.follow(journey.client.submit(page))
    assert "You pledged £50" in page.text


def test_agreeing_to_a_page_that_is_out_of_date_is_refused(journey: Journey) -> None:
    check = journey.code(journey.you(journey.amount()))
    change = journey.client.get(f"/pledges/{journey.newest_pledge().public_id}/setup-amount")
    journey.client.submit(change, button="Continue", choice="5000")
    assert journey.client.submit(check).status_code == 409


def test_the_same_person_is_led_to_the_pledge_they_have(journey: Journey) -> None:
    journey.pledge()
    page = journey.code(journey.you(journey.amount(choice="5000")))
    assert "You back this project already" in page.text
    assert "You pledged £25" in page.text
    assert journey.newest_pledge().state is PledgeState.ABANDONED


def test_a_signed_in_backer_who_backs_the_project_is_told_so(journey: Journey) -> None:
    own = journey.pledge()
    journey.client.submit(own)
    page = journey.client.submit(journey.amount(), button="Continue", name="Rosa Field", email="rosa@example.org")
    assert page.status_code == 422
    assert "You back this project already" in page.text


def test_the_form_of_one_browser_starts_nothing_known_to_another(journey: Journey) -> None:
    page = journey.client.get(f"/projects/{journey.project.slug}/pledge")
    mine = journey.client.submit(page, button="Continue", choice="1000")
    other = journey.app.test_client()
    theirs = other.get(f"/projects/{journey.project.slug}/pledge")
    token = re.search(r'name="token"[^>]*value="(\w+)"|value="(\w+)"[^>]*name="token"', page.text)
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', theirs.text)
    assert token
    assert csrf
    data = {"choice": "1000", "token": token[1] or token[2], "csrf_token": csrf[1]}
    reply = other.post(f"/projects/{journey.project.slug}/pledge", data=data)
    assert reply.status_code == 303
    assert reply.location != mine.location


def test_while_the_provider_is_down_one_is_told_that_nothing_is_lost(journey: Journey) -> None:
    session = journey.to_card_page()
    journey.stripe.complete_checkout(session)
    journey.stripe.set_mode("down")
    assert "We are confirming your card" in journey.come_back().text
    journey.stripe.clear_modes()
    assert "Thank you" in journey.come_back().text


def test_an_outage_at_the_card_page_keeps_everything(journey: Journey) -> None:
    check = journey.code(journey.you(journey.amount()))
    journey.stripe.set_mode("down")
    reply = journey.client.submit(check)
    assert reply.status_code == 503
    assert "try again in a few minutes" in reply.text
    journey.stripe.clear_modes()
    assert journey.check(reply)
