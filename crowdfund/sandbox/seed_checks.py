"""Demonstration projects on their way: declared, confirmed, checked and decided, each by the right person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.current import BrowserActor
from crowdfund.accounts.models import Person
from crowdfund.accounts.posts import Post
from crowdfund.accounts.roles import OfficerRole
from crowdfund.checking.actions import ask_group, assign_check, declare_interest, open_check
from crowdfund.checking.deciding import Verdict, decide_project
from crowdfund.checking.fact_finding import check_facts
from crowdfund.checking.models import Check
from crowdfund.checking.points import Typed, answer_points, mark_of
from crowdfund.checking.queries import list_points
from crowdfund.checking.rules import Criterion, ItemAnswer, Outcome
from crowdfund.core.clock import real_now
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.invitations import answer
from crowdfund.groups.models import Group, Invitation
from crowdfund.groups.rules import InvitationKind, InvitationState
from crowdfund.places.calendar import working_days_after
from crowdfund.projects.actions import draft_project
from crowdfund.projects.launching import launch_for_group
from crowdfund.projects.models import Project, ProjectObjective
from crowdfund.projects.rules import Objective, ProjectState, Section, Theme
from crowdfund.projects.submitting import submit_project
from crowdfund.sandbox.demo import DemoProject
from crowdfund.sandbox.seed_groups import SEEDER, SeededGroup, link
from crowdfund.sandbox.seed_projects import details_of

CHECKING = timedelta(days=9)
_QUESTION = "Please say who looks after it in the second year, and who pays for repairs."
_DECLINED = (
    "The law asks the landlord to do this work, so it cannot be crowdfunded. Our adviser can help you to ask him."
)
_ACCEPTED = "Everything we looked at is in order."
_OBJECTIVES: dict[Theme, Objective] = {
    Theme.COMMUNITY_SPACES: Objective.ISOLATION,
    Theme.HEALTH_WELLBEING: Objective.HEALTHY_LIVES,
    Theme.CHILDREN_YOUNG_PEOPLE: Objective.YOUNG_PEOPLE,
    Theme.ENVIRONMENT_NATURE: Objective.HEALTHY_LIVES,
    Theme.ARTS_HERITAGE: Objective.ISOLATION,
    Theme.SPORT_PLAY: Objective.HEALTHY_LIVES,
    Theme.FOOD_COST_OF_LIVING: Objective.COST_OF_LIVING,
    Theme.ISOLATION_OLDER_PEOPLE: Objective.ISOLATION,
}


@dataclass(frozen=True)
class Publisher:
    """Who brings projects on their way, and when each was launched or would be."""

    group: SeededGroup
    checker_id: int

    @property
    def owner(self) -> BrowserActor:
        """The group's owner."""
        return BrowserActor(person_id=self.group.owner_id)

    @property
    def checker(self) -> BrowserActor:
        """The officer who checks, with a second factor just given."""
        post = Post(OfficerRole.PROGRAMME_CHECKER, None, None)
        return BrowserActor(person_id=self.checker_id, strong_at=real_now(), posts=frozenset({post}))

    def publish(self, project: DemoProject, launched: datetime) -> int:
        """Bring a project as far as it has come; returns its id."""
        submitted = launched - CHECKING
        with unit_of_work() as session:
            made = draft_project(
                session, self.group.id, details_of(project, launched), actor=SEEDER, now=submitted - timedelta(days=5)
            )
            made.postcode = project.postcode
            session.add(ProjectObjective(project_id=made.id, objective=_OBJECTIVES[project.theme]))
        if project.state is not ProjectState.DRAFT:
            self._submit(made.id, submitted)
            self._check(made.id, project.state, submitted)
        if project.campaign:
            with unit_of_work() as session:
                launch_for_group(session, made.id, actor=self.owner, now=launched)
        return made.id

    def _submit(self, project_id: int, at: datetime) -> None:
        with unit_of_work() as session:
            second = session.get_one(Person, self.group.second_id)
            asked = (second.name, str(second.email))
            submit_project(session, project_id, *asked, link_to=link, actor=self.owner, now=at)
        with unit_of_work() as session:
            waiting = select(Invitation.id).where(
                Invitation.kind == InvitationKind.SIGNATORY,
                Invitation.subject == f"project:{project_id}",
                Invitation.state == InvitationState.OPEN,
            )
            signatory, signed = BrowserActor(person_id=self.group.second_id), at + timedelta(hours=20)
            answer(session, session.scalars(waiting).one(), accepts=True, reason="", actor=signatory, now=signed)
        with unit_of_work() as session:
            open_check(session, project_id, actor=SEEDER, now=at)
            quotes = current_app.config["QUOTE_ABOVE_PENCE"]
            check_facts(session, project_id, quotes, actor=SEEDER, now=at)

    def _check(self, project_id: int, state: ProjectState, submitted: datetime) -> None:
        if state is ProjectState.SUBMITTED:
            return
        at = submitted + timedelta(days=4)
        with unit_of_work() as session:
            declare_interest(session, project_id, False, "", actor=self.checker, now=at)
            assign_check(session, project_id, self.checker_id, None, actor=self.checker, now=at)
        with unit_of_work() as session:
            if state is ProjectState.CHANGES_REQUESTED:
                due = working_days_after(at.date(), 10)
                ask_group(session, project_id, [(Section.RISKS, _QUESTION)], due, actor=self.checker, now=at)
            else:
                self._decide(session, project_id, state, at)

    def _decide(self, session: Session, project_id: int, state: ProjectState, at: datetime) -> None:
        verdict = Verdict(Outcome.DECLINED, Criterion.NO_PUBLIC_BENEFIT, _DECLINED)
        if state is not ProjectState.DECLINED:
            project = session.get_one(Project, project_id)
            points = list_points(session, project, session.get_one(Group, project.group_id))
            typed = {point.key: Typed(ItemAnswer.YES, "", mark_of(None)) for point in points}
            answer_points(session, project_id, typed, actor=self.checker, now=at)
            verdict = Verdict(Outcome.ACCEPTED, None, _ACCEPTED)
        version = session.get_one(Check, project_id).version
        decide_project(session, project_id, verdict, version, actor=self.checker, now=at)
