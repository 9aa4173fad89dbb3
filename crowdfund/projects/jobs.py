"""The worker's part of projects: launches on the day that a group chose."""

from datetime import datetime
from typing import Any

from crowdfund.core.actor import SystemActor
from crowdfund.core.db import db
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.launching import LAUNCH_DUE, launch_by_clock, list_due

CLOCK = SystemActor("launch-clock")


def handlers() -> dict[str, Handler]:
    """Return the jobs of projects by kind."""
    return {LAUNCH_DUE: launch_due}


def launch_due(payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
    """Launch every checked project whose day has come, each in a unit of work of its own."""
    for project_id in list_due(db.session(), now):
        with unit_of_work() as session:
            launch_by_clock(session, project_id, actor=CLOCK, now=now)
