"""A fund's budget and bank money on the desk, to the penny, and the rest of a year carried forward."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.current import BrowserActor
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Decision
from crowdfund.funds import budgets
from crowdfund.funds.models import BudgetLine
from crowdfund.funds.pots import confirm, parts_of, reserve
from crowdfund.ledger.match_postings import Part
from crowdfund.ledger.models import LedgerEntry
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import balance_pence, breaches
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.carrying import carry_year
from crowdfund.matching.headroom import headroom_of_fund
from crowdfund.matching.models import MatchOffer
from tests.support.acting import By
from tests.support.factories import TESTER, make_project
from tests.support.fund_desk import POT, FundDesk, make_fund_desk
from tests.support.funding import make_fund, make_offer

K = AccountKind
STRANGER = BrowserActor(person_id=1)
IN_MARCH = datetime(2027, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Iterator[FundDesk]:
    with app.app_context():
        yield make_fund_desk(app, clock)
        assert list(breaches(db.session())) == []


def promise(desk: FundDesk, pence: int, *, of_it_due: int | None = None) -> MatchOffer:
    """Set money of the fund aside for a project; `of_it_due` of it is confirmed and the rest freed."""
    now = desk.clock.now()
    project = make_project(now)
    with unit_of_work() as session:
        offer = make_offer(session, project, desk.fund, pence, now)
        assert reserve(Posting(session, f"take {offer.id}", TESTER, now), desk.fund.id, offer.id, pence) == pence
        if of_it_due is not None:
            confirm(Posting(session, f"due {offer.id}", TESTER, now), desk.fund.id, offer.id, of_it_due)
    return offer


def line_address(desk: FundDesk) -> str:
    return desk.address(f"/budget/{desk.line.public_id}")


def test_finance_adds_a_line_of_another_source(desk: FundDesk) -> None:
    fin = desk.browser("fin")
    page = fin.get(desk.address("/budget/new"), max_queries=12)
    shown = fin.follow(fin.submit(page, source=" Public   Health ", year="2026/27", amount="2,500.50"))
    assert "Public Health" in shown.text
    assert "£2,500.50" in shown.text
    assert desk.headroom().budget_pence == POT + 2_500_50
    assert desk.headroom().left_pence == POT + 2_500_50
    again = fin.submit(page, source="public health", year="2026/27", amount="1")
    assert again.status_code == 422
    assert "There is a line for public health in 2026/27 already: raise that one." in again.text
    assert desk.headroom().budget_pence == POT + 2_500_50


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "0"}, "Enter an amount above £0"),
        ({"amount": "-5"}, "Enter an amount in pounds, such as 25 or 12.50."),
        ({"amount": ""}, "Enter an amount in pounds, such as 25000."),
        ({"amount": "999,999,999"}, "up to £100,000,000"),
        ({"source": ""}, "Enter where the money comes from."),
        ({"year": ""}, "Choose a financial year."),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(desk: FundDesk, changes: dict[str, str], sentence: str) -> None:
    fin = desk.browser("fin")
    page = fin.get(desk.address("/budget/new"))
    reply = fin.submit(page, **({"source": "Ward money", "year": "2026/27", "amount": "5"} | changes))
    assert reply.status_code == 422
    assert sentence in reply.text
    assert desk.headroom().budget_pence == POT


def test_a_line_is_raised_and_lowered_never_below_what_is_promised(desk: FundDesk) -> None:
    promise(desk, 9_000_00)
    fin = desk.browser("fin")
    page = fin.get(line_address(desk), max_queries=12)
    assert fin.submit(page, way="raise", amount="99.99").status_code == 303
    assert desk.headroom().budget_pence == POT + 99_99
    page = fin.get(line_address(desk))
    reply = fin.submit(page, way="lower", amount="1,100.01")
    assert reply.status_code == 422
    assert "Only £1,100 of Base budget in 2026/27 is left; the rest is promised to projects." in reply.text
    assert 'value="1,100.01"' in reply.text
    assert fin.submit(reply, way="lower", amount="1100").status_code == 303
    assert (desk.headroom().left_pence, desk.headroom().budget_pence) == (0, 9_000_00)
    empty = fin.submit(fin.get(line_address(desk)), way="lower", amount="0.01")
    assert "Nothing of Base budget in 2026/27 is left, so it cannot be lowered." in empty.text
    assert desk.headroom().reserved_pence == 9_000_00


def test_pressing_the_button_twice_changes_a_line_once(desk: FundDesk) -> None:
    fin = desk.browser("fin")
    page = fin.get(line_address(desk))
    for _ in range(2):
        assert fin.submit(page, way="raise", amount="10").status_code == 303
    assert desk.headroom().budget_pence == POT + 10_00
    assert fin.submit(page, way="raise", amount="10", once="!").status_code == 303
    assert desk.headroom().budget_pence == POT + 20_00


def test_money_that_came_in_is_posted_once_under_its_reference(desk: FundDesk) -> None:
    pete = desk.browser("pete")
    before = balance_pence(db.session(), K.POT_CASH, desk.fund.id)
    page = pete.get(desk.address("/paid-in"), max_queries=12)
    typed = {"line": desk.line.public_id, "amount": "1,234.56", "reference": "bacs 00417"}
    shown = pete.follow(pete.submit(page, **typed))
    assert "BACS 00417" in shown.text
    assert "£1,234.56" in shown.text
    assert balance_pence(db.session(), K.POT_CASH, desk.fund.id) == before + 1_234_56
    again = pete.submit(page, **typed)
    assert again.status_code == 422
    assert "Money under the reference BACS 00417 is posted for this line already." in again.text
    assert balance_pence(db.session(), K.POT_CASH, desk.fund.id) == before + 1_234_56
    assert pete.submit(page, **typed | {"reference": "---"}).status_code == 422
    assert "posted £1,234.56 paid in for “Base budget” of 2026/27" in pete.get(desk.address("/history")).text


def test_what_is_promised_and_not_in_the_bank_is_said(desk: FundDesk) -> None:
    fin = desk.browser("fin")
    fin.submit(fin.get(line_address(desk)), way="raise", amount="5000")
    promise(desk, 12_000_00)
    shown = fin.get(desk.address()).text
    assert "£1,999.99 that is promised to projects is not in the bank yet." in shown


def test_a_funder_that_pays_direct_pays_nothing_in(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        desk = make_fund_desk(app, clock, pays_direct=True)
        fin = desk.browser("fin")
        assert budgets.DIRECT in fin.get(desk.address("/paid-in")).text
        with pytest.raises(Refused, match="pays groups itself"), unit_of_work() as session:
            budgets.receive_money(session, desk.line.id, 5, "X1", actor=TESTER, now=clock.now())


def test_what_is_left_and_set_aside_of_a_year_goes_into_the_next_one(desk: FundDesk) -> None:
    held, due = promise(desk, 3_000_00), promise(desk, 2_000_00, of_it_due=1_500_01)
    desk.clock.forward(IN_MARCH - desk.clock.now())
    fin = desk.browser("fin")
    assert "Carry what is left of 2026/27 forward to 2027/28" in fin.get(desk.address()).text
    page = fin.get(desk.address("/carry/2026"), max_queries=12)
    assert "£4,500.01" in page.text
    missing = fin.submit(page, reason=" ")
    assert missing.status_code == 422
    assert "Say why the money goes into the next year." in missing.text
    shown = fin.follow(fin.submit(missing, reason="The projects run on.", reference="27/00012"))
    assert "2027/28" in shown.text
    session = db.session()
    for kind, owner, pence in (
        (K.MATCH_RESERVED, held.id, 3_000_00),
        (K.MATCH_CONFIRMED, due.id, 1_500_01),
        (K.POT_AVAILABLE, desk.fund.id, 5_500_00),
        (K.POT_CASH, desk.fund.id, POT),
    ):
        assert [part for part in parts_of(session, kind, owner) if part.pence] == [
            Part("Base budget", "2027/28", pence)
        ], kind
    decision = session.scalars(select(Decision).where(Decision.subject == f"fund:{desk.fund.id}")).one()
    assert (decision.outcome, decision.amount_pence) == ("carried_forward", POT)
    assert (decision.reason, decision.reference) == ("The projects run on.", "27/00012")
    assert decision.authority == "Finance for a funder"
    assert desk.headroom().budget_pence == POT
    years = session.scalars(select(BudgetLine.year).order_by(BudgetLine.id)).all()
    assert years == ["2026/27", "2027/28"]
    row = session.scalars(select(AuditEvent).where(AuditEvent.tag == "fund:budget_carried")).one()
    assert '"pence":1000001' in row.data
    nothing = fin.submit(page, reason="Again.")
    assert nothing.status_code == 422
    assert "Nothing is left of 2026/27." in nothing.text


def test_what_was_carried_is_confirmed_and_freed_as_before(desk: FundDesk) -> None:
    offer = promise(desk, 3_000_00)
    desk.clock.forward(IN_MARCH - desk.clock.now())
    with unit_of_work() as session:
        carry_year(session, desk.fund.id, "2026/27", "r", "a", actor=By(desk.officers["fin"]), now=IN_MARCH)
    with unit_of_work() as session:
        confirm(Posting(session, "later", TESTER, IN_MARCH), desk.fund.id, offer.id, 1_000_01)
    standing = headroom_of_fund(db.session(), desk.fund.id).headroom
    assert (standing.confirmed_pence, standing.reserved_pence) == (1_000_01, 0)
    assert standing.left_pence == POT - 1_000_01


def test_a_year_is_not_carried_before_its_last_month(desk: FundDesk) -> None:
    assert "from 1 March 2027" in desk.browser("fin").get(desk.address("/carry/2026")).text
    with pytest.raises(Refused, match="from 1 March 2027"), unit_of_work() as session:
        carry_year(session, desk.fund.id, "2026/27", "r", "a", actor=By(desk.officers["fin"]), now=desk.clock.now())
    assert desk.browser("fin").get(desk.address("/carry/1066")).status_code == 404


def test_every_source_is_carried_for_itself(desk: FundDesk) -> None:
    with unit_of_work() as session:
        budgets.open_line(session, desk.fund.id, "Health", "2026/27", 77, actor=TESTER, now=desk.clock.now())
        budgets.open_line(session, desk.fund.id, "Health", "2027/28", 23, actor=TESTER, now=desk.clock.now())
    promise(desk, 5_000_00)
    with unit_of_work() as session:
        carry_year(session, desk.fund.id, "2026/27", "r", "a", actor=By(desk.officers["fin"]), now=IN_MARCH)
    found = {line.source: line for line in headroom_of_fund(db.session(), desk.fund.id).lines if line.year == "2027/28"}
    assert found["Health"].headroom.budget_pence == 100
    assert found["Base budget"].headroom.budget_pence == POT
    lines = db.session.scalars(select(func.count()).select_from(BudgetLine).where(BudgetLine.year == "2027/28")).one()
    assert lines == 2


def test_nobody_else_moves_a_funders_money(desk: FundDesk) -> None:
    now, before = desk.clock.now(), db.session.scalar(select(func.count()).select_from(LedgerEntry))
    who: dict[str, Any] = {"actor": STRANGER, "now": now}
    tries: list[Callable[[Session], object]] = [
        lambda session: budgets.open_line(session, desk.fund.id, "S", "2026/27", 5, **who),
        lambda session: budgets.change_line(session, desk.line.id, 5, "", **who),
        lambda session: budgets.receive_money(session, desk.line.id, 5, "X", **who),
        lambda session: carry_year(session, desk.fund.id, "2026/27", "r", "a", **who),
    ]
    for one in tries:
        with pytest.raises(Forbidden), unit_of_work() as session:
            one(session)
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == before


def test_a_line_of_another_fund_is_not_there(desk: FundDesk) -> None:
    with unit_of_work() as session:
        other = make_fund(session, desk.other, desk.clock.now(), "Dover match")
        line = budgets.open_line(session, other.id, "S", "2026/27", 5, actor=TESTER, now=desk.clock.now())
    assert desk.browser("fin").get(desk.address(f"/budget/{line.public_id}")).status_code == 404
