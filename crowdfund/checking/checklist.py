"""The due diligence checklist: more points the more money, risk and people at risk there are, each with its reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crowdfund.checking.rules import ItemAnswer
from crowdfund.groups.rules import LegalForm, Safeguarding

# Thresholds in pence: what is asked of a £500 project is not what is asked of a £50,000 one.
SMALL_PENCE = 200_000
LARGE_PENCE = 1_000_000
_OWN_RULES = frozenset({LegalForm.INFORMAL, LegalForm.ASSOCIATION, LegalForm.SPORTS_CLUB})
_UNREGISTERED = _OWN_RULES | {LegalForm.PARISH_COUNCIL, LegalForm.TOWN_COUNCIL}


@dataclass(frozen=True)
class CaseFacts:
    """What the checklist depends on. Amounts in pence."""

    target_pence: int
    cost_pence: int
    capital_pence: int
    legal_form: LegalForm
    safeguarding: Safeguarding | None
    needs_host: bool
    for_young_people: bool
    has_photo: bool
    is_first: bool

    @property
    def is_large(self) -> bool:
        """Whether so much money is asked for that more has to be looked at."""
        return max(self.target_pence, self.cost_pence) >= LARGE_PENCE

    @property
    def is_small(self) -> bool:
        """Whether little money is asked for."""
        return max(self.target_pence, self.cost_pence) < SMALL_PENCE

    @property
    def has_people_at_risk(self) -> bool:
        """Whether children or adults at risk may take part."""
        return self.for_young_people or self.safeguarding is not Safeguarding.NOT_NEEDED


@dataclass(frozen=True)
class Point:
    """One point of the checklist: what is looked at, and why of this project."""

    key: str
    question: str
    why: str


@dataclass(frozen=True)
class _Rule:
    point: Point
    applies: Callable[[CaseFacts], bool]


def _always(facts: CaseFacts) -> bool:  # noqa: ARG001 - rules share a shape
    return True


_RULES = (
    _Rule(
        Point("group_real", "Is there such a group, and do the people who posted speak for it?", "Asked of everyone."),
        _always,
    ),
    _Rule(
        Point("legal", "Is the project legal as it is planned, with the permissions it names?", "Asked of everyone."),
        _always,
    ),
    _Rule(
        Point("public_benefit", "Does the public benefit, and no party, campaign or business?", "Asked of everyone."),
        _always,
    ),
    _Rule(
        Point("costs", "Do the costs fit what is planned?", "Asked of everyone."),
        _always,
    ),
    _Rule(
        Point(
            "register",
            "Does the register show the group under this name and number, without open warnings?",
            "The group is on a public register.",
        ),
        lambda facts: facts.legal_form not in _UNREGISTERED,
    ),
    _Rule(
        Point(
            "rules",
            "Are there written rules that say what happens to money when the group ends?",
            "The group is on no register, and the project is not a small one.",
        ),
        lambda facts: facts.legal_form in _OWN_RULES and not facts.is_small,
    ),
    _Rule(
        Point(
            "bank_account",
            "Is the bank account in the group’s name, with two signatories who are not related?",
            "The group is paid itself.",
        ),
        lambda facts: not facts.needs_host and not facts.is_small,
    ),
    _Rule(
        Point("host", "Is the host a constituted body that knows what it agreed to?", "The group is paid by a host."),
        lambda facts: facts.needs_host,
    ),
    _Rule(
        Point(
            "safeguarding",
            "Is there a safeguarding policy that fits the project, or help to write one?",
            "Children or adults at risk may take part.",
        ),
        lambda facts: facts.has_people_at_risk,
    ),
    _Rule(
        Point(
            "owner_agrees",
            "Does whoever owns the place or building agree?",
            "Something is built or bought that stays.",
        ),
        lambda facts: facts.capital_pence > 0,
    ),
    _Rule(
        Point("photo", "Did the people in the photo agree to be shown?", "The page shows a photo."),
        lambda facts: facts.has_photo,
    ),
    _Rule(
        Point(
            "experience",
            "Can the group show that it has run something like this, or who helps it?",
            "It asks for £10,000 or more and is new here.",
        ),
        lambda facts: facts.is_large and facts.is_first,
    ),
    _Rule(
        Point(
            "accounts",
            "Do the latest accounts show that the group can carry this project?",
            "The project costs £10,000 or more.",
        ),
        lambda facts: facts.is_large,
    ),
    _Rule(
        Point("insurance", "Is there insurance for what is planned?", "The project costs £10,000 or more."),
        lambda facts: facts.is_large,
    ),
)
POINT_WORDS: dict[str, str] = {rule.point.key: rule.point.question for rule in _RULES}


def checklist(facts: CaseFacts) -> list[Point]:
    """Return the points that a project's amount and risks call for, in a fixed order."""
    return [rule.point for rule in _RULES if rule.applies(facts)]


def open_points(points: list[Point], answers: Mapping[str, tuple[ItemAnswer, str]]) -> list[Point]:
    """Return the points that stand in the way of accepting: unanswered, or answered No without a note.

    `answers` are the answers given so far with their notes, by the key of the point.
    """
    return [point for point in points if _is_open(answers.get(point.key))]


def _is_open(given: tuple[ItemAnswer, str] | None) -> bool:
    return given is None or (given[0] is ItemAnswer.NO and not given[1].strip())
