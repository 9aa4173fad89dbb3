"""The life of a project, its words, its themes and its sums."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from crowdfund.core.clock import LONDON
from crowdfund.core.states import Machine

# Jobs of the deadline, queued at launch; settlement carries them out.
VERDICT = "settlement:verdict"  # {"project_id"}
NOTICE = "settlement:notice"  # {"project_id"}
NOTICE_BEFORE = timedelta(days=3)  # backers hear that the charge is coming

SHORTEST_CAMPAIGN_DAYS = 7
LONGEST_CAMPAIGN_DAYS = 84


class ProjectState(StrEnum):
    """Where a project is in its life."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    READY = "ready"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LIVE = "live"
    PAUSED = "paused"
    COLLECTING = "collecting"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"
    FUNDED = "funded"
    SHORTFALL = "shortfall"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    RING_FENCED = "ring_fenced"
    DELIVERING = "delivering"
    COMPLETED = "completed"


_S = ProjectState
MACHINE: Machine[ProjectState] = Machine(
    "project",
    {
        _S.DRAFT: {_S.SUBMITTED: "group", _S.WITHDRAWN: "group"},
        _S.SUBMITTED: {
            _S.CHANGES_REQUESTED: "checker",
            _S.READY: "checker",
            _S.DECLINED: "checker",
            _S.WITHDRAWN: "group",
        },
        _S.CHANGES_REQUESTED: {_S.SUBMITTED: "group", _S.WITHDRAWN: "group"},
        _S.READY: {_S.LIVE: "group or clock", _S.WITHDRAWN: "group"},
        _S.DECLINED: {},
        _S.WITHDRAWN: {_S.DRAFT: "group"},
        _S.LIVE: {
            _S.PAUSED: "checker",
            _S.COLLECTING: "verdict",
            _S.UNSUCCESSFUL: "verdict",
            _S.CANCELLED: "group or checker",
        },
        _S.PAUSED: {_S.LIVE: "checker", _S.CANCELLED: "group or checker"},
        _S.COLLECTING: {_S.FUNDED: "settlement", _S.SHORTFALL: "settlement"},
        _S.UNSUCCESSFUL: {},
        _S.CANCELLED: {},
        _S.SHORTFALL: {_S.FUNDED: "approver", _S.REFUNDING: "approver"},
        _S.REFUNDING: {_S.REFUNDED: "settlement"},
        _S.REFUNDED: {},
        _S.FUNDED: {_S.RING_FENCED: "approver", _S.DELIVERING: "settlement"},
        _S.RING_FENCED: {_S.DELIVERING: "approver", _S.REFUNDING: "approver or clock"},
        _S.DELIVERING: {_S.COMPLETED: "checker"},
        _S.COMPLETED: {},
    },
)

WORDS: dict[ProjectState, str] = {
    _S.DRAFT: "Draft",
    _S.SUBMITTED: "Being checked",
    _S.CHANGES_REQUESTED: "Waiting for the group",
    _S.READY: "Ready to launch",
    _S.DECLINED: "Not accepted",
    _S.WITHDRAWN: "Withdrawn by the group",
    _S.LIVE: "Open for pledges",
    _S.PAUSED: "Paused",
    _S.COLLECTING: "Target met: collecting the pledges",
    _S.UNSUCCESSFUL: "Did not reach its target: nobody was charged",
    _S.CANCELLED: "Cancelled: nobody was charged",
    _S.FUNDED: "Funded",
    _S.SHORTFALL: "Some pledges could not be collected",
    _S.REFUNDING: "Being refunded",
    _S.REFUNDED: "Everyone was refunded",
    _S.RING_FENCED: "Funded, waiting for a permission",
    _S.DELIVERING: "Under way",
    _S.COMPLETED: "Done",
}
# A group writes in these; answers may be missing.
DRAFTING = frozenset({_S.DRAFT, _S.CHANGES_REQUESTED})
BEFORE_LAUNCH = DRAFTING | {_S.SUBMITTED, _S.READY, _S.DECLINED, _S.WITHDRAWN}
PUBLIC = frozenset(_S) - BEFORE_LAUNCH
OPEN = frozenset({_S.LIVE, _S.PAUSED})
# The target was reached: promises are kept apart from what was really paid.
COLLECTED = frozenset({_S.COLLECTING, _S.SHORTFALL, _S.FUNDED, _S.RING_FENCED, _S.DELIVERING, _S.COMPLETED})


class Theme(StrEnum):
    """The themes a project can serve; settings of each programme round."""

    COMMUNITY_SPACES = "community_spaces"
    HEALTH_WELLBEING = "health_wellbeing"
    CHILDREN_YOUNG_PEOPLE = "children_young_people"
    ENVIRONMENT_NATURE = "environment_nature"
    ARTS_HERITAGE = "arts_heritage"
    SPORT_PLAY = "sport_play"
    FOOD_COST_OF_LIVING = "food_cost_of_living"
    ISOLATION_OLDER_PEOPLE = "isolation_older_people"


THEME_WORDS: dict[Theme, str] = {
    Theme.COMMUNITY_SPACES: "Places to meet",
    Theme.HEALTH_WELLBEING: "Health and wellbeing",
    Theme.CHILDREN_YOUNG_PEOPLE: "Children and young people",
    Theme.ENVIRONMENT_NATURE: "Nature and environment",
    Theme.ARTS_HERITAGE: "Arts and heritage",
    Theme.SPORT_PLAY: "Sport and play",
    Theme.FOOD_COST_OF_LIVING: "Food and the cost of living",
    Theme.ISOLATION_OLDER_PEOPLE: "Company and older people",
}


class Objective(StrEnum):
    """What the programme wants to see; a project serves at least one. Settings of each programme round."""

    DISADVANTAGED_PLACES = "disadvantaged_places"
    COST_OF_LIVING = "cost_of_living"
    YOUNG_PEOPLE = "young_people"
    ISOLATION = "isolation"
    HEALTHY_LIVES = "healthy_lives"


OBJECTIVE_WORDS: dict[Objective, str] = {
    Objective.DISADVANTAGED_PLACES: "It helps people in disadvantaged or coastal places",
    Objective.COST_OF_LIVING: "It helps people with the cost of living",
    Objective.YOUNG_PEOPLE: "It gives children and young people a better start",
    Objective.ISOLATION: "It brings together people who are alone or live far out",
    Objective.HEALTHY_LIVES: "It helps people to stay well",
}


class Section(StrEnum):
    """The pages of a project's task list, in the order in which they are shown. Each is saved on its own."""

    BASICS = "basics"
    PLACE = "place"
    STORY = "story"
    PICTURE = "picture"
    COSTS = "costs"
    OTHER_MONEY = "other-money"
    TARGET = "target"
    GIFTS = "gifts"
    DATES = "dates"
    MILESTONES = "milestones"
    HELP_WANTED = "help-wanted"
    RISKS = "risks"


SECTION_WORDS: dict[Section, str] = {
    Section.BASICS: "Name, aim and objectives",
    Section.PLACE: "Where it happens",
    Section.STORY: "Your story",
    Section.PICTURE: "A picture",
    Section.COSTS: "What it costs",
    Section.OTHER_MONEY: "Money you have or hope for",
    Section.TARGET: "Target, and if it is missed or passed",
    Section.GIFTS: "What a gift buys",
    Section.DATES: "How long people can pledge",
    Section.MILESTONES: "What happens when",
    Section.HELP_WANTED: "Help you want besides money",
    Section.RISKS: "Risks and permissions",
}


class LineKind(StrEnum):
    """The lists on a project's page that share one table."""

    COST = "cost"
    OTHER_MONEY = "other_money"
    MILESTONE = "milestone"
    HELP_WANTED = "help_wanted"
    MONEY_USE = "money_use"


def minimum_target(cost_pence: Sequence[int], confirmed_pence: Sequence[int]) -> int:
    """Return the minimum target in pence: the costs less other money that is confirmed."""
    return sum(cost_pence) - sum(confirmed_pence)


def takes_pledges(state: ProjectState, deadline: datetime | None, now: datetime) -> bool:
    """Say whether a pledge may become active: live, and before the deadline to the microsecond."""
    return state is ProjectState.LIVE and deadline is not None and now < deadline


def days_left(deadline: datetime, now: datetime) -> int:
    """Return how many days are left by the calendar in Kent: 0 on the last day, never negative."""
    return max(0, (deadline.astimezone(LONDON).date() - now.astimezone(LONDON).date()).days)


def time_left_words(deadline: datetime, now: datetime) -> str:
    """Say in words how long pledging stays open."""
    if now >= deadline:
        return "Closed for pledges"
    days = days_left(deadline, now)
    if days == 0:
        return "Last day"
    return "1 day left" if days == 1 else f"{days} days left"


def allowed_length(days: int) -> bool:
    """Say whether a campaign of so many days is neither too short nor too long."""
    return SHORTEST_CAMPAIGN_DAYS <= days <= LONGEST_CAMPAIGN_DAYS
