"""Every posting moves what it says it moves, in its own book, and nothing is ever overdrawn."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import grant_postings, match_postings, postings, queries
from crowdfund.ledger.match_postings import Part
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.posting import account_id, open_account, post
from crowdfund.ledger.postings import PledgeAccounts, Posting
from crowdfund.ledger.rules import PROGRAMME, AccountKind, Book, LedgerEvent
from tests.support.factories import TESTER

pytestmark = pytest.mark.database

K = AccountKind
PROJECT = 7
FUND = 3
AWARD = 9


def part(pence: int, source: str = "base budget") -> Part:
    return Part(source, "2026/27", pence)


def accounts(session: Session) -> PledgeAccounts:
    return postings.open_project(session, PROJECT)


def carry(p: Posting, kind: AccountKind, owner: int, pence: int) -> None:
    match_postings.carry_forward(p, kind, owner, part(pence), "2027/28")


STEPS: list[tuple[str, Callable[[Posting], None], dict[AccountKind, int]]] = [
    ("make", lambda p: postings.make_pledge(p, accounts(p.session), 2500), {K.BACKERS: -2500, K.PLEDGED: 2500}),
    ("raise", lambda p: postings.change_pledge(p, accounts(p.session), 500), {K.BACKERS: -3000, K.PLEDGED: 3000}),
    ("lower", lambda p: postings.change_pledge(p, accounts(p.session), -1000), {K.BACKERS: -2000, K.PLEDGED: 2000}),
    ("end", lambda p: postings.end_pledge(p, accounts(p.session), 2000), {K.BACKERS: 0, K.PLEDGED: 0}),
    ("fill", lambda p: match_postings.fill_pot(p, FUND, part(10_000)), {K.FUNDER: -10_000, K.POT_AVAILABLE: 10_000}),
    (
        "reserve",
        lambda p: match_postings.reserve_match(p, FUND, PROJECT, [part(4000)]),
        {K.POT_AVAILABLE: 6000, K.MATCH_RESERVED: 4000},
    ),
    (
        "free",
        lambda p: match_postings.free_match(p, FUND, PROJECT, [part(1500)]),
        {K.POT_AVAILABLE: 7500, K.MATCH_RESERVED: 2500},
    ),
    (
        "grant",
        lambda p: grant_postings.reserve_grant(p, FUND, AWARD, [part(1000)]),
        {K.POT_AVAILABLE: 6500, K.GRANT_RESERVED: 1000},
    ),
    (
        "no grant",
        lambda p: grant_postings.free_grant(p, FUND, AWARD, [part(1000)]),
        {K.POT_AVAILABLE: 7500, K.GRANT_RESERVED: 0},
    ),
    (
        "charge",
        lambda p: postings.collect_charge(p, PROJECT, 2500, 58),
        {K.HELD: 2500, K.PROVIDER: -2442, K.FEES: -58},
    ),
    ("charge free", lambda p: postings.collect_charge(p, PROJECT, 100, 0), {K.HELD: 2600, K.PROVIDER: -2542}),
    ("refund", lambda p: postings.refund_charge(p, PROJECT, 100), {K.HELD: 2500, K.PROVIDER: -2442, K.FEES: -58}),
    ("receive", lambda p: match_postings.receive_from_funder(p, FUND, part(9000)), {K.POT_CASH: 9000, K.BANK: -9000}),
    ("send", lambda p: postings.send_payout(p, PROJECT, 2500), {K.HELD: 0, K.IN_FLIGHT: 2500}),
    ("return", lambda p: postings.return_payout(p, PROJECT, 1000), {K.HELD: 1000, K.IN_FLIGHT: 1500}),
    ("confirm", lambda p: postings.confirm_payout(p, PROJECT, 1500), {K.IN_FLIGHT: 0, K.BANK: -7500}),
    ("top up", lambda p: postings.receive_top_up(p, PROJECT, 500), {K.HELD: 1500, K.BANK: -8000}),
    (
        "refund paid out",
        lambda p: postings.refund_charge(p, PROJECT, 200, 50),
        {K.HELD: 1300, K.EXPOSURE: -50, K.PROVIDER: -2192},
    ),
    ("refund back", lambda p: postings.fail_refund(p, PROJECT, 250), {K.OWED_BACK: 250, K.PROVIDER: -2442}),
    ("owed", lambda p: postings.pay_owed(p, PROJECT, 250), {K.OWED_BACK: 0, K.BANK: -7750}),
    (
        "refused refund",
        lambda p: postings.pay_owed(p, PROJECT, 0, 300, 20),
        {K.HELD: 1000, K.EXPOSURE: -70, K.BANK: -7430},
    ),
    (
        "dispute",
        lambda p: postings.open_dispute(p, PROJECT, 1000, 500, 20),
        {K.HELD: 0, K.EXPOSURE: -570, K.FEES: -78, K.PROVIDER: -922},
    ),
    (
        "won",
        lambda p: postings.win_dispute(p, PROJECT, 1500, 5),
        {K.HELD: 930, K.EXPOSURE: 0, K.FEES: -73, K.PROVIDER: -2427},
    ),
    ("dispute held", lambda p: postings.open_dispute(p, PROJECT, 930, 70, 0), {K.HELD: 0, K.PROVIDER: -1427}),
    ("provider", lambda p: postings.provider_paid_out(p, 400), {K.PROVIDER: -1027, K.BANK: -7830}),
    ("bear", lambda p: postings.bear_exposure(p, PROJECT, 20), {K.EXPOSURE: -50, K.BORNE: -20}),
    ("repay", lambda p: postings.repay_exposure(p, PROJECT, 10), {K.EXPOSURE: -40, K.BORNE: -20, K.BANK: -7840}),
    ("charge exposed", lambda p: postings.collect_charge(p, PROJECT, 15, 1), {K.HELD: 0, K.EXPOSURE: -25}),
    ("top up exposed", lambda p: postings.receive_top_up(p, PROJECT, 125), {K.HELD: 100, K.EXPOSURE: 0}),
    ("top up back", lambda p: postings.return_top_up(p, PROJECT, 100, 25), {K.HELD: 0, K.EXPOSURE: -25, K.BANK: -7840}),
    ("charge more", lambda p: postings.collect_charge(p, PROJECT, 65, 0), {K.HELD: 40, K.EXPOSURE: 0}),
    ("send again", lambda p: postings.send_payout(p, PROJECT, 40), {K.HELD: 0, K.IN_FLIGHT: 40}),
    ("lose", lambda p: postings.open_dispute(p, PROJECT, 0, 30, 0), {K.HELD: 0, K.EXPOSURE: -30}),
    ("return exposed", lambda p: postings.return_payout(p, PROJECT, 40), {K.HELD: 10, K.EXPOSURE: 0, K.IN_FLIGHT: 0}),
    (
        "match due",
        lambda p: match_postings.confirm_match(p, PROJECT, [part(2000)]),
        {K.MATCH_RESERVED: 500, K.MATCH_CONFIRMED: 2000},
    ),
    (
        "match paid",
        lambda p: match_postings.pay_match(p, PROJECT, [part(1500)]),
        {K.MATCH_CONFIRMED: 500, K.MATCH_PAID: 1500},
    ),
    (
        "match passed on",
        lambda p: match_postings.pass_match_on(p, FUND, PROJECT, [part(1500)]),
        {K.POT_CASH: 7500, K.HELD: 1510, K.BANK: -7840},
    ),
    (
        "match handed back",
        lambda p: match_postings.hand_match_back(p, FUND, PROJECT, [part(300)]),
        {K.POT_CASH: 7800, K.HELD: 1210},
    ),
    (
        "paid match returned",
        lambda p: match_postings.return_match(p, K.MATCH_PAID, FUND, PROJECT, [part(300)]),
        {K.MATCH_PAID: 1200, K.POT_AVAILABLE: 7800},
    ),
    (
        "due match returned",
        lambda p: match_postings.return_match(p, K.MATCH_CONFIRMED, FUND, PROJECT, [part(500)]),
        {K.MATCH_CONFIRMED: 0, K.POT_AVAILABLE: 8300},
    ),
    *(
        (f"{kind.value} carried", lambda p, kind=kind, owner=owner: carry(p, kind, owner, 400), {kind: pence})
        for kind, owner, pence in (
            (K.POT_AVAILABLE, FUND, 8300),
            (K.MATCH_RESERVED, PROJECT, 500),
            (K.POT_CASH, FUND, 7800),
        )
    ),
]
OWNERS = {
    K.GRANT_RESERVED: AWARD,
    K.FUNDER: 3,
    K.POT_AVAILABLE: 3,
    K.POT_CASH: 3,
    K.PROVIDER: PROGRAMME,
    K.BANK: PROGRAMME,
    K.FEES: PROGRAMME,
}
TOO_MUCH: dict[str, Callable[[Posting], None]] = {
    "lower a pledge": lambda p: postings.change_pledge(p, accounts(p.session), -1),
    "end a pledge": lambda p: postings.end_pledge(p, accounts(p.session), 1),
    "reserve match": lambda p: match_postings.reserve_match(p, FUND, PROJECT, [part(1)]),
    "free match": lambda p: match_postings.free_match(p, FUND, PROJECT, [part(1)]),
    "refund": lambda p: postings.refund_charge(p, PROJECT, 1),
    "send": lambda p: postings.send_payout(p, PROJECT, 1),
    "confirm": lambda p: postings.confirm_payout(p, PROJECT, 1),
    "return": lambda p: postings.return_payout(p, PROJECT, 1),
    "pay what is owed": lambda p: postings.pay_owed(p, PROJECT, 1),
    "pay what is held": lambda p: postings.pay_owed(p, PROJECT, 0, 1),
    "bear": lambda p: postings.bear_exposure(p, PROJECT, 1),
    "repay": lambda p: postings.repay_exposure(p, PROJECT, 1),
    "return a top-up": lambda p: postings.return_top_up(p, PROJECT, 1, 0),
    "dispute": lambda p: postings.open_dispute(p, PROJECT, 1, 0, 0),
    "confirm match": lambda p: match_postings.confirm_match(p, PROJECT, [part(1)]),
    "pay match": lambda p: match_postings.pay_match(p, PROJECT, [part(1)]),
    "return match": lambda p: match_postings.return_match(p, K.MATCH_PAID, FUND, PROJECT, [part(1)]),
    "pass match on": lambda p: match_postings.pass_match_on(p, FUND, PROJECT, [part(1)]),
    "hand match back": lambda p: match_postings.hand_match_back(p, FUND, PROJECT, [part(1)]),
    "carry what is left": lambda p: carry(p, K.POT_AVAILABLE, FUND, 1),
    "carry cash": lambda p: carry(p, K.POT_CASH, FUND, 1),
}


def run(step: Callable[[Posting], None], key: str, clock: FixedClock) -> None:
    with unit_of_work() as session:
        step(Posting(session, key, TESTER, clock.now()))


def test_each_posting_moves_its_accounts_and_the_books_hold(db_session: Session, clock: FixedClock) -> None:
    for key, step, expected in STEPS:
        run(step, key, clock)
        for kind, pence in expected.items():
            assert queries.balance_pence(db_session, kind, OWNERS.get(kind, PROJECT)) == pence, (key, kind)
        assert list(queries.breaches(db_session)) == []
    for book in Book:
        total = select(func.sum(LedgerAccount.balance_pence)).where(LedgerAccount.book == book)
        assert db_session.scalar(total) == 0
    assert set(db_session.scalars(select(LedgerEntry.event))) == set(LedgerEvent)
    assert set(db_session.scalars(select(LedgerEntry.actor))) == {"system:test"}


def test_money_is_carried_to_its_source_in_the_other_year(db_session: Session, clock: FixedClock) -> None:
    for key, step, _ in STEPS:
        run(step, key, clock)
    account = LedgerAccount
    found = select(account.kind, account.source, account.year, account.balance_pence)
    carried = {tuple(row) for row in db_session.execute(found.where(account.year == "2027/28"))}
    assert carried == {
        (kind, "base budget", "2027/28", 400) for kind in (K.POT_AVAILABLE, K.MATCH_RESERVED, K.POT_CASH)
    }


@pytest.mark.parametrize("what", TOO_MUCH)
def test_nothing_is_taken_from_an_empty_account(db_session: Session, clock: FixedClock, what: str) -> None:
    with pytest.raises(Refused) as refused:
        run(TOO_MUCH[what], "x", clock)
    assert refused.value.code == "balance_guard"
    assert db_session.scalar(select(func.count()).select_from(LedgerEntry)) == 0
    assert db_session.scalar(select(func.count()).select_from(LedgerLine)) == 0


def test_a_key_is_used_once(db_session: Session, clock: FixedClock) -> None:
    run(STEPS[0][1], "pledge:1:made", clock)
    with pytest.raises(IntegrityError):
        run(STEPS[0][1], "pledge:1:made", clock)
    assert queries.balance_pence(db_session, K.PLEDGED, PROJECT) == 2500


def test_a_ceiling_holds_as_a_floor_does(db_session: Session, clock: FixedClock) -> None:
    with unit_of_work() as session:
        capped = open_account(session, K.MATCH_RESERVED, PROJECT, ceiling_pence=1000)
        pot = open_account(session, K.FUNDER, 3)

    def reserve(key: str, pence: int) -> None:
        with unit_of_work() as session:
            lines = [(capped, pence), (pot, -pence)]
            post(
                session,
                LedgerEvent.MATCH_RESERVED,
                key=key,
                lines=lines,
                book=Book.PROMISE,
                actor=TESTER,
                now=clock.now(),
            )

    reserve("a", 1000)
    with pytest.raises(Refused):
        reserve("b", 1)


def test_sources_and_years_of_one_fund_are_apart_and_added_when_asked(db_session: Session, clock: FixedClock) -> None:
    run(lambda p: match_postings.fill_pot(p, FUND, part(1000)), "a", clock)
    run(lambda p: match_postings.fill_pot(p, FUND, part(500, "Public Health")), "b", clock)
    with pytest.raises(Refused):
        run(lambda p: match_postings.reserve_match(p, FUND, PROJECT, [part(501, "Public Health")]), "c", clock)
    assert queries.balance_pence(db_session, K.POT_AVAILABLE, 3) == 1500


def test_an_account_is_opened_once(db_session: Session) -> None:
    with unit_of_work() as session:
        first = open_account(session, K.HELD, 1)
        assert open_account(session, K.HELD, 1) == first == account_id(session, K.HELD, 1)
        assert open_account(session, K.HELD, 2) != first
        with pytest.raises(NoResultFound):
            account_id(session, K.HELD, 3)
    assert queries.balance_pence(db_session, K.HELD, 3) == 0


def test_a_balance_as_at_a_date_is_the_sum_of_its_lines_until_then(db_session: Session, clock: FixedClock) -> None:
    start = clock.now()
    for key, pence in (("a", 100), ("b", 20), ("c", 3)):
        run(lambda p, pence=pence: postings.make_pledge(p, accounts(p.session), pence), key, clock)
        clock.forward(timedelta(days=1))
    moments = [start - timedelta(microseconds=1), start, start + timedelta(days=1), clock.now()]
    assert [queries.balance_as_at(db_session, K.PLEDGED, PROJECT, at) for at in moments] == [0, 100, 120, 123]
    assert queries.balance_pence(db_session, K.PLEDGED, PROJECT) == 123
