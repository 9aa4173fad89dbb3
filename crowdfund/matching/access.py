"""Who may do what with a match offer; the button, the view and the action ask the same.

`role` is what groups.queries.require_right returns: None stands for the service itself.
"""

from datetime import datetime

from crowdfund.accounts.roles import MEMBER_RIGHTS, FundRight, GroupRight, MemberRole
from crowdfund.core.actor import ALLOWED, Actor, Permit
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import WORDS, OfferState
from crowdfund.projects.distance import UNDECLARED, Distance
from crowdfund.projects.models import Project
from crowdfund.projects.rules import WORDS as PROJECT_WORDS
from crowdfund.projects.rules import ProjectState

_S = OfferState
PITCHING = frozenset({ProjectState.READY, ProjectState.LIVE})
# The match of a project can still change; afterwards it is counted, and its settlement decides.
STANDING_PROJECT = frozenset({ProjectState.READY, ProjectState.LIVE, ProjectState.PAUSED})
ASSESSED_IT = "You assessed this, so somebody else has to decide."
DECIDED_IT = "You decided this, so somebody else has to assess it."
BEFORE_CLOSE = "Funds are asked from the moment a project is ready until its deadline. This project stands at: "


def can_see(actor: Actor, funder_id: int) -> Permit:
    """Say whether an officer may know what is asked of a funder at all."""
    return ALLOWED if actor.may_at(FundRight.SEE, funder_id) else Permit(False, f"You may not {FundRight.SEE}.")


def can_open(actor: Actor, funder_id: int, distance: Distance) -> Permit:
    """Say whether an officer may read an offer: of this funder or the programme, declared apart from the project."""
    seen = can_see(actor, funder_id)
    if not seen or distance.refusal:
        return Permit(False, distance.refusal) if seen else seen
    return ALLOWED if distance.is_clear else Permit(False, UNDECLARED)


def can_take(actor: Actor, funder_id: int, distance: Distance, offer: MatchOffer) -> Permit:
    """Say whether an officer may take the assessment, or give it back."""
    if offer.state not in {_S.PITCHED, _S.ASSESSING} or offer.decision_id is not None:
        return Permit(False, f"There is nothing to assess. It stands at: {WORDS[offer.state]}.")
    if offer.decided_by_id is not None and offer.decided_by_id == actor.person_id:
        return Permit(False, DECIDED_IT)
    return _with(actor, FundRight.ASSESS, funder_id, distance)


def can_assess(actor: Actor, funder_id: int, distance: Distance, offer: MatchOffer) -> Permit:
    """Say whether an officer may write an assessment: whoever took it, until it is decided."""
    permit = can_take(actor, funder_id, distance, offer)
    if permit and offer.taken_by_id != actor.person_id:
        return Permit(False, "Take the assessment first.")
    return permit


def can_decide(
    actor: Actor, funder_id: int, distance: Distance, offer: MatchOffer, assessors: frozenset[int]
) -> Permit:
    """Say whether an officer may decide; `assessors` are the person ids of everybody who ever assessed it."""
    if offer.state is not _S.ASSESSING:
        return Permit(False, f"There is nothing to decide. It stands at: {WORDS[offer.state]}.")
    if offer.decision_id is not None:
        return Permit(False, "It is decided already.")
    if actor.person_id in assessors:
        return Permit(False, ASSESSED_IT)
    return _with(actor, FundRight.DECIDE, funder_id, distance)


def can_stop(actor: Actor, funder_id: int, distance: Distance, offer: MatchOffer) -> Permit:
    """Say whether an officer may stop a decision that is not in effect yet, as after a call-in."""
    if offer.state is not _S.ASSESSING or offer.decision_id is None:
        return Permit(False, "No decision is waiting to take effect.")
    return _with(actor, FundRight.DECIDE, funder_id, distance)


def can_take_away(actor: Actor, funder_id: int, distance: Distance, offer: MatchOffer, project: Project) -> Permit:
    """Say whether an officer may withdraw what the funder offered."""
    if offer.state not in {_S.OFFERED, _S.ACCEPTED}:
        return Permit(False, f"There is no offer to withdraw. It stands at: {WORDS[offer.state]}.")
    if offer.state is _S.ACCEPTED and project.state not in STANDING_PROJECT:
        return Permit(False, "The project is being settled with this money, so it can no longer be withdrawn here.")
    return _with(actor, FundRight.DECIDE, funder_id, distance)


def can_tell_member(actor: Actor, funder_id: int, distance: Distance, offer: MatchOffer) -> Permit:
    """Say whether an officer may record that the local member was told: once there is something to tell."""
    if offer.state is _S.PITCHED:
        return Permit(False, "Nobody has taken it yet.")
    either = actor.may_at(FundRight.ASSESS, funder_id) or actor.may_at(FundRight.DECIDE, funder_id)
    return can_open(actor, funder_id, distance) if either else Permit(False, _lacks(FundRight.ASSESS))


def can_pitch(project: Project, role: MemberRole | None, right: GroupRight = GroupRight.EDIT) -> Permit:
    """Say whether somebody may write to funds for a project, or send it (`right` SUBMIT)."""
    if project.state not in PITCHING:
        return Permit(False, f"{BEFORE_CLOSE}{PROJECT_WORDS[project.state]}.")
    return _within(role, right)


def can_answer(offer: MatchOffer, project: Project, role: MemberRole | None, now: datetime) -> Permit:
    """Say whether somebody may accept or turn down an offer at `now` (UTC)."""
    if offer.state is not _S.OFFERED:
        return Permit(False, f"There is nothing to answer. It stands at: {WORDS[offer.state]}.")
    if offer.expires_at is not None and offer.expires_at <= now:
        return Permit(False, "The time to answer ran out.")
    if project.state not in STANDING_PROJECT:
        return Permit(False, f"The project no longer takes match. It stands at: {PROJECT_WORDS[project.state]}.")
    return _within(role, GroupRight.SUBMIT)


def can_take_back(offer: MatchOffer, role: MemberRole | None) -> Permit:
    """Say whether somebody may take back what the group asked for."""
    if offer.state not in {_S.PITCHED, _S.ASSESSING, _S.DEFERRED}:
        return Permit(False, f"It can no longer be taken back. It stands at: {WORDS[offer.state]}.")
    return _within(role, GroupRight.SUBMIT)


def _with(actor: Actor, right: FundRight, funder_id: int, distance: Distance) -> Permit:
    permit = can_open(actor, funder_id, distance)
    return permit if not permit or actor.may_at(right, funder_id) else Permit(False, _lacks(right))


def _lacks(right: FundRight) -> str:
    return f"Your role does not let you {right}."


def _within(role: MemberRole | None, right: GroupRight) -> Permit:
    if role is None or right in MEMBER_RIGHTS[role]:
        return ALLOWED
    return Permit(False, f"Your place in the group does not let you {right}. Ask an owner of the group.")
