"""What automatic checks look at and what they find, with the marks by which facts name other projects."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crowdfund.checking.rules import Finding
from crowdfund.funds.queries import FundDates
from crowdfund.groups.models import Group, Host, Invitation
from crowdfund.places.models import District
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.rules import WORDS, LineKind, ProjectState

_NAMED = re.compile(r"\{project:([0-9a-z]{26}):([^{}]*)\}")


@dataclass(frozen=True)
class Other:
    """Another project that may be the same one."""

    public_id: str
    reference: str
    title: str
    aim: str
    place: str
    state: ProjectState
    is_same_group: bool

    @property
    def named(self) -> str:
        """Its title with a mark that the page makes a link of."""
        return f"“{self.title}” ({{project:{self.public_id}:{self.reference}}}, {WORDS[self.state].lower()})"


@dataclass(frozen=True)
class Material:
    """What the checks look at."""

    project: Project
    group: Group
    chosen: District  # what the page says
    district: District | None  # what the postcode says; None where it is not known
    lines: dict[LineKind, list[ProjectLine]]
    quotes: dict[int, int]
    host: Host | None
    signatory: Invitation | None
    others: Sequence[Other]
    funds: Sequence[FundDates]
    quote_above_pence: int


@dataclass(frozen=True)
class Found:
    """One fact: a finding, a sentence for people, and where it comes from."""

    key: str
    finding: Finding
    words: str
    source: str


def linked(words: str) -> list[tuple[str, str | None]]:
    """Return the text of a fact in parts, each with the public id of the project it names, None for plain text."""
    parts: list[tuple[str, str | None]] = []
    at = 0
    for found in _NAMED.finditer(words):
        parts += [(words[at : found.start()], None), (found[2], found[1])]
        at = found.end()
    return [*parts, (words[at:], None)]
