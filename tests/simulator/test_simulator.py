"""Whole campaigns with faults, a sample of seeds; `make simulate` runs as many as one likes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from crowdfund.core.audit import AuditEvent
from crowdfund.core.db import db
from tests.simulator.funders import Funding, Plan
from tests.simulator.invariants import Memory, all_breaches
from tests.simulator.public_side import seen_by_the_public, told_of_backers
from tests.simulator.rig import Rig, make_rig
from tests.simulator.running import run_seed
from tests.simulator.season import GOOD
from tests.simulator.sums import sums_that_differ
from tests.support.sampling import is_thorough
from tests.support.tampering import without_triggers

SAMPLE = range(1, 301) if is_thorough() else range(1, 9)
REACHING = 7  # a season in which a target is reached with match, cards are charged and a fund pays


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with make_rig() as made:
        yield made


@pytest.fixture
def paid(rig: Rig) -> Funding:
    """A season in which one project was collected and another is open."""
    season = Funding(rig)
    season.begin(25_001, 20_000)
    season.fund([Plan("lump", 20_001, 5_001, pays_direct=False, there=100, to_both=True, accepted=True)])
    for who, seen in enumerate(("open", "nobody")):
        pledge = season.pledge(0, who, 10_000, seen)
        assert pledge is not None
        season.open_page(pledge)
        season.type_card(pledge, GOOD)
        season.come_back(pledge)
    deadline = season.project(0).deadline
    assert deadline is not None
    rig.clock.at = deadline
    for _ in range(3):
        rig.work()
        rig.clock.forward(rig.next_moment())
    return season


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_season_with_faults_keeps_every_invariant_and_comes_to_rest(rig: Rig, seed: int) -> None:
    run_seed(rig, seed)


def trace(rig: Rig) -> list[tuple[object, ...]]:
    rows = select(AuditEvent.at, AuditEvent.tag, AuditEvent.subject_id, AuditEvent.data).order_by(AuditEvent.id)
    return [tuple(row) for row in db.session.execute(rows)]


def test_a_seed_plays_the_same_season_again(rig: Rig) -> None:
    run_seed(rig, REACHING)
    first = trace(rig)
    assert any("charge" in str(tag) for _, tag, _, _ in first)
    run_seed(rig, REACHING)
    assert trace(rig) == first


@pytest.mark.parametrize(
    "crime",
    [
        "UPDATE ledger_line SET amount_pence = amount_pence + 1 WHERE entry_id = (SELECT max(id) FROM ledger_entry)",
        "UPDATE ledger_account SET balance_pence = balance_pence - 1 WHERE kind = 'provider'",
        "UPDATE charge_attempt SET amount_pence = amount_pence - 1",
        "UPDATE charge_attempt SET refunded_pence = 1",
        "UPDATE charge_attempt SET sent_at = '2027-01-19 09:00:00.000000'",
        "UPDATE charge_attempt SET state = 'failed'",
        "UPDATE pledge SET state = 'lapsed'",
        "UPDATE verdict SET backers = backers + 1 WHERE reached",
        "UPDATE verdict SET match_pence = match_pence + 1",
        "UPDATE match_offer SET confirmed_pence = confirmed_pence - 1 WHERE state = 'paid'",
        "UPDATE match_offer SET paid_at = '2027-01-19 09:00:00.000000' WHERE state = 'paid'",
        "UPDATE ledger_account SET source = 'Other' WHERE kind = 'match_paid' AND source = 'Health grant'",
        "UPDATE ledger_account SET balance_pence = balance_pence - 1 WHERE kind = 'pot_cash'",
        "DELETE FROM audit_event WHERE id = 1",
        "UPDATE job SET last_error = 'KeyError: x'",
    ],
)
def test_what_is_broken_is_found(paid: Funding, crime: str) -> None:
    memory = Memory()
    assert list(all_breaches(paid, memory)) == []
    db.session.remove()
    with without_triggers(db.engine) as connection:
        assert connection.execute(text(crime)).rowcount
    assert [*all_breaches(paid, memory), *sums_that_differ(paid)] != []


def test_a_second_charge_at_the_provider_is_found(paid: Funding) -> None:
    with paid.rig.stripe.work() as context:
        first = context.store.select("payment_intent")[0]
        context.store.put(first | {"id": "pi_again"})
    assert any("charged twice" in words for words in all_breaches(paid, Memory()))


@pytest.mark.parametrize("item", ["Bram R.", "Bram Rook"])
def test_a_name_that_slips_out_is_found(paid: Funding, item: str) -> None:
    project = paid.project(0)
    assert list(seen_by_the_public(paid, project)) == []
    page = f'<li class="backer"><span class="backer__name">{item}</span></li>'
    assert list(told_of_backers(paid, project, page)) != []
