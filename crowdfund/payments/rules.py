"""The life of a checkout and of a webhook."""

from datetime import timedelta
from enum import StrEnum

from crowdfund.core.states import Machine

# The kinds of job of this domain.
HANDLE_EVENT = "payments:event"
SYNC = "payments:sync"
SWEEP = "payments:sweep"
FORGET_CARD = "payments:forget_card"

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


class EventState(StrEnum):
    """A webhook is received, done, or set aside for an officer."""

    RECEIVED = "received"
    DONE = "done"
    QUARANTINED = "quarantined"
