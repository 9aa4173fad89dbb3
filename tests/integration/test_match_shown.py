"""Match that is due or was paid, on the pages around the money: settlement, statement, payouts and cash book."""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import FundRight, OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.models import Fund
from crowdfund.matching.paying import record_direct
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.site.statement import csv_rows, make_statement
from tests.support.acting import By
from tests.support.matched_settling import MatchedSettling, make_matched_settling
from tests.support.people import browser_of, make_officer
from tests.support.running import declare


class Payer(By):
    """An officer who pays for one funder."""

    def may_at(self, right: str, funder_id: int) -> bool:
        return right is FundRight.PAY and funder_id in self.rights


@pytest.fixture
def made(app: Flask, db_session: Session, clock: FixedClock) -> MatchedSettling:
    """£700 of the crowd, £150 through the programme and £50 from a firm that pays direct, for a target of £900."""
    made = make_matched_settling(app, clock)
    made.offer(15_000)
    made.offer(5_000, pays_direct=True)
    made.back(40_000, 30_000)
    assert made.collect() is ProjectState.FUNDED
    return made


def pay_direct(made: MatchedSettling) -> None:
    offer = made.matched.offers[-1]
    funder_id = db.session.get_one(Fund, offer.fund_id).funder_id
    payer = make_officer(OfficerRole.PROGRAMME_FINANCE, made.settling.clock.now())
    declare(payer, made.settling.project, made.settling.clock, has_interest=False)
    who: dict[str, Any] = {"actor": Payer(payer, funder_id), "now": made.settling.clock.now()}
    with unit_of_work() as session:
        record_direct(session, offer.id, "BACS 17", **who)


def test_a_settlement_shows_each_fund_beside_the_crowd(made: MatchedSettling) -> None:
    text = made.settling.browser().get(made.settling.address(), max_queries=12).text
    assert "Match that became due" in text
    assert "£200" in text
    for words in ("£150", "£50", "Paid", "Being paid"):
        assert words in text


def test_a_statement_adds_up_with_match_and_tells_direct_money_apart(made: MatchedSettling) -> None:
    pay_direct(made)
    db.session.expire_all()
    project = db.session.get_one(Project, made.settling.project.id)
    statement = make_statement(db.session(), project)
    assert ("Match from funders", 15_000) in statement.sums
    assert sum(pence for _, pence in statement.sums) == statement.held_pence == 85_000
    [direct] = [row for row in csv_rows(statement) if "itself" in row[0]]
    assert (direct[3], direct[5]) == ("50.00", "BACS 17")
    page = browser_of(made.settling.app, made.settling.owner).get(
        f"/apply/projects/{project.public_id}/statement", max_queries=12
    )
    assert "paid you £50 itself" in page.text


def test_match_is_never_mistaken_for_what_the_programme_carries(made: MatchedSettling) -> None:
    statement = make_statement(db.session(), db.session.get_one(Project, made.settling.project.id))
    assert statement.matched_pence == 15_000
    assert statement.carried_pence == 0


def test_whoever_pays_out_sees_how_much_of_it_is_match(made: MatchedSettling) -> None:
    browser = made.settling.browser(made.settling.finance)
    page = browser.get(f"/officers/payouts/projects/{made.settling.project.public_id}", max_queries=12).text
    assert "Of it match, which is paid out last" in page
    assert "£150" in page


def test_the_cash_book_names_fund_source_and_year(made: MatchedSettling) -> None:
    browser = made.settling.browser(made.settling.finance)
    page = browser.get("/officers/money/entries?account=funders", max_queries=12)
    assert "Fund, source and year" in page.text
    assert "Base budget, 2026/27" in page.text
    assert "Match was passed on to a project" in page.text
    rows = list(csv.reader(io.StringIO(browser.submit(page).text.lstrip("\ufeff"))))
    assert any("Base budget, 2026/27" in row[3] for row in rows[1:])
