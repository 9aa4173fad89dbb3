"""What the programme lost over a project: money that comes in ends it first, a decision settles what stays."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.history import history
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Decision
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.payments.rules import RefundState
from crowdfund.projects.models import Project
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement.checks import breaches
from crowdfund.settlement.exposure import read_exposure, settle_exposure
from crowdfund.settlement.history_words import HISTORY_WORDS
from crowdfund.settlement.rules import ExposureChoice
from crowdfund.site.statement import csv_rows, make_statement
from tests.support.factories import TESTER
from tests.support.paying import by
from tests.support.people import make_officer
from tests.support.refunds import FAILS, Till, make_till
from tests.support.tampering import without_triggers

BORNE, REPAID = ExposureChoice.BORNE, ExposureChoice.REPAID
WHY = "The group is dissolved and has nothing left."


@pytest.fixture
def till(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    """£950 of £1,000 was paid out."""
    till = make_till(app, stripe, clock)
    till.pay_out(95_000)
    return till


@pytest.fixture
def lost(till: Till) -> Till:
    """A payment of £800 was lost in a dispute after that: £50 was held, £750 is the programme's."""
    till.decide(till.dispute(), won=False)
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -75_000}
    return till


def post(till: Till, key: str) -> Posting:
    return Posting(db.session(), f"test {key}", TESTER, till.clock.now())


def address(till: Till) -> str:
    return f"/officers/money/projects/{till.campaign.project.public_id}/exposure"


def settle(till: Till, choice: ExposureChoice, pence: int, reason: str = WHY, **more: Any) -> Decision:
    who = till.who(till.approver) | more
    with unit_of_work() as session:
        return settle_exposure(session, till.project_id, choice, pence, reason, **who)


def borne(till: Till) -> int:
    return -balance_pence(db.session(), AccountKind.BORNE, till.project_id)


def demand_statement_adds_up(till: Till) -> None:
    db.session.expire_all()
    statement = make_statement(db.session(), db.session.get_one(Project, till.project_id))
    assert sum(pence for _, pence in statement.sums) == statement.held_pence == till.books()["held"]
    assert csv_rows(statement)


# What comes in


def test_a_returned_payout_ends_the_loss_before_anything_is_held(lost: Till) -> None:
    with unit_of_work():
        postings.confirm_payout(post(lost, "taken back"), lost.project_id, -95_000)
        postings.return_payout(post(lost, "returned"), lost.project_id, 95_000)
    assert lost.books() == {"held": 20_000, "owed_back": 0, "exposure": 0}
    lost.demand_sound()
    demand_statement_adds_up(lost)


@pytest.mark.parametrize(("pence", "held", "exposed"), [(10_000, 0, 65_000), (75_000, 0, 0), (80_000, 5_000, 0)])
def test_a_top_up_ends_the_loss_first(lost: Till, pence: int, held: int, exposed: int) -> None:
    with unit_of_work():
        postings.receive_top_up(post(lost, "top up"), lost.project_id, pence)
    assert lost.books() == {"held": held, "owed_back": 0, "exposure": -exposed}
    assert list(breaches(db.session())) == []
    demand_statement_adds_up(lost)


def test_a_dispute_that_is_won_ends_the_loss_by_another_first(till: Till) -> None:
    first = till.dispute(1)
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -15_000}
    till.decide(till.dispute(), won=False)
    assert till.books()["exposure"] == -95_000
    till.decide(first, won=True)
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -75_000}
    till.demand_sound()
    demand_statement_adds_up(till)


def test_what_a_late_payment_brings_ends_the_loss_first(lost: Till) -> None:
    with unit_of_work():
        postings.collect_charge(post(lost, "late"), lost.project_id, 5_000, 70)
    assert lost.books() == {"held": 0, "owed_back": 0, "exposure": -70_000}


def test_a_refund_that_comes_back_is_owed_to_its_backer_and_never_held(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    till = make_till(app, stripe, clock, FAILS)
    till.pay_out(95_000)
    refund = till.refunded(80_000)
    assert refund.state is RefundState.SUCCEEDED
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -75_000}
    till.hear()
    assert till.books() == {"held": 0, "owed_back": 80_000, "exposure": -75_000}
    till.make_good(refund)
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -75_000}
    till.demand_sound()
    demand_statement_adds_up(till)


def test_a_refund_outside_refunding_everyone_is_settled_like_a_dispute(till: Till) -> None:
    till.refunded(80_000)
    settle(till, BORNE, 75_000)
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": 0}
    till.demand_sound()


def test_money_that_is_held_while_a_loss_stands_is_found(lost: Till) -> None:
    with without_triggers(db.engine) as connection:
        connection.exec_driver_sql("UPDATE ledger_account SET balance_pence = 5 WHERE kind = 'held'")
    assert [one for one in breaches(db.session()) if "while the programme stands for what it lost" in one]


def test_nobody_gives_the_programme_more_back_than_it_lost(lost: Till) -> None:
    with pytest.raises(Refused, match="not enough left"), unit_of_work():
        postings.repay_exposure(post(lost, "too much"), lost.project_id, 75_001)


# Decisions


def test_finance_sees_each_loss_and_the_programme_bears_it(lost: Till) -> None:
    browser = lost.browser(lost.approver)
    page = browser.get("/officers/money", max_queries=12)
    assert f'href="{address(lost)}"' in page.text
    page = browser.get(address(lost), max_queries=12)
    assert 'value="750.00"' in page.text
    done = browser.follow(browser.submit(page, choice=BORNE.value, reason=WHY))
    assert "The programme bears a loss" in done.text
    assert (lost.books()["exposure"], borne(lost)) == (0, 75_000)
    decision = db.session.scalars(select(Decision).order_by(Decision.id.desc())).first()
    assert decision is not None
    assert (decision.subject, decision.outcome) == (f"project:{lost.project_id}", "exposure_borne")
    assert (decision.amount_pence, decision.reason) == (75_000, WHY)
    assert (decision.decided_by_id, decision.authority) == (lost.approver.id, "Approver for the programme")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.tag == Tag.EXPOSURE_SETTLED.value)).one()
    assert json.loads(event.data)["amount_pence"] == 75_000
    told = history(db.session(), "project", lost.project_id, internal=True, words=HISTORY_WORDS)
    assert any("settled £750 that was lost after it was paid out: the programme bears it" in one.words for one in told)
    assert "Settle<" not in browser.get("/officers/money").text
    lost.demand_sound()
    demand_statement_adds_up(lost)


def test_a_group_pays_back_in_parts(lost: Till) -> None:
    bank = balance_pence(db.session(), AccountKind.BANK, PROGRAMME)
    browser = lost.browser(lost.ben)
    page = browser.get(address(lost))
    typed = {"choice": REPAID.value, "amount": "250", "reason": "By instalments."}
    refused = browser.submit(page, **typed)
    assert refused.status_code == 422
    assert "Enter the reference of the group’s payment on the bank statement." in refused.text
    assert browser.submit(page, **typed, bank_reference="FP 77").status_code == 303
    assert lost.books() == {"held": 0, "owed_back": 0, "exposure": -50_000}
    assert bank - balance_pence(db.session(), AccountKind.BANK, PROGRAMME) == 25_000
    newest = select(Decision.criterion).order_by(Decision.id.desc()).limit(1)
    assert db.session.scalars(newest).one() == "The group paid it back: bank reference FP 77"
    settle(lost, BORNE, 50_000)
    assert (lost.books()["exposure"], borne(lost)) == (0, 50_000)
    lost.demand_sound()
    demand_statement_adds_up(lost)


def test_what_the_bank_may_still_give_back_is_not_settled(till: Till) -> None:
    open_dispute = till.dispute()
    page = till.browser(till.approver).get(address(till)).text
    assert "It is settled once the bank has decided the disputes that are open." in page
    assert "Record the decision" not in page
    with pytest.raises(Refused, match="more than can be settled now: £0"):
        settle(till, BORNE, 1)
    till.decide(till.dispute(1), won=False)
    stands = read_exposure(db.session(), till.project_id)
    assert (stands.lost_pence, stands.undecided_pence, stands.settleable_pence) == (95_000, 80_000, 15_000)
    settle(till, BORNE, 15_000)
    till.decide(open_dispute, won=True)
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": 0}
    assert borne(till) == 15_000
    till.demand_sound()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"choice": None}, "Choose what becomes of it."),
        ({"amount": ""}, "Enter how much of it."),
        ({"amount": "x"}, "Enter an amount in pounds"),
        ({"amount": "0"}, "Enter an amount above £0."),
        ({"amount": "750.01"}, "That is more than can be settled now: £750."),
        ({"reason": ""}, "Say why in a sentence or two."),
    ],
)
def test_bad_input_is_told_and_nothing_moves(lost: Till, typed: dict[str, str | None], told: str) -> None:
    browser = lost.browser(lost.approver)
    page = browser.get(address(lost))
    given = {"choice": BORNE.value, "amount": "12", "reason": WHY} | typed
    reply = browser.submit(page, **{name: value for name, value in given.items() if value is not None})
    assert reply.status_code == 422
    assert told in reply.text
    assert lost.books()["exposure"] == -75_000


def test_only_who_may_approve_money_and_declared_settles(lost: Till) -> None:
    checker = make_officer(OfficerRole.PROGRAMME_CHECKER, lost.clock.now())
    assert lost.browser(checker).get(address(lost)).status_code == 403
    with pytest.raises(Forbidden):
        settle(lost, BORNE, 100, actor=by(checker))
    weak = lost.browser(lost.approver, strong=False)
    assert "/account/second-factor" in weak.get(address(lost)).location
    new = make_officer(OfficerRole.PROGRAMME_APPROVER, lost.clock.now(), name="Eve Approver")
    with pytest.raises(Forbidden, match="Declare first"):
        settle(lost, BORNE, 100, actor=by(new))
    browser = lost.browser(new)
    asked = browser.follow(browser.get(address(lost)))
    assert browser.follow(browser.submit(asked, has_interest="no")).request.path == address(lost)
    with pytest.raises(Forbidden):
        settle(lost, BORNE, 100, actor=TESTER)
    assert lost.books()["exposure"] == -75_000


def test_where_nothing_is_lost_the_page_says_so(till: Till) -> None:
    page = till.browser(till.approver).get(address(till)).text
    assert "Nothing is lost over this project, so there is nothing to settle." in page
    assert "Record the decision" not in page
