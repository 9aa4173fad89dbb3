"""The words of checking: outcomes of facts, answers of the checklist, decisions, the life of a concern."""

from datetime import datetime, timedelta
from enum import StrEnum

from crowdfund.core.clock import LONDON
from crowdfund.core.states import Machine

CHECKED_WITHIN = 10  # working days from submission to a decision or questions
MOST_NOTE = 2000


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


ANSWER_WORDS: dict[ItemAnswer, str] = {
    ItemAnswer.YES: "Yes",
    ItemAnswer.NO: "No",
    ItemAnswer.NOT_NEEDED: "Not needed",
}


class Outcome(StrEnum):
    """What a checker decides about a project."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


OUTCOMES: dict[Outcome, str] = {Outcome.ACCEPTED: "Accepted", Outcome.DECLINED: "Not accepted"}


class Criterion(StrEnum):
    """The rule a decision rests on; a project that is accepted meets them all."""

    MEETS_ALL = "meets_all"
    NOT_REAL = "not_real"
    NOT_LEGAL = "not_legal"
    OUTSIDE_AREA = "outside_area"
    NO_PUBLIC_BENEFIT = "no_public_benefit"
    POLITICAL = "political"
    GROUP_NOT_READY = "group_not_ready"
    SAME_AGAIN = "same_again"
    OTHER_ROUTE = "other_route"


CRITERION_WORDS: dict[Criterion, str] = {
    Criterion.MEETS_ALL: "The project is real, legal and eligible",
    Criterion.NOT_REAL: "We could not establish that the project or the group is real",
    Criterion.NOT_LEGAL: "The project would not be legal as it is planned",
    Criterion.OUTSIDE_AREA: "The project is outside the area of this programme",
    Criterion.NO_PUBLIC_BENEFIT: "The project mainly benefits private people or a business",
    Criterion.POLITICAL: "The project supports a party or a campaign about a law",
    Criterion.GROUP_NOT_READY: "The group cannot yet take and look after the money safely",
    Criterion.SAME_AGAIN: "The same project was posted before",
    Criterion.OTHER_ROUTE: "Another kind of support fits this project better",
}
DECLINING = tuple(criterion for criterion in Criterion if criterion is not Criterion.MEETS_ALL)


def ago_words(then: datetime, now: datetime) -> str:
    """Say how long ago something was, as people do: 'just now', '2 minutes ago', 'on 1 December'."""
    minutes = int((now - then) / timedelta(minutes=1))
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return "1 minute ago" if minutes == 1 else f"{minutes} minutes ago"
    if minutes < 24 * 60:
        return "1 hour ago" if minutes < 120 else f"{minutes // 60} hours ago"
    local = then.astimezone(LONDON)
    return f"on {local.day} {local:%B}"


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
