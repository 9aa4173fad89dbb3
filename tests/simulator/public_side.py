"""What the public sees: the same total on every page, and nothing of whoever wants to be anonymous."""

import re
from collections.abc import Iterator

from sqlalchemy import func, select

from crowdfund.accounts.models import Person
from crowdfund.core.db import db
from crowdfund.core.money import pounds
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import COUNTING, Audience, public_name
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.models import Verdict
from tests.simulator.season import Season

_RAISED = re.compile(r'class="progress__raised"><strong class="money">([^<]+)<')
_ITEM = re.compile(r'<li class="backer"><span class="backer__name">([^<]+)</span>( <span class="backer__amount)?')


def seen_by_the_public(season: Season, project: Project) -> Iterator[str]:
    """4 and 15: yield what a project's pages say wrong, or tell of somebody who does not want it told."""
    total = _shown_pence(project)
    for path in (f"/projects/{project.slug}", f"/projects/{project.slug}/progress"):
        text = season.rig.app.test_client().get(path).text
        if _RAISED.findall(text) != [pounds(total)]:
            yield f"{path} says {_RAISED.findall(text)}, it should be {pounds(total)}"
    page = season.rig.app.test_client().get(f"/projects/{project.slug}/backers")
    yield from told_of_backers(season, project, page.text)


def _shown_pence(project: Project) -> int:
    """Return what counts now; a project that missed its target goes on showing what was pledged at its deadline."""
    verdict = db.session.get(Verdict, project.id)
    if project.state is ProjectState.UNSUCCESSFUL and verdict is not None:
        return verdict.pledged_pence
    counting = (Pledge.project_id == project.id, Pledge.state.in_(COUNTING))
    return int(db.session.scalar(select(func.sum(Pledge.amount_pence)).where(*counting)) or 0)


def told_of_backers(season: Season, project: Project, text: str) -> Iterator[str]:
    """Yield what a page tells of backers who do not want it told."""
    names, amounts = _open_ones(project)
    for person in season.people:
        if public_name(person.name) not in names and (person.name in text or public_name(person.name) in text):
            yield f"the backers of project {project.id} name {person.name}, who does not want to be named"
    for name, amount in _ITEM.findall(text):
        if amount and name in names and name not in amounts:
            yield f"the backers of project {project.id} say what {name} gave, who does not want it told"


def _open_ones(project: Project) -> tuple[set[str], set[str]]:
    """Return the names that everyone may see, and those whose amounts everyone may see."""
    open_name = (Pledge.project_id == project.id, Pledge.name_audience == Audience.EVERYONE)
    found = select(Person.name, Pledge.amount_audience).join(Pledge, Pledge.person_id == Person.id).where(*open_name)
    rows = [(public_name(name), audience) for name, audience in db.session.execute(found)]
    return {name for name, _ in rows}, {name for name, audience in rows if audience is Audience.EVERYONE}
