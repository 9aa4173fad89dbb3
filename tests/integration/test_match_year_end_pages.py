"""A fund's year end on the desk: who may carry what is left, by source, once, and with a recorded decision."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Decision
from crowdfund.funds import budgets
from crowdfund.funds.pots import reserve
from crowdfund.ledger.models import LedgerEntry
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import breaches
from crowdfund.matching.headroom import headroom_of_fund
from tests.support.factories import TESTER, make_project
from tests.support.fund_desk import POT, FundDesk, make_fund_desk
from tests.support.funding import make_offer
from tests.support.people import browser_of

IN_MARCH = datetime(2027, 3, 20, 12, tzinfo=UTC)
HEALTH, SET_ASIDE = 77_00, 3_000_00


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Iterator[FundDesk]:
    """Two sources in 2026/27, some of it set aside for a project, at the end of the year."""
    with app.app_context():
        made = make_fund_desk(app, clock)
        now, project = clock.now(), make_project(clock.now())
        with unit_of_work() as session:
            budgets.open_line(session, made.fund.id, "Health", "2026/27", HEALTH, actor=TESTER, now=now)
            offer = make_offer(session, project, made.fund, SET_ASIDE, now)
            posting = Posting(session, f"take {offer.id}", TESTER, now)
            assert reserve(posting, made.fund.id, offer.id, SET_ASIDE) == SET_ASIDE
        clock.forward(IN_MARCH - now)
        yield made
        db.session.rollback()
        db.session.expire_all()
        assert list(breaches(db.session())) == []


def standing(desk: FundDesk) -> dict[tuple[str, str], tuple[int, int]]:
    """Return by source and year what is left and what is reserved, without lines that are empty."""
    lines = headroom_of_fund(db.session(), desk.fund.id).lines
    found = {(one.source, one.year): (one.headroom.left_pence, one.headroom.reserved_pence) for one in lines}
    return {key: sums for key, sums in found.items() if any(sums)}


def counts() -> list[int | None]:
    return [db.session.scalar(select(func.count()).select_from(kind)) for kind in (LedgerEntry, Decision)]


def test_each_source_goes_over_once_with_what_is_set_aside(desk: FundDesk) -> None:
    before, fin = standing(desk), desk.browser("fin")
    assert {year for _, year in before} == {"2026/27"}
    assert [sum(sums[n] for sums in before.values()) for n in (0, 1)] == [POT + HEALTH - SET_ASIDE, SET_ASIDE]
    page = fin.get(desk.address("/carry/2026"), max_queries=12)
    assert "Health" in page.text
    assert "Base budget" in page.text
    shown = fin.follow(fin.submit(page, reason="The projects run on.", reference="27/00012"))
    assert "2027/28" in shown.text
    assert standing(desk) == {(source, "2027/28"): sums for (source, _), sums in before.items()}
    after = counts()
    again = fin.submit(page, reason="The projects run on.", reference="27/00012")
    assert again.status_code == 422
    assert "Nothing is left of 2026/27." in again.text
    assert counts() == after
    decision = db.session.scalars(select(Decision).where(Decision.subject == f"fund:{desk.fund.id}")).one()
    assert (decision.amount_pence, decision.reference) == (POT + HEALTH, "27/00012")


def test_nothing_moves_without_a_reason_for_the_decision(desk: FundDesk) -> None:
    before, fin = counts(), desk.browser("fin")
    refused = fin.submit(fin.get(desk.address("/carry/2026")), reason=" ", reference="27/00012")
    assert refused.status_code == 422
    assert "Say why the money goes into the next year." in refused.text
    assert "27/00012" in refused.text
    assert counts() == before


def test_an_officer_of_another_funder_finds_no_page(desk: FundDesk) -> None:
    before, olga = counts(), desk.browser("olga")
    assert olga.get(desk.address("/carry/2026")).status_code == 404
    assert counts() == before


def test_a_fresh_second_factor_is_asked_for(desk: FundDesk) -> None:
    before, weak = counts(), browser_of(desk.app, desk.officers["fin"])
    answer = weak.get(desk.address("/carry/2026"))
    assert answer.status_code in {302, 303}
    assert "carry" not in answer.location.split("?")[0]
    assert counts() == before
