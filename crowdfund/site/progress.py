"""How a project stands, in words first: the one place where its public figures are put into sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from crowdfund.core.money import percent_reached, pounds
from crowdfund.projects.rules import OPEN, WORDS, ProjectState, days_left, takes_pledges, time_left_words
from crowdfund.site.queries import CardRow, Standing
from crowdfund.web.templating import plural

BAR_FROM_PERCENT = 10
BAR_FROM_BACKERS = 5
# Promised and paid are never mixed, nor "nobody was charged" and "everyone was refunded".
AFTERWARDS: dict[ProjectState, str] = {
    ProjectState.COLLECTING: "The target was reached, so the pledges are being collected: {collected} so far.",
    ProjectState.SHORTFALL: (
        "{collected} could be collected, which is not enough. The council decides with the group what happens:"
        " the gap is filled, the project goes on with less, or everyone is refunded."
    ),
    ProjectState.FUNDED: "{collected} was collected from backers and is held for the group.",
    ProjectState.RING_FENCED: (
        "{collected} was collected and is held until a permission is there. Without it everyone is refunded."
    ),
    ProjectState.DELIVERING: "{collected} was collected from backers, and the work is under way.",
    ProjectState.COMPLETED: "{collected} was collected from backers, and the work is done.",
    ProjectState.UNSUCCESSFUL: "It did not reach {target} by its deadline. Nobody was charged.",
    ProjectState.REFUNDING: "The project does not go ahead. Everyone who paid is being refunded.",
    ProjectState.REFUNDED: "The project did not go ahead. Everyone who paid was refunded.",
}


@dataclass(frozen=True)
class Giver:
    """Whom money of a project is from: the crowd, or a funder with what it adds now, in pence, and what is next."""

    name: str
    pence: int
    words: str = ""
    is_shown: bool = True


class Part(NamedTuple):
    """A piece of the bar, on a scale of 1,000."""

    name: str
    start: int
    width: int


@dataclass(frozen=True)
class Progress:
    """What the progress panel and the cards say. Pence; `token` moves whenever anything shown moves."""

    state: ProjectState
    raised_pence: int
    target_pence: int
    backers: int
    percent: int
    deadline: datetime
    time_left: str
    takes_pledges: bool
    polls: bool
    token: str
    collected_pence: int | None = None
    match_pence: int = 0
    givers: Sequence[Giver] = ()  # whom the money is from, where funders add to it

    @property
    def total_pence(self) -> int:
        """What the crowd pledged and what funders add to it."""
        return self.raised_pence + self.match_pence

    is_over: bool = False  # its deadline has passed

    @property
    def show_bar(self) -> bool:
        """A nearly empty bar discourages: first backers get an invitation instead."""
        return self.percent >= BAR_FROM_PERCENT or self.backers >= BAR_FROM_BACKERS

    @property
    def to_go_pence(self) -> int:
        """What is still missing, never negative."""
        return max(0, self.target_pence - self.total_pence)

    @property
    def parts(self) -> list[Part]:
        """The bar: the crowd first, then each funder, on a scale of 1,000; the whole is never above it."""
        givers = self.givers or (Giver("The crowd", self.raised_pence), Giver("Funders", self.match_pence))
        ends = [min(1000, pence * 1000 // self.target_pence) for pence in accumulate(one.pence for one in givers)]
        starts = [0, *ends]
        return [Part(one.name, start, end - start) for one, start, end in zip(givers, starts, ends, strict=False)]

    @property
    def sentence(self) -> str:
        """The figures as one sentence, for screen readers and mails."""
        crowd = plural(self.backers, "backer", "backers")
        added = f", with {pounds(self.match_pence)} added by funders" if self.match_pence else ""
        return f"{pounds(self.raised_pence)} pledged of {pounds(self.target_pence)} by {crowd}{added}"

    @property
    def afterwards(self) -> str:
        """What became of the pledges once the deadline is over, as a sentence or two; '' before."""
        words = AFTERWARDS.get(self.state, "")
        return words.format(collected=pounds(self.collected_pence or 0), target=pounds(self.target_pence))

    @property
    def status_text(self) -> str:
        """Where the project is, in public words."""
        if self.state is ProjectState.LIVE and not self.takes_pledges:
            return "Closed for pledges: the result is being worked out"
        if self.state is ProjectState.LIVE and not self.to_go_pence:
            return "Target met"
        return WORDS[self.state]


def progress_of(standing: Standing | CardRow, now: datetime, givers: Sequence[Giver] = ()) -> Progress:
    """Put a project's standing into the words and figures that every page shows; `givers` where funders add to it."""
    open_now = takes_pledges(standing.state, standing.deadline, now)
    left = time_left_words(standing.deadline, now) if standing.state in OPEN else WORDS[standing.state]
    version, collected = "0", None
    if isinstance(standing, Standing):
        version, collected = f"{standing.version}.{standing.offers}.{standing.match_pence}", standing.collected_pence
    total = standing.raised_pence + standing.match_pence
    return Progress(
        state=standing.state,
        raised_pence=standing.raised_pence,
        target_pence=standing.target_pence,
        backers=standing.backers,
        percent=percent_reached(total, standing.target_pence),
        deadline=standing.deadline,
        time_left=left,
        takes_pledges=open_now,
        polls=standing.state in OPEN and now < standing.deadline,
        token=f"{version}.{standing.state.value}.{days_left(standing.deadline, now)}.{int(open_now)}",
        collected_pence=collected,
        match_pence=standing.match_pence,
        givers=givers,
        is_over=now >= standing.deadline,
    )
