"""Backers drawn by a seed: the same people, amounts and messages every time."""

from collections.abc import Iterator
from functools import cache
from random import Random

from crowdfund.pledges.rules import Audience
from crowdfund.sandbox.demo.content import DemoBacker, DemoCampaign, DemoProject
from crowdfund.sandbox.demo.loading import HERE, demo_postcodes

POPULATION = 1600
# What people give, in pence, from least to most, and how often; odd amounts are real life.
AMOUNTS = (
    200,
    300,
    500,
    750,
    1000,
    1200,
    1500,
    2000,
    2500,
    3000,
    4000,
    5000,
    7500,
    10000,
    15000,
    20000,
    25000,
    50000,
    75000,
)
WEIGHTS = (4, 3, 14, 2, 24, 2, 6, 20, 16, 5, 3, 14, 2, 8, 2, 2, 1, 1, 0)
ODD_AMOUNTS = (512, 777, 1066, 1348, 1966, 2024, 3333)
NAME_AUDIENCES = (Audience.EVERYONE, Audience.GROUP, Audience.NOBODY)
HOST = "example.com"


def backers_for(project: DemoProject, seed: int = 2026) -> Iterator[DemoBacker]:
    """Yield the project's backers, oldest pledge first; their amounts add up to its strength within £20.

    E-mail addresses are unique within a project; some people back several. Nothing before launch.
    """
    campaign = project.campaign
    if campaign is None or campaign.backers == 0:
        return
    dice = Random(f"{seed} {project.slug}")
    people = dice.sample(_population(seed), campaign.backers)
    amounts = _amounts(dice, campaign.backers, project.pledged_pence)
    days = sorted((_days_ago(dice, campaign) for _ in people), reverse=True)
    for (name, email), pence, days_ago in zip(people, amounts, days, strict=True):
        yield DemoBacker(
            name=name,
            email=email,
            amount_pence=pence,
            name_audience=dice.choices(NAME_AUDIENCES, (76, 16, 8))[0],
            amount_audience=dice.choices((Audience.EVERYONE, Audience.GROUP), (72, 28))[0],
            message=dice.choice(_messages()) if dice.random() < 0.3 else "",
            postcode=_postcode(dice, project.district_code),
            days_ago=days_ago,
        )


@cache
def _population(seed: int) -> tuple[tuple[str, str], ...]:
    """Return made-up people: names, each with an address of its own."""
    dice, people = Random(seed), []
    firsts, lasts = (_words(f"{which}_names.txt").split() for which in ("first", "last"))
    for number in range(1, POPULATION + 1):
        first, last = dice.choice(firsts), dice.choice(lasts)
        people.append((f"{first} {last}", f"{first}.{last}.{number}@{HOST}".lower()))
    return tuple(people)


@cache
def _messages() -> tuple[str, ...]:
    return tuple(_words("messages.txt").splitlines())


def _words(name: str) -> str:
    return (HERE / "words" / name).read_text(encoding="utf-8")


def _amounts(dice: Random, count: int, total_pence: int) -> list[int]:
    """Draw amounts as people choose them, then nudge single ones up or down until the sum is near the total."""
    drawn = [_amount(dice) for _ in range(count)]
    short = total_pence - sum(drawn)
    for _ in range(200 * count):
        if abs(short) <= 1000:
            break
        at = dice.randrange(count)
        step = _next_amount(drawn[at], up=short > 0) - drawn[at]
        if abs(step) < 2 * abs(short):
            drawn[at] += step
            short -= step
    return drawn


def _amount(dice: Random) -> int:
    return dice.choice(ODD_AMOUNTS) if dice.random() < 0.04 else dice.choices(AMOUNTS, WEIGHTS)[0]


def _next_amount(pence: int, *, up: bool) -> int:
    if up:
        return next((amount for amount in AMOUNTS if amount > pence), pence)
    return next((amount for amount in reversed(AMOUNTS) if amount < pence), pence)


def _days_ago(dice: Random, campaign: DemoCampaign) -> float:
    """Draw when a pledge was made: many in the first days, some lately, a trickle between."""
    open_for = campaign.launched_days_ago
    share = dice.choices((dice.betavariate(1, 4), dice.betavariate(4, 1), dice.random()), (5, 2, 4))[0]
    return round(max(0.02, open_for * (1 - share) - 0.02), 3)


def _postcode(dice: Random, district_code: str) -> str | None:
    """Draw a postcode: mostly from the project's own district, one in four not given."""
    if dice.random() < 0.25:
        return None
    near = [code for code, district in demo_postcodes().items() if district == district_code]
    return dice.choice(near if dice.random() < 0.75 else list(demo_postcodes()))
