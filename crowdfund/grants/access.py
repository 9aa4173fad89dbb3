"""Who may do what with rounds and applications; the button, the view and the action ask the same.

`role` is what groups.queries.require_right returns: None stands for the service itself.
"""

from datetime import datetime

from crowdfund.accounts.roles import MEMBER_RIGHTS, FundRight, GroupRight, MemberRole
from crowdfund.core.actor import ALLOWED, Actor, Permit
from crowdfund.grants.distance import DECLARED, UNDECLARED
from crowdfund.grants.models import GrantApplication, GrantRound
from crowdfund.grants.rules import BEING_ASSESSED, ROUND_WORDS, WORDS, ApplicationState, RoundState
from crowdfund.projects.distance import Distance

_S, _R = ApplicationState, RoundState
CLOSED = "The round is closed. Your draft is kept, and you can read and print it."
NOT_OPEN = "The round is not open yet."
SEALED = "Applications are sealed until the round closes."
ASSESSED_IT = "You assessed this, so somebody else has to decide."
DECIDED_IT = "You decided this, so somebody else has to assess it."


def can_see_round(actor: Actor, funder_id: int) -> Permit:
    """Say whether an officer may know of a round before it is public."""
    return _at(actor, FundRight.SEE, funder_id)


def can_write_round(actor: Actor, funder_id: int, row: GrantRound) -> Permit:
    """Say whether an officer may change what a round asks and promises: until it closes."""
    if row.state not in {_R.DRAFT, _R.SCHEDULED, _R.OPEN}:
        return Permit(False, f"It can no longer be changed. It stands at: {ROUND_WORDS[row.state]}.")
    return _at(actor, FundRight.EDIT, funder_id)


def can_unseal(actor: Actor, funder_id: int, row: GrantRound) -> Permit:
    """Say whether an officer may open applications before the round closes."""
    if row.state is not _R.OPEN or row.unsealed_at is not None:
        return Permit(False, "There is nothing sealed to open.")
    return _at(actor, FundRight.DECIDE, funder_id)


def takes_applications(row: GrantRound, now: datetime) -> Permit:
    """Say whether a round takes applications at `now` (UTC): from its opening on, and no longer at its closing time.

    The clock decides, not the worker that moves the round's state a little later.
    """
    if row.state not in {_R.SCHEDULED, _R.OPEN} or now >= row.closes_at:
        return Permit(False, CLOSED if row.state is not _R.DRAFT else NOT_OPEN)
    return ALLOWED if now >= row.opens_at else Permit(False, NOT_OPEN)


def can_write(application: GrantApplication, row: GrantRound, role: MemberRole | None, now: datetime) -> Permit:
    """Say whether somebody may change an application's answers: while it is a draft and the round is open."""
    if application.state is not _S.DRAFT:
        return Permit(False, f"It can no longer be changed. It stands at: {WORDS[application.state]}.")
    if application.declared_by_id is not None:
        return Permit(False, "It waits for a second person to confirm it. Take it back first to change it.")
    open_now = takes_applications(row, now)
    return _within(role, GroupRight.EDIT) if open_now else open_now


def can_submit(application: GrantApplication, row: GrantRound, role: MemberRole | None, now: datetime) -> Permit:
    """Say whether somebody may declare for the group that everything is true, and send the application."""
    permit = can_write(application, row, role, now)
    return _within(role, GroupRight.SUBMIT) if permit else permit


def can_confirm(application: GrantApplication, row: GrantRound, actor: Actor, now: datetime) -> Permit:
    """Say whether a member may confirm what another one declared: anybody of the group but whoever declared."""
    if application.state is not _S.DRAFT or application.declared_by_id is None:
        return Permit(False, "There is nothing to confirm.")
    if application.declared_by_id == actor.person_id:
        return Permit(False, "Another person of your group has to confirm it.")
    return takes_applications(row, now)


def can_take_back(application: GrantApplication, row: GrantRound, role: MemberRole | None, now: datetime) -> Permit:
    """Say whether somebody may take an application back to change it: while the round is open."""
    waits = application.state is _S.DRAFT and application.declared_by_id is not None
    if not waits and application.state is not _S.SUBMITTED:
        return Permit(False, "There is nothing to take back.")
    open_now = takes_applications(row, now)
    return _within(role, GroupRight.SUBMIT) if open_now else open_now


def can_withdraw(application: GrantApplication, role: MemberRole | None) -> Permit:
    """Say whether somebody may withdraw an application for good."""
    if application.state not in {_S.DRAFT, *BEING_ASSESSED, _S.DEFERRED}:
        return Permit(False, f"It can no longer be withdrawn. It stands at: {WORDS[application.state]}.")
    return _within(role, GroupRight.SUBMIT)


def can_reply(application: GrantApplication, is_answered: bool, role: MemberRole | None) -> Permit:
    """Say whether somebody may answer an officer's question: once, while the application is assessed."""
    if is_answered:
        return Permit(False, "Somebody of your group answered this already.")
    if application.state not in {_S.IN_ASSESSMENT, _S.CLARIFICATION}:
        return Permit(False, "The application is not being assessed any more.")
    return _within(role, GroupRight.EDIT)


def can_sign(application: GrantApplication, role: MemberRole | None, now: datetime) -> Permit:
    """Say whether somebody may accept or turn down an offer at `now` (UTC)."""
    if application.state is not _S.OFFERED:
        return Permit(False, f"There is nothing to answer. It stands at: {WORDS[application.state]}.")
    if application.expires_at is not None and application.expires_at <= now:
        return Permit(False, "The time to answer ran out.")
    return _within(role, GroupRight.SUBMIT)


def can_countersign(application: GrantApplication, actor: Actor, now: datetime) -> Permit:
    """Say whether a member may sign beside whoever accepted: anybody of the group but them."""
    if application.state is not _S.OFFERED or application.signed_by_id is None:
        return Permit(False, "There is nothing to sign.")
    if application.expires_at is not None and application.expires_at <= now:
        return Permit(False, "The time to answer ran out.")
    if application.signed_by_id == actor.person_id:
        return Permit(False, "Another person of your group has to sign, too.")
    return ALLOWED


def can_ask_review(
    application: GrantApplication, role: MemberRole | None, until: datetime | None, now: datetime
) -> Permit:
    """Say whether somebody may ask for a review at `now` (UTC): of what was not awarded, until a day."""
    if application.state not in {_S.DECLINED, _S.INELIGIBLE} or until is None:
        return Permit(False, "There is no decision against your group to review.")
    if now > until:
        return Permit(False, "The time to ask for a review is over.")
    return _within(role, GroupRight.SUBMIT)


def can_answer_review(actor: Actor, funder_id: int, application: GrantApplication, assessors: frozenset[int]) -> Permit:
    """Say whether an officer may answer a review: one who decides, and had no part in this decision."""
    if application.state not in {_S.DECLINED, _S.INELIGIBLE}:
        return Permit(False, "There is no review to answer.")
    if actor.person_id is not None and actor.person_id in {*assessors, application.decided_by_id}:
        return Permit(False, "You had a part in this decision, so somebody else has to look at it.")
    return _at(actor, FundRight.DECIDE, funder_id)


def can_place(actor: Actor, funder_id: int, application: GrantApplication) -> Permit:
    """Say whether an officer who may open an application may lay it somewhere on its round's board."""
    if application.state is not _S.IN_ASSESSMENT:
        return Permit(False, f"There is nothing to place. It stands at: {WORDS[application.state]}.")
    assess = _at(actor, FundRight.ASSESS, funder_id)
    return assess or _at(actor, FundRight.DECIDE, funder_id)


def can_confirm_panel(actor: Actor, funder_id: int) -> Permit:
    """Say whether an officer may make a board hold."""
    return _at(actor, FundRight.DECIDE, funder_id)


def is_sealed(row: GrantRound) -> bool:
    """Say whether nobody may read the applications of a round yet."""
    return row.state in {_R.DRAFT, _R.SCHEDULED} or (row.state is _R.OPEN and row.unsealed_at is None)


def can_open(actor: Actor, funder_id: int, row: GrantRound, distance: Distance) -> Permit:
    """Say whether an officer may read an application: sealed ones nobody, then whoever declared no interest."""
    seen = can_see_round(actor, funder_id)
    if not seen:
        return seen
    if is_sealed(row):
        return Permit(False, SEALED)
    if distance.tie:
        return Permit(False, distance.tie)
    if distance.has_interest:
        return Permit(False, DECLARED)
    return ALLOWED if distance.is_clear else Permit(False, UNDECLARED)


def can_assess(actor: Actor, funder_id: int, application: GrantApplication) -> Permit:
    """Say whether an officer who may open an application may take its assessment or write one."""
    if application.state not in BEING_ASSESSED:
        return Permit(False, f"There is nothing to assess. It stands at: {WORDS[application.state]}.")
    if application.decided_by_id is not None and application.decided_by_id == actor.person_id:
        return Permit(False, DECIDED_IT)
    return _at(actor, FundRight.ASSESS, funder_id)


def can_decide(actor: Actor, funder_id: int, application: GrantApplication, assessors: frozenset[int]) -> Permit:
    """Say whether an officer may decide; `assessors` are the person ids of everybody who ever assessed it."""
    if application.state is not _S.IN_ASSESSMENT:
        return Permit(False, f"There is nothing to decide. It stands at: {WORDS[application.state]}.")
    if actor.person_id in assessors:
        return Permit(False, ASSESSED_IT)
    return _at(actor, FundRight.DECIDE, funder_id)


def _at(actor: Actor, right: FundRight, funder_id: int) -> Permit:
    return ALLOWED if actor.may_at(right, funder_id) else Permit(False, f"Your role does not let you {right}.")


def _within(role: MemberRole | None, right: GroupRight) -> Permit:
    if role is None or right in MEMBER_RIGHTS[role]:
        return ALLOWED
    return Permit(False, f"Your place in the group does not let you {right}. Ask an owner of the group.")
