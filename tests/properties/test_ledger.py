"""Any sequence of business events leaves both books in balance and every account as a plain sum would have it."""

from collections import Counter
from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from crowdfund.core import clock
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import match_postings, postings
from crowdfund.ledger.match_postings import Part
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import balance_pence, breaches
from crowdfund.ledger.rules import CONTRA, PROGRAMME, AccountKind, Book
from tests.support.examples import some
from tests.support.factories import TESTER

K = AccountKind
KEYS = count(1)
PENCE = st.integers(1, 50_000)
FUNDS = st.integers(1, 2)
PROJECTS = st.integers(101, 102)
SHARED = {K.PROVIDER, K.BANK, K.FEES}


class Books(RuleBasedStateMachine):
    """Posts what the rules say, and keeps plain sums beside it."""

    def __init__(self) -> None:
        super().__init__()
        # Accounts of this example are its own; the programme's are shared, so only their change is known.
        self.first = next(KEYS) * 1000
        self.model: Counter[tuple[AccountKind, int]] = Counter()
        self.before = {kind: balance_pence(db.session(), kind, PROGRAMME) for kind in SHARED}

    def post(self, posting: Callable[..., None], *args: object, moves: dict[tuple[AccountKind, int], int]) -> None:
        """Post and expect it to be taken exactly when no guarded account would go below nothing."""
        after = Counter({key: self.model[key] + moves.get(key, 0) for key in {*self.model, *moves}})
        allowed = all(pence >= 0 for (kind, _), pence in after.items() if kind not in CONTRA)
        outcome = self._try(posting, args)
        assert outcome == ("taken" if allowed else "balance_guard")
        if allowed:
            self.model = after

    def _try(self, posting: Callable[..., None], args: tuple[object, ...]) -> str:
        try:
            with unit_of_work() as session:
                posting(Posting(session, f"key {next(KEYS)}", TESTER, clock.now()), *self._ready(session, args))
        except Refused as refused:
            return refused.code
        return "taken"

    def _ready(self, session: object, args: tuple[object, ...]) -> list[object]:
        return [postings.open_project(session, a[1]) if isinstance(a, tuple) else a for a in args]

    def _project(self, project: int) -> int:
        return self.first + project

    @rule(project=PROJECTS, pence=PENCE)
    def make(self, project: int, pence: int) -> None:
        p = self._project(project)
        self.post(postings.make_pledge, ("of", p), pence, moves={(K.PLEDGED, p): pence, (K.BACKERS, p): -pence})

    @rule(project=PROJECTS, pence=st.integers(-50_000, 50_000).filter(bool))
    def change(self, project: int, pence: int) -> None:
        p = self._project(project)
        self.post(postings.change_pledge, ("of", p), pence, moves={(K.PLEDGED, p): pence, (K.BACKERS, p): -pence})

    @rule(project=PROJECTS, pence=PENCE)
    def end(self, project: int, pence: int) -> None:
        p = self._project(project)
        self.post(postings.end_pledge, ("of", p), pence, moves={(K.PLEDGED, p): -pence, (K.BACKERS, p): pence})

    @rule(fund=FUNDS, pence=PENCE)
    def fill(self, fund: int, pence: int) -> None:
        f = self.first + fund
        moves = {(K.POT_AVAILABLE, f): pence, (K.FUNDER, f): -pence}
        self.post(match_postings.fill_pot, f, Part("base budget", "2026/27", pence), moves=moves)

    @rule(fund=FUNDS, project=PROJECTS, pence=PENCE, back=st.booleans())
    def match(self, fund: int, project: int, pence: int, back: bool) -> None:
        # One fund to one project, so that an account of the plain sums is one account of the ledger.
        project = 100 + fund
        f, p, sign = self.first + fund, self._project(project), -1 if back else 1
        moves = {(K.MATCH_RESERVED, p): sign * pence, (K.POT_AVAILABLE, f): -sign * pence}
        change = match_postings.free_match if back else match_postings.reserve_match
        self.post(change, f, p, [Part("base budget", "2026/27", pence)], moves=moves)

    @rule(project=PROJECTS, pence=PENCE, fee=st.integers(0, 500))
    def charge(self, project: int, pence: int, fee: int) -> None:
        p, fee = self._project(project), min(fee, pence - 1)
        moves = {(K.HELD, p): pence, (K.PROVIDER, PROGRAMME): fee - pence, (K.FEES, PROGRAMME): -fee}
        self.post(postings.collect_charge, p, pence, fee, moves=moves)

    @rule(project=PROJECTS, pence=PENCE)
    def refund(self, project: int, pence: int) -> None:
        p = self._project(project)
        self.post(postings.refund_charge, p, pence, moves={(K.HELD, p): -pence, (K.PROVIDER, PROGRAMME): pence})

    @rule(fund=FUNDS, pence=PENCE)
    def receive(self, fund: int, pence: int) -> None:
        moves = {(K.POT_CASH, self.first + fund): pence, (K.BANK, PROGRAMME): -pence}
        self.post(
            match_postings.receive_from_funder, self.first + fund, Part("base budget", "2026/27", pence), moves=moves
        )

    @rule(project=PROJECTS, pence=PENCE)
    def send(self, project: int, pence: int) -> None:
        p = self._project(project)
        self.post(postings.send_payout, p, pence, moves={(K.HELD, p): -pence, (K.IN_FLIGHT, p): pence})

    @rule(project=PROJECTS, pence=PENCE)
    def confirm(self, project: int, pence: int) -> None:
        p = self._project(project)
        self.post(postings.confirm_payout, p, pence, moves={(K.IN_FLIGHT, p): -pence, (K.BANK, PROGRAMME): pence})

    @rule(project=PROJECTS, pence=PENCE)
    def come_back(self, project: int, pence: int) -> None:
        p = self._project(project)
        self.post(postings.return_payout, p, pence, moves={(K.IN_FLIGHT, p): -pence, (K.HELD, p): pence})

    @invariant()
    def balances_are_plain_sums(self) -> None:
        for (kind, subject), pence in self.model.items():
            known = pence + (self.before[kind] if kind in SHARED else 0)
            assert balance_pence(db.session(), kind, subject) == known, (kind, subject)

    def teardown(self) -> None:
        assert list(breaches(db.session())) == []
        assert all_entries_balance()
        for book in Book:
            total = select(func.coalesce(func.sum(LedgerAccount.balance_pence), 0)).where(LedgerAccount.book == book)
            assert db.session.scalar(total) == 0


def all_entries_balance() -> bool:
    """Say whether the lines of every sealed entry add up to nothing."""
    sums = select(func.sum(LedgerLine.amount_pence)).join(LedgerEntry).group_by(LedgerEntry.id)
    return set(db.session.scalars(sums)) <= {0}


@pytest.mark.usefixtures("db_session")
def test_any_sequence_of_events_keeps_the_books(app: Flask, clock: FixedClock) -> None:
    run_state_machine_as_test(Books, settings=some(5, steps=30))
