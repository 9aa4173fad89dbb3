"""What the bank's answer does to payouts: read once or again, in order or not, paid twice and sent back."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import breaches
from crowdfund.payouts.answers import Outcome, return_payout, take_answer
from crowdfund.payouts.bank_answer import AnswerLine
from crowdfund.payouts.models import Payout
from crowdfund.payouts.queries import find_paid_twice
from crowdfund.payouts.rules import PayoutState
from tests.support.paying import HELD, Purse, make_purse
from tests.support.running import declare

S = PayoutState


@pytest.fixture
def purse(app: Flask, clock: FixedClock, db_session: Session) -> Purse:
    """A funded project with £900 held and bank details that can be used."""
    purse = make_purse(app, clock)
    purse.ready()
    return purse


def line(payout: Payout, **changes: Any) -> AnswerLine:
    given: dict[str, Any] = {"is_paid": True, "bank_reference": "FP1", "reason": "None."}
    return AnswerLine(payout.reference, **(given | changes))


def take(purse: Purse, *lines: AnswerLine) -> list[Outcome]:
    with unit_of_work() as session:
        return [told.outcome for told in take_answer(session, list(lines), **purse.who(purse.ben))]


def test_the_same_answer_twice_changes_nothing_more(purse: Purse) -> None:
    payout = purse.sent()
    assert take(purse, line(payout)) == [Outcome.CONFIRMED]
    assert take(purse, line(payout)) == [Outcome.KNOWN]
    assert find_paid_twice(db.session()) == []


def test_a_payment_made_twice_is_found_listed_and_stops_further_ones(purse: Purse) -> None:
    payout = purse.sent()
    waiting = purse.prepare()
    assert take(purse, line(payout), line(payout, bank_reference="FP2")) == [Outcome.CONFIRMED, Outcome.TWICE]
    assert [row.id for row in find_paid_twice(db.session())] == [payout.id]
    page = purse.browser(purse.ben).get("/officers/payouts", max_queries=12)
    assert "Paid twice by the bank" in page.text
    with pytest.raises(Refused, match="paid an earlier payout twice"):
        purse.prepare()
    with pytest.raises(Refused, match="paid an earlier payout twice"):
        purse.approve(waiting)
    assert take(purse, line(payout, bank_reference="FP2")) == [Outcome.KNOWN]
    ben = purse.browser(purse.ben)
    form = ben.get(purse.address(payout, "paid-twice"), max_queries=12)
    assert ben.submit(form, reason="The group sent it back.").status_code == 303
    assert find_paid_twice(db.session()) == []
    assert "The group sent it back." in ben.get(purse.address(payout)).text
    assert take(purse, line(payout, bank_reference="FP2")) == [Outcome.KNOWN]
    assert purse.approve(waiting).state is S.APPROVED


def test_a_second_payment_that_comes_back_settles_it(purse: Purse) -> None:
    payout = purse.sent()
    take(purse, line(payout), line(payout, bank_reference="FP2"))
    with pytest.raises(Refused, match="paid this twice"), unit_of_work() as session:
        return_payout(session, payout.id, "x", **purse.who(purse.ben))
    assert take(purse, line(payout, is_paid=False, reason="Sent back.")) == [Outcome.RETURNED]
    assert purse.again(payout).state is S.CONFIRMED
    assert find_paid_twice(db.session()) == []


def test_an_answer_read_again_after_the_second_payment_came_back_holds_nothing_twice(purse: Purse) -> None:
    payout = purse.sent()
    lines = [line(payout), line(payout, bank_reference="FP2"), line(payout, is_paid=False, bank_reference="")]
    assert take(purse, *lines) == [Outcome.CONFIRMED, Outcome.TWICE, Outcome.RETURNED]
    assert take(purse, *lines) == [Outcome.KNOWN, Outcome.KNOWN, Outcome.PROBLEM]
    assert purse.again(payout).state is S.CONFIRMED
    assert purse.held() == HELD - 10_000
    # Where the first came back too, a person says so.
    with unit_of_work() as session:
        return_payout(session, payout.id, "Account closed.", **purse.who(purse.ben))
    assert purse.held() == HELD
    assert list(breaches(db.session())) == []


def test_an_answer_read_again_after_a_return_changes_nothing(purse: Purse) -> None:
    payout = purse.sent()
    lines = [line(payout), line(payout, is_paid=False, reason="Closed.")]
    assert take(purse, *lines) == [Outcome.CONFIRMED, Outcome.RETURNED]
    assert take(purse, *lines) == [Outcome.KNOWN, Outcome.KNOWN]
    assert take(purse, line(payout, bank_reference="FP2")) == [Outcome.PROBLEM]
    assert purse.held() == HELD
    assert len(purse.mails("payout_returned")) == 2  # the owner's and the group's


def test_a_third_payment_does_not_make_us_forget_the_second(purse: Purse) -> None:
    payout = purse.sent()
    lines = [line(payout, bank_reference=f"FP{number}") for number in (1, 2, 3)]
    assert take(purse, *lines) == [Outcome.CONFIRMED, Outcome.TWICE, Outcome.TWICE]
    assert take(purse, *lines) == [Outcome.KNOWN] * 3


def test_an_officer_tied_to_one_project_reads_the_other_lines(purse: Purse, app: Flask, clock: FixedClock) -> None:
    other = make_purse(app, clock)
    other.ready()
    mine, theirs = purse.sent(), other.sent()
    declare(purse.ben, purse.project, clock, has_interest=True)
    with unit_of_work() as session:
        told = take_answer(session, [line(mine), line(theirs)], **purse.who(purse.ben))
    assert [one.outcome for one in told] == [Outcome.PROBLEM, Outcome.CONFIRMED]
    assert "A colleague has to read this line." in told[0].words
    assert purse.again(mine).state is S.SENT


def test_lines_that_do_not_fit_change_nothing(purse: Purse) -> None:
    payout, prepared = purse.sent(10_000), purse.prepare()
    unknown = AnswerLine("PO-0000-0000", is_paid=True, bank_reference="FP9")
    lines = [line(payout, amount_pence=9_999), line(prepared), line(prepared, is_paid=False), unknown]
    assert take(purse, *lines, AnswerLine("", fault="The line has no reference.")) == [Outcome.PROBLEM] * 5
    assert (purse.again(payout).state, purse.again(prepared).state) == (S.SENT, S.PREPARED)
    assert take(purse, line(payout, amount_pence=10_000)) == [Outcome.CONFIRMED]
