"""What the public record of decisions says: its kinds and filters, and each decision in words."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from crowdfund.checking.rules import CRITERION_WORDS, Criterion
from crowdfund.core.clock import LONDON
from crowdfund.funds.rules import financial_year
from crowdfund.grants.deciding import GENERAL as GRANT_GENERAL
from crowdfund.grants.rules import LEADS_TO, ApplicationState, Outcome
from crowdfund.grants.rules import WORDS as GRANT_WORDS
from crowdfund.matching.rules import WORDS, OfferState
from crowdfund.matching.verdicts import GENERAL, MEETS_ALL
from crowdfund.places.queries import DistrictName
from crowdfund.projects.rules import PUBLIC

KINDS: dict[str, str] = {
    "project": "Projects accepted",
    "match": "Match given by funds",
    "grant": "Grants to groups",
    "carried": "Money carried into the next year",
}
KIND_WORDS: dict[str, str] = {
    "project": "Project accepted",
    "match": "Match",
    "grant": "Grant",
    "carried": "Carried forward",
}
_MEETS = "It meets every criterion"


@dataclass(frozen=True)
class Chosen:
    """What the record is narrowed to; all of it stands in the address. `year` is a financial year: 2026/27."""

    kind: str = ""
    funder: str = ""
    fund: str = ""
    district: str = ""
    year: str = ""


class FundName(NamedTuple):
    """A fund and its funder as the filters offer them."""

    slug: str
    name: str
    funder_slug: str
    funder: str


@dataclass(frozen=True)
class Entry:
    """One decision as everyone may read it. Pence; times in UTC. `slug` is None while there is no public page.

    `round` and `round_slug` are of grants only, empty for everything else.
    """

    kind: str
    title: str
    slug: str | None
    group: str
    district: str
    funder: str
    fund: str
    round: str
    round_slug: str
    pence: int
    confirmed_pence: int | None
    stands: str
    authority: str
    reference: str
    decided_at: datetime
    effective_at: datetime
    confirmed_at: datetime | None
    criterion: str
    reason: str

    @property
    def kind_words(self) -> str:
        """What was decided, in words."""
        return KIND_WORDS[self.kind]


class Refusals(NamedTuple):
    """How often a criterion was what a refusal rested on."""

    criterion: str
    declined: int
    put_off: int


def read_chosen(
    args: MultiDict[str, str], funds: list[FundName], districts: list[DistrictName], years: list[str]
) -> Chosen:
    """Return what the address narrows the record to; what makes no sense is left out."""
    allowed: dict[str, set[str]] = {
        "kind": set(KINDS),
        "funder": {fund.funder_slug for fund in funds},
        "fund": {fund.slug for fund in funds},
        "district": {district.slug for district in districts},
        "year": set(years),
    }
    return Chosen(**{name: args.get(name, "") for name, known in allowed.items() if args.get(name, "") in known})


def years_between(first: datetime | None, now: datetime) -> list[str]:
    """Return the financial years from the first decision (UTC) to `now`, the newest first."""
    last = int(financial_year(now.astimezone(LONDON).date())[:4])
    begins = int(financial_year(first.astimezone(LONDON).date())[:4]) if first else last
    return [financial_year(date(year, 4, 1)) for year in range(last, begins - 1, -1)]


def bounds_of(year: str) -> tuple[datetime, datetime]:
    """Return when a financial year such as '2026/27' begins, and when the next one does."""
    first = int(year[:4])
    return datetime(first, 4, 1, tzinfo=LONDON), datetime(first + 1, 4, 1, tzinfo=LONDON)


def criterion_words(key: str, criteria: list[dict[str, Any]] | None) -> str:
    """Return a criterion in the words of the terms it is from, or of those that all funds share."""
    own = {criterion["key"]: str(criterion["words"]) for criterion in criteria or []}
    return (own | GENERAL | GRANT_GENERAL | {MEETS_ALL: _MEETS}).get(key, key)


def entry_of(row: Any) -> Entry:
    """Return a row of the record in words."""
    key, of_project = row.criterion, row.kind == "project"
    own = row.plan["criteria"] if row.kind == "grant" else row.criteria
    words = CRITERION_WORDS[Criterion(key)] if of_project else criterion_words(key, own)
    return Entry(
        kind=row.kind,
        title=row.title or row.application or row.fund,
        slug=row.slug if row.state in PUBLIC else None,
        group=row.group or "",
        district=row.district or "",
        funder=row.funder or "",
        fund=row.fund or "",
        round=row.round or "",
        round_slug=row.round_slug or "",
        pence=row.amount_pence or 0,
        confirmed_pence=row.confirmed_pence,
        stands=_granted(row.outcome, row.application_state) if row.kind == "grant" else _stands(row),
        authority=row.authority,
        reference=row.reference,
        decided_at=row.decided_at,
        effective_at=row.effective_at,
        confirmed_at=row.confirmed_at,
        criterion=words,
        reason=row.reason,
    )


def _stands(row: Any) -> str:
    if row.offer_state is None:
        return ""
    waits = row.offer_state is OfferState.ASSESSING and row.effective_at > row.decided_at
    return "Decided: the offer goes out when the decision takes effect" if waits else WORDS[row.offer_state]


def _granted(outcome: str, state: ApplicationState) -> str:
    return f"{GRANT_WORDS[LEADS_TO[Outcome(outcome)]]}. {GRANT_WORDS[state]}"
