"""What the machine of a season is made of: how it begins, how things are drawn, and what backers do."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from crowdfund.pledges.rules import PledgeState
from crowdfund.sandbox.stripe.cards import made_up_card
from tests.simulator.funders import Funding
from tests.simulator.invariants import Memory, demand_none
from tests.simulator.public_side import seen_by_the_public
from tests.simulator.rig import Rig
from tests.simulator.season import AUDIENCES, CARDS, NEVER_SAVED

PICK = st.integers(0, 30)
PENCE = st.one_of(st.sampled_from([10_000, 25_000, 45_000]), st.integers(200, 50_000))
CARD = st.sampled_from(["good", "good", *CARDS])
SEEN = st.sampled_from(sorted(AUDIENCES))
FIXES = st.sampled_from(["good", "asks every time", "disputed", "never", "leave"])


def step(**drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """Return a decorator for a rule that does nothing before the season has begun."""

    def decorate(do: Callable[..., None]) -> Any:
        @wraps(do)
        def guarded(self: "Backers", *given: Any, **chosen: Any) -> None:
            if self.begun:
                do(self, *given, **chosen)

        return rule(**drawn)(guarded)

    return decorate


class Backers(RuleBasedStateMachine):
    """Residents in front of two projects; what is around them comes with those that build on this."""

    def __init__(self, rig: Rig) -> None:
        super().__init__()
        self.rig, self.season, self.memory = rig, Funding(rig), Memory()
        self.luck, self.begun = Random(0), False

    @staticmethod
    def one(of: list[Any], pick: int) -> Any:
        """Choose one of some things; None where there is none."""
        return of[pick % len(of)] if of else None

    @staticmethod
    def card(name: str, who: int) -> str:
        """Return a card: everybody has one of their own that is good, but for two who share theirs."""
        return made_up_card(who % 5) if name == "good" else CARDS[name]

    # Backers

    @step(number=PICK, who=PICK, pence=PENCE, card=CARD, seen=SEEN, returns=st.booleans())
    def back(self, number: int, who: int, pence: int, card: str, seen: str, returns: bool) -> None:
        if (pledge := self.season.pledge(number, who, pence, seen)) is not None:
            self.season.open_page(pledge)
            self.season.type_card(pledge, self.card(card, who))
            if returns:
                self.season.come_back(pledge)

    @step(number=PICK, pence=PENCE)
    def crowd(self, number: int, pence: int) -> None:
        for who in range(4):
            self.back(number, who, pence + who, "good", "open", True)

    @step(number=PICK, who=PICK, pence=PENCE)
    def look_only(self, number: int, who: int, pence: int) -> None:
        if (pledge := self.season.pledge(number, who, pence, "open")) is not None:
            self.season.open_page(pledge)

    @step(pick=PICK, card=CARD, passes=st.booleans(), first=st.booleans(), returns=st.booleans())
    def finish_page(self, pick: int, card: str, passes: bool, first: bool, returns: bool) -> None:
        if (pledge := self.one(self.season.pledges(PledgeState.SETUP), pick)) is not None:
            self.season.open_page(pledge)
            if first:
                self.season.type_card(pledge, NEVER_SAVED)
            self.season.type_card(pledge, CARDS[card], passes=passes)
            if returns:
                self.season.come_back(pledge)

    @step(pick=PICK, pence=PENCE)
    def change(self, pick: int, pence: int) -> None:
        if (pledge := self.one(self.season.pledges(), pick)) is not None:
            self.season.change(pledge, pence)

    @step(pick=PICK)
    def withdraw(self, pick: int) -> None:
        if (pledge := self.one(self.season.pledges(), pick)) is not None:
            self.season.withdraw(pledge)

    @step(pick=PICK, tabs=st.lists(FIXES, min_size=1, max_size=3), returns=st.booleans())
    def fix(self, pick: int, tabs: list[str], returns: bool) -> None:
        unpaid = (PledgeState.FIXING, PledgeState.COLLECTING)
        if (pledge := self.one(self.season.pledges(*unpaid), pick)) is None:
            return
        pages = [self.season.fix(pledge) for _ in tabs]
        for page, card in zip(pages, tabs, strict=True):
            if page and card != "leave":
                self.season.pay(page, CARDS.get(card, NEVER_SAVED))
            if page and returns:
                self.season.come_back_from_paying(page)

    @step(pick=PICK, hours=st.integers(1, 30))
    def fix_late(self, pick: int, hours: int) -> None:
        if (pledge := self.one(self.season.pledges(PledgeState.FIXING), pick)) is None:
            return
        page = self.season.fix(pledge)
        self.rig.clock.forward(timedelta(hours=hours))
        if page:
            self.season.pay(page, CARDS["good"])

    @step(number=PICK)
    def somebody_looks(self, number: int) -> None:
        demand_none(seen_by_the_public(self.season, self.season.project(number)))
