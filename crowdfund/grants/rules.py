"""The life of a grant round and of an application, and the plain sums of scores and tiers."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from crowdfund.core.states import Machine


class RoundState(StrEnum):
    """Where a grant round is in its life."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    ASSESSING = "assessing"
    DECIDED = "decided"
    CLOSED = "closed"


_R = RoundState
ROUNDS: Machine[RoundState] = Machine(
    "grant_round",
    {
        _R.DRAFT: {_R.SCHEDULED: "administrator"},
        _R.SCHEDULED: {_R.OPEN: "clock", _R.DRAFT: "administrator"},
        _R.OPEN: {_R.ASSESSING: "clock"},
        _R.ASSESSING: {_R.DECIDED: "approver"},
        _R.DECIDED: {_R.CLOSED: "administrator"},
        _R.CLOSED: {},
    },
)
ROUND_WORDS: dict[RoundState, str] = {
    _R.DRAFT: "Being written",
    _R.SCHEDULED: "Coming",
    _R.OPEN: "Open",
    _R.ASSESSING: "Closed, being assessed",
    _R.DECIDED: "Decided",
    _R.CLOSED: "Finished",
}
PUBLISHED = (_R.SCHEDULED, _R.OPEN, _R.ASSESSING, _R.DECIDED, _R.CLOSED)


class ApplicationState(StrEnum):
    """Where an application is in its life."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_ASSESSMENT = "in_assessment"
    CLARIFICATION = "clarification"
    AWARDED = "awarded"
    AWARDED_UP_TO = "awarded_up_to"
    DEFERRED = "deferred"
    DECLINED = "declined"
    INELIGIBLE = "ineligible"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


_S = ApplicationState
_DECIDED = {
    _S.AWARDED: "approver",
    _S.AWARDED_UP_TO: "approver",
    _S.DEFERRED: "approver",
    _S.DECLINED: "approver",
    _S.INELIGIBLE: "approver",
}
APPLICATIONS: Machine[ApplicationState] = Machine(
    "grant_application",
    {
        _S.DRAFT: {_S.SUBMITTED: "group", _S.WITHDRAWN: "group"},
        _S.SUBMITTED: {_S.DRAFT: "group", _S.IN_ASSESSMENT: "assessor", _S.WITHDRAWN: "group"},
        _S.IN_ASSESSMENT: {_S.CLARIFICATION: "assessor", _S.WITHDRAWN: "group", **_DECIDED},
        _S.CLARIFICATION: {_S.IN_ASSESSMENT: "group", _S.WITHDRAWN: "group"},
        _S.AWARDED: {_S.OFFERED: "service"},
        _S.AWARDED_UP_TO: {_S.OFFERED: "service"},
        _S.OFFERED: {_S.ACCEPTED: "group", _S.REFUSED: "group", _S.EXPIRED: "clock"},
        _S.DEFERRED: {_S.IN_ASSESSMENT: "approver", _S.WITHDRAWN: "group"},
        # Once a review was upheld.
        _S.DECLINED: {_S.IN_ASSESSMENT: "reviewer"},
        _S.INELIGIBLE: {_S.IN_ASSESSMENT: "reviewer"},
        _S.ACCEPTED: {},
        _S.REFUSED: {},
        _S.EXPIRED: {},
        _S.WITHDRAWN: {},
    },
)
WORDS: dict[ApplicationState, str] = {
    _S.DRAFT: "Being written",
    _S.SUBMITTED: "Sent",
    _S.IN_ASSESSMENT: "Being assessed",
    _S.CLARIFICATION: "A question waits for the group",
    _S.AWARDED: "Awarded in full",
    _S.AWARDED_UP_TO: "Awarded in part",
    _S.DEFERRED: "Put off",
    _S.DECLINED: "Not awarded",
    _S.INELIGIBLE: "Not eligible",
    _S.OFFERED: "Offered: the group answers",
    _S.ACCEPTED: "Accepted",
    _S.REFUSED: "Turned down by the group",
    _S.EXPIRED: "The time to answer ran out",
    _S.WITHDRAWN: "Withdrawn",
}
BEING_ASSESSED = (_S.SUBMITTED, _S.IN_ASSESSMENT, _S.CLARIFICATION)


class Outcome(StrEnum):
    """What an assessor recommends and an approver decides."""

    FULL = "full"
    UP_TO = "up_to"
    DEFER = "defer"
    DECLINE = "decline"
    INELIGIBLE = "ineligible"


OUTCOME_WORDS: dict[Outcome, str] = {
    Outcome.FULL: "Award what was asked for",
    Outcome.UP_TO: "Award a part of it",
    Outcome.DEFER: "Put off to a later decision",
    Outcome.DECLINE: "Decline",
    Outcome.INELIGIBLE: "Decline: not eligible",
}
LEADS_TO: dict[Outcome, ApplicationState] = {
    Outcome.FULL: _S.AWARDED,
    Outcome.UP_TO: _S.AWARDED_UP_TO,
    Outcome.DEFER: _S.DEFERRED,
    Outcome.DECLINE: _S.DECLINED,
    Outcome.INELIGIBLE: _S.INELIGIBLE,
}
AWARDING = (Outcome.FULL, Outcome.UP_TO)

SCORE_WORDS = ("Not shown", "Weak", "Fair", "Good", "Strong")
HIGHEST = len(SCORE_WORDS) - 1
WIDE_SPREAD = 2  # points between two assessors at one criterion from which on it is pointed out


def weighted_percent(scores: Iterable[tuple[int | None, int]]) -> int | None:
    """Return (score, weight) pairs as a percentage of the highest mark, rounded down.

    A criterion that does not apply has no score and leaves the denominator, so it neither helps nor harms. None
    where no criterion applies.
    """
    counted = [(score, weight) for score, weight in scores if score is not None]
    whole = sum(weight for _, weight in counted) * HIGHEST
    return sum(score * weight for score, weight in counted) * 100 // whole if whole else None


def mean(percents: Sequence[int]) -> int | None:
    """Return the mean of assessors' percentages, rounded down; None without one."""
    return sum(percents) // len(percents) if percents else None


def is_wide(scores: Sequence[int | None]) -> bool:
    """Say whether assessors differ so much at one criterion that somebody should look at it."""
    given = [score for score in scores if score is not None]
    return len(given) > 1 and max(given) - min(given) >= WIDE_SPREAD
