"""How a project stands, in words first: the one place where its public figures are put into sentences."""

from dataclasses import dataclass
from datetime import datetime

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
    is_over: bool = False  # its deadline has passed

    @property
    def show_bar(self) -> bool:
        """A nearly empty bar discourages: first backers get an invitation instead."""
        return self.percent >= BAR_FROM_PERCENT or self.backers >= BAR_FROM_BACKERS

    @property
    def to_go_pence(self) -> int:
        """What is still missing, never negative."""
        return max(0, self.target_pence - self.raised_pence)

    @property
    def sentence(self) -> str:
        """The figures as one sentence, for screen readers and mails."""
        crowd = plural(self.backers, "backer", "backers")
        return f"{pounds(self.raised_pence)} pledged of {pounds(self.target_pence)} by {crowd}"

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


def progress_of(standing: Standing | CardRow, now: datetime) -> Progress:
    """Put a project's standing into the words and figures that every page shows."""
    open_now = takes_pledges(standing.state, standing.deadline, now)
    left = time_left_words(standing.deadline, now) if standing.state in OPEN else WORDS[standing.state]
    version, collected = (standing.version, standing.collected_pence) if isinstance(standing, Standing) else (0, None)
    return Progress(
        state=standing.state,
        raised_pence=standing.raised_pence,
        target_pence=standing.target_pence,
        backers=standing.backers,
        percent=percent_reached(standing.raised_pence, standing.target_pence),
        deadline=standing.deadline,
        time_left=left,
        takes_pledges=open_now,
        polls=standing.state in OPEN and now < standing.deadline,
        token=f"{version}.{standing.state.value}.{days_left(standing.deadline, now)}.{int(open_now)}",
        collected_pence=collected,
        is_over=now >= standing.deadline,
    )
