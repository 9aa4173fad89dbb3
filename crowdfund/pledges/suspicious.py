"""Patterns among a project's pledges that officers look at: facts, never a verdict. Nothing of a card is shown."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.money import pounds
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.qualifying import WHY_WORDS, Why, judged
from crowdfund.pledges.rules import COUNTING, public_name

SURGE = timedelta(hours=1)
SURGE_PLEDGES = 10  # in an hour, when they are also a quarter of all
SURGE_SHARE = 4
LARGE_PERCENT = 30  # of the target, from one backer
OWN = frozenset({Why.COLLECTED, Why.GROUP, Why.HOST, Why.SIGNATORY, Why.FUNDER, Why.THEIR_CARD})


@dataclass(frozen=True)
class Judged:
    """A pledge with what is known of it. `card` tells one card from another and nothing else; pence; UTC."""

    public_id: str
    reference: str
    name: str
    pence: int
    card: str | None
    at: datetime
    why: Why | None

    @property
    def why_words(self) -> str:
        """Why its backer does not count to match; '' where they do."""
        return WHY_WORDS[self.why] if self.why else ""


@dataclass(frozen=True)
class Pattern:
    """Something to look at: what it is, the facts, and the pledges in it."""

    title: str
    facts: str
    pledges: Sequence[Judged]


def list_judged(session: Session, project_id: int) -> list[Judged]:
    """Return a project's counting pledges in the order in which they came, in two statements."""
    rows = judged(session, project_id, COUNTING)
    found = (
        select(
            Pledge.public_id,
            Pledge.reference,
            Pledge.backer_name,
            rows.c.pence,
            rows.c.card,
            rows.c.active_at,
            rows.c.why,
        )
        .join(rows, rows.c.id == Pledge.id)
        .order_by(rows.c.active_at, Pledge.id)
    )
    return [
        Judged(public_id, reference, public_name(name or "") if name else "No name", int(pence), card, at, _why(why))
        for public_id, reference, name, pence, card, at, why in session.execute(found)
    ]


def patterns(pledges: Sequence[Judged], target_pence: int) -> list[Pattern]:
    """Return what officers should look at among pledges that are in the order in which they came."""
    return [*_shared_cards(pledges), *_surge(pledges), *_large(pledges, target_pence), *_own(pledges)]


def _shared_cards(pledges: Sequence[Judged]) -> list[Pattern]:
    by_card = defaultdict(list)
    for pledge in pledges:
        if pledge.card:
            by_card[pledge.card].append(pledge)
    return [
        Pattern("One card, several names", f"{len(found)} pledges of {_sum(found)} were made with one card.", found)
        for found in by_card.values()
        if len(found) > 1
    ]


def _surge(pledges: Sequence[Judged]) -> list[Pattern]:
    """Find the hour in which most pledges came."""
    best: Sequence[Judged] = ()
    start = 0
    for end, pledge in enumerate(pledges):
        while pledge.at - pledges[start].at > SURGE:
            start += 1
        if end + 1 - start > len(best):
            best = pledges[start : end + 1]
    if len(best) < SURGE_PLEDGES or len(best) * SURGE_SHARE < len(pledges):
        return []
    facts = f"{len(best)} of {len(pledges)} pledges, {_sum(best)}, came within an hour."
    return [Pattern("Many pledges in an hour", facts, best)]


def _large(pledges: Sequence[Judged], target_pence: int) -> list[Pattern]:
    return [
        Pattern(
            f"One backer above {LARGE_PERCENT}%",
            f"{pounds(one.pence)} of the target of {pounds(target_pence)} is from one backer.",
            [one],
        )
        for one in pledges
        if one.pence * 100 > target_pence * LARGE_PERCENT
    ]


def _own(pledges: Sequence[Judged]) -> list[Pattern]:
    own = [one for one in pledges if one.why in OWN]
    facts = f"{len(own)} pledges of {_sum(own)} are from people of the group or of a funder, or collected by the group."
    return [Pattern("The group’s own people", facts, own)] if own else []


def _sum(pledges: Sequence[Judged]) -> str:
    return pounds(sum(one.pence for one in pledges))


def _why(value: str | None) -> Why | None:
    return Why(value) if value else None
