"""Payouts: never more than is held, two people, holds and calls respected, and what the bank says afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole, Right
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import FixedClock
from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group, Member
from crowdfund.ledger.queries import balance_pence, breaches
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.rules import AttemptKind, AttemptState, DisputeState, RefundState
from crowdfund.payouts.actions import approve_payout, prepare_payout, reject_payout
from crowdfund.payouts.answers import (
    confirm_payout,
    report_paid_twice,
    return_payout,
    settle_paid_twice,
    take_answer,
)
from crowdfund.payouts.models import BankDetails, Payout
from crowdfund.payouts.rules import HOLD, PayoutState
from crowdfund.projects.rules import ProjectState
from tests.support.acting import By
from tests.support.factories import TESTER
from tests.support.paying import HELD, Purse, by, hold, make_purse
from tests.support.people import make_member, make_officer
from tests.support.running import declare
from tests.support.threads import failures, together

S = PayoutState


@pytest.fixture
def purse(app: Flask, clock: FixedClock, db_session: Session) -> Purse:
    """A funded project with £900 held and bank details that can be used."""
    purse = make_purse(app, clock)
    purse.ready()
    return purse


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Payout)) or 0


def dispute(purse: Purse, pence: int) -> None:
    """A card's holder claims money back, and the ledger has not taken it yet."""
    now = purse.clock.now()
    with unit_of_work() as session:
        claim: dict[str, Any] = {"dispute_ref": "dp_1", "reason": "fraudulent", "state": DisputeState.OPEN}
        attempt_id = charge(session, purse, pence)
        session.add(Dispute(attempt_id=attempt_id, amount_pence=pence, fee_pence=1500, opened_at=now, **claim))


def charge(session: Session, purse: Purse, pence: int) -> int:
    """A card was charged for the project."""
    now = purse.clock.now()
    attempt = ChargeAttempt(
        public_id="attempt", subject="pledge:1", about=purse.purpose, number=1, kind=AttemptKind.CHECKOUT,
        state=AttemptState.SUCCEEDED, amount_pence=pence, charge_ref="ch_1", fee_pence=0, created_at=now,
        ended_at=now,
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    return attempt.id


def refund(purse: Purse, pence: int, state: RefundState) -> Refund:
    """Some of it is to go back, and the provider has not taken it."""
    with unit_of_work() as session:
        attempt_id, now = charge(session, purse, pence), purse.clock.now()
        row = Refund(public_id="r", attempt_id=attempt_id, amount_pence=pence, reason="x", state=state, created_at=now)
        session.add(row)
    return row


def refused(purse: Purse, pence: int = 10_000) -> str:
    with pytest.raises(Refused) as stopped:
        purse.prepare(pence)
    return stopped.value.message


# Preparing


def test_from_preparing_to_paid(purse: Purse) -> None:
    ben, cat = purse.browser(purse.ben), purse.browser(purse.cat)
    page = ben.get(purse.money("prepare"), max_queries=12)
    shown = ben.follow(ben.submit(page, amount="600"))
    assert "Prepared: waits for a second person" in shown.text
    [payout] = db.session.scalars(select(Payout))
    page = cat.get(purse.address(payout, "approve"), max_queries=12)
    assert "£600" in page.text
    assert "38290008" not in page.text
    assert cat.submit(page, form="#approve").status_code == 303
    made = ben.follow(ben.submit(ben.get("/officers/payouts/files/new")))
    assert payout.reference in made.text
    assert purse.held() == HELD - 60_000
    page = ben.get(purse.address(payout, "confirm"), max_queries=12)
    assert ben.submit(page, bank_reference="FP-77123").status_code == 303
    assert "FP-77123" in ben.get(purse.address(payout), max_queries=12).text
    assert purse.state() is ProjectState.DELIVERING
    assert balance_pence(db.session(), AccountKind.IN_FLIGHT, purse.project.id) == 0
    assert balance_pence(db.session(), AccountKind.BANK, PROGRAMME) == 60_000
    mails = purse.mails("payout_confirmed")
    assert {mail.recipient for mail in mails} == {purse.owner.email, "neighbours@example.org"}
    assert f"On the bank statement it reads: {payout.reference}" in mails[0].body
    assert list(breaches(db.session())) == []


@pytest.mark.parametrize(
    ("typed", "told"), [("", "Enter how much"), ("x", "Enter an amount in pounds"), ("0", "above £0")]
)
def test_an_amount_is_asked_for_plainly(purse: Purse, typed: str, told: str) -> None:
    ben = purse.browser(purse.ben)
    reply = ben.submit(ben.get(purse.money("prepare")), amount=typed)
    assert reply.status_code == 422
    assert told in reply.text
    assert count(db.session()) == 0


def test_never_more_than_is_held_less_what_is_on_its_way(purse: Purse) -> None:
    assert "£900" in refused(purse, HELD + 1)
    purse.prepare(60_000)
    assert "£300" in refused(purse, 30_001)
    purse.prepare(30_000)
    assert "£0" in refused(purse, 1)


def test_open_disputes_are_set_aside(purse: Purse) -> None:
    dispute(purse, 25_000)
    assert "£650" in refused(purse, 65_001)
    purse.prepare(65_000)
    assert "£250" in purse.browser(purse.ben).get(purse.money()).text


@pytest.mark.parametrize("state", [RefundState.ASKED, RefundState.APPROVED])
def test_refunds_that_the_provider_has_not_taken_are_set_aside(purse: Purse, state: RefundState) -> None:
    row = refund(purse, 25_000, state)
    assert "£650" in refused(purse, 65_001)
    assert "£250" in purse.browser(purse.ben).get(purse.money(), max_queries=12).text
    with unit_of_work() as session:
        last = RefundState.REJECTED if state is RefundState.ASKED else RefundState.FAILED
        found = session.get_one(Refund, row.id)
        found.ended_at, found.state = purse.clock.now(), last
    assert purse.prepare(HELD).state is S.PREPARED


def test_what_a_dispute_took_after_preparing_is_found_at_approval_and_at_sending(purse: Purse) -> None:
    first, second = purse.prepare(50_000), purse.prepare(40_000)
    purse.approve(first)
    dispute(purse, 45_000)
    with pytest.raises(Refused, match="more than can be paid out"):
        purse.approve(second)
    with pytest.raises(Refused, match="Less is held by now"):
        purse.send()
    assert (purse.again(first).state, purse.again(second).state) == (S.APPROVED, S.PREPARED)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (ProjectState.LIVE, "as it stands"),
        (ProjectState.COLLECTING, "as it stands"),
        (ProjectState.RING_FENCED, "waits for a permission"),
    ],
)
def test_only_funded_projects_are_paid(
    app: Flask, clock: FixedClock, db_session: Session, state: ProjectState, told: str
) -> None:
    purse = make_purse(app, clock, state)
    purse.ready()
    assert told in refused(purse)
    assert told in purse.browser(purse.ben).get(purse.money("prepare")).text


def test_a_project_in_delivery_is_paid(app: Flask, clock: FixedClock, db_session: Session) -> None:
    purse = make_purse(app, clock, ProjectState.DELIVERING)
    purse.ready()
    assert purse.prepare().state is S.PREPARED


def test_details_are_needed_off_hold_and_called_about(app: Flask, clock: FixedClock, db_session: Session) -> None:
    purse = make_purse(app, clock)
    assert "no bank details" in refused(purse)
    details = purse.give()
    purse.call(details)
    assert "on hold" in refused(purse)
    clock.forward(HOLD - timedelta(seconds=1))
    assert "on hold" in refused(purse)
    clock.forward(timedelta(seconds=1))
    assert purse.prepare().state is S.PREPARED


def test_nobody_called_back(app: Flask, clock: FixedClock, db_session: Session) -> None:
    purse = make_purse(app, clock)
    purse.give()
    clock.forward(HOLD)
    assert "Nobody has called back" in refused(purse)


def test_a_personal_account_waits_for_a_reason(app: Flask, clock: FixedClock, db_session: Session) -> None:
    purse = make_purse(app, clock)
    purse.ready(is_personal=True)
    assert "personal account" in refused(purse)


def test_details_changed_after_preparing_stop_it(purse: Purse) -> None:
    payout = purse.prepare()
    purse.give(number="12345678")
    with pytest.raises(Refused, match="changed since"):
        purse.approve(payout)
    other = purse.browser(purse.cat).get(purse.address(payout, "approve"))
    assert "The bank details have changed since." in other.text


def test_details_changed_after_approval_stop_it_at_the_file(purse: Purse) -> None:
    payout = purse.prepare()
    purse.approve(payout)
    purse.give(number="12345678")
    with pytest.raises(Refused, match="changed since"):
        purse.send()
    assert purse.again(payout).state is S.APPROVED


def test_a_ring_fence_after_approval_keeps_it_out_of_the_file(purse: Purse) -> None:
    payout = purse.prepare()
    purse.approve(payout)
    purse.move(ProjectState.RING_FENCED)
    with pytest.raises(Refused, match="waits for a permission"):
        purse.send()
    assert purse.held() == HELD
    assert purse.again(payout).state is S.APPROVED


# Two people


def test_whoever_prepared_does_not_approve(purse: Purse) -> None:
    payout = purse.prepare(person=purse.ben)
    with pytest.raises(Forbidden, match="a colleague has to approve"):
        purse.approve(payout, purse.ben)
    page = purse.browser(purse.ben).get(purse.address(payout, "approve"))
    assert "You prepared this payout yourself" in page.text
    assert 'id="approve"' not in page.text
    assert purse.again(payout).state is S.PREPARED


def test_the_database_wants_two_people_too(purse: Purse) -> None:
    payout = purse.prepare(person=purse.approver)
    values: dict[str, Any] = {"state": S.APPROVED, "approved_by_id": payout.prepared_by_id}
    with pytest.raises(IntegrityError, match="two_people"), unit_of_work() as session:
        session.execute(update(Payout).values(**values))


def test_an_approver_approves_and_does_not_prepare(purse: Purse) -> None:
    payout = purse.prepare()
    browser = purse.browser(purse.approver)
    assert browser.submit(browser.get(purse.address(payout, "approve")), form="#approve").status_code == 303
    assert browser.get(purse.money("prepare")).status_code == 403
    assert browser.get("/officers/payouts/files/new").status_code == 403


@pytest.mark.parametrize("role", [OfficerRole.PROGRAMME_CHECKER, OfficerRole.PROGRAMME_ADMINISTRATOR])
def test_others_see_nothing_of_it(purse: Purse, role: OfficerRole) -> None:
    browser = purse.browser(make_officer(role, purse.clock.now()))
    payout = purse.prepare()
    pages = ("/officers/payouts", purse.money(), purse.address(payout), purse.address(payout, "approve"))
    assert {browser.get(page).status_code for page in pages} == {403}


@pytest.mark.parametrize("page", ["confirm", "return", "paid-twice", "approve"])
def test_what_moves_money_wants_a_second_factor_given_just_now(purse: Purse, page: str) -> None:
    weak = purse.browser(purse.ben, strong=False)
    payout = purse.prepare()
    for path in (purse.address(payout, page), purse.money("prepare"), purse.money("call-back")):
        assert weak.get(path).location.startswith("/account/second-factor?next=/officers/payouts/")
    for path in ("answer", "files/new"):
        assert "/account/second-factor" in weak.get(f"/officers/payouts/{path}").location


def test_an_officer_of_the_group_keeps_out(purse: Purse) -> None:
    with unit_of_work() as session:
        session.add(Member(group_id=purse.project.group_id, person_id=purse.cat.id, role=MemberRole.READER))
    payout = purse.prepare()
    with pytest.raises(Forbidden, match="belong to this project’s group"):
        purse.approve(payout, purse.cat)
    assert purse.browser(purse.cat).get(purse.money()).status_code == 403


def test_an_officer_with_an_interest_keeps_out(purse: Purse) -> None:
    declare(purse.cat, purse.project, purse.clock, has_interest=True)
    payout = purse.prepare()
    with pytest.raises(Forbidden, match="declared an interest"):
        purse.approve(payout, purse.cat)


def test_actions_ask_for_the_right_themselves(purse: Purse) -> None:
    payout = purse.prepare()
    weak: dict[str, Any] = {"actor": By(purse.approver, Right.SEE_MONEY), "now": purse.clock.now()}
    sealed = weak | {"secret": SANDBOX_SECRET}
    for action in (
        lambda session: prepare_payout(session, purse.purpose, 100, **sealed),
        lambda session: approve_payout(session, payout.id, **sealed),
        lambda session: reject_payout(session, payout.id, "x", **weak),
        lambda session: confirm_payout(session, payout.id, "x", **weak),
        lambda session: return_payout(session, payout.id, "x", **weak),
        lambda session: report_paid_twice(session, payout.id, "x", **weak),
        lambda session: settle_paid_twice(session, payout.id, "x", **weak),
        lambda session: take_answer(session, [], **weak),
        lambda session: approve_payout(session, payout.id, **sealed | {"actor": TESTER}),
    ):
        with pytest.raises(Forbidden), unit_of_work() as session:
            action(session)
    assert purse.again(payout).state is S.PREPARED


def test_full_numbers_are_shown_on_demand_and_that_is_recorded(purse: Purse) -> None:
    payout = purse.prepare()
    cat = purse.browser(purse.cat)
    page = cat.submit(cat.get(purse.address(payout, "approve")), form="#reveal")
    assert page.status_code == 200
    assert "20-04-15" in page.text
    assert "38290008" in page.text
    [seen] = db.session.scalars(select(AuditEvent).where(AuditEvent.tag == Tag.BANK_DETAILS_SEEN))
    assert (seen.actor, seen.subject_id) == (f"person:{purse.cat.id}", purse.project.group_id)
    assert cat.submit(page, form="#approve").status_code == 303


def test_stopping_needs_a_reason_and_frees_the_money(purse: Purse) -> None:
    payout = purse.prepare(HELD)
    cat = purse.browser(purse.cat)
    page = cat.get(purse.address(payout, "reject"), max_queries=12)
    assert cat.submit(page, reason="").status_code == 422
    assert cat.submit(page, reason="Wrong amount.").status_code == 303
    assert "Wrong amount." in cat.get(purse.address(payout)).text
    assert purse.prepare(HELD).state is S.PREPARED
    again = cat.submit(page, reason="Once more.")
    assert again.status_code == 422
    assert "This payout stands at: Not approved." in again.text


# What the bank says


def test_a_return_is_held_again_and_blocks_until_called_back(purse: Purse) -> None:
    payout = purse.sent(HELD)
    purse.clock.forward(timedelta(days=1))
    ben = purse.browser(purse.ben)
    page = ben.get(purse.address(payout, "return"), max_queries=12)
    assert ben.submit(page, reason="").status_code == 422
    assert ben.submit(page, reason="Account closed.").status_code == 303
    assert purse.held() == HELD
    assert purse.again(payout).state is S.RETURNED
    assert "somebody has to call back first" in refused(purse)
    [mail, _] = purse.mails("payout_returned")
    assert "Account closed." in mail.body
    purse.clock.forward(timedelta(minutes=1))
    details = db.session.get_one(BankDetails, payout.bank_details_id)
    purse.call(details)
    assert purse.prepare().state is S.PREPARED
    assert list(breaches(db.session())) == []


def test_what_was_confirmed_can_come_back(purse: Purse) -> None:
    payout = purse.sent(HELD)
    with unit_of_work() as session:
        confirm_payout(session, payout.id, "FP1", **purse.who(purse.ben))
    with unit_of_work() as session:
        return_payout(session, payout.id, "Account closed.", **purse.who(purse.ben))
    assert purse.held() == HELD
    assert balance_pence(db.session(), AccountKind.BANK, PROGRAMME) == 0
    assert list(breaches(db.session())) == []


@pytest.mark.parametrize("page", ["confirm", "return", "paid-twice"])
def test_what_is_not_with_the_bank_has_no_answer(purse: Purse, page: str) -> None:
    payout = purse.prepare()
    ben = purse.browser(purse.ben)
    shown = ben.get(purse.address(payout, page), max_queries=12)
    assert shown.status_code == 200
    assert "csrf_token" not in shown.text.split("<main")[1]


def test_two_officers_confirm_at_once_and_it_counts_once(purse: Purse) -> None:
    payout_id, who = purse.sent().id, purse.who(purse.ben)

    def confirm(number: int) -> Any:
        with unit_of_work() as session:
            return confirm_payout(session, payout_id, f"FP{number}", **who)

    results = together(purse.app, [lambda n=n: confirm(n) for n in range(4)])
    assert failures(results, Refused) == []
    assert sum(isinstance(result, Refused) for result in results) == 3
    assert balance_pence(db.session(), AccountKind.IN_FLIGHT, purse.project.id) == 0


def test_many_prepare_at_once_and_never_more_than_held(purse: Purse) -> None:
    who, purpose = purse.secretly(purse.ben), purse.purpose

    def prepare() -> Any:
        with unit_of_work() as session:
            return prepare_payout(session, purpose, 40_000, **who).number

    results = together(purse.app, [prepare] * 4)
    assert failures(results, Refused) == []
    assert sorted(result for result in results if isinstance(result, int)) == [1, 2]


def test_pages_of_what_is_not_there(purse: Purse) -> None:
    ben = purse.browser(purse.ben)
    for page in (
        "abcdefghjkmnpqrstvwxyz0123",
        "files/abcdefghjkmnpqrstvwxyz0123",
        "projects/abcdefghjkmnpqrstvwxyz0123",
    ):
        assert ben.get(f"/officers/payouts/{page}").status_code == 404
    for purpose in ("nothing:1", "project:x", "project"):
        with pytest.raises(NotFound), unit_of_work() as session:
            prepare_payout(session, purpose, 1, **purse.secretly(purse.ben))


def test_lists_show_what_there_is_within_the_budget(purse: Purse) -> None:
    ben = purse.browser(purse.ben)
    assert "There are none yet." in ben.get("/officers/payouts", max_queries=12).text
    rows = [purse.prepare(100) for _ in range(3)]
    purse.approve(rows[0])
    assert ben.get("/officers/payouts", max_queries=12).text.count("PO-") == 3
    assert ben.get("/officers/payouts?show=approved").text.count("PO-") == 1
    assert purse.project.title in ben.get("/officers/payouts/projects", max_queries=12).text
    assert "1 payout is approved" in ben.get("/officers/payouts/files", max_queries=12).text
    assert ben.get("/officers/payouts?page=2").status_code == 404


def test_the_desk_leads_to_the_money_for_those_who_may_see_it(purse: Purse) -> None:
    checker = make_officer(OfficerRole.PROGRAMME_CHECKER, purse.clock.now())
    for person, leads in ((purse.ben, True), (purse.approver, True), (checker, False)):
        page = purse.browser(person).get("/officers/").text
        assert ('href="/officers/payouts"' in page) is leads
        assert ('href="/officers/refunds"' in page) is leads


def test_histories_tell_it_in_words(purse: Purse) -> None:
    payout = purse.sent()
    told = purse.browser(purse.owner).get(f"/apply/projects/{purse.project.public_id}/history").text
    assert "An officer of the council</strong> prepared a payout of £100" in told
    assert "moved a payout from “Approved: goes into the next payment file” to “Sent to the bank”" in told
    assert "Ben Finance" not in told
    assert payout.reference not in told


def test_money_that_came_in_later_can_be_paid_later(purse: Purse) -> None:
    purse.sent(HELD)
    assert "£0" in refused(purse, 1)
    with unit_of_work() as session:
        hold(session, purse.project.id, 500, purse.clock)
    assert purse.prepare(500).number == 2


def test_nobody_is_paid_for_a_group_that_lost_its_account(purse: Purse, clock: FixedClock) -> None:
    with unit_of_work() as session:
        session.get_one(Group, purse.project.group_id).has_bank_account = False
    assert "nobody can be paid" in refused(purse)


def test_the_officer_is_a_person(purse: Purse) -> None:
    member: Person = make_member(purse.project.group_id, MemberRole.OWNER, purse.clock.now())
    with pytest.raises(Forbidden), unit_of_work() as session:
        prepare_payout(session, purse.purpose, 1, secret=SANDBOX_SECRET, actor=by(member), now=purse.clock.now())
