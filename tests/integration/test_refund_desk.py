"""The officers' pages about refunds and disputes: finding a payment, asking, a second person, failures made good."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden
from crowdfund.payments.gateway import RefundResult, RefundStatus
from crowdfund.payments.models import Refund
from crowdfund.payments.rules import RefundState
from crowdfund.sandbox.stripe import StandIn
from tests.support.people import make_officer
from tests.support.refunds import FAILS, Till, make_till, pledge_of
from tests.support.running import declare

BASE = "/officers/refunds"


@pytest.fixture
def till(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    return make_till(app, stripe, clock)


@pytest.fixture
def failing(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    """A payment of £800 whose refund came back."""
    till = make_till(app, stripe, clock, FAILS)
    till.refunded(80_000)
    till.hear()
    return till


def only() -> Refund:
    db.session.expire_all()
    return db.session.scalars(select(Refund)).one()


def ask_page(till: Till, number: int = 0) -> str:
    return f"{BASE}/payments/{till.attempt(number).public_id}/ask"


def test_from_a_pledges_reference_to_a_refund_that_two_people_made(till: Till) -> None:
    ben, cat, pledge = till.browser(till.ben), till.browser(till.cat), pledge_of(till)
    found = ben.get(f"{BASE}/find?q={pledge.reference.lower()}", max_queries=12)
    assert till.attempt().public_id in found.text
    shown = ben.get(f"{BASE}/payments/{till.attempt().public_id}", max_queries=12)
    assert "Visa card ending 4242" in shown.text
    page = ben.get(ask_page(till), max_queries=12)
    assert 'value="800.00"' in page.text
    reply = ben.follow(ben.submit(page, amount="60", reason="Charged for a friend by mistake."))
    assert "£60 waits for a second person before it goes back." in reply.text
    assert "You asked for this refund yourself" in reply.text
    address = f"{BASE}/{only().public_id}"
    page = cat.get(f"{address}/approve", max_queries=12)
    assert "Ben Finance" in page.text
    done = cat.follow(cat.submit(page))
    assert "£60 is approved and is being sent to the provider." in done.text
    till.campaign.work()
    done = cat.get(address, max_queries=12)
    assert "£60 was sent to the card on" in done.text
    assert "Cat Finance" in done.text
    assert "Banks need 5 to 10 working days" in done.text
    till.demand_sound()


def test_a_small_one_is_sent_without_a_second_person(till: Till) -> None:
    ben = till.browser(till.ben)
    page = ben.get(ask_page(till))
    assert "Up to £50 of a payment is sent at once" in page.text
    reply = ben.follow(ben.submit(page, amount="20", reason="x"))
    assert "£20 is approved" in reply.text
    assert "No second person was needed" in reply.text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"amount": ""}, "Enter how much goes back."),
        ({"amount": "x"}, "Enter an amount in pounds"),
        ({"amount": "0"}, "Enter an amount above £0."),
        ({"amount": "800.01"}, "That is more than is left of this payment: £800 of £800."),
        ({"reason": ""}, "Say why in a sentence or two."),
        ({"reason": "x" * 501}, "500 characters or fewer"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_nothing_is_lost(till: Till, typed: dict[str, str], told: str) -> None:
    ben = till.browser(till.ben)
    reply = ben.submit(ben.get(ask_page(till)), **({"amount": "12.34", "reason": "Because of rain."} | typed))
    assert reply.status_code == 422
    assert told in reply.text
    assert ("12.34" if "reason" in typed else "Because of rain.") in reply.text
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 0


def test_the_one_who_asked_cannot_decide(till: Till) -> None:
    refund, ben = till.ask(10_000), till.browser(till.ben)
    for page in ("approve", "reject"):
        shown = ben.get(f"{BASE}/{refund.public_id}/{page}")
        assert "You asked for this refund yourself" in shown.text
        assert "<textarea" not in shown.text
    token = ben.get(ask_page(till)).text.split('name="csrf_token" value="')[1].partition('"')[0]
    reply = ben.post(f"{BASE}/{refund.public_id}/approve", data={"csrf_token": token})
    assert reply.status_code == 403
    assert "You asked for this refund yourself" in reply.text
    assert only().state is RefundState.ASKED


def test_rejecting_says_why(till: Till) -> None:
    refund, cat = till.ask(10_000), till.browser(till.cat)
    page = cat.get(f"{BASE}/{refund.public_id}/reject", max_queries=12)
    assert cat.submit(page, reason="").status_code == 422
    shown = cat.follow(cat.submit(page, reason="She wants to stay a backer."))
    assert "£100 was asked for and rejected." in shown.text
    assert "She wants to stay a backer." in shown.text


def test_what_is_not_held_any_more_is_said_before_asking(till: Till) -> None:
    till.pay_out(90_000)
    ben = till.browser(till.ben)
    page = ben.get(ask_page(till))
    assert "£700 of what is left is no longer held" in page.text
    reply = ben.follow(ben.submit(page, amount="800", reason="x"))
    assert "waits for a second person" in reply.text


def test_a_failed_refund_is_on_the_list_until_it_is_made_good(failing: Till) -> None:
    ben, refund = failing.browser(failing.ben), only()
    listed = ben.get(BASE, max_queries=12)
    assert "1 refund, £800 in all" in listed.text
    assert "Failed, for finance to make good" in listed.text
    shown = ben.get(f"{BASE}/{refund.public_id}", max_queries=12)
    assert "the bank sent it back. We owe it to the backer." in shown.text
    assert "expired or canceled card" in shown.text
    page = ben.get(f"{BASE}/{refund.public_id}/made-good", max_queries=12)
    assert ben.submit(page, how="").status_code == 422
    done = ben.follow(ben.submit(page, how="Bank transfer on 3 May, FP 12."))
    assert "Bank transfer on 3 May, FP 12." in done.text
    assert "Ben Finance" in done.text
    assert "in all</a>" not in ben.get(BASE).text
    assert ben.submit(page, how="Again.").status_code == 403
    assert failing.books()["owed_back"] == 0


def test_one_that_never_arrived_is_asked_for_again(till: Till) -> None:
    refund, ben = till.ask(2_000), till.browser(till.ben)
    till.refunds.record(refund.id, RefundResult(RefundStatus.NOTHING), till.clock.now())
    shown = ben.get(f"{BASE}/{refund.public_id}")
    assert "It is still held for the project." in shown.text
    assert "Record how it was made good" not in shown.text
    good = ben.get(f"{BASE}/{refund.public_id}/made-good")
    assert "can still go to the card" in ben.submit(good, how="Cash.").text
    done = ben.follow(ben.submit(ben.get(f"{BASE}/{refund.public_id}/again", max_queries=12)))
    assert "£20 is approved" in done.text
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 2
    assert "Asked for again." in ben.get(f"{BASE}/{refund.public_id}").text


def test_disputes_are_listed_with_what_is_exposed_and_due(till: Till) -> None:
    till.pay_out(95_000)
    dispute = till.dispute()
    approver = till.browser(till.approver)
    page = approver.get(f"{BASE}/disputes", max_queries=12)
    assert "1 dispute is open. £750 of that was no longer held" in page.text
    assert "£800 and a fee of £20" in page.text
    assert "the cardholder did not make the payment" in page.text
    assert dispute.evidence_due_at is not None
    assert f"{dispute.evidence_due_at.day} {dispute.evidence_due_at:%B %Y}" in page.text
    assert "1 dispute is" in approver.get(BASE, max_queries=12).text
    shown = approver.get(f"{BASE}/payments/{till.attempt().public_id}", max_queries=12)
    assert "the bank decides who gets the money" in shown.text.replace("\n", " ")
    ben = till.browser(till.ben)
    assert "Ask for a refund</a>" not in ben.get(f"{BASE}/payments/{till.attempt().public_id}").text
    till.decide(dispute, won=False)
    assert "Lost: the cardholder keeps the money" in approver.get(f"{BASE}/disputes").text
    assert "gave this payment back" in approver.get(f"{BASE}/payments/{till.attempt().public_id}").text


def test_payments_are_found_by_the_projects_name(till: Till) -> None:
    ben, project = till.browser(till.ben), till.campaign.project
    found = ben.get(f"{BASE}/find?q={project.title[:4].lower()}", max_queries=12)
    assert project.title in found.text
    listed = ben.get(f"{BASE}/projects/{project.public_id}", max_queries=12)
    assert all(pledge_of(till, number).reference in listed.text for number in (0, 1))
    for nothing in ("PL-NOSUCH", "%25", "_", "  "):
        assert project.title not in ben.get(f"{BASE}/find?q={nothing}").text


def test_every_part_of_the_list_is_there_and_no_page_beyond(till: Till) -> None:
    till.ask(10_000)
    till.refunded(1_000, 1)
    ben = till.browser(till.ben)
    for show, shown in (("asked", True), ("failed", False), ("coming", False), ("sent", True), ("all", True)):
        page = ben.get(f"{BASE}?show={show}", max_queries=12)
        assert ("There are none." not in page.text) is shown, show
    assert ben.get(f"{BASE}?show=nonsense").status_code == 200
    assert ben.get(f"{BASE}?page=2").status_code == 404
    assert ben.get(f"{BASE}/nosuchrefund").status_code == 404
    assert ben.get(f"{BASE}/payments/nosuchcharge").status_code == 404


PAGES = ("", "/find", "/disputes", "/payments/{payment}", "/payments/{payment}/ask", "/{refund}", "/{refund}/approve")


@pytest.mark.parametrize("role", [OfficerRole.PROGRAMME_CHECKER, OfficerRole.PROGRAMME_ADMINISTRATOR, None])
def test_others_see_nothing_of_it(till: Till, role: OfficerRole | None) -> None:
    refund = till.ask(10_000)
    person = _person(till, role)
    browser = till.browser(person)
    for page in PAGES:
        address = BASE + page.format(payment=till.attempt().public_id, refund=refund.public_id)
        assert browser.get(address).status_code == 403, address


def _person(till: Till, role: OfficerRole | None) -> Person:
    if role is None:
        return db.session.get_one(Person, pledge_of(till).person_id)
    return make_officer(role, till.clock.now())


def test_approving_asks_for_a_declaration_first_and_leads_back(till: Till) -> None:
    refund = till.ask(80_000)
    new = make_officer(OfficerRole.PROGRAMME_APPROVER, till.clock.now(), name="Eve Approver")
    with pytest.raises(Forbidden, match="Declare first"):
        till.approve(refund, new)
    browser, path = till.browser(new), f"/officers/refunds/{refund.public_id}/approve"
    asked = browser.follow(browser.get(path, max_queries=12))
    back = browser.follow(browser.submit(asked, has_interest="no"))
    assert back.request.path == path
    assert browser.submit(back).status_code == 303
    assert till.again(refund).approved_by_id == new.id


def test_an_officer_with_an_interest_is_sent_away_with_the_reason(till: Till) -> None:
    refund = till.ask(10_000)
    declare(till.cat, till.campaign.project, till.clock, has_interest=True)
    cat = till.browser(till.cat)
    for page in ("/payments/{payment}", "/{refund}", "/{refund}/approve", "/projects/{project}"):
        names = {"payment": till.attempt().public_id, "refund": refund.public_id}
        reply = cat.get(BASE + page.format(project=till.campaign.project.public_id, **names))
        assert reply.status_code == 403
        assert "You declared an interest" in reply.text


def test_money_moves_only_after_a_fresh_second_factor(till: Till) -> None:
    refund = till.ask(10_000)
    cat = till.browser(till.cat, strong=False)
    for page in (ask_page(till), f"{BASE}/{refund.public_id}/approve", f"{BASE}/{refund.public_id}/made-good"):
        assert cat.get(page).status_code in {302, 303}
