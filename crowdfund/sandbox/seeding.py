"""Demonstration data, made through the same actions as real life, at the times it claims to be from."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import find_or_create_person
from crowdfund.core.actor import SystemActor
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.core.worker import Worker
from crowdfund.groups.actions import GroupDetails, add_member, create_group
from crowdfund.pledges.wording import Words
from crowdfund.projects.actions import draft_project, launch_project, move_project, post_update
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.demo import DemoGroup, DemoProject, backers_for, load_groups, load_people, load_projects
from crowdfund.sandbox.seed_pledges import STRIPE_FILE, Backing, CardDesk, pledge_all
from crowdfund.sandbox.seed_projects import details_of

SEEDER = SystemActor("seed")
SEED = 2026
CHECKING = timedelta(days=9)
_CHECKED = (ProjectState.SUBMITTED, ProjectState.READY)
_STEPS: dict[ProjectState, tuple[ProjectState, ...]] = {
    ProjectState.DRAFT: (),
    ProjectState.SUBMITTED: (ProjectState.SUBMITTED,),
    ProjectState.CHANGES_REQUESTED: (ProjectState.SUBMITTED, ProjectState.CHANGES_REQUESTED),
    ProjectState.DECLINED: (ProjectState.SUBMITTED, ProjectState.DECLINED),
    ProjectState.READY: _CHECKED,
    ProjectState.LIVE: _CHECKED,
    ProjectState.PAUSED: _CHECKED,
}
_REASONS = {
    ProjectState.CHANGES_REQUESTED: "Please say who looks after it in the second year.",
    ProjectState.DECLINED: "The law asks the landlord to do this work, so it cannot be crowdfunded.",
    ProjectState.PAUSED: "Paused at the group’s wish while the roof is inspected.",
}


def seed(now: datetime, *, most_backers: int = 10_000, say: Callable[[str], None] = print) -> str:
    """Fill an empty sandbox and return what was made; `say` is told how far it is.

    Needs an app context. `most_backers` bounds the pledges of each project.
    """
    projects = list(load_projects())
    with unit_of_work() as session:
        _make_people(session, now)
        groups = {group.key: _make_group(session, group, now) for group in load_groups()}
    pledges = 0
    with closing(CardDesk(Path(current_app.config["INSTANCE"]) / STRIPE_FILE)) as desk:
        for number, project in enumerate(projects, start=1):
            pledges += _make_project(groups[project.group], project, desk, most_backers, now)
            say(f"  {number:2d} of {len(projects)} projects, {pledges} pledges so far")
    worker = current_app.extensions["worker"]
    assert isinstance(worker, Worker)
    worker.drain(now)
    return f"Made {len(groups)} groups, {len(projects)} projects and {pledges} pledges, all made up"


def _make_people(session: Session, now: datetime) -> None:
    for person in load_people():
        find_or_create_person(session, person.email, person.name, actor=SEEDER, now=now)


def _make_group(session: Session, group: DemoGroup, now: datetime) -> int:
    created = now - timedelta(days=200)
    details = GroupDetails(
        name=group.name,
        legal_form=group.legal_form,
        about=group.about,
        town=group.town,
        district_code=group.district_code,
        contact_email=group.contact_email,
        charity_number=group.charity_number,
        company_number=group.company_number,
    )
    made = create_group(session, details, actor=SEEDER, now=created)
    for member in group.members:
        person = find_or_create_person(session, member.email, member.name, actor=SEEDER, now=created)
        add_member(session, made, person.id, member.role)
    return made.id


def _make_project(group_id: int, project: DemoProject, desk: CardDesk, most: int, now: datetime) -> int:
    state, campaign = project.state, project.campaign
    launched = now - timedelta(days=campaign.launched_days_ago) if campaign else now
    project_id = _publish(group_id, project, launched)
    if campaign is None:
        return 0
    backings = list(_backings(project, launched, now))[:most]
    words = Words(current_app.config["COUNCIL_NAME"], current_app.config["SERVICE_NAME"])
    made = pledge_all(project_id, backings, desk, current_app.config["SECRET_KEY"], words)
    with unit_of_work() as session:
        for update in sorted(project.updates, key=lambda item: -item.days_ago):
            posted = now - timedelta(days=update.days_ago)
            post_update(session, project_id, update.title, update.body, actor=SEEDER, now=posted)
        if state is ProjectState.PAUSED:
            move_project(session, project_id, state, reason=_REASONS[state], actor=SEEDER, now=now)
    return made


def _publish(group_id: int, project: DemoProject, launched: datetime) -> int:
    drafted = launched - CHECKING - timedelta(days=5)
    with unit_of_work() as session:
        details = details_of(project, launched)
        made = draft_project(session, group_id, details, actor=SEEDER, now=drafted)
        at = launched - CHECKING
        for step in _STEPS[project.state]:
            move_project(session, made.id, step, reason=_REASONS.get(step, ""), actor=SEEDER, now=at)
            at += timedelta(days=4)
        if project.campaign:
            launch_project(session, made.id, actor=SEEDER, now=launched)
        return made.id


def _backings(project: DemoProject, launched: datetime, now: datetime) -> Iterator[Backing]:
    drawn = random.Random(f"{SEED}:{project.slug}")
    for backer in backers_for(project, SEED):
        at = now - timedelta(days=backer.days_ago, seconds=drawn.randrange(1, 60_000))
        yield Backing(
            at=max(at, launched + timedelta(seconds=drawn.randrange(60, 7200))),
            name=backer.name,
            email=backer.email,
            amount_pence=backer.amount_pence,
            name_audience=backer.name_audience,
            amount_audience=backer.amount_audience,
            message=backer.message,
            postcode=backer.postcode,
        )
