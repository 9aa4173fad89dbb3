"""The words of checking: outcomes of facts, answers of the checklist, the life of a concern."""

from enum import StrEnum

from crowdfund.core.states import Machine


class Finding(StrEnum):
    """What an automatic check found. It never decides: a person looks."""

    OK = "ok"
    LOOK = "look"
    UNKNOWN = "unknown"


FINDING_WORDS: dict[Finding, str] = {
    Finding.OK: "Looks right",
    Finding.LOOK: "Please look",
    Finding.UNKNOWN: "Could not be checked",
}


class ItemAnswer(StrEnum):
    """A checker's answer to one point of the due diligence checklist."""

    YES = "yes"
    NO = "no"
    NOT_NEEDED = "not_needed"


class ConcernState(StrEnum):
    """Where a concern stands."""

    OPEN = "open"
    CLOSED = "closed"


CONCERN_MACHINE: Machine[ConcernState] = Machine(
    "concern", {ConcernState.OPEN: {ConcernState.CLOSED: "checker"}, ConcernState.CLOSED: {}}
)


class ConcernOutcome(StrEnum):
    """How a concern ended."""

    UNFOUNDED = "unfounded"
    ANSWERED = "answered"
    CHANGED = "changed"
    PAUSED = "paused"
    CANCELLED = "cancelled"


OUTCOME_WORDS: dict[ConcernOutcome, str] = {
    ConcernOutcome.UNFOUNDED: "We looked and found nothing wrong",
    ConcernOutcome.ANSWERED: "The group answered it",
    ConcernOutcome.CHANGED: "The group changed its page or plans",
    ConcernOutcome.PAUSED: "The project was paused",
    ConcernOutcome.CANCELLED: "The project was cancelled",
}
