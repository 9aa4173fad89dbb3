"""`crowdfund reconcile` as an operator runs it, and what `crowdfund check` says of payments."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.config import Settings
from crowdfund.core.db import db, table_of
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import postings
from crowdfund.payments.checks import breaches
from crowdfund.payments.models import BalanceLine, ChargeAttempt, Dispute, Refund
from crowdfund.sandbox.stripe import StandIn
from crowdfund.sandbox.stripe.money import book
from tests.support.backup import back_up, restore
from tests.support.campaign import Campaign
from tests.support.factories import make_project
from tests.support.provider_books import PROJECT, ProviderBooks
from tests.support.refunds import FAILS, PENDING, Till, make_till


@pytest.fixture
def till(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    """Two payments, one given back and one disputed, a few hours ago by the clock of other processes too."""
    clock.at = real_now() - timedelta(days=120)
    till = make_till(app, stripe, clock, FAILS, PENDING)
    till.refunded(3_000)
    till.refunded(1_000, 1)
    till.hear()
    till.decide(till.dispute(), won=True)
    return till


def command(settings: Settings, name: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the service against this database and this stand-in."""
    given = {name: str(value) for name, value in vars(settings).items()}
    given |= {"sandbox": "1"} | changes
    env = os.environ | {f"CROWDFUND_{name.upper()}": value for name, value in given.items()}
    asked = [sys.executable, "-m", "crowdfund", name]
    return subprocess.run(asked, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_both_sides_agree(settings: Settings, till: Till) -> None:
    done = command(settings, "reconcile")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "both sides agree, to the penny"), done.stderr
    assert "the provider holds £" in done.stdout
    again = command(settings, "reconcile")
    assert (again.returncode, again.stdout.splitlines()[-3:]) == (0, done.stdout.splitlines()[-3:])


def test_a_difference_is_told_and_is_the_exit_status(settings: Settings, till: Till) -> None:
    with till.stripe.work() as context:
        book(context, {"id": "ch_by_hand", "currency": "gbp"}, "charge", 4_500, fee=88)
    done = command(settings, "reconcile")
    assert done.returncode == 1, done.stderr
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("DIFFERENCE")]
    assert told.startswith("DIFFERENCE: Missing in our books (ch_by_hand). The provider says: a card payment of £45 ")
    assert done.stdout.splitlines()[-1] == "1 difference, told above"


def test_what_a_restored_backup_does_not_know_is_taken_over_and_lost_pledges_are_named(
    settings: Settings, till: Till
) -> None:
    till.clock.at = real_now() - timedelta(hours=2)
    back_up()
    campaign, project = till.campaign, make_project(till.clock.now())
    lost = Campaign(campaign.app, till.stripe, till.clock, project).back(2_500)
    session_ref = campaign.desk.checkout(lost).session_ref
    refund_ref = till.refunded(2_000).refund_ref
    restore()
    done = command(settings, "reconcile")
    assert done.returncode == 1, done.stderr
    assert "DIFFERENCE" not in done.stdout
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("LOST")]
    assert f"somebody saved a card ({session_ref}) for a pledge that is not here" in told
    db.session.expire_all()
    assert db.session.scalars(select(Refund.refund_ref).order_by(Refund.id)).all()[-1] == refund_ref


def test_a_provider_that_is_down_is_not_a_difference(settings: Settings, till: Till) -> None:
    till.stripe.set_mode("down")
    done = command(settings, "reconcile")
    assert (done.returncode, "both sides agree" in done.stdout) == (2, False)
    assert done.stderr.splitlines()[-1].startswith("the payment provider does not answer, so nothing was compared")


def test_check_passes_on_real_payments_and_names_what_is_wrong(settings: Settings, till: Till) -> None:
    done = command(settings, "check")
    assert (done.returncode, done.stdout) == (0, "every invariant holds\n"), done.stderr
    with unit_of_work() as session:
        table = table_of(ChargeAttempt)
        session.execute(update(table).values(fee_pence=table.c.fee_pence + 1))
    done = command(settings, "check")
    assert done.returncode == 1
    assert "BREACH: charge attempt" in done.stdout


# Every check has a case that trips it


@pytest.fixture
def books(db_session: Session, clock: FixedClock) -> ProviderBooks:
    """One charge, refund, failed refund, dispute and payout, known to both sides."""
    books = ProviderBooks(clock)
    attempt = books.charge(100_000, 1_520)[0]
    books.refund(attempt, 1_000)
    books.refund(attempt, 2_000, failed=True)
    books.dispute(attempt, 4_000, won=True, fee_back=2_000)
    books.payout(20_000)
    books.run()
    return books


def told() -> list[str]:
    db.session.expire_all()
    return list(breaches(db.session()))


def test_sound_books_are_silent(books: ProviderBooks) -> None:
    assert told() == []


def test_rows_without_their_postings(books: ProviderBooks) -> None:
    books.forgets_postings = True
    attempt = books.charge_here()
    refund = books.refund_here(attempt, 500, failed=True)
    dispute = books.dispute_here(attempt, 500, won=True)
    assert told()[:5] == [
        f"charge attempt {attempt.id} has no posting",
        f"refund {refund.id} has no posting",
        f"failed refund {refund.id} has no posting",
        f"dispute {dispute.id} has no posting",
        f"dispute that was won {dispute.id} has no posting",
    ]


@pytest.mark.parametrize(
    ("model", "values", "sentence"),
    [
        (ChargeAttempt, {"fee_pence": 1_521}, "its posting moved −£984.80 at the provider, the row says −£984.79"),
        (Refund, {"amount_pence": 1_001}, "its posting moved £10 at the provider, the row says £10.01"),
        (Dispute, {"amount_pence": 4_001}, "its posting moved −£40 at the provider, the row says −£40.01"),
        (Dispute, {"fee_pence": 1_999}, "its posting moved £60 at the provider, the row says £59.99"),
        (Dispute, {"amount_pence": 4_001, "fee_pence": 1_999}, "the row says £60, or their fees differ"),
    ],
)
def test_a_row_that_says_something_else_than_its_posting(
    books: ProviderBooks, model: type, values: dict[str, int], sentence: str
) -> None:
    with unit_of_work() as session:
        session.execute(update(table_of(model)).values(**values))
    assert any(sentence in one for one in told())


def test_a_posting_without_its_row(books: ProviderBooks) -> None:
    with unit_of_work():
        postings.collect_charge(books.post("charge:4711"), PROJECT, 500, 0)
        postings.provider_paid_out(books.post("provider_payout:txn_nobody"), 100)
    ends = sorted(one.partition(" (")[2] for one in told() if "has no row" in one)
    assert ends == [
        "charge_collected, charge:4711) has no row that it came from",
        "provider_paid_out, provider_payout:txn_nobody) has no row that it came from",
    ]
    assert "the cash book says that the provider holds" in told()[-1]


def test_refunds_that_do_not_add_up(books: ProviderBooks) -> None:
    with unit_of_work() as session:
        session.execute(update(table_of(ChargeAttempt)).values(refunded_pence=999))
    assert ["its refunds add up to £10, it says £9.99" in one for one in told()] == [True]


def test_a_payout_whose_line_is_gone(books: ProviderBooks) -> None:
    with unit_of_work() as session:
        table = table_of(BalanceLine)
        session.execute(table.delete().where(table.c.kind == "payout"))
    assert ["provider_paid_out" in one for one in told()] == [True]
