"""How a project stands, in words first: the one place where its public figures are put into sentences."""

from dataclasses import dataclass
from datetime import datetime

from crowdfund.core.money import percent_reached, pounds
from crowdfund.projects.rules import OPEN, WORDS, ProjectState, days_left, takes_pledges, time_left_words
from crowdfund.site.queries import CardRow, Standing
from crowdfund.web.templating import plural

BAR_FROM_PERCENT = 10
BAR_FROM_BACKERS = 5


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
    version = standing.version if isinstance(standing, Standing) else 0
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
    )
