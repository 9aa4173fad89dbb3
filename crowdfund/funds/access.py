"""Who may do what with a fund; the button, the view and the action ask the same."""

from crowdfund.accounts.roles import FundRight, Right
from crowdfund.core.actor import ALLOWED, Actor, Permit
from crowdfund.core.errors import Forbidden


def can_see(actor: Actor, funder_id: int) -> Permit:
    """Say whether an officer may know how a funder's money stands."""
    return _permit(actor, FundRight.SEE, funder_id)


def can_edit(actor: Actor, funder_id: int) -> Permit:
    """Say whether an officer may change a funder's funds and their terms."""
    return _permit(actor, FundRight.EDIT, funder_id)


def can_pay(actor: Actor, funder_id: int) -> Permit:
    """Say whether an officer may change budgets and record money of a funder."""
    return _permit(actor, FundRight.PAY, funder_id)


def can_order(actor: Actor) -> Permit:
    """Say whether an officer may set the order in which funds add to a project."""
    return (
        ALLOWED if actor.may(Right.ORDER_FUNDS) else Permit(False, f"Your role does not let you {Right.ORDER_FUNDS}.")
    )


def demand(permit: Permit) -> None:
    """Raise Forbidden with the reason of a permit that is none."""
    if not permit:
        raise Forbidden(permit.reason)


def _permit(actor: Actor, right: FundRight, funder_id: int) -> Permit:
    return ALLOWED if actor.may_at(right, funder_id) else Permit(False, f"Your role does not let you {right}.")
