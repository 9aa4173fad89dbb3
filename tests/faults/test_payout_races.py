"""Payouts at the same moment as whatever else moves their money or their account: never more than is held."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import balance_pence, breaches
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.payments.gateway import DisputeResult
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payouts.actions import approve_payout, prepare_payout, reject_payout
from crowdfund.payouts.answers import Outcome, confirm_payout, return_payout, take_answer
from crowdfund.payouts.bank_answer import AnswerLine
from crowdfund.payouts.checks import breaches as payout_breaches
from crowdfund.payouts.details import record_call_back
from crowdfund.payouts.files import make_payment_file
from crowdfund.payouts.models import BankDetails, Payout
from crowdfund.payouts.rules import PayoutState
from crowdfund.settlement.bank_details import give_for_group
from crowdfund.settlement.giving_back import ask_back
from tests.support.paying import Purse, account
from tests.support.people import make_officer
from tests.support.running import declare
from tests.support.settling import make_funded
from tests.support.threads import failures, together

S, A = PayoutState, AccountKind
BIG, SMALL = 50_000, 40_000  # what was collected, and what is paid out, in two parts
Step = Callable[[], Any]


@pytest.fixture
def purse(app: Flask, clock: FixedClock, db_session: Session) -> Purse:
    """A project that two cards paid £500 and £400 for, with bank details that can be used."""
    funded = make_funded(app, clock)
    cat = make_officer(OfficerRole.PROGRAMME_FINANCE, clock.now(), name="Cat Finance")
    for officer in (funded.finance, cat, funded.approver):
        declare(officer, funded.project, clock, has_interest=False)
    purse = Purse(app, clock, funded.project, funded.owner, funded.finance, cat, funded.approver)
    purse.ready()
    return purse


def step(action: Callable[..., Any], *given: Any, **more: Any) -> Step:
    """Return an action in a unit of work of its own."""

    def run() -> Any:
        with unit_of_work() as session:
            return action(session, *given, **more)

    return run


def disputing(purse: Purse) -> Step:
    """Return the bank's news that the holder of the first card wants the money back."""
    charge = db.session.scalars(select(ChargeAttempt).order_by(ChargeAttempt.id)).first()
    assert charge is not None
    assert charge.charge_ref is not None
    now = purse.clock.now()
    news = DisputeResult("dp_race", charge.charge_ref, BIG, 1_500, "fraudulent", "open", now, now)
    return lambda: purse.app.extensions["disputes"].record(news, now)


def hold_everything() -> None:
    db.session.expire_all()
    assert list(breaches(db.session())) == list(payout_breaches(db.session())) == []


def balance(purse: Purse, kind: AccountKind) -> int:
    return balance_pence(db.session(), kind, purse.project.id)


def states(*payouts: Payout) -> list[PayoutState]:
    db.session.expire_all()
    return [db.session.get_one(Payout, payout.id).state for payout in payouts]


def gone_pence(*payouts: Payout) -> int:
    return sum(row.amount_pence for row, state in zip(payouts, states(*payouts), strict=True) if state is S.SENT)


def test_a_dispute_opens_while_two_payouts_are_approved(purse: Purse) -> None:
    big, small = purse.prepare(BIG), purse.prepare(SMALL)
    who = purse.secretly(purse.cat)
    steps = [step(approve_payout, big.id, **who), step(approve_payout, small.id, **who), disputing(purse)]
    assert failures(together(purse.app, steps), Refused) == []
    results = together(purse.app, [step(make_payment_file, **purse.secretly(purse.ben))] * 2)
    assert failures(results, Refused) == []
    # Only £400 is left, whoever came first.
    assert gone_pence(big, small) <= SMALL
    assert states(big)[0] in {S.PREPARED, S.APPROVED}
    assert balance(purse, A.HELD) == SMALL - gone_pence(big, small) >= 0
    assert balance(purse, A.EXPOSURE) == 0
    hold_everything()


def test_a_dispute_opens_while_the_file_is_made(purse: Purse) -> None:
    big, small = purse.prepare(BIG), purse.prepare(SMALL)
    for payout in (big, small):
        purse.approve(payout)
    steps = [step(make_payment_file, **purse.secretly(purse.ben)), disputing(purse)]
    assert failures(together(purse.app, steps), Refused) == []
    exposed = -balance(purse, A.EXPOSURE)
    # Sent first: what the bank took back is the programme's loss. Disputed first: only what was left went.
    assert (gone_pence(big, small), exposed) in {(BIG + SMALL, BIG), (SMALL, 0)}
    assert balance(purse, A.HELD) == 0
    hold_everything()


def test_a_refund_is_asked_for_while_everything_is_prepared(purse: Purse) -> None:
    charge_id = db.session.scalars(select(ChargeAttempt.id).order_by(ChargeAttempt.id)).first()
    limited: dict[str, Any] = {"limit_pence": 5_000, **purse.who(purse.cat)}
    asking = step(ask_back, charge_id, BIG, "Paid twice by mistake.", **limited)
    preparing = step(prepare_payout, purse.purpose, BIG + SMALL, **purse.secretly(purse.ben))
    results = together(purse.app, [asking, preparing])
    assert failures(results, Refused) == []
    db.session.expire_all()
    waiting = list(db.session.scalars(select(Payout)))
    for payout in waiting:
        with pytest.raises(Refused, match="more than can be paid out"):
            purse.approve(payout)
    assert "£400" in str(refusal(purse, SMALL + 1, *waiting))


def refusal(purse: Purse, pence: int, *stopped: Payout) -> Refused:
    for payout in stopped:
        with unit_of_work() as session:
            reject_payout(session, payout.id, "A refund came first.", **purse.who(purse.cat))
    with pytest.raises(Refused) as found:
        purse.prepare(pence)
    return found.value


def test_two_colleagues_approve_at_once_and_one_of_them_did(purse: Purse) -> None:
    payout = purse.prepare()
    steps = [step(approve_payout, payout.id, **purse.secretly(who)) for who in (purse.cat, purse.approver) * 2]
    results = together(purse.app, steps)
    assert failures(results, Refused) == []
    assert sum(isinstance(result, Refused) for result in results) == 3
    assert states(payout) == [S.APPROVED]


def test_stopped_or_sent_and_never_both(purse: Purse) -> None:
    payout = purse.prepare()
    purse.approve(payout)
    stopping = step(reject_payout, payout.id, "Wait for the invoice.", **purse.who(purse.cat))
    results = together(purse.app, [stopping, step(make_payment_file, **purse.secretly(purse.ben))])
    assert failures(results, Refused) == []
    assert len([result for result in results if isinstance(result, Exception)]) == 1
    left = BIG + SMALL - (10_000 if states(payout) == [S.SENT] else 0)
    assert states(payout)[0] in {S.SENT, S.REJECTED}
    assert balance(purse, A.HELD) == left
    hold_everything()


def test_an_account_is_changed_while_a_payout_leaves(purse: Purse) -> None:
    payout = purse.prepare()
    purse.approve(payout)
    new = account(number="12345678")
    changing = step(give_for_group, purse.project.group_id, new, **purse.secretly(purse.owner))
    results = together(purse.app, [changing, step(make_payment_file, **purse.secretly(purse.ben))])
    assert failures(results, Refused) == []
    assert states(payout)[0] in {S.SENT, S.APPROVED}
    # It left for the account that was called about, or it stays; nothing goes to the new one.
    ends = select(BankDetails.account_end).join(Payout, Payout.bank_details_id == BankDetails.id)
    assert set(db.session.scalars(ends)) == {"0008"}
    with pytest.raises(Refused, match="on hold"):
        purse.prepare()


def test_many_accounts_are_given_at_once_and_one_counts(purse: Purse) -> None:
    new = [account(number=f"1234567{n}") for n in range(4)]
    who = purse.secretly(purse.owner)
    results = together(purse.app, [step(give_for_group, purse.project.group_id, one, **who) for one in new])
    assert failures(results) == []
    current = select(func.count()).select_from(BankDetails).where(BankDetails.ended_at.is_(None))
    assert db.session.scalar(current) == 1


def test_a_call_about_an_account_that_is_replaced_never_counts_for_the_new_one(purse: Purse) -> None:
    old = db.session.scalars(select(BankDetails.id)).one()
    calling = step(record_call_back, old, "Rang Ann.", group_id=purse.project.group_id, **purse.who(purse.cat))
    new = account(number="12345678")
    changing = step(give_for_group, purse.project.group_id, new, **purse.secretly(purse.owner))
    assert failures(together(purse.app, [calling, changing]), Refused) == []
    called = select(BankDetails.called_at).where(BankDetails.ended_at.is_(None))
    assert db.session.scalars(called).one() is None


def test_the_same_answer_read_by_four_at_once_counts_once(purse: Purse) -> None:
    payout = purse.sent()
    lines = [AnswerLine(payout.reference, is_paid=True, bank_reference="FP1")]
    results = together(purse.app, [step(take_answer, lines, **purse.who(purse.ben))] * 4)
    assert failures(results) == []
    assert sorted(told.outcome for [told] in results) == [Outcome.CONFIRMED, *[Outcome.KNOWN] * 3]
    assert balance_pence(db.session(), A.BANK, PROGRAMME) == 10_000
    assert len(purse.mails("payout_confirmed")) == len({mail.recipient for mail in purse.mails("payout_confirmed")})


def test_arrived_and_came_back_at_once_ends_as_came_back(purse: Purse) -> None:
    payout_id = purse.sent().id
    steps = [
        step(confirm_payout, payout_id, "FP1", **purse.who(purse.ben)),
        step(return_payout, payout_id, "Account closed.", **purse.who(purse.cat)),
    ]
    assert failures(together(purse.app, steps), Refused) == []
    assert db.session.get_one(Payout, payout_id, populate_existing=True).state is S.RETURNED
    hold_everything()
    assert (balance(purse, A.HELD), balance(purse, A.IN_FLIGHT)) == (BIG + SMALL, 0)
    assert balance_pence(db.session(), A.BANK, PROGRAMME) == 0
