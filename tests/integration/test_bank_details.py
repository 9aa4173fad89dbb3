"""Bank details: who gives them, how they are kept and shown, and what has to happen before they are used."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from crowdfund.accounts.models import Authenticator, BrowserSession, KeptForm, Person
from crowdfund.accounts.roles import MemberRole
from crowdfund.accounts.second_factor import secret_to_set_up
from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Decision
from crowdfund.groups.models import Group, Host, Member
from crowdfund.groups.rules import HostState, LegalForm
from crowdfund.payouts.details import allow_personal, open_account, record_call_back
from crowdfund.payouts.models import BankDetails
from crowdfund.payouts.queries import list_notes
from crowdfund.payouts.rules import HOLD
from crowdfund.settlement.bank_details import give_for_group, give_for_host
from tests.support.acting import By
from tests.support.client import HouseClient
from tests.support.factories import TESTER
from tests.support.paying import Purse, account, make_purse
from tests.support.people import browser_of, make_member, make_named

TYPED = {"account_name": "Neighbours", "sort_code": "20-04 15", "account_number": "3829 0008", "kind": "organisation"}


@pytest.fixture
def purse(app: Flask, clock: FixedClock) -> Purse:
    """A funded project that nobody can pay yet."""
    with app.app_context():
        return make_purse(app, clock)


def rows() -> list[BankDetails]:
    db.session.expire_all()
    return list(db.session.scalars(select(BankDetails).order_by(BankDetails.id)))


def give(purse: Purse, browser: HouseClient | None = None, **changes: str) -> Any:
    browser = browser or purse.browser(purse.owner)
    return browser.submit(browser.get(purse.of_group("bank/change"), max_queries=12), **(TYPED | changes))


def test_an_owner_gives_them_and_sees_only_the_last_four(purse: Purse) -> None:
    reply = give(purse)
    assert reply.status_code == 303
    page = purse.browser(purse.owner).follow(reply)
    assert "••••0008" in page.text
    assert "38290008" not in page.text
    assert "200415" not in page.text
    with purse.app.app_context():
        [row] = rows()
        assert open_account(row, SANDBOX_SECRET) == account()
        assert "38290008" not in row.sealed
        assert (row.payee, row.account_end) == (f"group:{purse.project.group_id}", "0008")
        assert row.held_until == purse.clock.now() + HOLD


def test_everybody_concerned_is_told(purse: Purse) -> None:
    with purse.app.app_context():
        other = make_member(purse.project.group_id, MemberRole.OWNER, purse.clock.now())
        reader = make_member(purse.project.group_id, MemberRole.READER, purse.clock.now())
    give(purse)
    mails = purse.mails("bank_details_changed")
    assert {mail.recipient for mail in mails} == {purse.owner.email, other.email, "neighbours@example.org"}
    assert reader.email not in {mail.recipient for mail in mails}
    assert all("ends in 0008" in mail.body and "38290008" not in mail.body for mail in mails)
    assert "New bank details" not in mails[0].subject
    give(purse, account_number="38290009")
    last = purse.mails("bank_details_changed")[-1]
    assert "New bank details" in last.subject
    assert "They replace the account that ends in 0008, in the name of Neighbours." in last.body


def test_whoever_gave_the_old_ones_is_told_even_when_they_left(purse: Purse) -> None:
    with purse.app.app_context():
        other = make_member(purse.project.group_id, MemberRole.OWNER, purse.clock.now())
    give(purse, purse.browser(other))
    with purse.app.app_context(), unit_of_work() as session:
        session.execute(delete(Member).where(Member.person_id == other.id))
    give(purse, account_number="38290009")
    told = [mail.recipient for mail in purse.mails("bank_details_changed") if mail.subject.startswith("New")]
    assert sorted(told) == sorted(str(email) for email in (purse.owner.email, other.email, "neighbours@example.org"))


def test_without_a_fresh_second_factor_nothing_is_asked_and_what_was_sent_is_kept(purse: Purse) -> None:
    weak = purse.browser(purse.owner, strong=False)
    assert weak.get(purse.of_group("bank/change")).location.startswith("/account/second-factor?next=/apply/groups/")
    browser = purse.browser(purse.owner)
    page = browser.get(purse.of_group("bank/change"))
    with purse.app.app_context(), unit_of_work() as session:
        session.execute(update(BrowserSession).values(strong_at=real_now() - timedelta(minutes=16)))
    reply = browser.submit(page, **TYPED)
    assert reply.location.startswith("/account/second-factor?next=/account/kept/")
    with purse.app.app_context():
        assert rows() == []
        assert "38290008" not in db.session.scalars(select(KeptForm.sealed_fields)).one()


def test_an_owner_without_an_app_sets_one_up_on_the_way(purse: Purse) -> None:
    browser = purse.browser(purse.owner, strong=False)
    begin = browser.follow(browser.get(purse.of_group("bank/change")))
    assert "Set up an authenticator app" in begin.text
    page = browser.follow(browser.submit(begin))
    with purse.app.app_context():
        row = db.session.get_one(Authenticator, purse.owner.id)
        secret = secret_to_set_up(row, SANDBOX_SECRET, fresh=True)
    assert secret
    done = browser.submit(page, form=page.request.full_path, code=pyotp.TOTP(secret).at(real_now()))
    assert "recovery codes" in done.text.lower()
    assert browser.get(purse.of_group("bank/change")).status_code == 200


@pytest.mark.parametrize("role", [MemberRole.MEMBER, MemberRole.READER])
def test_only_an_owner_changes_them_and_everybody_of_the_group_sees_them_masked(purse: Purse, role: MemberRole) -> None:
    with purse.app.app_context():
        person = make_member(purse.project.group_id, role, purse.clock.now())
    give(purse)
    browser = purse.browser(person)
    assert browser.get(purse.of_group("bank/change")).status_code == 403
    page = browser.get(purse.of_group(), max_queries=12)
    assert "••••0008" in page.text
    assert "bank/change" not in page.text


def test_strangers_find_nothing(purse: Purse, clock: FixedClock) -> None:
    with purse.app.app_context():
        stranger = make_named(clock.now())
    for page in ("bank", "bank/change"):
        assert purse.browser(stranger).get(purse.of_group(page)).status_code == 404
        assert "/account/sign-in" in purse.app.test_client().get(purse.of_group(page)).location


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"account_name": ""}, "Enter the name of the account."),
        ({"account_name": "名前"}, "in letters from A to Z"),
        ({"account_name": "x" * 71}, "must be 70 characters or fewer"),
        ({"sort_code": ""}, "Enter the sort code."),
        ({"sort_code": "20-04-1"}, "A sort code has 6 digits"),
        ({"sort_code": "200a15"}, "A sort code has 6 digits"),
        ({"sort_code": "٢٠٠٤١٥"}, "A sort code has 6 digits"),
        ({"account_number": "3829000"}, "An account number has 8 digits"),
        ({"account_number": "382900081"}, "An account number has 8 digits"),
        ({"account_number": "00000000"}, "An account number has 8 digits"),
    ],
)
def test_what_is_no_account_is_said_beside_its_field_and_stays(
    purse: Purse, changes: dict[str, str], told: str
) -> None:
    reply = give(purse, **changes)
    assert reply.status_code == 422
    assert told in reply.text
    assert next(iter(changes.values())) in reply.text
    with purse.app.app_context():
        assert rows() == []


def test_a_change_ends_what_was_there_and_the_same_again_changes_nothing(purse: Purse) -> None:
    give(purse)
    again = give(purse)
    assert again.status_code == 422
    assert "These are the details we have already." in again.text
    purse.clock.forward(HOLD)
    give(purse, account_number="12345678")
    with purse.app.app_context():
        first, second = rows()
        assert first.ended_at == purse.clock.now()
        assert (second.ended_at, second.held_until) == (None, purse.clock.now() + HOLD)


def test_a_personal_account_is_said_to_need_a_reason(purse: Purse) -> None:
    page = purse.browser(purse.owner).follow(give(purse, kind="personal"))
    assert "only where finance at Kent County Council finds and records a reason" in page.text
    with purse.app.app_context():
        assert open_account(rows()[0], SANDBOX_SECRET).is_personal


# Hosts


def make_host(purse: Purse, person: Person, state: HostState = HostState.ACCEPTED) -> Host:
    named: dict[str, Any] = {"name": "Village Hall Trust", "contact_name": "Hal", "contact_email": "hal@example.org"}
    answered = {"asked_at": purse.clock.now(), "answered_at": purse.clock.now(), "answered_by_id": person.id}
    with unit_of_work() as session:
        kind = {"legal_form": LegalForm.ASSOCIATION, "state": state}
        host = Host(public_id=f"host{person.id}", group_id=purse.project.group_id, **kind, **named, **answered)
        session.add(host)
    return host


def test_a_host_gives_its_own_and_the_group_cannot(purse: Purse, clock: FixedClock) -> None:
    with purse.app.app_context():
        hal = make_named(clock.now(), "hal.hall@example.org", "Hal Hall")
        host = make_host(purse, hal)
    page = purse.browser(purse.owner).get(purse.of_group())
    assert "Village Hall Trust takes the money" in page.text
    assert "bank/change" not in page.text
    refused = give(purse)
    assert refused.status_code == 422
    assert "so it gives its own bank details" in refused.text
    browser = purse.browser(hal)
    home = browser.get("/account", max_queries=12).text
    assert f'href="/apply/hosts/{host.public_id}/bank">Where we pay Village Hall Trust for Neighbours' in home
    assert "you are host to" not in purse.browser(purse.owner).get("/account").text
    form = browser.get(f"/apply/hosts/{host.public_id}/bank/change", max_queries=12)
    assert browser.submit(form, **(TYPED | {"account_name": "Village Hall Trust"})).status_code == 303
    with purse.app.app_context():
        assert [row.payee for row in rows()] == [f"host:{host.id}"]
    told = {mail.recipient for mail in purse.mails("bank_details_changed")}
    assert told == {purse.owner.email, "neighbours@example.org", "hal@example.org", "hal.hall@example.org"}
    assert "••••0008" in purse.browser(purse.owner).get(purse.of_group()).text


def test_a_host_is_paid_and_hears_of_it(purse: Purse, clock: FixedClock) -> None:
    with purse.app.app_context():
        hal = make_named(clock.now(), "hal.hall@example.org", "Hal Hall")
        host = make_host(purse, hal)
        with unit_of_work() as session:
            details = give_for_host(session, host.id, account(name="Village Hall Trust"), **purse.secretly(hal))
        clock.forward(HOLD)
        purse.call(details)
        payout = purse.sent()
        assert payout.payee == f"host:{host.id}"
    page = purse.browser(purse.ben).get(purse.address(payout), max_queries=12).text
    assert "Village Hall Trust, ••••0008" in page
    assert "The names differ" not in page
    browser = purse.browser(purse.cat)
    form = browser.get(purse.address(payout, "confirm"), max_queries=12)
    assert browser.submit(form, bank_reference="FP1").status_code == 303
    mails = purse.mails("payout_confirmed")
    told = {purse.owner.email, "neighbours@example.org", "hal@example.org", "hal.hall@example.org"}
    assert {mail.recipient for mail in mails} == told
    assert "to Village Hall Trust" in mails[0].body


def test_a_host_that_left_is_not_paid(purse: Purse, clock: FixedClock) -> None:
    with purse.app.app_context():
        hal = make_named(clock.now())
        host_id = make_host(purse, hal).id
        with unit_of_work() as session:
            details = give_for_host(session, host_id, account(), **purse.secretly(hal))
        clock.forward(HOLD)
        purse.call(details)
        prepared, approved = purse.prepare(), purse.prepare()
        purse.approve(approved)
        with unit_of_work() as session:
            session.get_one(Host, host_id).state = HostState.ENDED
        with pytest.raises(Refused, match="goes to somebody else by now"):
            purse.approve(prepared)
        with pytest.raises(Refused, match="goes to somebody else by now"):
            purse.send()


def test_an_owner_has_the_host_asked_by_mail(purse: Purse, clock: FixedClock) -> None:
    with purse.app.app_context():
        host = make_host(purse, make_named(clock.now(), "hal.hall@example.org", "Hal Hall"))
    browser = purse.browser(purse.owner)
    reply = browser.submit(browser.get(purse.of_group()))
    assert "We wrote to your host" in browser.follow(reply).text
    mails = purse.mails("bank_details_wanted")
    assert {mail.recipient for mail in mails} == {"hal@example.org", "hal.hall@example.org"}
    assert f"http://localhost/apply/hosts/{host.public_id}/bank\n" in mails[0].body


@pytest.mark.parametrize("state", [HostState.REFUSED, HostState.ENDED, HostState.ASKED])
def test_who_is_no_host_finds_nothing(purse: Purse, clock: FixedClock, state: HostState) -> None:
    with purse.app.app_context():
        hal = make_named(clock.now())
        host = make_host(purse, hal, state)
        browser, address = purse.browser(hal), f"/apply/hosts/{host.public_id}/bank"
        with pytest.raises(NotFound), unit_of_work() as session:
            give_for_host(session, host.id, account(), **purse.secretly(hal))
    assert browser.get(address).status_code == 404


def test_nobody_else_gives_a_hosts_details(purse: Purse, clock: FixedClock) -> None:
    with purse.app.app_context():
        host = make_host(purse, make_named(clock.now()))
        host_id, address = host.id, f"/apply/hosts/{host.public_id}"
        browser, others = purse.browser(purse.owner), [purse.owner, make_named(clock.now()), purse.ben]
        for who in [purse.secretly(person) for person in others]:
            with pytest.raises(NotFound), unit_of_work() as session:
                give_for_host(session, host_id, account(), **who)
    for page in ("bank", "bank/change"):
        assert browser.get(f"{address}/{page}").status_code == 404


def test_a_group_without_an_account_names_a_host_first(purse: Purse) -> None:
    with purse.app.app_context(), unit_of_work() as session:
        session.get_one(Group, purse.project.group_id).has_bank_account = False
    assert "so a host takes the money" in purse.browser(purse.owner).get(purse.of_group()).text
    assert "Name a host first." in give(purse).text


def test_the_action_asks_for_the_right_itself(purse: Purse, clock: FixedClock) -> None:
    with purse.app.app_context():
        reader = make_member(purse.project.group_id, MemberRole.READER, clock.now())
        for person, expected in ((reader, Forbidden), (purse.ben, NotFound)):
            with pytest.raises(expected), unit_of_work() as session:
                give_for_group(session, purse.project.group_id, account(), **purse.secretly(person))


# Officers


def test_finance_sees_a_difference_in_names_and_it_is_not_refused(purse: Purse) -> None:
    with purse.app.app_context():
        purse.ready(name="A N Other")
    page = purse.browser(purse.ben).get(purse.money(), max_queries=12)
    assert "The account is in the name of “A N Other”, the payee is “Neighbours”." in page.text
    assert "Prepare a payout" in page.text
    assert "38290008" not in page.text


def test_a_call_is_recorded_with_what_was_said(purse: Purse) -> None:
    with purse.app.app_context():
        purse.give()
    browser = purse.browser(purse.ben)
    page = browser.get(purse.money("call-back"), max_queries=12)
    empty = browser.submit(page, note="")
    assert empty.status_code == 422
    assert browser.submit(page, note="Rang the number on the charity register; Ann read it out.").status_code == 303
    shown = browser.get(purse.money(), max_queries=12).text
    assert "Ben Finance" in shown
    assert "Ann read it out." in shown
    with purse.app.app_context():
        assert (rows()[0].called_by_id, rows()[0].called_at) == (purse.ben.id, purse.clock.now())


@pytest.mark.parametrize("page", ["call-back", "personal"])
def test_what_was_found_out_about_one_account_is_not_said_of_another(purse: Purse, page: str) -> None:
    with purse.app.app_context():
        purse.ready(is_personal=True)
    browser = purse.browser(purse.ben)
    form = browser.get(purse.money(page))
    with purse.app.app_context():
        purse.give(number="12345678", is_personal=True)
    again = browser.submit(form, note="Ann read 0008 out.")
    assert again.status_code == 422
    assert "These bank details were replaced meanwhile." in again.text
    assert "Ann read 0008 out." in again.text
    with purse.app.app_context():
        new = rows()[-1]
        assert (new.account_end, new.called_at) == ("5678", None)
        assert list_notes(db.session(), new.id) == []
    assert browser.submit(again, note="Ann read 5678 out.").status_code == 303
    with purse.app.app_context():
        assert [note.reason for note in list_notes(db.session(), rows()[-1].id)] == ["Ann read 5678 out."]


def test_the_service_itself_never_rings(purse: Purse, clock: FixedClock) -> None:
    with purse.app.app_context():
        details_id = purse.give().id
        ids: dict[str, Any] = {"group_id": purse.project.group_id, "actor": TESTER, "now": clock.now()}
        with pytest.raises(Forbidden), unit_of_work() as session:
            record_call_back(session, details_id, "x", **ids)


def test_finance_sees_what_was_there_before(purse: Purse) -> None:
    with purse.app.app_context():
        purse.give()
        purse.give(number="12345678")
    page = purse.browser(purse.ben).get(purse.money(), max_queries=12).text
    assert "Neighbours, ••••0008. If the payee does not know of the change, pay nothing" in page
    assert "38290008" not in page


def test_whoever_gave_them_does_not_call_back(purse: Purse, clock: FixedClock) -> None:
    with purse.app.app_context():
        details = purse.give()
        group_id = purse.project.group_id
        with pytest.raises(Refused, match="a colleague has to call back"), unit_of_work() as session:
            record_call_back(session, details.id, "Me.", group_id=group_id, **purse.who(purse.owner))
        weak: dict[str, Any] = {"actor": By(purse.approver), "now": clock.now()}
        with pytest.raises(Forbidden), unit_of_work() as session:
            record_call_back(session, details.id, "x", group_id=group_id, **weak)


def test_a_reason_for_a_personal_account_stands_in_the_record_of_decisions(purse: Purse) -> None:
    with purse.app.app_context():
        purse.ready(is_personal=True)
    browser = purse.browser(purse.ben)
    shown = browser.get(purse.money())
    assert "nobody in finance has recorded why it may be used" in shown.text
    page = browser.get(purse.money("personal"), max_queries=12)
    assert browser.submit(page, note="The branch closed; the treasurer holds it under a letter.").status_code == 303
    assert "Nothing can be paid out just now" not in browser.get(purse.money()).text
    with purse.app.app_context():
        found = select(Decision).where(Decision.outcome == "personal_account_allowed")
        decision = db.session.scalars(found).one()
        assert (decision.decided_by_id, decision.subject) == (purse.ben.id, f"bank_details:{rows()[0].id}")
    assert "The branch closed" not in purse.app.test_client().get("/decisions").text


def test_an_account_of_the_organisation_needs_no_reason(purse: Purse) -> None:
    with purse.app.app_context():
        details = purse.ready()
        ids = {"group_id": purse.project.group_id, **purse.secretly(purse.ben)}
        with pytest.raises(Refused, match="not a personal one"), unit_of_work() as session:
            allow_personal(session, details.id, "Why not", **ids)


def test_what_was_replaced_meanwhile_is_not_called_about(purse: Purse) -> None:
    with purse.app.app_context():
        details = purse.give()
        purse.clock.forward(timedelta(minutes=1))
        purse.give(number="12345678")
        with pytest.raises(Refused, match="replaced meanwhile"):
            purse.call(details)


def test_the_dashboard_asks_for_them_and_stops_asking(purse: Purse) -> None:
    dashboard = f"/apply/projects/{purse.project.public_id}/dashboard"
    page = purse.browser(purse.owner).get(dashboard, max_queries=12)
    assert "Next: Say where we should pay your money" in page.text
    give(purse)
    assert "Say where we should pay" not in browser_of(purse.app, purse.owner).get(dashboard).text
