"""The board of a round: what placing each application leads to, and what a panel should look at before it confirms."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crowdfund.core.money import pounds
from crowdfund.grants.rules import AWARDING, Outcome


@dataclass(frozen=True)
class Card:
    """One application on the board. Pence; `percent` is None before it is assessed."""

    application_id: int
    district: str
    is_first: bool
    asked_pence: int
    percent: int | None
    is_wide: bool
    is_barred: bool  # for whoever looks
    outcome: Outcome | None = None
    pence: int | None = None
    criterion: str = ""
    reason: str = ""

    @property
    def is_awarded(self) -> bool:
        """Whether it lies among those that get money."""
        return self.outcome in AWARDING

    @property
    def is_reasoned(self) -> bool:
        """Whether it can be decided like this: a reason, and a criterion unless all is given."""
        return bool(self.reason.strip()) and (self.outcome is Outcome.FULL or bool(self.criterion))


@dataclass(frozen=True)
class Sums:
    """What the board comes to. Pence."""

    placed_pence: int
    left_pence: int
    awarded: int
    first: int
    districts: list[tuple[str, int, int]]  # name, applications, awards

    @property
    def is_over(self) -> bool:
        """Whether more is placed than there is."""
        return self.left_pence < 0


def sums_of(cards: Sequence[Card], left_pence: int) -> Sums:
    """Return what the cards come to, when `left_pence` are left before any of them is decided."""
    placed = sum(card.pence or 0 for card in cards if card.is_awarded)
    asked = Counter(card.district for card in cards)
    given = Counter(card.district for card in cards if card.is_awarded)
    return Sums(
        placed,
        left_pence - placed,
        sum(given.values()),
        sum(1 for card in cards if card.is_awarded and card.is_first),
        [(name, asked[name], given[name]) for name in sorted(asked)],
    )


def stops(cards: Sequence[Card], sums: Sums) -> list[str]:
    """Return in sentences what keeps a panel from confirming; empty where nothing does."""
    placed = [card for card in cards if card.outcome is not None]
    reasonless = sum(1 for card in placed if not card.is_reasoned)
    return [
        words
        for is_so, words in (
            (not placed, "Nothing lies anywhere yet."),
            (sums.is_over, f"More is given than there is: {pounds(-sums.left_pence)} too much."),
            (reasonless > 0, f"{_many(reasonless)} without a reason, or without the criterion it rests on."),
        )
        if is_so
    ]


def remarks(cards: Sequence[Card], sums: Sums) -> list[str]:
    """Return in sentences what a fair panel looks at twice; nothing of it is a rule."""
    wide = sum(1 for card in cards if card.is_wide)
    barred = sum(1 for card in cards if card.is_barred)
    unplaced = sum(1 for card in cards if card.outcome is None)
    passed = _passed_over(cards)
    without = [name for name, asked, given in sums.districts if asked and not given]
    return [
        words
        for is_so, words in (
            (wide > 0, f"{_many(wide)} whose assessors are far apart."),
            (barred > 0, f"{_many(barred)} that you may not decide: you have an interest. Another officer does."),
            (unplaced > 0, f"{_many(unplaced)} that no place was chosen for."),
            (passed > 0, f"{_many(passed)} declined with a better mark than one that gets money."),
            (bool(without) and sums.awarded > 0, f"Applied, and nothing awarded: {', '.join(without)}."),
            (sums.awarded > 0 and not sums.first, "No group that never had an award gets one."),
        )
        if is_so
    ]


def _passed_over(cards: Sequence[Card]) -> int:
    marks = [card.percent for card in cards if card.is_awarded and card.percent is not None]
    if not marks:
        return 0
    declined = (card for card in cards if card.outcome is Outcome.DECLINE and card.percent is not None)
    return sum(1 for card in declined if card.percent is not None and card.percent > min(marks))


def _many(count: int) -> str:
    return f"{count} application" if count == 1 else f"{count} applications"
