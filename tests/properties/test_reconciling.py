"""Whatever happened, books that both sides kept reconcile to nothing, and one spoilt line never goes unseen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from crowdfund.core.db import db
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.payments.balance_lines import BANK_KINDS
from crowdfund.payments.checks import breaches
from crowdfund.payments.gateway import BalanceMovement
from crowdfund.payments.models import BalanceLine, ChargeAttempt, Difference, Reconciliation
from tests.support.clock import standing_clock
from tests.support.database import Database
from tests.support.examples import some
from tests.support.provider_books import ProviderBooks

PENCE = st.integers(100, 90_000)
PICK = st.integers(0, 50)
CHARGE = st.tuples(st.just("charge"), PENCE, st.integers(0, 2_000), st.booleans())
OTHER = st.tuples(
    st.sampled_from(["refund", "failed", "dispute", "won", "payout", "back", "wait"]), PENCE, PICK, st.booleans()
)
Step = tuple[str, int, int, bool]
HISTORY = st.builds(lambda first, rest: [first, *rest], CHARGE, st.lists(st.one_of(CHARGE, OTHER), max_size=12))
HOW = st.sampled_from(["drop", "amount", "fee", "double", "source"])


@dataclass
class Paid:
    """A charge and what of it may still move."""

    attempt: ChargeAttempt
    left: int


@contextmanager
def fresh(app: Flask, database: Database) -> Iterator[ProviderBooks]:
    """Yield books of this example alone."""
    with app.app_context(), standing_clock() as clock:
        database.reset(db.engine)
        yield ProviderBooks(clock)
        db.session.remove()


def live(books: ProviderBooks, history: list[Step]) -> None:
    """Let a history happen on both sides; what cannot happen is left out."""
    paid: list[Paid] = []
    for what, pence, number, flag in history:
        one = paid[number % len(paid)] if paid else None
        part = min(pence, one.left) if one else 0
        if what == "charge":
            fee = min(number, pence - 1)
            paid.append(Paid(books.charge(pence, fee)[0], pence))
        elif what == "wait":
            books.later(hours=pence // 1_000)
        elif what in {"payout", "back"}:
            books.payout(pence if what == "payout" else -pence)
        elif one is not None and part:
            move(books, what, one, part, flag=flag)
    books.later(hours=2)
    books.said_pence = books.balance_pence()


def move(books: ProviderBooks, what: str, one: Paid, part: int, *, flag: bool) -> None:
    """Give some of a charge back, or have it disputed."""
    if what in {"refund", "failed"}:
        books.refund(one.attempt, part, failed=what == "failed")
        one.left -= part
    else:
        books.dispute(one.attempt, part, won=what == "won", fee_back=2_000 if flag and what == "won" else 0)
        one.left -= 0 if what == "won" else part


def found() -> list[Difference]:
    """What the last run found."""
    db.session.expire_all()
    last = select(func.max(Reconciliation.id)).scalar_subquery()
    return list(db.session.scalars(select(Difference).where(Difference.reconciliation_id == last)))


def spoil(books: ProviderBooks, line: BalanceMovement, how: str, by: int) -> None:
    """Drop or alter one line of the provider's list; what it says it holds stays true."""
    at = books.lines.index(line)
    if how == "drop":
        del books.lines[at]
    elif how == "double":
        books.lines.insert(at, replace(line, ref=f"{line.ref}_again"))
    elif how == "source":
        books.lines[at] = replace(line, source_ref="ch_of_somebody_else")
    else:
        name = f"{how}_pence"
        books.lines[at] = replace(line, **{name: getattr(line, name) + by})


@pytest.mark.usefixtures("app")
@given(history=HISTORY)
@some(4)
def test_what_both_sides_kept_reconciles_to_nothing(app: Flask, database: Database, history: list[Step]) -> None:
    with fresh(app, database) as books:
        live(books, history)
        for _ in range(2):
            run = books.run()
            assert found() == []
            at_provider = -balance_pence(db.session(), AccountKind.PROVIDER, PROGRAMME)
            assert run.provider_pence == run.book_pence == at_provider == books.said_pence
            assert run.in_flight_pence == 0
        assert [*breaches(db.session()), *ledger_breaches(db.session())] == []
        unmatched = select(func.count()).where(BalanceLine.matched_at.is_(None))
        assert db.session.scalar(unmatched) == 0


@pytest.mark.usefixtures("app")
@given(history=HISTORY, pick=PICK, how=HOW, by=st.integers(-500, 500).filter(bool))
@some(2)
def test_one_spoilt_line_is_found_and_named(
    app: Flask, database: Database, history: list[Step], pick: int, how: str, by: int
) -> None:
    with fresh(app, database) as books:
        live(books, history)
        line = books.lines[pick % len(books.lines)]
        spoil(books, line, how, by)
        books.run()
        refs = {one.ref for one in found()}
        if line.kind in BANK_KINDS and how == "source":
            assert refs == set()  # a payout goes by its own reference: nothing of it was spoilt
        elif line.kind in BANK_KINDS:
            assert "provider" in refs  # only the provider knows of it beforehand; its balance tells
        else:
            assert line.source_ref in refs


@pytest.mark.usefixtures("app")
@given(history=HISTORY, pick=PICK)
@some(4)
def test_one_movement_that_we_forgot_is_found_and_named(
    app: Flask, database: Database, history: list[Step], pick: int
) -> None:
    with fresh(app, database) as books:
        live(books, history)
        forgotten = [lambda: books.line("charge", "ch_lost", 900, 34), lambda: books.line("refund", "re_lost", -900)]
        books.said_pence = None
        forgotten[pick % 2]()
        books.later(hours=1)
        books.run()
        assert [one.ref for one in found()] == [("ch_lost", "re_lost")[pick % 2]]


@pytest.mark.usefixtures("app")
@given(history=HISTORY, pence=PENCE)
@some(4)
def test_in_flight_makes_up_the_balance(app: Flask, database: Database, history: list[Step], pence: int) -> None:
    with fresh(app, database) as books:
        live(books, history)
        books.said_pence = None
        books.charge_here(pence, 20)
        books.line("refund", "re_young", -700)
        run = books.run()
        assert found() == []
        assert run.book_pence is not None
        assert run.provider_pence == run.book_pence - run.in_flight_pence
        assert run.in_flight_pence == pence - 20 + 700
