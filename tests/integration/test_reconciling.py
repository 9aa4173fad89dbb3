"""Reconciliation: both ways, to the penny, in sentences; what is on its way is counted apart; nothing twice."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db, table_of
from crowdfund.core.errors import GatewayDown
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.models import LedgerEntry
from crowdfund.ledger.postings import win_dispute
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.ledger.rules import PROGRAMME, AccountKind, LedgerEvent
from crowdfund.notifications.models import Mail
from crowdfund.payments.checks import breaches as payment_breaches
from crowdfund.payments.models import BalanceLine, ChargeAttempt, Difference, Reconciliation, Refund
from crowdfund.payments.reconciling import reconcile
from crowdfund.payments.rules import DifferenceKind as K
from crowdfund.payments.rules import RefundState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.wiring import worker_of
from tests.support.campaign import GOOD
from tests.support.provider_books import ProviderBooks
from tests.support.queries import count_queries
from tests.support.refunds import FAILS, PENDING, REFUSED, Till, make_till

pytestmark = pytest.mark.database

A = AccountKind


@pytest.fixture
def books(db_session: Session, clock: FixedClock) -> ProviderBooks:
    return ProviderBooks(clock)


def found() -> list[tuple[K, str, int, int]]:
    """What the last run found, in order."""
    db.session.expire_all()
    last = select(func.max(Reconciliation.id)).scalar_subquery()
    rows = select(Difference).where(Difference.reconciliation_id == last).order_by(Difference.id)
    return [(row.kind, row.ref, row.expected_pence, row.found_pence) for row in db.session.scalars(rows)]


def words() -> list[str]:
    """What every run said."""
    return list(db.session.scalars(select(Difference.words).order_by(Difference.id)))


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def at_provider() -> int:
    """What our books say that the provider holds."""
    return -balance_pence(db.session(), A.PROVIDER, PROGRAMME)


def a_whole_life(books: ProviderBooks) -> None:
    """Charges, refunds, disputes and payouts that both sides know."""
    first, second = books.charge(100_000, 1_520)[0], books.charge(5_000, 95)[0]
    books.refund(first, 1_000)
    books.refund(first, 2_000, failed=True)
    books.dispute(second, 3_000)
    books.dispute(first, 4_000, won=True)
    books.dispute(first, 4_000, won=True, fee_back=2_000)
    books.later(days=1)
    books.payout(20_000)
    books.payout(-20_000)
    books.payout(30_000)


def test_an_empty_book_reconciles_to_nothing(books: ProviderBooks) -> None:
    run = books.run()
    assert (run.lines, run.provider_pence, run.book_pence, run.in_flight_pence) == (0, 0, 0, 0)
    assert (run.ended_at, found()) == (books.clock.now(), [])


def test_a_whole_life_reconciles_to_the_penny(books: ProviderBooks) -> None:
    a_whole_life(books)
    run = books.run()
    assert found() == []
    assert run.provider_pence == run.book_pence == books.balance_pence() == at_provider()
    assert (run.lines, run.in_flight_pence) == (len(books.lines), 0)
    assert db.session.scalar(select(func.count()).where(BalanceLine.matched_at.is_(None))) == 0
    assert list(ledger_breaches(db.session())) == []


def test_the_providers_payouts_are_posted_once(books: ProviderBooks) -> None:
    books.charge(100_000, 1_520)
    there, back = books.payout(20_000), books.payout(-20_000)
    last = books.payout(30_000)
    for _ in range(3):
        books.run()
    assert -balance_pence(db.session(), A.BANK, PROGRAMME) == 30_000
    assert at_provider() == 100_000 - 1_520 - 30_000
    posted = select(LedgerEntry.key).where(LedgerEntry.event == LedgerEvent.PROVIDER_PAID_OUT).order_by(LedgerEntry.key)
    assert db.session.scalars(posted).all() == sorted(f"provider_payout:{line.ref}" for line in (there, back, last))
    assert found() == []


def test_a_payout_with_a_fee_is_a_difference_of_the_fee(books: ProviderBooks) -> None:
    books.charge(100_000, 1_520)
    line = books.line("payout", "po_x", -20_000, 25)
    books.run()
    assert found() == [(K.FEE, line.ref, 0, 25)]


def test_a_second_run_finds_nothing_new(books: ProviderBooks) -> None:
    a_whole_life(books)
    books.run()
    before = {model: count(model) for model in (BalanceLine, LedgerEntry, Difference)}
    books.later(days=1)
    run = books.run()
    assert {model: count(model) for model in before} == before
    assert (run.provider_pence, count(Reconciliation)) == (run.book_pence, 2)


def test_a_run_asks_for_three_days_before_the_last_one(books: ProviderBooks) -> None:
    books.charge()
    books.later(days=4)
    books.run()
    listed_late = books.charge()[1]
    books.change(listed_late, at=books.clock.now() - timedelta(days=2, hours=23))
    books.later(days=1)
    run = books.run()
    assert (run.lines, count(BalanceLine), found()) == (1, 2, [])


# What only the provider knows


def test_a_movement_that_only_the_provider_knows(books: ProviderBooks) -> None:
    books.line("charge", "ch_unknown", 2_500, 58)
    books.later(hours=1)
    run = books.run()
    assert found() == [(K.MISSING_HERE, "ch_unknown", 0, 2_500)]
    assert words()[0].startswith("The provider says: a card payment of £25 less a fee of £0.58 on ")
    assert (run.provider_pence, run.book_pence, run.in_flight_pence) == (2_442, 0, 0)


def test_a_fee_of_the_providers_own_has_no_source(books: ProviderBooks) -> None:
    line = books.line("stripe_fee", None, -300)
    books.later(hours=2)
    books.run()
    assert found() == [(K.MISSING_HERE, line.ref, 0, -300)]


def test_a_charge_that_the_provider_lists_twice(books: ProviderBooks) -> None:
    attempt, _ = books.charge()
    books.line("charge", attempt.charge_ref, 2_500, 58)
    books.run()
    ref = attempt.charge_ref
    assert found() == [(K.AMOUNT, ref, 2_500, 5_000), (K.FEE, ref, 58, 116)]


# What only our books know


def test_a_charge_that_only_we_know(books: ProviderBooks) -> None:
    attempt = books.charge_here()
    books.later(hours=1)
    run = books.run()
    assert found() == [(K.MISSING_THERE, attempt.charge_ref, 2_500, 0)]
    assert "The provider knows nothing of it." in words()[0]
    assert (run.provider_pence, run.book_pence) == (0, 2_442)


def test_refunds_and_disputes_that_only_we_know(books: ProviderBooks) -> None:
    attempt = books.charge(50_000, 770)[0]
    refund = books.refund_here(attempt, 1_000, failed=True)
    dispute = books.dispute_here(attempt, 4_000, won=True)
    books.later(hours=2)
    books.run()
    assert sorted(found()) == sorted(
        [
            (K.MISSING_THERE, dispute.dispute_ref, -4_000, 0),
            (K.MISSING_THERE, dispute.dispute_ref, 4_000, 0),
            (K.MISSING_THERE, refund.refund_ref or "", -1_000, 0),
            (K.MISSING_THERE, refund.refund_ref or "", 1_000, 0),
        ]
    )


def test_a_refund_that_came_back_only_there(books: ProviderBooks) -> None:
    attempt = books.charge(50_000, 770)[0]
    sent = books.refund(attempt)[0]
    books.line("refund_failure", sent.source_ref, 1_000)
    books.later(hours=2)
    books.run()
    assert found() == [(K.MISSING_HERE, sent.source_ref, 0, 1_000)]


# What both know, and not alike


def test_another_amount(books: ProviderBooks) -> None:
    attempt, line = books.charge()
    books.change(line, amount_pence=2_499)
    books.run()
    assert found() == [(K.AMOUNT, attempt.charge_ref, 2_500, 2_499)]
    assert words() == ["For a card payment our books have £25, the provider £24.99."]


def test_another_fee(books: ProviderBooks) -> None:
    attempt, line = books.charge()
    books.change(line, fee_pence=59)
    books.run()
    assert found() == [(K.FEE, attempt.charge_ref, 58, 59)]
    assert words() == ["For a card payment our books have a fee of £0.58, the provider £0.59."]


def test_a_disputes_fee_that_came_back_only_there(books: ProviderBooks) -> None:
    attempt = books.charge(50_000, 770)[0]
    back = books.dispute(attempt, won=True)[1]
    books.change(back, fee_pence=-2_000)
    books.run()
    assert found() == [(K.FEE, back.source_ref, 0, -2_000)]


def test_a_balance_that_is_not_the_sum_of_its_lines(books: ProviderBooks) -> None:
    books.charge()
    books.said_pence = 2_441
    books.run()
    assert found() == [(K.BALANCE, "provider", 2_442, 2_441)]
    assert words()[0].endswith("it says that it holds £24.41.")


def test_a_cash_book_that_is_not_the_sum_of_its_rows(books: ProviderBooks) -> None:
    books.charge()
    with unit_of_work():
        win_dispute(books.post("a posting without its row"), PROGRAMME, 0, 300)
    books.run()
    assert found() == [(K.BALANCE, "cash book", 2_442, 2_742)]


def test_a_row_that_was_altered_is_found_weeks_later(books: ProviderBooks) -> None:
    attempt, _ = books.charge()
    books.run()
    books.later(days=30)
    with unit_of_work() as session:
        table = table_of(ChargeAttempt)
        session.execute(update(table).where(table.c.id == attempt.id).values(fee_pence=60))
    books.run()
    assert found() == [(K.BALANCE, "cash book", 2_440, 2_442), (K.FEE, attempt.charge_ref, 60, 58)]


# On its way


def test_what_one_side_heard_of_less_than_an_hour_ago_is_in_flight(books: ProviderBooks) -> None:
    books.charge_here(10_000, 170)
    books.line("charge", "ch_on_its_way", 2_500, 58)
    books.later(minutes=59)
    run = books.run()
    assert (found(), run.in_flight_pence) == ([], 10_000 - 170 - 2_442)
    assert run.provider_pence is not None
    assert run.book_pence is not None
    assert run.provider_pence == run.book_pence - run.in_flight_pence
    books.later(minutes=1)
    run = books.run()
    assert [one[0] for one in found()] == [K.MISSING_THERE, K.MISSING_HERE]
    assert run.in_flight_pence == 0


def test_what_was_in_flight_is_matched_by_the_next_run(books: ProviderBooks) -> None:
    attempt = books.charge_here()
    books.run()
    books.line("charge", attempt.charge_ref, 2_500, 58)
    books.later(days=1)
    run = books.run()
    assert (found(), run.in_flight_pence) == ([], 0)
    line = db.session.scalars(select(BalanceLine)).one()
    assert line.matched_at == books.clock.now()


def test_a_difference_ends_when_the_books_catch_up(books: ProviderBooks) -> None:
    attempt = books.charge_here()
    books.later(days=1)
    books.run()
    assert len(found()) == 1
    books.line("charge", attempt.charge_ref, 2_500, 58)
    books.run()
    assert found() == []


# When something stops it


def test_a_provider_that_does_not_answer_leaves_the_run_to_the_next_one(books: ProviderBooks) -> None:
    books.charge()
    books.is_down = True
    for _ in range(3):
        with pytest.raises(GatewayDown):
            books.run()
    assert count(Reconciliation) == 1
    books.is_down = False
    run = books.run()
    assert (run.ended_at, count(Reconciliation), found()) == (books.clock.now(), 1, [])


def test_an_outage_in_the_middle_keeps_what_was_read(books: ProviderBooks) -> None:
    for _ in range(600):
        books.line("charge", "ch_many", 100)
    books.hangs_up_after = 550
    with pytest.raises(GatewayDown):
        books.run()
    assert count(BalanceLine) == 500
    books.hangs_up_after = None
    assert books.run().lines == 600
    assert count(BalanceLine) == 600


def test_the_list_is_read_again_when_the_balance_moved_meanwhile(books: ProviderBooks) -> None:
    books.charge()
    books.meanwhile = books.charge
    run = books.run()
    assert (run.provider_pence, run.lines, found()) == (2 * 2_442, 2, [])


def test_another_run_that_finishes_first_leaves_a_run_of_its_own(books: ProviderBooks) -> None:
    books.charge()
    seen = []

    def meanwhile(lines: int) -> None:
        if not seen:
            seen.append(lines)
            books.run()

    run = reconcile(books.gateway, books.clock.now(), meanwhile)
    assert seen == [1]
    assert count(Reconciliation) == 2
    assert run.ended_at is not None
    assert found() == []


def test_five_thousand_lines_cost_few_statements(app: Flask, books: ProviderBooks) -> None:
    for number in range(5_000):
        books.line("charge", f"ch_{number}", 2_500, 58)
    told: list[int] = []
    with app.app_context(), count_queries(db.engine) as few:
        run = reconcile(books.gateway, books.clock.now(), told.append)
    assert (run.lines, told) == (5_000, list(range(500, 5_001, 500)))
    # Two for each batch of 500, and as many again to compare and record, however many lines there are.
    few.refuse_over(2 * 10 + 20, "5,000 lines in flight")
    books.later(hours=2)
    with count_queries(db.engine) as many:
        books.run()
    assert len(found()) == 5_000
    many.refuse_over(2 * 10 + 10 + 20, "5,000 lines that only the provider knows")


# Finance


def mails(app: Flask) -> list[Mail]:
    worker_of(app).drain()
    db.session.expire_all()
    return list(db.session.scalars(select(Mail).where(Mail.template == "reconciliation_differs").order_by(Mail.id)))


def test_finance_hears_of_a_difference_once(app: Flask, books: ProviderBooks) -> None:
    books.line("charge", "ch_unknown", 2_500, 58)
    books.run()
    assert mails(app) == []
    for _ in range(3):
        books.later(days=1)
        books.run()
    (told,) = mails(app)
    assert told.recipient == app.config["OFFICERS_EMAIL"]
    assert told.subject == "The cash book and the payment provider differ: 1 difference"
    assert "a card payment of £25" in told.body
    assert "/officers/money/reconciliation?run=" in told.body
    books.line("charge", "ch_other", 700)
    books.later(days=1)
    books.run()
    assert len(mails(app)) == 2


# The real library


def demand_agreement(till: Till) -> None:
    till.clock.forward(timedelta(hours=2))
    run = reconcile(till.refunds.gateway, till.clock.now())
    assert found() == []
    assert run.provider_pence == run.book_pence == at_provider()
    assert run.in_flight_pence == 0
    assert list(payment_breaches(db.session())) == []
    till.demand_sound()


def kinds_of(refund: Refund) -> list[str]:
    """The provider's movements for a refund, in order."""
    lines = select(BalanceLine.kind).where(BalanceLine.source_ref == refund.refund_ref)
    return list(db.session.scalars(lines.order_by(BalanceLine.at, BalanceLine.amount_pence)))


def test_a_refund_that_fails_at_once_moved_nothing_on_either_side(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    till = make_till(app, stripe, clock, REFUSED)
    refund = till.refunded(3_000)
    assert (refund.state, refund.failure) == (RefundState.FAILED, "lost_or_stolen_card")
    assert refund.refund_ref is not None
    till.hear()
    assert till.books() == {"held": 100_000, "owed_back": 0, "exposure": 0}
    demand_agreement(till)
    assert kinds_of(refund) == []
    till.make_good(refund)
    assert till.books()["held"] == 97_000
    demand_agreement(till)


@pytest.mark.parametrize("card", [PENDING, GOOD])
def test_a_refund_that_fails_after_it_was_taken_moved_twice_on_both_sides(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock, card: str
) -> None:
    till = make_till(app, stripe, clock, card)
    refund = till.refunded(3_000)
    assert refund.state is (RefundState.PENDING if card == PENDING else RefundState.SUCCEEDED)
    demand_agreement(till)
    assert kinds_of(refund) == ["refund"]
    stripe.fail_refund(refund.refund_ref or "")
    till.hear()
    assert till.again(refund).state is RefundState.FAILED
    assert till.books() == {"held": 97_000, "owed_back": 3_000, "exposure": 0}
    demand_agreement(till)
    assert kinds_of(refund) == ["refund", "refund_failure"]


def test_real_charges_refunds_disputes_and_payouts_at_the_stand_in(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    till = make_till(app, stripe, clock, FAILS)
    till.refunded(3_000)
    till.hear()
    disputed = till.dispute(1)
    till.decide(disputed, won=True)
    till.clock.forward(timedelta(days=4))
    assert stripe.pay_out() is not None
    run = reconcile(till.refunds.gateway, till.clock.now())
    assert found() == []
    assert run.provider_pence == run.book_pence == at_provider()
    assert run.in_flight_pence == 0
    assert run.lines >= 7
    in_bank = -balance_pence(db.session(), A.BANK, PROGRAMME)
    assert run.provider_pence is not None
    assert in_bank == 100_000 - till.fees() - run.provider_pence > 0
