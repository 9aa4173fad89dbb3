"""What a group should do next for its launched project: one thing, said first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crowdfund.projects.rules import ProjectState, days_left
from crowdfund.site.progress import Progress

FIRST_BACKERS = 5
QUIET = timedelta(days=14)
LAST_DAYS = 7


@dataclass(frozen=True)
class NextStep:
    """What to do, why, and which page helps: 'kit', 'update', 'bank' or none."""

    title: str
    why: str
    leads_to: str = ""


_BY_STATE: dict[ProjectState, NextStep] = {
    ProjectState.PAUSED: NextStep(
        "The council paused your project",
        "Everyone in your group has a mail with the reason and what you can do. Tell your backers how things are.",
        "update",
    ),
    ProjectState.CANCELLED: NextStep(
        "Your project was cancelled", "Nobody was charged, and every backer was told by mail. You can start another."
    ),
    ProjectState.UNSUCCESSFUL: NextStep(
        "Your project did not reach its target", "Nobody was charged. You can start another with a different target."
    ),
}
WHERE_TO_PAY = NextStep(
    "Say where we should pay your money",
    "We have no bank details to pay to yet. After you give them there are five days before we can pay.",
    "bank",
)
_LATE = NextStep(
    "Your deadline passed while the project was paused",
    "An officer has it judged by the pledges it has, or cancels it. Until then nobody is charged. We write to you.",
)
_WAIT = NextStep("Nothing to do just now", "We write to you as soon as something is needed.")


def next_step(progress: Progress, last_news: datetime | None, now: datetime) -> NextStep:
    """Return the one thing that helps most at `now`; `last_news` is when the group last posted (UTC)."""
    if progress.state is ProjectState.PAUSED and progress.is_over:
        return _LATE
    if progress.state is not ProjectState.LIVE:
        return _BY_STATE.get(progress.state, _WAIT)
    if not progress.takes_pledges:
        return NextStep(
            "Your deadline has passed", "The result is being worked out. We write to you and to every backer."
        )
    return _while_open(progress, last_news, now)


def _while_open(progress: Progress, last_news: datetime | None, now: datetime) -> NextStep:
    if progress.backers < FIRST_BACKERS:
        missing = FIRST_BACKERS - progress.backers
        asked = "one more person" if missing == 1 else f"{missing} more people"
        return NextStep(f"Ask {asked} you know to back it", "A page with five backers looks alive to strangers.", "kit")
    if not progress.to_go_pence:
        return NextStep("You reached your target: thank your backers", "Say what extra money would do.", "update")
    if days_left(progress.deadline, now) <= LAST_DAYS:
        return NextStep(
            "The last days: tell everyone how much is missing",
            "Most late pledges come from people asked twice.",
            "update",
        )
    if last_news is None or now - last_news > QUIET:
        return NextStep("Tell your backers how it goes", "They are the ones who tell others.", "update")
    return NextStep("Keep telling people", "Put the poster up where people wait, and share the address.", "kit")
