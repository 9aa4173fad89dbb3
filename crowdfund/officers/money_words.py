"""The cash book's accounts and events in the words of people who keep accounts."""

from dataclasses import dataclass

from crowdfund.ledger.rules import AccountKind, LedgerEvent

_A, _E = AccountKind, LedgerEvent


@dataclass(frozen=True)
class Account:
    """An account as the pages name it. `sign` turns the ledger's pence into what people expect to read."""

    kind: AccountKind
    title: str
    meaning: str
    sign: int = 1
    of_projects: bool = True

    @property
    def whose(self) -> str:
        """What its entries are told apart by; empty where they belong to the programme as a whole."""
        if self.kind is AccountKind.POT_CASH:
            return "Fund, source and year"
        return "Project" if self.of_projects else ""


ACCOUNTS: dict[str, Account] = {
    "held": Account(_A.HELD, "Held for projects", "Collected, and not yet paid out or given back."),
    "in-flight": Account(_A.IN_FLIGHT, "On its way to groups", "Sent to the bank, not confirmed yet."),
    "owed-back": Account(_A.OWED_BACK, "Owed back to backers", "Refunds that the bank sent back."),
    "exposure": Account(
        _A.EXPOSURE, "Lost after it was paid out", "Given back or disputed; to be settled by a decision.", -1
    ),
    "borne": Account(_A.BORNE, "Borne by the programme", "Lost after it was paid out, and left so by decision.", -1),
    "provider": Account(_A.PROVIDER, "At the payment provider", "What the provider holds for us.", -1, False),
    "bank": Account(_A.BANK, "In the council’s bank", "Through this service, since it began.", -1, False),
    "fees": Account(_A.FEES, "Fees paid", "The provider’s, for payments and disputes.", -1, False),
    "funders": Account(_A.POT_CASH, "Paid in by funders", "Money of funds that is in the bank.", 1, False),
}
EVENTS: dict[LedgerEvent, str] = {
    _E.CHARGE_COLLECTED: "A card was charged",
    _E.CHARGE_REFUNDED: "A refund was sent",
    _E.FUNDER_PAID_IN: "A funder paid in",
    _E.MATCH_PASSED_ON: "Match was passed on to a project",
    _E.MATCH_HANDED_BACK: "Match went back to its fund",
    _E.POT_CASH_CARRIED: "Money of a fund was carried into another year",
    _E.PAYOUT_SENT: "A payout was sent",
    _E.PAYOUT_CONFIRMED: "A payout arrived",
    _E.PAYOUT_RETURNED: "A payout came back",
    _E.REFUND_FAILED: "A refund came back",
    _E.OWED_PAID: "A backer was paid in another way",
    _E.DISPUTE_OPENED: "A payment was disputed",
    _E.DISPUTE_WON: "A dispute was won",
    _E.PROVIDER_PAID_OUT: "The provider paid the bank",
    _E.TOP_UP_RECEIVED: "A funder topped up",
    _E.EXPOSURE_BORNE: "The programme bears a loss",
    _E.EXPOSURE_REPAID: "The group paid back",
}
