"""Match that is due on the desk: who sees it, passing it on, recording it with evidence, and never twice."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.models import Fund
from crowdfund.funds.pots import confirm, reserve
from crowdfund.groups.models import Member
from crowdfund.ledger import match_postings
from crowdfund.ledger.match_postings import Part
from crowdfund.ledger.models import LedgerEntry
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import breaches
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState
from crowdfund.notifications.models import Mail
from crowdfund.projects.actions import move_project
from crowdfund.projects.rules import ProjectState
from tests.support.factories import TESTER, make_person, make_project
from tests.support.fund_desk import POT, FundDesk, make_fund_desk
from tests.support.funding import make_offer
from tests.support.running import declare

DUE = 400_01


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Iterator[FundDesk]:
    with app.app_context():
        yield make_fund_desk(app, clock)
        assert list(breaches(db.session())) == []


def due(desk: FundDesk, *, pays_direct: bool = False, declared: tuple[str, ...] = ("fin",)) -> str:
    """Make an offer of the fund that is due; return its address."""
    now = desk.clock.now()
    project = make_project(now)
    member = make_person(now)
    with unit_of_work() as session:
        session.add(Member(group_id=project.group_id, person_id=member.id, role=MemberRole.OWNER))
        for step in (ProjectState.COLLECTING, ProjectState.FUNDED):
            move_project(session, project.id, step, actor=TESTER, now=now)
        session.get_one(Fund, desk.fund.id).pays_direct = pays_direct
        offer = make_offer(session, project, desk.fund, DUE, now)
        reserve(Posting(session, f"take {offer.id}", TESTER, now), desk.fund.id, offer.id, DUE)
        confirm(Posting(session, f"due {offer.id}", TESTER, now), desk.fund.id, offer.id, DUE)
        offer.counted_pence = offer.confirmed_pence = DUE
        offer.confirmed_at = now
        for state in (OfferState.CONFIRMED, OfferState.PAYABLE):
            offer.state = state
            session.flush()
    for who in declared:
        declare(desk.officers[who], project, desk.clock, has_interest=False)
    return f"/officers/match-due/{offer.public_id}"


def state_and_entries() -> tuple[OfferState, int]:
    db.session.rollback()
    db.session.expire_all()
    entries = int(db.session.scalar(select(func.count(LedgerEntry.id))) or 0)
    return db.session.scalars(select(MatchOffer)).one().state, entries


def count_told() -> int:
    found = select(func.count(Mail.id)).where(Mail.template == "match_paid")
    return int(db.session.scalar(found) or 0)


def test_finance_passes_on_what_is_due_once(desk: FundDesk) -> None:
    address, fin = due(desk), desk.browser("fin")
    listed = fin.get("/officers/match-due", max_queries=12).text
    assert "Kent County Council" in listed
    assert "£400.01" in listed
    assert address in listed
    shown = fin.get(address, max_queries=12).text
    assert "2026/27" in shown
    assert "Pass it on" in shown
    page = fin.get(f"{address}/pass-on", max_queries=12)
    paid = fin.follow(fin.submit(page))
    assert "Paid on" in paid.text
    once = state_and_entries()
    assert once[0] is OfferState.PAID
    assert desk.headroom().paid_pence == DUE
    told = count_told()
    assert told == 1
    again = fin.submit(page)
    assert again.status_code in {409, 422}
    assert state_and_entries() == once
    assert count_told() == told
    assert "Nothing is to be paid just now." in fin.get("/officers/match-due").text


def test_a_direct_payment_needs_evidence(desk: FundDesk) -> None:
    address, fin = due(desk, pays_direct=True), desk.browser("fin")
    page = fin.get(f"{address}/record", max_queries=12)
    bare = fin.submit(page, evidence=" ")
    assert bare.status_code == 422
    assert "Enter what shows the payment" in bare.text
    assert state_and_entries()[0] is OfferState.PAYABLE
    done = fin.follow(fin.submit(page, evidence="BACS 4711, 3 March"))
    assert "BACS 4711, 3 March" in done.text
    once = state_and_entries()
    assert once[0] is OfferState.PAID
    assert fin.submit(page, evidence="BACS 4712").status_code in {409, 422}
    assert state_and_entries() == once


def test_nothing_is_passed_on_before_the_funder_paid_in(desk: FundDesk) -> None:
    address, fin, now = due(desk), desk.browser("fin"), desk.clock.now()
    with unit_of_work() as session:
        back = Part(desk.line.source, desk.line.year, DUE - POT - 1)
        match_postings.receive_from_funder(Posting(session, "sent back", TESTER, now), desk.fund.id, back)
    refused = fin.submit(fin.get(f"{address}/pass-on"))
    assert refused.status_code in {409, 422}
    assert "The funder has not paid in enough for this yet." in refused.text
    assert state_and_entries()[0] is OfferState.PAYABLE


@pytest.mark.parametrize("who", ["olga", "vi", "cher"])
def test_it_is_nothing_to_officers_who_do_not_pay_for_the_funder(desk: FundDesk, who: str) -> None:
    address, browser = due(desk, declared=()), desk.browser(who)
    assert "Nothing is to be paid just now." in browser.get("/officers/match-due").text
    for step in ("", "/pass-on", "/record"):
        assert browser.get(address + step).status_code == 404


def test_interest_is_declared_first(desk: FundDesk) -> None:
    address = due(desk, declared=())
    reply = desk.browser("fin").get(address)
    assert reply.status_code == 303
    assert "/interest?next=/officers/match-due/" in reply.headers["Location"]


def test_each_funder_has_one_way_of_paying_and_the_other_leads_there(desk: FundDesk) -> None:
    address, fin = due(desk), desk.browser("fin")
    assert fin.get(f"{address}/record").headers["Location"] == f"{address}/pass-on"
    with desk.app.app_context(), unit_of_work() as session:
        session.get_one(Fund, desk.fund.id).pays_direct = True
    assert fin.get(f"{address}/pass-on").headers["Location"] == f"{address}/record"
    assert state_and_entries()[0] is OfferState.PAYABLE
