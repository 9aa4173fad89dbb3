"""Deciding about a project: what stands in the way of accepting it, and the recorded decision."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.roles import Right
from crowdfund.checking.access import can_decide
from crowdfund.checking.checklist import Point, open_points
from crowdfund.checking.holding import changed_words, hold_check, hold_project, touch
from crowdfund.checking.queries import authority_of, list_answers, list_points
from crowdfund.checking.rules import CRITERION_WORDS, DECLINING, Criterion, Outcome
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.decisions.actions import record_decision
from crowdfund.decisions.models import Decision
from crowdfund.groups.models import Group
from crowdfund.groups.queries import has_accepted_host, needs_host
from crowdfund.projects.actions import move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState

MOST_REASON = 2000
_STATES = {Outcome.ACCEPTED: ProjectState.READY, Outcome.DECLINED: ProjectState.DECLINED}


@dataclass(frozen=True)
class Verdict:
    """What an officer decides: the outcome, the rule that a refusal rests on, and the reason the group reads."""

    outcome: Outcome
    criterion: Criterion | None
    reason: str


@dataclass(frozen=True)
class Obstacles:
    """What stands in the way of accepting a project: sentences, and points of the checklist."""

    sentences: list[str]
    points: list[Point]

    def __bool__(self) -> bool:
        return bool(self.sentences or self.points)


def find_obstacles(session: Session, project: Project, group: Group) -> Obstacles:
    """Return what has to be settled before the project can be accepted."""
    sentences = []
    if project.signed_at is None:
        sentences.append("The second signatory has not confirmed the declaration.")
    if needs_host(group) and not has_accepted_host(session, group.id):
        sentences.append("The group needs a host, and no host has agreed.")
    answers = {key: (given.answer, given.note) for key, given in list_answers(session, project.id).items()}
    return Obstacles(sentences, open_points(list_points(session, project, group), answers))


def decide_project(
    session: Session, project_id: int, verdict: Verdict, seen_version: int, *, actor: Actor, now: datetime
) -> Decision:
    """Accept or decline a project: a recorded decision, the project moved, its group told by mail.

    `seen_version` is the version of the check that the officer looked at. Raises Forbidden for whoever may not,
    Refused in a wrong state, when the check changed meanwhile, without a reason, for a refusal without a criterion,
    and for accepting while something stands in the way.
    """
    project = hold_project(session, project_id, actor, can_decide)
    check = hold_check(session, project_id, now)
    if check.version != seen_version:
        words = f"{changed_words(session, check, actor, now)}. Look at the check again, then send your decision again."
        raise Refused("changed", words)
    if not verdict.reason.strip():
        raise Refused("no_reason", "Give the reason. The group reads it.", "reason")
    rests_on = _criterion(verdict)
    if verdict.outcome is Outcome.ACCEPTED:
        _refuse_obstacles(session, project)
    decision = record_decision(
        session,
        f"project:{project_id}",
        verdict.outcome.value,
        criterion=rests_on.value,
        reason=verdict.reason,
        authority=_authority(session, actor),
        amount_pence=project.target_pence,
        actor=actor,
        now=now,
    )
    facts: dict[str, Any] = {"decision_id": decision.id, "outcome": verdict.outcome.value}
    audit.record(session, Tag.PROJECT_DECIDED, actor=actor, subject_id=project_id, now=now, **facts)
    told = {"reason": verdict.reason, "criterion": CRITERION_WORDS[rests_on]}
    move_project(session, project_id, _STATES[verdict.outcome], **told, actor=actor, now=now)
    touch(session, check, actor, now)
    return decision


def _criterion(verdict: Verdict) -> Criterion:
    if verdict.outcome is Outcome.ACCEPTED:
        return Criterion.MEETS_ALL
    if verdict.criterion not in DECLINING:
        raise Refused("no_criterion", "Choose the rule that the project does not meet.", "criterion")
    return verdict.criterion


def _refuse_obstacles(session: Session, project: Project) -> None:
    if find_obstacles(session, project, session.get_one(Group, project.group_id)):
        raise Refused("obstacles", "It cannot be accepted yet. See what stands in the way.", "outcome")


def _authority(session: Session, actor: Actor) -> str:
    words = authority_of(session, actor.person_id or 0, Right.DECIDE_PROJECTS)
    if words is None:
        raise Forbidden(f"Your role does not let you {Right.DECIDE_PROJECTS}.")
    return words
