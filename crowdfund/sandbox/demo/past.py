"""Demonstration projects of a round that is over, so that money was judged, paid and given back."""

from crowdfund.projects.rules import ProjectState, Theme
from crowdfund.sandbox.demo.content import (
    DemoCampaign,
    DemoCost,
    DemoHelp,
    DemoMilestone,
    DemoProject,
    DemoUse,
)
from crowdfund.sandbox.demo.loading import demo_postcodes, load_groups

_STORY = """
## What we want to do

{what}

## Who it will help

Everybody who lives near, and most of all those who cannot travel far.

## What will change

- People meet who did not know each other
- What we buy stays with the group and is lent to others
"""
# Slug, group, title, what, picture of, pence, launched days ago, ended days ago, share pledged, backers
_PAST: tuple[tuple[str, str, str, str, str, int, int, int, float, int], ...] = (
    ("warm-tuesdays-at-the-hall", "hadlow-hall", "Warm Tuesdays at the hall",
     "We open the hall each Tuesday in winter, with soup, company and a warm room.",
     "sun-on-the-hall-hadlow", 180_000, 58, 30, 0.8, 9),
    ("a-season-of-stories", "bay-readers", "A season of stories",
     "Twelve evenings at which neighbours read to each other, with a reader from the town on the first.",
     "the-reading-hut-broadstairs", 120_000, 44, 12, 0.85, 8),
    ("supper-at-the-oast", "oast-room", "Supper at the oast",
     "A long table once a month for people who eat alone.",
     "lights-in-the-oast-goudhurst", 150_000, 58, 30, 0.65, 7),
    ("hop-tales", "marden-hop-garden", "Hop tales",
     "We record what the last hop pickers remember, and play it where they picked.",
     "hop-picking-days-at-marden", 240_000, 58, 30, 0.2, 6),
)  # fmt: skip


def load_past_projects(projects: dict[str, DemoProject]) -> tuple[DemoProject, ...]:
    """Return the projects of the round that is over; `projects` by slug lend them their pictures."""
    homes = {group.key: (group.town, group.postcode) for group in load_groups()}
    return tuple(_project(row, homes, projects) for row in _PAST)


def _project(
    row: tuple[str, str, str, str, str, int, int, int, float, int],
    homes: dict[str, tuple[str, str]],
    projects: dict[str, DemoProject],
) -> DemoProject:
    slug, group, title, what, like, pence, launched, ended, strength, backers = row
    town, postcode = homes[group]
    return DemoProject(
        slug=slug,
        group=group,
        title=title,
        aim=what,
        story=_STORY.format(what=what).strip(),
        theme=Theme.ISOLATION_OLDER_PEOPLE,
        state=ProjectState.LIVE,
        place=town,
        postcode=postcode,
        district_code=demo_postcodes()[postcode],
        picture=projects[like].picture,
        picture_alt=projects[like].picture_alt,
        costs=(DemoCost("Everything for the season", pence, False),),
        other_money=(),
        stretch_pence=None,
        stretch_use="",
        if_too_little="Nobody is charged.",
        if_too_much="We go on for as long as it lasts.",
        risks="Few may come at first. We ask from door to door.",
        permissions="None is needed.",
        milestones=(DemoMilestone("The first evening", 1), DemoMilestone("The last evening", 6)),
        help_wanted=(DemoHelp("time", "People who put the chairs out"),),
        money_use=(DemoUse(500, "a place at the table"),),
        campaign=DemoCampaign(launched, -ended, strength, backers),
        updates=(),
    )
