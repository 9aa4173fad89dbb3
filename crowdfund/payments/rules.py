"""The lives of a checkout, a charge attempt, a refund, a dispute and a webhook."""

from datetime import timedelta
from enum import StrEnum

from crowdfund.core.states import Machine

# The kinds of job of this domain.
HANDLE_EVENT = "payments:event"
SYNC = "payments:sync"
SWEEP = "payments:sweep"
FORGET_CARD = "payments:forget_card"
CHARGE = "payments:charge"  # {"attempt_id"}: charge the saved card, or find out what became of it
SEND_REFUND = "payments:send_refund"  # {"refund_id"}
RECONCILE = "payments:reconcile"

NEVER_OPENED = timedelta(hours=24)  # the provider was asked and never gave a page
UNANNOUNCED = timedelta(minutes=5)  # a webhook is late by now: look without one


class CheckoutState(StrEnum):
    """Our side of a card being saved; written before the provider is called."""

    CREATING = "creating"
    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


_S = CheckoutState
MACHINE: Machine[CheckoutState] = Machine(
    "card_checkout",
    {
        _S.CREATING: {_S.OPEN: "gateway", _S.EXPIRED: "sweeper"},
        _S.OPEN: {_S.COMPLETE: "gateway", _S.EXPIRED: "gateway"},
        _S.COMPLETE: {},
        _S.EXPIRED: {},
    },
)
UNFINISHED = (CheckoutState.CREATING, CheckoutState.OPEN)


class AttemptKind(StrEnum):
    """How a charge is tried: on the saved card without its holder, or by its holder on the provider's page."""

    OFF_SESSION = "off_session"
    CHECKOUT = "checkout"


class AttemptState(StrEnum):
    """One try to charge a subject; the row is committed before the provider is asked.

    All but FAILED and CANCELLED are open or paid: a subject has at most one of those.
    """

    PREPARED = "prepared"
    UNKNOWN = "unknown"  # the provider did not answer; it is looked up before anything else is tried
    WAITING = "waiting"  # the provider's page is open, or the bank has not answered yet
    DECLINED = "declined"  # the bank said no; the provider has not confirmed yet that it is cancelled
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


_A = AttemptState
ATTEMPTS: Machine[AttemptState] = Machine(
    "charge_attempt",
    {
        _A.PREPARED: {
            _A.UNKNOWN: "gateway",
            _A.WAITING: "gateway",
            _A.DECLINED: "gateway",
            _A.SUCCEEDED: "gateway",
            _A.CANCELLED: "settlement",
        },
        _A.UNKNOWN: {
            _A.WAITING: "gateway",
            _A.DECLINED: "gateway",
            _A.SUCCEEDED: "gateway",
            _A.FAILED: "gateway",
            _A.CANCELLED: "gateway",
        },
        _A.WAITING: {_A.DECLINED: "gateway", _A.SUCCEEDED: "gateway", _A.CANCELLED: "gateway"},
        # A declined page payment may still be paid until its page is confirmed closed.
        _A.DECLINED: {_A.FAILED: "gateway", _A.SUCCEEDED: "gateway"},
        _A.SUCCEEDED: {},
        _A.FAILED: {},
        _A.CANCELLED: {},
    },
)
CLOSED_ATTEMPTS = (_A.FAILED, _A.CANCELLED)
MOST_AUTOMATIC = 3  # off-session tries of one subject in all; the card networks allow 15 in 30 days
SAME_KEY_FOR = timedelta(hours=20)  # the provider may forget a key after 24 hours


class RefundState(StrEnum):
    """Money going back to the card it came from."""

    ASKED = "asked"  # above the limit: waits for a second person
    APPROVED = "approved"  # committed; the provider is asked, or was and did not answer
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"


_F = RefundState
REFUNDS: Machine[RefundState] = Machine(
    "refund",
    {
        _F.ASKED: {_F.APPROVED: "finance, another person", _F.REJECTED: "finance, another person"},
        _F.APPROVED: {_F.PENDING: "gateway", _F.SUCCEEDED: "gateway", _F.FAILED: "gateway"},
        _F.PENDING: {_F.SUCCEEDED: "gateway", _F.FAILED: "gateway"},
        # Card refunds can fail after the provider called them done.
        _F.SUCCEEDED: {_F.FAILED: "gateway"},
        _F.FAILED: {},
        _F.REJECTED: {},
    },
)


class DisputeState(StrEnum):
    """A charge that the card's holder disputes with the bank."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


_D = DisputeState
DISPUTES: Machine[DisputeState] = Machine(
    "dispute", {_D.OPEN: {_D.WON: "gateway", _D.LOST: "gateway"}, _D.WON: {}, _D.LOST: {}}
)


class DifferenceKind(StrEnum):
    """Classes of what reconciliation finds."""

    MISSING_HERE = "missing_here"  # the provider moved money that our books do not know
    MISSING_THERE = "missing_there"  # our books say money moved, the provider knows nothing of it
    AMOUNT = "amount"
    FEE = "fee"
    BALANCE = "balance"  # the sum of all lines is not what the provider says it holds


class EventState(StrEnum):
    """A webhook is received, done, or set aside for an officer."""

    RECEIVED = "received"
    DONE = "done"
    QUARANTINED = "quarantined"
