"""How many queries a page may cost, whatever the number of projects and pledges."""

import pytest
from flask import Flask

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.groups.models import Group
from crowdfund.projects.models import Project
from tests.support.client import HouseClient
from tests.support.factories import make_pledge, make_project
from tests.support.journey import Journey

pytestmark = pytest.mark.database

PAGES = {"/": 3, "/projects": 4, "/projects/{slug}": 5, "/projects/{slug}/backers": 3, "/groups/{group}": 2}


@pytest.fixture
def busy(app: Flask, clock: FixedClock) -> dict[str, str]:
    """Thirteen projects, one with a crowd."""
    with app.app_context():
        projects = [make_project(clock.now()) for _ in range(13)]
        for _ in range(12):
            make_pledge(projects[0], clock.now())
        return {"slug": projects[0].slug, "group": _group_of(projects[0])}


def _group_of(project: Project) -> str:
    return db.session.get_one(Group, project.group_id).slug


@pytest.mark.parametrize("address", PAGES)
def test_a_page_keeps_its_budget(client: HouseClient, busy: dict[str, str], address: str) -> None:
    client.get(address.format(**busy), max_queries=PAGES[address])


def test_progress_costs_one_query(client: HouseClient, busy: dict[str, str]) -> None:
    address = f"/projects/{busy['slug']}/progress"
    seen = client.get(address, max_queries=1).text.split("seen=")[1].split('"')[0]
    client.get(f"{address}?seen={seen}", max_queries=1)


def test_the_steps_of_a_pledge_keep_theirs(journey: Journey) -> None:
    journey.pledge()
    journey.client.get(f"/pledges/{journey.newest_pledge().public_id}", max_queries=6)
