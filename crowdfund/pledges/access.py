"""Who may do what with a pledge."""

from datetime import datetime

from crowdfund.core.actor import ALLOWED, Actor, Permit
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import OPEN, ProjectState


def can_see(actor: Actor, pledge: Pledge) -> Permit:
    """Its backer: the browser that was handed it, or the signed-in person who has it in their account."""
    if actor.holds(pledge.subject):
        return ALLOWED
    claimed = pledge.claimed_at is not None and pledge.state is not PledgeState.SETUP
    if claimed and pledge.person_id is not None and actor.person_id == pledge.person_id:
        return ALLOWED
    return Permit(False, "This is somebody else’s pledge.")


def can_change(actor: Actor, pledge: Pledge, now: datetime) -> Permit:
    """Its backer, while it is active and the project has not reached its deadline."""
    seen = can_see(actor, pledge)
    if not seen:
        return seen
    if pledge.state is not PledgeState.ACTIVE:
        return Permit(False, "This pledge can no longer be changed.")
    project = pledge.project
    if project.state is ProjectState.CANCELLED:
        return Permit(False, "The project was cancelled, so nobody is charged and your pledge ends by itself.")
    if project.state not in OPEN or project.deadline is None or now >= project.deadline:
        return Permit(False, "The deadline has passed, so this pledge can no longer be changed.")
    return ALLOWED


def can_raise(actor: Actor, pledge: Pledge, now: datetime) -> Permit:
    """Its backer, while the project takes pledges; a paused one takes no new money."""
    changeable = can_change(actor, pledge, now)
    if not changeable:
        return changeable
    if pledge.project.state.value != "live":
        return Permit(False, "The project is paused, so pledges cannot be raised just now.")
    return ALLOWED
