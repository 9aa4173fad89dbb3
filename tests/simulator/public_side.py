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
from tests.simulator.season import Season

_RAISED = re.compile(r'class="progress__raised"><strong class="money">([^<]+)<')
_ITEM = re.compile(r'<li class="backer"><span class="backer__name">([^<]+)</span>( <span class="backer__amount)?')


def seen_by_the_public(season: Season, project: Project) -> Iterator[str]:
    """4 and 15: yield what a project's pages say wrong, or tell of somebody who does not want it told."""
    counting = (Pledge.project_id == project.id, Pledge.state.in_(COUNTING))
    total = int(db.session.scalar(select(func.sum(Pledge.amount_pence)).where(*counting)) or 0)
    for path in (f"/projects/{project.slug}", f"/projects/{project.slug}/progress"):
        text = season.rig.app.test_client().get(path).text
        if _RAISED.findall(text) != [pounds(total)]:
            yield f"{path} says {_RAISED.findall(text)}, its pledges add up to {pounds(total)}"
    named = select(Person.name, Pledge.name_audience, Pledge.amount_audience).join(Pledge).where(*counting)
    open_names, open_amounts = set(), set()
    for name, name_audience, amount_audience in db.session.execute(named):
        if name_audience is Audience.EVERYONE:
            open_names.add(public_name(name))
            open_amounts |= {public_name(name)} if amount_audience is Audience.EVERYONE else set()
    text = season.rig.app.test_client().get(f"/projects/{project.slug}/backers").text
    for person in season.people:
        if public_name(person.name) not in open_names and (person.name in text or public_name(person.name) in text):
            yield f"the backers of project {project.id} name {person.name}, who does not want to be named"
    for name, amount in _ITEM.findall(text):
        if amount and name in open_names and name not in open_amounts:
            yield f"the backers of project {project.id} say what {name} gave, who does not want it told"
