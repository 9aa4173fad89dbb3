"""What an officer may do with the check of a project; the button, the view and the action ask the same."""

from crowdfund.accounts.roles import Right
from crowdfund.core.actor import ALLOWED, Actor, Permit
from crowdfund.projects.distance import UNDECLARED, Distance
from crowdfund.projects.models import Project
from crowdfund.projects.rules import WORDS, ProjectState

CHECKABLE = frozenset({ProjectState.SUBMITTED, ProjectState.CHANGES_REQUESTED})


def can_open(actor: Actor, distance: Distance) -> Permit:
    """Say whether an officer may see the project: apart from it, and with a declaration that says so."""
    if not actor.may(Right.SEE_PROJECTS):
        return Permit(False, f"Your role does not let you {Right.SEE_PROJECTS}.")
    if distance.refusal:
        return Permit(False, distance.refusal)
    return ALLOWED if distance.is_clear else Permit(False, UNDECLARED)


def can_check(actor: Actor, distance: Distance) -> Permit:
    """Say whether an officer may work on the check at all: write notes, run the facts again."""
    if not actor.may(Right.CHECK_PROJECTS):
        return Permit(False, f"Your role does not let you {Right.CHECK_PROJECTS}.")
    return can_open(actor, distance)


def can_answer_points(actor: Actor, distance: Distance, project: Project) -> Permit:
    """Say whether an officer may answer the checklist: while the project is being checked."""
    if project.state not in CHECKABLE:
        return Permit(False, f"The check is over. The project stands at: {WORDS[project.state]}.")
    return can_check(actor, distance)


def can_ask(actor: Actor, distance: Distance, project: Project) -> Permit:
    """Say whether an officer may send questions to the group: while the project lies with the council."""
    if project.state is not ProjectState.SUBMITTED:
        return Permit(False, f"Questions can be asked while it is being checked. It stands at: {WORDS[project.state]}.")
    return can_check(actor, distance)


def can_decide(actor: Actor, distance: Distance, project: Project) -> Permit:
    """Say whether an officer may accept or decline the project."""
    if not actor.may(Right.DECIDE_PROJECTS):
        return Permit(False, f"Your role does not let you {Right.DECIDE_PROJECTS}.")
    if project.state is ProjectState.CHANGES_REQUESTED:
        return Permit(False, "Questions are open: the group has to answer and submit again first.")
    if project.state is not ProjectState.SUBMITTED:
        return Permit(False, f"There is nothing to decide. The project stands at: {WORDS[project.state]}.")
    return can_open(actor, distance)
