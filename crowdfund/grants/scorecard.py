"""How fairly grants were given, from plain rows: how long it took, who got what, and where people gave up.

Awards are public; whoever was refused is not. So refusals are told by place or kind only from FEW on, also as zero,
and never where the rest of the table, or the scorecard of one round beside that of all, would give them away.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from statistics import median

from crowdfund.core.clock import LONDON
from crowdfund.grants.rules import ApplicationState

FEW = 5
FEW_WORDS = "fewer than 5"
ELSEWHERE = "Elsewhere"
_S = ApplicationState


class Standing(StrEnum):
    """What became of an application that was sent."""

    ACCEPTED = "Awarded and accepted"
    OFFERED = "Awarded, the group has not answered yet"
    NOT_TAKEN = "Awarded, not taken up"
    DECLINED = "Not awarded"
    INELIGIBLE = "Not eligible"
    PUT_OFF = "Put off to a later decision"
    WITHDRAWN = "Withdrawn by the group"
    WAITING = "Still being assessed"


_STANDINGS: dict[ApplicationState, Standing] = {
    _S.AWARDED: Standing.OFFERED,
    _S.AWARDED_UP_TO: Standing.OFFERED,
    _S.OFFERED: Standing.OFFERED,
    _S.ACCEPTED: Standing.ACCEPTED,
    _S.REFUSED: Standing.NOT_TAKEN,
    _S.EXPIRED: Standing.NOT_TAKEN,
    _S.DECLINED: Standing.DECLINED,
    _S.INELIGIBLE: Standing.INELIGIBLE,
    _S.DEFERRED: Standing.PUT_OFF,
    _S.WITHDRAWN: Standing.WITHDRAWN,
}
_FIRST = {True: "Groups without an award here before", False: "Groups that had one before"}
_AWARDED = frozenset({Standing.ACCEPTED, Standing.OFFERED, Standing.NOT_TAKEN})
_REFUSED = frozenset({Standing.DECLINED, Standing.INELIGIBLE, Standing.PUT_OFF})


@dataclass(frozen=True)
class Row:
    """An application as the scorecard needs it. Pence, seconds, times in UTC; `was_sent` is not taken back since."""

    round_id: int
    state: ApplicationState
    was_sent: bool
    closed_at: datetime
    promised_on: date
    decided_at: datetime | None
    has_reason: bool
    district: str
    legal_form: str
    is_first: bool
    asked_pence: int
    awarded_pence: int
    spent_seconds: int
    last_question: str

    @property
    def standing(self) -> Standing:
        """What became of it; ask of those that were sent."""
        return _STANDINGS.get(self.state, Standing.WAITING)

    @property
    def is_awarded(self) -> bool:
        """Whether money was awarded, taken up or not."""
        return self.was_sent and self.standing in _AWARDED

    @property
    def is_refused(self) -> bool:
        """Whether the decision was no, or not yet."""
        return self.was_sent and self.standing in _REFUSED


@dataclass(frozen=True)
class Sums:
    """How many applications ended in one way, and what they asked for and were awarded, in pence."""

    words: str
    count: int
    asked_pence: int
    awarded_pence: int


@dataclass(frozen=True)
class Part:
    """Awards of one district or kind of group, in pence; `refused` is None where it must not be told."""

    name: str
    awards: int
    awarded_pence: int
    refused: int | None


@dataclass(frozen=True)
class Scorecard:
    """Everything that is published about one round, or all rounds of a funder. None where there is nothing to tell."""

    begun: int
    sent: int
    decided: int
    with_reason: int
    on_time: int
    median_days: int | None
    median_minutes: int | None
    outcomes: tuple[Sums, ...]
    left_at: tuple[tuple[str, int], ...]
    districts: tuple[Part, ...]
    legal_forms: tuple[Part, ...]
    first_timers: tuple[Part, ...]

    @property
    def left(self) -> int:
        """How many were begun and not sent."""
        return self.begun - self.sent

    @property
    def asked_pence(self) -> int:
        """What everything that was sent asked for."""
        return sum(one.asked_pence for one in self.outcomes)

    @property
    def awards(self) -> int:
        """How many awards there were, taken up or not."""
        return sum(one.count for one in self.outcomes if one.words in _AWARDED)

    @property
    def given_pence(self) -> int:
        """What was awarded and not given up again."""
        return sum(one.awarded_pence for one in self.outcomes if one.words != Standing.NOT_TAKEN)


def scorecard_of(rows: Sequence[Row], districts: Sequence[str], legal_forms: Sequence[str]) -> Scorecard:
    """Return the scorecard of applications to rounds that are decided.

    `districts` and `legal_forms` are the names of every place and kind that could have applied, in their order: all
    are listed, so that a line alone tells nothing of who was refused.
    """
    sent = [row for row in rows if row.was_sent]
    decided = [row for row in sent if row.is_awarded or row.is_refused]
    left = Counter(row.last_question for row in rows if not row.was_sent)
    ends = [(row.decided_at, row) for row in decided if row.decided_at is not None]
    return Scorecard(
        begun=len(rows),
        sent=len(sent),
        decided=len(decided),
        with_reason=sum(row.has_reason for row in decided),
        on_time=sum(at.astimezone(LONDON).date() <= row.promised_on for at, row in ends),
        median_days=_middle([max(0, (at - row.closed_at).days) for at, row in ends]),
        median_minutes=_middle([row.spent_seconds // 60 for row in sent]),
        outcomes=tuple(_sums(kind, [row for row in sent if row.standing is kind]) for kind in Standing),
        left_at=tuple(sorted(left.items(), key=lambda item: (-item[1], item[0]))),
        districts=_parts(decided, lambda row: row.district, [*districts, ELSEWHERE]),
        legal_forms=_parts(decided, lambda row: row.legal_form, legal_forms),
        first_timers=_parts(decided, _first_words, list(_FIRST.values())),
    )


def percent(part: int, whole: int) -> int | None:
    """Return a share as a whole percentage, rounded down so that 100 means all of it; None of nothing."""
    return part * 100 // whole if whole else None


def hidden(counts: Mapping[str, int]) -> frozenset[str]:
    """Return which of these counts must not be told: those below FEW, and one more where a single one could be worked
    out from the sum of all, which is public.
    """
    few = {name for name, count in counts.items() if count < FEW}
    if len(few) == 1 and len(counts) > 1:
        few.add(min((name for name in counts if name not in few), key=lambda name: counts[name]))
    return frozenset(few)


def _first_words(row: Row) -> str:
    return _FIRST[row.is_first]


def _middle(values: Sequence[int]) -> int | None:
    return int(median(values) + 0.5) if values else None


def _sums(kind: Standing, rows: Sequence[Row]) -> Sums:
    awarded = sum(row.awarded_pence for row in rows) if kind in _AWARDED else 0
    return Sums(kind.value, len(rows), sum(row.asked_pence for row in rows), awarded)


def _parts(rows: Sequence[Row], name_of: Callable[[Row], str], names: Sequence[str]) -> tuple[Part, ...]:
    known = dict.fromkeys(names)

    def named(row: Row) -> str:
        return name_of(row) if name_of(row) in known else names[-1]

    awards = Counter(named(row) for row in rows if row.is_awarded)
    pence = Counter[str]()
    for row in rows:
        pence[named(row)] += row.awarded_pence if row.is_awarded else 0
    refused = Counter(named(row) for row in rows if row.is_refused)
    secret = frozenset[str]()
    for round_id in {row.round_id for row in rows} or {0}:
        of_round = Counter(named(row) for row in rows if row.is_refused and row.round_id == round_id)
        secret |= hidden({name: of_round[name] for name in known})
    return tuple(Part(name, awards[name], pence[name], None if name in secret else refused[name]) for name in known)
