"""The town's projects: one of every kind that a visitor can meet, and enough of them for two pages."""

from datetime import date, datetime, timedelta
from typing import Any

from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.rules import LegalForm
from crowdfund.projects.actions import Line, post_update
from crowdfund.projects.models import Project
from crowdfund.projects.rules import LineKind, ProjectState, Theme
from tests.support.factories import TESTER, make_project, project_details

CANTERBURY = "E07000106"
STORY = """## What we want to do

Bring the old boathouse back. **Everybody** may come in, and _nobody_ pays.

* Mend the roof
* Paint the doors

> It was here before us.

Read more at [our own page](https://boathouse.example.org/a/rather/long/address/that/does/not/break).
"""


def make_projects(now: datetime) -> dict[str, Project]:
    """Return the projects by what they are an example of."""
    # In words: digits also stand in the names of groups, which count on from test to test.
    for number in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"):
        make_project(now - timedelta(days=2), title=f"A tree for street {number}")
    small = (Line(LineKind.COST, "Paint", 5_000),)
    projects = {
        "empty": make_project(now, title="A bench by the Stour"),
        "few": make_project(now, title="A choir for all", theme=Theme.ARTS_HERITAGE, district_code=CANTERBURY),
        "many": make_project(now, **_rich()),
        "met": make_project(now, title="Paint for the hall", lines=small),
        "paused": make_project(now, ProjectState.PAUSED, title="A kiln for the pottery"),
        "ended": make_project(now - timedelta(days=60), title="Lanterns for the winter walk"),
    }
    with unit_of_work() as session:
        body = "The first boards came.\n\n## Thank you\n\nTo everyone."
        post_update(session, projects["many"].id, "Wood", body, actor=TESTER, now=now)
    return projects


def _rich() -> dict[str, Any]:
    due = date(2027, 5, 1)
    extra = (
        Line(LineKind.COST, "A carpenter for six weeks, with tools and scaffolding", 250_000),
        Line(LineKind.OTHER_MONEY, "District council, subject to a decision", 30_000, is_public=True),
        Line(LineKind.MILESTONE, "The roof is on", due=due),
        Line(LineKind.MONEY_USE, "a door handle", 500),
        Line(LineKind.MONEY_USE, "a day’s paint", 5_000),
    )
    group = {
        "name": "Friends of the Whitstable Boathouse and Landing Stage",
        "legal_form": LegalForm.CIO,
        "charity_number": "1000001",
        "contact_email": "friends-of-the-boathouse-and-landing-stage@whitstable-boathouse.example.org",
    }
    return {
        "title": "Bring back the boathouse and its Landungsbrückengeländer, please",
        "story": STORY,
        "lines": (*project_details().lines, *extra),
        "stretch_pence": 500_000,
        "stretch_use": "A second boat.",
        "group": group,
    }
