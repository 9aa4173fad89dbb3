"""Can this service help? Six answers become what is ready, what is missing and what else there is."""

from dataclasses import dataclass
from enum import StrEnum

TINY_BELOW = "£500"
LARGE_ABOVE = "£100,000"


class Where(StrEnum):
    """Where the project happens, found by its postcode."""

    IN_AREA = "in_area"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class Benefit(StrEnum):
    """Who gains from it."""

    COMMUNITY = "community"
    MEMBERS = "members"
    PRIVATE = "private"
    CAMPAIGN = "campaign"
    DUTY = "duty"


class SetUp(StrEnum):
    """How those who ask are set up."""

    INFORMAL = "informal"
    ASSOCIATION = "association"
    REGISTERED = "registered"
    COUNCIL = "council"
    BUSINESS = "business"


class Account(StrEnum):
    """Whether there is a bank account in the group's name."""

    YES = "yes"
    OPENING = "opening"
    NO = "no"


class Amount(StrEnum):
    """Roughly how much is wanted."""

    TINY = "tiny"
    SMALL = "small"
    MIDDLE = "middle"
    LARGE = "large"


class When(StrEnum):
    """When the money is needed."""

    SOON = "soon"
    YEAR = "year"
    LATER = "later"
    DONE = "done"


BENEFIT_WORDS: dict[Benefit, str] = {
    Benefit.COMMUNITY: "Anyone in the community, or people who need help most",
    Benefit.MEMBERS: "Only the members of our group",
    Benefit.PRIVATE: "A person or a business makes money with it",
    Benefit.CAMPAIGN: "A political party or campaign, or spreading a belief",
    Benefit.DUTY: "A service that a council, school or the NHS has to provide anyway",
}
SET_UP_WORDS: dict[SetUp, str] = {
    SetUp.INFORMAL: "Neighbours or friends without written rules",
    SetUp.ASSOCIATION: "A group with written rules and a committee, not registered",
    SetUp.REGISTERED: "A charity, community company, society or amateur sports club",
    SetUp.COUNCIL: "A parish or town council",
    SetUp.BUSINESS: "A business, or one person alone",
}
ACCOUNT_WORDS: dict[Account, str] = {
    Account.YES: "Yes",
    Account.OPENING: "Not yet, but we are opening one",
    Account.NO: "No",
}
AMOUNT_WORDS: dict[Amount, str] = {
    Amount.TINY: f"Less than {TINY_BELOW}",
    Amount.SMALL: f"{TINY_BELOW} to £5,000",
    Amount.MIDDLE: f"More than £5,000, up to {LARGE_ABOVE}",
    Amount.LARGE: f"More than {LARGE_ABOVE}",
}
WHEN_WORDS: dict[When, str] = {
    When.SOON: "Within 3 months",
    When.YEAR: "In 3 to 12 months",
    When.LATER: "In more than a year",
    When.DONE: "It is bought or finished already",
}


@dataclass(frozen=True)
class Answers:
    """What somebody said; `outside` is the sentence naming the council of a place that is not ours."""

    where: Where
    benefit: Benefit
    set_up: SetUp
    account: Account
    amount: Amount
    when: When
    outside: str = ""


@dataclass(frozen=True)
class Stop:
    """Why it does not work this way, and what to do instead."""

    because: str
    instead: str


@dataclass(frozen=True)
class Point:
    """One thing to have ready: whether it is, and what helps where it is not."""

    title: str
    hint: str
    ready: bool = False


def stops(said: Answers) -> list[Stop]:
    """Return everything that stands in the way, each with a way round it; empty when nothing does."""
    found = [_BENEFIT_STOPS.get(said.benefit), _BUSINESS if said.set_up is SetUp.BUSINESS else None]
    found.append(_DONE if said.when is When.DONE else None)
    if said.where is Where.OUTSIDE:
        found.insert(0, Stop(said.outside, _OUTSIDE_INSTEAD))
    return [stop for stop in found if stop is not None]


def hints(said: Answers) -> list[str]:
    """Return what is good to know about the amount and the time."""
    found = []
    if said.where is Where.UNKNOWN:
        found.append("We do not know this postcode. That does not matter: you choose the district yourself.")
    if said.amount is Amount.TINY:
        found.append(
            f"For less than {TINY_BELOW} a campaign is a lot of work. A small grant may be quicker: write to us first."
        )
    if said.amount is Amount.LARGE:
        found.append(
            f"More than {LARGE_ABOVE} is rarely raised from a crowd. Raise one part of it here, such as the "
            "playground’s swings, and write to us about the rest."
        )
    if said.when is When.SOON:
        found.append(
            "From start to money takes about 3 months: an evening to write, up to 10 working days to check, 6 weeks "
            "or so for pledges and some weeks to pay. Choose a date you can keep to."
        )
    if said.when is When.LATER:
        found.append("You can write everything now and launch up to a year later.")
    return found


def readiness(said: Answers) -> list[Point]:
    """Return what to have ready, as far as the answers tell."""
    constituted = said.set_up in {SetUp.ASSOCIATION, SetUp.REGISTERED, SetUp.COUNCIL}
    points = [
        Point("Your group’s rules", _RULES_READY if constituted else _RULES_MISSING, constituted),
        Point("A bank account in the group’s name", _ACCOUNT_HINTS[said.account], said.account is Account.YES),
        Point("Two people who sign for the account and are not related", _SIGNATORIES),
        Point("A second person to confirm what you declare", _SECOND),
        Point("A safeguarding policy, if you work with children or adults at risk", _SAFEGUARDING),
        Point("Permissions", "From whoever owns the land or building, and planning permission where it is needed."),
    ]
    if said.amount in {Amount.MIDDLE, Amount.LARGE}:
        points.append(Point("Quotes", "For anything that costs more than £5,000: three prices in writing are best."))
    return points


_OUTSIDE_INSTEAD = "If part of your project happens in our area, use a postcode from there."
_BENEFIT_STOPS: dict[Benefit, Stop] = {
    Benefit.MEMBERS: Stop(
        "Projects here are for more people than the group’s own members.",
        "Open it up, for example by an open day each month or by lending what you buy, and it fits.",
    ),
    Benefit.PRIVATE: Stop(
        "Money from neighbours and councils cannot become somebody’s profit.",
        "A project run with a community group, where the group owns what is bought, can fit.",
    ),
    Benefit.CAMPAIGN: Stop(
        "Public money cannot go to parties, campaigns or spreading a belief.",
        "Something you do for everyone, such as a warm room or a food table, can fit, whoever runs it.",
    ),
    Benefit.DUTY: Stop(
        "This must be paid for by whoever has the duty to provide it.",
        "Something extra that they do not have to provide, run by a community group, can fit.",
    ),
}
_BUSINESS = Stop(
    "Only groups can post a project, so that more than one person answers for the money.",
    "Find two neighbours and be an informal group, or ask a group that exists to run it with you.",
)
_DONE = Stop(
    "Money here is for what is still to come, not for what was bought or done before.",
    "The next step of your project can fit: say what is still missing.",
)
_RULES_READY = "Have them at hand. They say what your group is for and what happens to its things if it ends."
_RULES_MISSING = (
    "You can start without. Written rules and a committee of three make you an association; until then a host "
    "helps with the money."
)
_ACCOUNT_HINTS: dict[Account, str] = {
    Account.YES: "Only this account, or a host’s, can receive the money.",
    Account.OPENING: "Opening one takes weeks, so begin today. You can write your project meanwhile.",
    Account.NO: (
        "You need a host before the launch: a charity, association or council that takes the money for you. "
        "You name it, we ask it by mail."
    ),
}
_SIGNATORIES = "Not a couple, not one family, not one household."
_SECOND = "Somebody else of your group or committee confirms by a link of their own."
_SAFEGUARDING = "One page can be enough. Ask us if you want help to write it."
