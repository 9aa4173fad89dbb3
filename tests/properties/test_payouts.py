"""Whatever officers, backers and the bank do in whatever order: never more than held, and never one person alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from crowdfund.core.clock import FixedClock
from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import balance_pence, breaches
from crowdfund.ledger.rules import AccountKind
from crowdfund.payouts.actions import approve_payout, prepare_payout, reject_payout
from crowdfund.payouts.answers import take_answer
from crowdfund.payouts.bank_answer import AnswerLine
from crowdfund.payouts.checks import breaches as payout_breaches
from crowdfund.payouts.details import record_call_back
from crowdfund.payouts.files import is_whole, make_payment_file, open_file
from crowdfund.payouts.models import BankDetails, PaymentFile, Payout
from crowdfund.payouts.queries import find_details
from crowdfund.payouts.rules import HOLD, PayoutState
from crowdfund.settlement.bank_details import give_for_group
from tests.support.clock import START
from tests.support.examples import some
from tests.support.factories import TESTER
from tests.support.paying import account, by, hold, make_purse

S = PayoutState
PENCE = st.integers(1, 60_000)
PICK = st.integers(0, 50)
WHO = st.sampled_from(["ben", "cat", "approver"])
LEFT_HELD = (S.SENT, S.CONFIRMED)


class Desk(RuleBasedStateMachine):
    """One project's money, three officers and a bank; beside it, what came in as a plain number."""

    def __init__(self, app: Flask, clock: FixedClock) -> None:
        super().__init__()
        self.clock, clock.at = clock, START
        self.purse = make_purse(app, clock, held=0)
        self.purse.ready()
        self.project_id, self.group_id = self.purse.project.id, self.purse.project.group_id
        self.people = {name: by(getattr(self.purse, name)) for name in ("ben", "cat", "approver", "owner")}
        self.came_in, self.numbers = 0, 10_000_000

    def attempt(self, action: Callable[..., Any], *args: Any, who: str, sealed: bool = True, **more: Any) -> Any:
        """Do something in a unit of work; answer None where it is refused."""
        secret = {"secret": SANDBOX_SECRET} if sealed else {}
        try:
            with unit_of_work() as session:
                return action(session, *args, actor=self.people[who], now=self.clock.now(), **secret, **more)
        except (Refused, Forbidden):
            return None

    def payouts(self) -> list[Payout]:
        """Every payout of the project."""
        db.session.expire_all()
        return list(db.session.scalars(select(Payout).where(Payout.purpose == self.purse.purpose).order_by(Payout.id)))

    def one(self, pick: int) -> Payout | None:
        """Choose one."""
        found = self.payouts()
        return found[pick % len(found)] if found else None

    @rule(pence=PENCE)
    def collect(self, pence: int) -> None:
        with unit_of_work() as session:
            hold(session, self.project_id, pence, self.clock)
        self.came_in += pence

    @rule(pence=PENCE)
    def refund(self, pence: int) -> None:
        self.numbers += 1
        try:
            with unit_of_work() as session:
                posting = Posting(session, f"payouts {self.project_id} {self.numbers}", TESTER, self.clock.now())
                postings.refund_charge(posting, self.project_id, pence)
        except Refused:
            return
        self.came_in -= pence

    @rule(pence=PENCE, who=WHO)
    def prepare(self, pence: int, who: str) -> None:
        self.attempt(prepare_payout, self.purse.purpose, pence, who=who)

    @rule(pick=PICK, who=WHO)
    def approve(self, pick: int, who: str) -> None:
        if row := self.one(pick):
            self.attempt(approve_payout, row.id, who=who)

    @rule(pick=PICK, who=WHO)
    def stop(self, pick: int, who: str) -> None:
        if row := self.one(pick):
            self.attempt(reject_payout, row.id, "Not now.", who=who, sealed=False)

    @rule(who=WHO)
    def send(self, who: str) -> None:
        self.attempt(make_payment_file, who=who)

    @rule(picks=st.lists(PICK, max_size=4), is_paid=st.booleans(), ref=st.sampled_from(["FP1", "FP2"]))
    def bank(self, picks: list[int], is_paid: bool, ref: str) -> None:
        rows = [row for pick in picks if (row := self.one(pick))]
        lines = [AnswerLine(row.reference, is_paid, ref, reason="Closed.") for row in rows]
        assert self.attempt(take_answer, lines, who="ben", sealed=False) is not None

    @rule(hours=st.integers(1, 150))
    def wait(self, hours: int) -> None:
        self.clock.forward(timedelta(hours=hours))

    @rule()
    def change_details(self) -> None:
        self.numbers += 1
        self.attempt(give_for_group, self.group_id, account(number=str(self.numbers)), who="owner")

    @rule(who=WHO)
    def call(self, who: str) -> None:
        if details := find_details(db.session(), f"group:{self.group_id}"):
            ids = {"group_id": self.group_id}
            self.attempt(record_call_back, details.id, "Rang.", who=who, sealed=False, **ids)

    @invariant()
    def nothing_is_paid_that_was_not_held(self) -> None:
        rows = self.payouts()
        gone = sum(row.amount_pence for row in rows if row.state in LEFT_HELD)
        held = balance_pence(db.session(), AccountKind.HELD, self.project_id)
        assert held == self.came_in - gone >= 0
        flying = sum(row.amount_pence for row in rows if row.state is S.SENT)
        assert balance_pence(db.session(), AccountKind.IN_FLIGHT, self.project_id) == flying

    @invariant()
    def two_people_agreed(self) -> None:
        for row in self.payouts():
            if row.state not in {S.PREPARED, S.REJECTED}:
                assert row.approved_by_id is not None
                assert row.approved_by_id != row.prepared_by_id

    @invariant()
    def no_money_left_within_a_hold_or_without_a_call(self) -> None:
        for row in self.payouts():
            if row.file_id is not None:
                made = db.session.get_one(PaymentFile, row.file_id)
                details = db.session.get_one(BankDetails, row.bank_details_id)
                assert made.made_at >= details.given_at + HOLD
                assert details.called_at is not None

    def teardown(self) -> None:
        assert list(breaches(db.session())) == list(payout_breaches(db.session())) == []
        for file in db.session.scalars(select(PaymentFile)):
            found = select(func.count(), func.sum(Payout.amount_pence)).where(Payout.file_id == file.id)
            assert tuple(db.session.execute(found).one()) == (file.payouts, file.total_pence)
            assert is_whole(open_file(file, SANDBOX_SECRET))
        # A later example's file would carry what this one left approved.
        with unit_of_work() as session:
            for row in session.scalars(select(Payout).where(Payout.state.in_((S.PREPARED, S.APPROVED)))):
                row.state = S.REJECTED


@pytest.mark.usefixtures("db_session")
def test_any_order_of_events_keeps_the_rules(app: Flask, clock: FixedClock) -> None:
    run_state_machine_as_test(lambda: Desk(app, clock), settings=some(5, steps=40))
