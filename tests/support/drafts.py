"""A whole draft that the factories wrote, with the people of its group, for tests of one of its pages."""

from flask import Flask

from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group
from crowdfund.projects.actions import launch_project, move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from tests.support.drafting import Drafting
from tests.support.factories import TESTER, make_project
from tests.support.people import make_member

_ROLES = {"Grace Adeyemi": MemberRole.OWNER, "Sam Reed": MemberRole.MEMBER, "Lena Moss": MemberRole.READER}


def make_draft(app: Flask, clock: FixedClock, state: ProjectState = ProjectState.DRAFT) -> Drafting:
    """Return a project in this state, complete but for a picture and documents, with three people."""
    with app.app_context():
        project = make_project(clock.now(), state)
        people = [make_member(project.group_id, role, clock.now(), name=name) for name, role in _ROLES.items()]
        group = db.session.get_one(Group, project.group_id)
        return Drafting(app, clock, group, *people, public_id=project.public_id)


def move(made: Drafting, *states: ProjectState) -> Project:
    """Move the project on, through its launch where that comes, and return it."""
    with made.app.app_context():
        project_id = made.project().id
        for state in states:
            with unit_of_work() as session:
                if state is ProjectState.LIVE:
                    launch_project(session, project_id, actor=TESTER, now=made.clock.now())
                else:
                    move_project(session, project_id, state, actor=TESTER, now=made.clock.now())
        db.session.expire_all()
        return made.project()
