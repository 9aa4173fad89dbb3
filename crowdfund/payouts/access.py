"""Who may do what with a payout; the button, the view and the action ask the same."""

from crowdfund.accounts.roles import Right
from crowdfund.core.actor import ALLOWED, Actor, ActorKind, Permit
from crowdfund.payouts.models import BankDetails, Payout
from crowdfund.payouts.rules import PayoutState

OWN = "You prepared this payout yourself, so a colleague has to approve it."


def can_prepare(actor: Actor) -> Permit:
    """Say whether someone may prepare payouts and payment files, and record what the bank says."""
    return _with(actor, Right.MOVE_MONEY)


def can_approve(actor: Actor, payout: Payout, details: BankDetails) -> Permit:
    """Say whether someone may approve this payout to these bank details; the database asks the same of people."""
    if payout.state is not PayoutState.PREPARED:
        return Permit(False, "Only a payout that waits for a second person can be approved.")
    if actor.person_id is not None and actor.person_id == payout.prepared_by_id:
        return Permit(False, OWN)
    if actor.person_id is not None and actor.person_id == details.given_by_id:
        return Permit(False, "You gave these bank details yourself, so a colleague has to approve this.")
    if actor.person_id is not None and actor.person_id == details.called_by_id:
        return Permit(False, "You called back about these bank details yourself, so a colleague has to approve this.")
    return _with(actor, Right.APPROVE_MONEY)


def can_reject(actor: Actor, payout: Payout) -> Permit:
    """Say whether someone may stop this payout before it is sent."""
    if payout.state not in {PayoutState.PREPARED, PayoutState.APPROVED}:
        return Permit(False, "This payout has left already or was stopped before.")
    return _with(actor, Right.APPROVE_MONEY)


def _with(actor: Actor, right: Right) -> Permit:
    # Even the service itself never stands in for one of the two people.
    if actor.kind is ActorKind.SYSTEM or not actor.may(right):
        return Permit(False, f"Your role does not let you {right}.")
    return ALLOWED
