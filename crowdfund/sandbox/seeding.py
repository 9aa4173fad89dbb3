"""Demonstration data, made through the same actions as real life, at the times it claims to be from."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

from crowdfund.accounts.current import BrowserActor
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.core.worker import Worker
from crowdfund.payments.rules import FORGET_CARD
from crowdfund.pledges.wording import Words
from crowdfund.projects.actions import post_update
from crowdfund.projects.rules import ProjectState
from crowdfund.projects.running import pause_project
from crowdfund.sandbox.demo import DemoProject, backers_for, load_groups, load_projects
from crowdfund.sandbox.demo.offers import OFFERS, PAST_OFFERS
from crowdfund.sandbox.demo.past import load_past_projects
from crowdfund.sandbox.seed_checks import Publisher
from crowdfund.sandbox.seed_funds import seed_funders
from crowdfund.sandbox.seed_grants import seed_grants
from crowdfund.sandbox.seed_groups import seed_groups
from crowdfund.sandbox.seed_odd import odd_backings
from crowdfund.sandbox.seed_offers import Asker
from crowdfund.sandbox.seed_officers import seed_people
from crowdfund.sandbox.seed_past import Closer
from crowdfund.sandbox.seed_pledges import STRIPE_FILE, Backing, CardDesk, pledge_all

SEED = 2026
CHECKER = "morag.ellis@example.org"
_PAUSED = "Paused at the group’s wish while the roof is inspected."


def seed(now: datetime, *, most_backers: int = 10_000, say: Callable[[str], None] = print) -> str:
    """Fill an empty sandbox and return what was made; `say` is told how far it is.

    Needs an app context. `most_backers` bounds the pledges of each project that is still open.
    """
    projects = list(load_projects())
    projects += load_past_projects({project.slug: project for project in projects})
    there: dict[str, tuple[int, BrowserActor]] = {}
    with unit_of_work() as session:
        checker_id = seed_people(session, seed_funders(session, now), now)[CHECKER]
        groups = seed_groups(session, load_groups(), now)
    pledges = 0
    with closing(CardDesk(Path(current_app.config["INSTANCE"]) / STRIPE_FILE)) as desk:
        for number, project in enumerate(projects, start=1):
            publisher = Publisher(groups[project.group], checker_id)
            project_id, made = _make_project(publisher, project, desk, most_backers, now)
            there[project.slug], pledges = (project_id, publisher.owner), pledges + made
            say(f"  {number:2d} of {len(projects)} projects, {pledges} pledges so far")
        closer = Closer(desk)
        _ask_funds(Asker(there), closer, now)
        applied = seed_grants(groups, now)
        worker = current_app.extensions["worker"]
        assert isinstance(worker, Worker)
        # The local Stripe that is served afterwards is not there yet: cards are forgotten at this one.
        replace(worker, handlers={**worker.handlers, FORGET_CARD: closer.forget_card}).drain(now)
    counted = f"{len(groups)} groups, {len(projects)} projects, {pledges} pledges and {applied} applications for grants"
    return f"Made {counted}, all made up"


def _ask_funds(asker: Asker, closer: Closer, now: datetime) -> None:
    for offer in (*PAST_OFFERS, *OFFERS):
        asker.bring(offer, now)
    for offer in PAST_OFFERS:
        closer.close(asker.projects[offer.project][0])


def _make_project(
    publisher: Publisher, project: DemoProject, desk: CardDesk, most: int, now: datetime
) -> tuple[int, int]:
    campaign = project.campaign
    launched = now - timedelta(days=campaign.launched_days_ago) if campaign else now
    project_id = publisher.publish(project, launched)
    if campaign is None:
        return project_id, 0
    ended = now + timedelta(days=min(0, campaign.days_left))
    few = list(_backings(project, launched, ended))[: most if campaign.days_left > 0 else None]
    backings = few + odd_backings(project, now)
    words = Words(current_app.config["COUNCIL_NAME"], current_app.config["SERVICE_NAME"])
    made = pledge_all(project_id, backings, desk, current_app.config["SECRET_KEY"], words)
    for update in sorted(project.updates, key=lambda item: -item.days_ago):
        with unit_of_work() as session:
            posted = now - timedelta(days=update.days_ago)
            post_update(session, project_id, update.title, update.body, actor=publisher.owner, now=posted)
    if project.state is ProjectState.PAUSED:
        with unit_of_work() as session:
            pause_project(session, project_id, _PAUSED, actor=publisher.checker, now=now)
    return project_id, made


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
