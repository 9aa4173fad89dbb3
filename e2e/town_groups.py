"""The town's groups: one with a project in every state of its life before and after launch, and their officers."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.current import BrowserActor
from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.checking.actions import assign_check, declare_interest
from crowdfund.checking.concerns import open_concern
from crowdfund.checking.models import Concern
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.files.cleaning import clean_picture
from crowdfund.files.documents import Document
from crowdfund.files.models import Purpose, StoredFile
from crowdfund.groups.hosts import HostDetails, ask_host
from crowdfund.groups.models import Group, Member
from crowdfund.groups.people import invite_member
from crowdfund.groups.rules import LegalForm
from crowdfund.pledges.updates import publish_update
from crowdfund.projects.actions import move_project
from crowdfund.projects.drafting import Start, share_preview, start_project
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.papers import add_paper
from crowdfund.projects.pictures import picture_mark, set_photo
from crowdfund.projects.rules import LineKind, ProjectState, Theme
from crowdfund.sandbox.demo import DemoProject, load_groups, load_projects
from crowdfund.sandbox.seed_checks import Publisher
from crowdfund.sandbox.seed_groups import SeededGroup, link, seed_groups
from tests.support.factories import TESTER, make_group, make_pledge
from tests.support.images import photo
from tests.support.people import make_member, make_officer

S = ProjectState
# The town's names for a group's projects, and how far each has come.
STAGES: dict[str, ProjectState] = {
    "draft": S.DRAFT,
    "waiting": S.SUBMITTED,
    "checked": S.SUBMITTED,
    "friend's": S.SUBMITTED,
    "asked": S.CHANGES_REQUESTED,
    "ready": S.READY,
    "declined": S.DECLINED,
    "running": S.LIVE,
}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True)
class Neighbourhood:
    """The people who work on projects, and where their pages are."""

    owner: Person
    checker: Person
    addresses: dict[str, str]


def make_neighbourhood(now: datetime) -> Neighbourhood:
    """Return the group with its projects; call it in a request context, outside a unit of work."""
    checker = make_officer(OfficerRole.PROGRAMME_CHECKER, now, email="morag@example.org")
    group = _make_group(now)
    publisher = Publisher(group, checker.id)
    found = {f"own {name}": one for name, one in _projects(publisher, now)}
    own_group = db.session.get_one(Group, group.id)
    owner = db.session.get_one(Person, group.owner_id)
    addresses = {"own group": f"/apply/groups/{own_group.public_id}"}
    addresses |= _other_groups(owner, now)
    for name, project in found.items():
        addresses[name] = f"/apply/projects/{project.public_id}"
        addresses[name.replace("own", "desk", 1)] = f"/officers/projects/{project.public_id}"
    addresses["new draft"] = f"/apply/projects/new?group={own_group.public_id}"
    addresses |= _around_draft(found["own draft"], publisher, now) | _around_running(found["own running"], now)
    _check(found, publisher, now)
    return Neighbourhood(owner, checker, addresses)


def _make_group(now: datetime) -> SeededGroup:
    """Return an informal group of the demonstration, whose host agreed, and which asked one more person to join."""
    groups = load_groups()
    informal = next(group for group in groups if group.host)
    host = next(group for group in groups if group.key == informal.host)
    with unit_of_work() as session:
        group = seed_groups(session, (informal, host), now)[informal.key]
    with unit_of_work() as session:
        asked = ("nia@example.org", "Nia Newman", MemberRole.READER)
        invite_member(session, group.id, *asked, link_to=link, actor=_as(group.owner_id), now=now)
    return group


def _as(person_id: int) -> BrowserActor:
    return BrowserActor(person_id=person_id)


def _projects(publisher: Publisher, now: datetime) -> Iterator[tuple[str, Project]]:
    contents = load_projects()
    live = next(one for one in contents if one.campaign and one.state is S.LIVE)
    others = iter([one for one in contents if one is not live])
    for name, state in STAGES.items():
        content: DemoProject = live if state is S.LIVE else replace(next(others), state=state, campaign=None)
        project_id = publisher.publish(content, now - timedelta(days=2))
        yield name, db.session.get_one(Project, project_id)
    start = Start("A sink for the hall", Theme.COMMUNITY_SPACES, "TN23 1PL")
    for name in ("new", "withdrawn"):
        with unit_of_work() as session:
            titled = replace(start, title=f"{start.title}, {name}")
            project = start_project(session, publisher.group.id, titled, actor=publisher.owner, now=now)
            if name == "withdrawn":
                move_project(session, project.id, S.WITHDRAWN, actor=TESTER, now=now)
        yield name, project


def _other_groups(owner: Person, now: datetime) -> dict[str, str]:
    """Make a group without a host, and one that waits for the answer of its host."""
    found = {}
    for name in ("bare", "asking"):
        with unit_of_work() as session:
            group = make_group(session, now, legal_form=LegalForm.INFORMAL)
            session.add(Member(group_id=group.id, person_id=owner.id, role=MemberRole.OWNER))
        found[f"{name} group"] = f"/apply/groups/{group.public_id}"
    make_member(group.id, MemberRole.READER, now, name="Lena Moss")
    with unit_of_work() as session:
        details = HostDetails("Hall Trust", LegalForm.ASSOCIATION, "Hal Hart", "hal@example.org", None, None)
        ask_host(session, group.id, details, link_to=link, actor=_as(owner.id), now=now)
    return found


def _around_draft(project: Project, publisher: Publisher, now: datetime) -> dict[str, str]:
    """Give a draft a photo, a document and a link for the committee; return where its parts are."""
    by: dict[str, Any] = {"actor": publisher.owner, "now": now}
    project_id, sizes = project.id, clean_picture(io.BytesIO(photo()))
    with unit_of_work() as session:
        mark = picture_mark(session.get_one(Project, project_id))
        set_photo(session, project_id, sizes, "Neighbours in front of the hall", mark, **by)
        rules = Document("our-rules-as-agreed-at-the-yearly-meeting.pdf", "application/pdf", PDF)
        add_paper(session, project_id, Purpose.RULES.value, rules, **by)
        key = share_preview(session, project_id, **by)
    paper = db.session.scalars(select(StoredFile.public_id).where(StoredFile.name == rules.name)).one()
    own = f"/apply/projects/{project.public_id}"
    cost = _first_cost(db.session(), project)
    return {
        "committee": f"{own}/committee/{key}",
        "line": f"{own}/lines/{cost}",
        "quote": f"{own}/documents/add/line-{cost}",
        "paper": f"{own}/files/{paper}",
    }


def _first_cost(session: Session, project: Project) -> int:
    costs = select(ProjectLine.id).where(ProjectLine.project_id == project.id, ProjectLine.kind == LineKind.COST)
    return session.scalars(costs.order_by(ProjectLine.id)).first() or 0


def _around_running(project: Project, now: datetime) -> dict[str, str]:
    """Give the running project backers, news and two concerns; return the address of one of these."""
    for number in range(5):
        make_pledge(project, now, 2_500, share_with_group=True, wants_news=True, message="Good luck!" * (number % 2))
    with unit_of_work() as session:
        publish_update(session, project.id, "The first wall", "It stands.", actor=TESTER, now=now)
        for body in ("Is this group real? I live next door.", "The photo shows my children."):
            open_concern(session, project, body, "nosy@example.org", "desk@example.org", actor=TESTER, now=now)
    concern = db.session.scalars(select(Concern.public_id).order_by(Concern.id)).first()
    return {"case": f"/officers/concerns/{concern}"}


def _check(found: dict[str, Project], publisher: Publisher, now: datetime) -> None:
    """Have the checker take one project and be a friend of the group of another."""
    by: dict[str, Any] = {"actor": publisher.checker, "now": now}
    with unit_of_work() as session:
        declare_interest(session, found["own checked"].id, False, "", **by)
        assign_check(session, found["own checked"].id, publisher.checker_id, None, **by)
        declare_interest(session, found["own friend's"].id, True, "My sister runs it.", **by)
