"""The life of a payout, how long changed bank details are held, and what two people are needed for."""

from datetime import timedelta
from enum import StrEnum

from crowdfund.core.states import Machine

HOLD = timedelta(days=5)  # after bank details were given or changed


class PayoutState(StrEnum):
    """Where a payout is."""

    PREPARED = "prepared"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT = "sent"
    CONFIRMED = "confirmed"
    RETURNED = "returned"


_S = PayoutState
MACHINE: Machine[PayoutState] = Machine(
    "payout",
    {
        _S.PREPARED: {_S.APPROVED: "finance, another person", _S.REJECTED: "finance"},
        _S.APPROVED: {_S.SENT: "finance", _S.REJECTED: "finance"},
        _S.REJECTED: {},
        _S.SENT: {_S.CONFIRMED: "finance", _S.RETURNED: "finance"},
        # A bank can send a payment back after it was taken.
        _S.CONFIRMED: {_S.RETURNED: "finance"},
        _S.RETURNED: {},
    },
)

WORDS: dict[PayoutState, str] = {
    _S.PREPARED: "Prepared: waits for a second person",
    _S.APPROVED: "Approved: goes into the next payment file",
    _S.REJECTED: "Not approved",
    _S.SENT: "Sent to the bank",
    _S.CONFIRMED: "Paid",
    _S.RETURNED: "Returned by the bank",
}
