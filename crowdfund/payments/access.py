"""Who may do what with a refund; the button, the view and the action ask the same."""

from crowdfund.accounts.roles import Right
from crowdfund.core.actor import ALLOWED, Actor, ActorKind, Permit
from crowdfund.payments.models import Refund
from crowdfund.payments.rules import RefundState

OWN = "You asked for this refund yourself, so a colleague has to decide on it."


def can_ask(actor: Actor) -> Permit:
    """Say whether someone may ask for refunds and record how a failed one was made good."""
    return _with(actor, Right.MOVE_MONEY)


def can_decide(actor: Actor, refund: Refund) -> Permit:
    """Say whether someone may approve or reject this refund."""
    if refund.state is not RefundState.ASKED:
        return Permit(False, "Only a refund that waits for a second person can be decided on.")
    if actor.person_id is not None and actor.person_id == refund.asked_by_id:
        return Permit(False, OWN)
    return _with(actor, Right.APPROVE_MONEY)


def can_settle(actor: Actor, refund: Refund) -> Permit:
    """Say whether someone may record what became of a refund that failed."""
    if refund.state is not RefundState.FAILED or refund.settled_at is not None:
        return Permit(False, "Only a refund that failed, and that nobody has dealt with yet, can be made good.")
    return _with(actor, Right.MOVE_MONEY)


def _with(actor: Actor, right: Right) -> Permit:
    # Even the service itself never stands in for a person who decides about money.
    if actor.kind is ActorKind.SYSTEM or actor.person_id is None or not actor.may(right):
        return Permit(False, f"Your role does not let you {right}.")
    return ALLOWED
