"""Every machine whole: each pair of states either moves or raises, and each state has its words."""

from enum import StrEnum

import pytest

from crowdfund.core.errors import IllegalMove
from crowdfund.core.states import Machine
from crowdfund.payments.rules import MACHINE as CHECKOUT
from crowdfund.payments.rules import CheckoutState
from crowdfund.pledges.rules import (
    AMOUNT_AUDIENCE_WORDS,
    COUNTING,
    NAME_AUDIENCE_WORDS,
    Audience,
    PledgeState,
)
from crowdfund.pledges.rules import MACHINE as PLEDGE
from crowdfund.pledges.rules import WORDS as PLEDGE_WORDS
from crowdfund.projects.rules import MACHINE as PROJECT
from crowdfund.projects.rules import OPEN, PUBLIC, THEME_WORDS, ProjectState, Theme
from crowdfund.projects.rules import WORDS as PROJECT_WORDS

MACHINES: dict[str, tuple[Machine, type[StrEnum], StrEnum]] = {
    "project": (PROJECT, ProjectState, ProjectState.DRAFT),
    "pledge": (PLEDGE, PledgeState, PledgeState.SETUP),
    "card_checkout": (CHECKOUT, CheckoutState, CheckoutState.CREATING),
}
PAIRS = [(name, old, new) for name, (_, states, _) in MACHINES.items() for old in states for new in states]
# Where nothing more can happen: written down here, so that a way out is a choice and not a slip.
ENDS = {
    "project": "declined unsuccessful cancelled refunded completed",
    "pledge": "abandoned withdrawn released lapsed refunded charged_back",
    "card_checkout": "complete expired",
}


@pytest.mark.parametrize(("name", "old", "new"), PAIRS)
def test_each_pair_moves_or_raises(name: str, old: StrEnum, new: StrEnum) -> None:
    machine = MACHINES[name][0]
    if (old.value, new.value) in set(machine.pairs()):
        assert machine.move(old, new) is new
    else:
        with pytest.raises(IllegalMove, match=f"{name}: {old} -> {new}"):
            machine.move(old, new)


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_has_a_row_and_can_be_reached(name: str) -> None:
    machine, states, first = MACHINES[name]
    assert machine.name == name
    assert set(machine.moves) == set(states)
    reached, new = {first.value}, {first.value}
    while new := {to for old, to in machine.pairs() if old in reached} - reached:
        reached |= new
    assert reached == {state.value for state in states}


@pytest.mark.parametrize("name", MACHINES)
def test_the_ends_are_the_ones_we_meant(name: str) -> None:
    machine, states, _ = MACHINES[name]
    assert {state.value for state in states if not machine.moves[state]} == set(ENDS[name].split())


@pytest.mark.parametrize("name", MACHINES)
def test_no_state_moves_to_itself_and_every_move_names_who(name: str) -> None:
    machine = MACHINES[name][0]
    assert [old for old, targets in machine.moves.items() if old in targets] == []
    assert all(who for targets in machine.moves.values() for who in targets.values())


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (PledgeState, PLEDGE_WORDS),
        (ProjectState, PROJECT_WORDS),
        (Theme, THEME_WORDS),
        (Audience, NAME_AUDIENCE_WORDS),
        (Audience, AMOUNT_AUDIENCE_WORDS),
    ],
)
def test_words_exist_for_every_state_and_differ(kind: type[StrEnum], words: dict[StrEnum, str]) -> None:
    assert set(words) == set(kind)
    assert all(words.values())
    assert len(set(words.values())) == len(words)


def test_nobody_is_told_of_a_charge_that_never_was() -> None:
    uncharged = [PLEDGE_WORDS[PledgeState.RELEASED], PLEDGE_WORDS[PledgeState.LAPSED]]
    uncharged += [PROJECT_WORDS[ProjectState.UNSUCCESSFUL], PROJECT_WORDS[ProjectState.CANCELLED]]
    assert all("not charged" in words or "nobody was charged" in words for words in uncharged)
    assert "charged" not in PROJECT_WORDS[ProjectState.REFUNDED]


def test_what_counts_and_what_is_public() -> None:
    assert {state.value for state in COUNTING} == {"active", "collecting", "fixing", "paid", "disputed"}
    assert {ProjectState.LIVE, ProjectState.PAUSED} == OPEN
    assert OPEN < PUBLIC
    assert ProjectState.READY not in PUBLIC
