"""What the ledger knows: its books, its kinds of account and the business events that may post."""

from enum import StrEnum


class Book(StrEnum):
    """Promises are never money: an entry belongs to one book only."""

    PROMISE = "promise"
    CASH = "cash"


class AccountKind(StrEnum):
    """Kinds of account; together with a subject (a project, a fund) they name one account.

    Signs: what we owe or were promised is positive; the other side (backers, funders) and where
    the money lies (provider, bank) is negative.
    """

    BACKERS = "backers"
    PLEDGED = "pledged"
    FUNDER = "funder"
    POT_AVAILABLE = "pot_available"
    MATCH_RESERVED = "match_reserved"
    MATCH_CONFIRMED = "match_confirmed"
    MATCH_PAID = "match_paid"
    GRANT_RESERVED = "grant_reserved"
    PROVIDER = "provider"
    BANK = "bank"
    FEES = "fees"
    HELD = "held"
    IN_FLIGHT = "in_flight"
    POT_CASH = "pot_cash"
    EXPOSURE = "exposure"  # given back or disputed after it had left the project: the programme's until it is settled
    BORNE = "borne"  # exposure that a decision left with the programme for good
    OWED_BACK = "owed_back"  # refunds that the bank sent back: still owed to their backers


_PROMISE = {
    AccountKind.BACKERS,
    AccountKind.PLEDGED,
    AccountKind.FUNDER,
    AccountKind.POT_AVAILABLE,
    AccountKind.MATCH_RESERVED,
    AccountKind.MATCH_CONFIRMED,
    AccountKind.MATCH_PAID,
    AccountKind.GRANT_RESERVED,
}
# These may go below zero; every other account has the floor 0.
CONTRA = {
    AccountKind.BACKERS,
    AccountKind.FUNDER,
    AccountKind.PROVIDER,
    AccountKind.BANK,
    AccountKind.FEES,
    AccountKind.EXPOSURE,
    AccountKind.BORNE,
}
POTS = {AccountKind.POT_AVAILABLE, AccountKind.POT_CASH}
PROGRAMME = 0  # the subject of the accounts that belong to the whole programme


def book_of(kind: AccountKind) -> Book:
    """Return the book an account of this kind belongs to."""
    return Book.PROMISE if kind in _PROMISE else Book.CASH


class LedgerEvent(StrEnum):
    """The business events that post, one named function each in postings.py."""

    PLEDGE_MADE = "pledge_made"
    PLEDGE_RAISED = "pledge_raised"
    PLEDGE_LOWERED = "pledge_lowered"
    PLEDGE_ENDED = "pledge_ended"
    POT_FILLED = "pot_filled"
    MATCH_RESERVED = "match_reserved"
    MATCH_FREED = "match_freed"
    CHARGE_COLLECTED = "charge_collected"
    CHARGE_REFUNDED = "charge_refunded"
    FUNDER_PAID_IN = "funder_paid_in"
    PAYOUT_SENT = "payout_sent"
    PAYOUT_CONFIRMED = "payout_confirmed"
    PAYOUT_RETURNED = "payout_returned"
    REFUND_FAILED = "refund_failed"
    OWED_PAID = "owed_paid"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_WON = "dispute_won"
    PROVIDER_PAID_OUT = "provider_paid_out"
    TOP_UP_RECEIVED = "top_up_received"
    GRANT_RESERVED = "grant_reserved"
    GRANT_FREED = "grant_freed"
    MATCH_CONFIRMED = "match_confirmed"
    MATCH_PAID = "match_paid"
    MATCH_PASSED_ON = "match_passed_on"
    MATCH_RETURNED = "match_returned"
    MATCH_HANDED_BACK = "match_handed_back"
    POT_CARRIED = "pot_carried"
    POT_CASH_CARRIED = "pot_cash_carried"
    EXPOSURE_BORNE = "exposure_borne"
    EXPOSURE_REPAID = "exposure_repaid"
