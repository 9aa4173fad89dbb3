"""Replaying what was pledged under other terms: plain sums over plain values, nothing is read or stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import merge

from crowdfund.funds.rules import MatchKind, Terms
from crowdfund.matching.rules import Allocation, Bid, CrowdFacts, Limit, ProjectFacts, allocate, passes

_PLEDGED, _ENDS, _BEGINS = range(3)  # in this order where they fall on one moment


@dataclass(frozen=True)
class Gift:
    """A pledge as it stood at its project's deadline. Pence; `qualifies` says whether its backer counts to match."""

    at: datetime
    pence: int
    qualifies: bool = True


@dataclass(frozen=True)
class Past:
    """A project that has ended: its sums, its pledges in their order, and the other funds that were on it. Pence.

    `earlier` and `later` are the bids of funds before and after this one in the programme's order. `most_pence` is
    what the group asked this fund for; None where it did not ask. `given_pence` is what the fund really gave.
    """

    key: str
    begins: datetime
    ends: datetime
    facts: ProjectFacts
    gifts: Sequence[Gift]
    most_pence: int | None = None
    given_pence: int = 0
    other_public_pence: int = 0
    earlier: Sequence[Bid] = ()
    later: Sequence[Bid] = ()


@dataclass(frozen=True)
class Outcome:
    """What a project would have had from the fund, what ended it there, and whether it reached its target. Pence."""

    key: str
    pence: int
    limit: Limit
    reached: bool


@dataclass
class _Run:
    """One project while it is replayed: its crowd so far, and what is set aside for it."""

    past: Past
    terms: Terms
    most_pence: int
    limits: tuple[int, ...]
    pledged: int = 0
    backers: int = 0
    qualifying: int = 0
    capped: dict[int, int] = field(default_factory=dict)
    reserved: int = 0

    def add(self, gift: Gift) -> None:
        """Count one more pledge."""
        self.pledged += gift.pence
        if gift.qualifies:
            self.backers += 1
            self.qualifying += gift.pence
            for most in self.limits:
                self.capped[most] = self.capped.get(most, 0) + min(most, gift.pence)

    def allocations(self, pot_pence: int) -> list[Allocation]:
        """Return what each fund gives to the crowd so far, this one's under the key ''."""
        capped = {most: self.capped.get(most, 0) for most in self.limits}
        crowd = CrowdFacts(self.pledged, self.backers, self.qualifying, capped)
        own = Bid("", self.terms, self.most_pence, pot_pence)
        if not passes(self.terms.to_show, crowd, self.past.facts.target_pence):
            own = replace(own, most_pence=0)
        bids = [*self.past.earlier, own, *self.past.later]
        return allocate(bids, self.past.facts, crowd, self.past.other_public_pence)


def replay(pasts: Sequence[Past], terms: Terms, pot_pence: int) -> list[Outcome]:
    """Return what each project would have had under `terms` from a fund with `pot_pence`, in the order of `pasts`.

    Everything happens in the order in which it happened: a lump or top-up is set aside when pledging begins, match
    per pledge as pledges come in; what a project does not use is free again at its deadline. Only what projects that
    reach their targets get is spent. The crowd pledges what it pledged: nobody gives more or less for the match.
    """
    runs = [_run_of(past, terms) for past in pasts]
    left, outcomes = pot_pence, [Outcome(past.key, 0, Limit.POT, False) for past in pasts]
    for _, rank, place, number in _events(pasts, follow=terms.kind is MatchKind.PER_PLEDGE):
        run = runs[place]
        if rank == _BEGINS:
            taken = _lump(run, left)
        elif rank == _ENDS:
            taken, outcomes[place] = _end(run, left)
        else:
            run.add(run.past.gifts[number])
            taken = _own(run.allocations(run.reserved + left)).pence - run.reserved
        run.reserved += taken
        left -= taken
    return outcomes


def totals(outcomes: Iterable[Outcome], group_of: Mapping[str, str]) -> dict[str, int]:
    """Return what the outcomes add up to in pence, by the group (district, theme) that each project is in."""
    found = dict.fromkeys(sorted(set(group_of.values())), 0)
    for outcome in outcomes:
        found[group_of[outcome.key]] += outcome.pence
    return found


def _run_of(past: Past, terms: Terms) -> _Run:
    others = [bid.terms.per_backer_pence for bid in (*past.earlier, *past.later)]
    limits = {most for most in (*others, terms.per_backer_pence) if most is not None}
    asked = terms.most_pence if past.most_pence is None else min(past.most_pence, terms.most_pence)
    return _Run(past, terms, asked, tuple(sorted(limits)))


def _events(pasts: Sequence[Past], *, follow: bool) -> Iterable[tuple[datetime, int, int, int]]:
    """Yield (when, what, which project, which pledge) in order of time; pledges only where each one moves money."""
    edges = sorted(
        event
        for place, past in enumerate(pasts)
        for event in ((past.begins, _BEGINS, place, 0), (past.ends, _ENDS, place, 0))
    )
    if not follow:
        return edges
    gifts = [(gift.at, _PLEDGED, place, n) for place, past in enumerate(pasts) for n, gift in enumerate(past.gifts)]
    return merge(edges, sorted(gifts))


def _lump(run: _Run, left: int) -> int:
    """Return what is set aside when pledging begins: nothing where match comes with each pledge."""
    terms = run.terms
    if terms.kind is MatchKind.PER_PLEDGE:
        return 0
    limits = [run.most_pence, left, run.past.facts.target_pence]
    if terms.percent is not None:
        limits.append(run.past.facts.base(terms.base) * terms.percent // 100)
    return min(limits)


def _end(run: _Run, left: int) -> tuple[int, Outcome]:
    """Return by how much what is set aside changes at the deadline, and how the project ended."""
    if run.terms.kind is not MatchKind.PER_PLEDGE:
        for gift in run.past.gifts:
            run.add(gift)
        left = 0  # what was set aside is all there is for it
    found = run.allocations(run.reserved + left)
    own = _own(found)
    reached = run.pledged + sum(one.pence for one in found) >= run.past.facts.target_pence
    spent = own.pence if reached else 0
    return spent - run.reserved, Outcome(run.past.key, spent, own.limit, reached)


def _own(found: Iterable[Allocation]) -> Allocation:
    return next(one for one in found if one.key == "")
