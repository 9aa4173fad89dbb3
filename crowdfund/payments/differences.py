"""What reconciliation finds, in sentences for people who work with money. Amounts are pence."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from crowdfund.core.clock import LONDON
from crowdfund.core.money import pounds
from crowdfund.payments.matching import Comparison, Odd, Side
from crowdfund.payments.rules import DifferenceKind

KIND_WORDS = {
    DifferenceKind.MISSING_HERE: "Missing in our books",
    DifferenceKind.MISSING_THERE: "Missing at the provider",
    DifferenceKind.AMOUNT: "Another amount",
    DifferenceKind.FEE: "Another fee",
    DifferenceKind.BALANCE: "Another balance",
}
WHAT_TO_DO = {
    DifferenceKind.MISSING_HERE: "Look the reference up at the provider: was it done there by hand, or is its news "
    "still to come? If nobody knows it, ask the provider.",
    DifferenceKind.MISSING_THERE: "Look the reference up at the provider. If it is not there, no money moved: the "
    "entry in our books is wrong, and a developer has to find out why.",
    DifferenceKind.AMOUNT: "Compare both sides at the provider under this reference before any money of this payment "
    "is paid out.",
    DifferenceKind.FEE: "Compare the fee with the provider’s invoice. The group is not affected: fees are the "
    "programme’s.",
    DifferenceKind.BALANCE: "Stop paying out until the cause is known, and have a developer run “crowdfund check”.",
}
_NAMES = {
    "charge": "a card payment",
    "payment": "a payment",
    "refund": "a refund",
    "refund sent back": "a refund that came back",
    "refund_failure": "a refund that came back",
    "adjustment": "a dispute or another correction",
    "dispute": "a disputed payment",
    "dispute won": "a disputed payment that was given back to us",
    "payout": "a payout to the council’s bank",
    "payout_failure": "a payout that the bank sent back",
    "stripe_fee": "a fee of the provider’s own",
}


@dataclass(frozen=True)
class Found:
    """One difference: what our books expect, what the provider says, and both in words."""

    kind: DifferenceKind
    ref: str
    expected_pence: int
    found_pence: int
    words: str

    def with_note(self, note: str) -> "Found":
        """Return it with what else is known of it."""
        return replace(self, words=f"{self.words} {note}") if note else self

    def row(self, reconciliation_id: int) -> dict[str, Any]:
        """Return it as a row of a reconciliation."""
        return asdict(self) | {"reconciliation_id": reconciliation_id}


def differences_of(odd: Odd) -> Iterator[Found]:
    """Yield what is wrong with one movement."""
    here, there = odd.here, odd.there
    if not here.what:
        words = f"The provider says: {_named(there)}. Our books know nothing of it."
        yield Found(DifferenceKind.MISSING_HERE, odd.ref, 0, there.amount_pence or -there.fee_pence, words)
        return
    if not there.what:
        words = f"Our books say: {_named(here)}. The provider knows nothing of it."
        yield Found(DifferenceKind.MISSING_THERE, odd.ref, here.amount_pence, 0, words)
        return
    name = _NAMES.get(here.what, here.what)
    if here.amount_pence != there.amount_pence:
        words = f"For {name} our books have {pounds(here.amount_pence)}, the provider {pounds(there.amount_pence)}."
        yield Found(DifferenceKind.AMOUNT, odd.ref, here.amount_pence, there.amount_pence, words)
    if here.fee_pence != there.fee_pence:
        words = f"For {name} our books have a fee of {pounds(here.fee_pence)}, the provider {pounds(there.fee_pence)}."
        yield Found(DifferenceKind.FEE, odd.ref, here.fee_pence, there.fee_pence, words)


def unexplained(compared: Comparison, provider_pence: int) -> Iterator[Found]:
    """Yield where a sum is not what its parts add up to."""
    if compared.listed_pence != provider_pence:
        words = (
            f"The movements that the provider lists add up to {pounds(compared.listed_pence)}, "
            f"but it says that it holds {pounds(provider_pence)}."
        )
        yield Found(DifferenceKind.BALANCE, "provider", compared.listed_pence, provider_pence, words)
    if compared.rows_pence != compared.book_pence:
        words = (
            f"The charges, refunds, disputes and payouts in our books add up to {pounds(compared.rows_pence)}, "
            f"but the cash book says that the provider holds {pounds(compared.book_pence)}."
        )
        yield Found(DifferenceKind.BALANCE, "cash book", compared.rows_pence, compared.book_pence, words)


def _named(side: Side) -> str:
    fee = f" less a fee of {pounds(side.fee_pence)}" if side.fee_pence else ""
    local = side.at.astimezone(LONDON) if side.at else None
    when = f" on {local.day} {local:%B %Y}" if local else ""
    return f"{_NAMES.get(side.what, side.what)} of {pounds(side.amount_pence)}{fee}{when}"
