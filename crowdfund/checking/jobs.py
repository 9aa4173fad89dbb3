"""The worker's part of checking: opens the check of what was submitted, and runs the facts."""

from datetime import datetime
from typing import Any

from crowdfund.checking.actions import open_check
from crowdfund.checking.fact_finding import check_facts
from crowdfund.core.actor import SystemActor
from crowdfund.core.db import lock
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState

OPEN = "checking:open"
CHECKER = SystemActor("checking")


def handlers(quote_above_pence: int) -> dict[str, Handler]:
    """Return the jobs of checking by kind; costs above so many pence want a quote."""

    def open_and_check(payload: dict[str, Any], now: datetime) -> None:
        """Open the check of a project, or open it again, and run its facts; a project that was taken back has none."""
        project_id = int(payload["project_id"])
        with unit_of_work() as session:
            if lock(session, Project, project_id).state is ProjectState.SUBMITTED:
                open_check(session, project_id, actor=CHECKER, now=now)
                check_facts(session, project_id, quote_above_pence, actor=CHECKER, now=now)

    return {OPEN: open_and_check}
