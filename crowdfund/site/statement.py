"""A project's statement for its group: every sum from the ledger, every payout with its bank reference. Pence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.money import pounds
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.rules import AccountKind, LedgerEvent
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState
from crowdfund.matching.settling import standing_offers
from crowdfund.payments.models import ChargeAttempt, Dispute
from crowdfund.payments.rules import AttemptState
from crowdfund.payouts.models import Payout
from crowdfund.payouts.numbers import masked
from crowdfund.payouts.queries import list_for
from crowdfund.payouts.rules import PayoutState
from crowdfund.projects.models import Project
from crowdfund.settlement.models import Verdict
from crowdfund.web.templating import day

CSV_HEAD = ("What", "In (£)", "Out (£)", "For information (£)", "On", "Bank reference")
PAID_OUT = "Paid out to you"
_E = LedgerEvent
STATEMENT_STATES = (PayoutState.SENT, PayoutState.CONFIRMED, PayoutState.RETURNED)
PAYOUT_WORDS = {
    PayoutState.SENT: "Sent to the bank",
    PayoutState.CONFIRMED: "Paid",
    PayoutState.RETURNED: "Sent back by the bank",
}


@dataclass(frozen=True)
class Statement:
    """What came in, what went out and what is left. The lines of `sums` add up to `held_pence`."""

    pledged_pence: int | None  # at the deadline; None while it has not been judged
    backers: int
    collected_pence: int
    topped_up_pence: int
    matched_pence: int  # of funders, through the programme
    refunded_pence: int
    disputed_pence: int
    paid_out_pence: int
    repaid_pence: int
    carried_pence: int  # by the programme: lost after it was paid out
    held_pence: int
    fees_pence: int  # borne by the programme
    direct: Sequence[MatchOffer]  # what funders paid the group themselves: never part of the sums
    payouts: Sequence[Payout]

    @property
    def sums(self) -> list[tuple[str, int]]:
        """Each sum with its words; what went out is negative."""
        rows = [("Collected from backers’ cards", self.collected_pence), ("Added by a funder", self.topped_up_pence)]
        rows += [("Match from funders", self.matched_pence)]
        rows += [("Given back to backers", -self.refunded_pence), ("Taken back in disputes", -self.disputed_pence)]
        rows += [(PAID_OUT, -self.paid_out_pence), ("Paid back by you", self.repaid_pence)]
        rows += [("Given back or disputed after it was paid out: carried by the programme", self.carried_pence)]
        return [(words, pence) for words, pence in rows if pence or words == rows[0][0]]


def make_statement(session: Session, project: Project) -> Statement:
    """Return the statement of a launched project as it is now, in six queries."""
    moved, held = _moved_by_event(session, project.id)
    verdict = session.get(Verdict, project.id)
    paid_out = -moved.get(_E.PAYOUT_SENT, 0) - moved.get(_E.PAYOUT_RETURNED, 0)
    return Statement(
        pledged_pence=verdict.pledged_pence if verdict else None,
        backers=verdict.backers if verdict else 0,
        collected_pence=moved.get(_E.CHARGE_COLLECTED, 0),
        topped_up_pence=moved.get(_E.TOP_UP_RECEIVED, 0),
        matched_pence=moved.get(_E.MATCH_PASSED_ON, 0) + moved.get(_E.MATCH_HANDED_BACK, 0),
        refunded_pence=-moved.get(_E.CHARGE_REFUNDED, 0) - moved.get(_E.OWED_PAID, 0),
        disputed_pence=-moved.get(_E.DISPUTE_OPENED, 0) - moved.get(_E.DISPUTE_WON, 0),
        paid_out_pence=paid_out,
        repaid_pence=moved.get(_E.EXPOSURE_REPAID, 0),
        carried_pence=held - sum(moved.values()) + moved.get(_E.EXPOSURE_BORNE, 0),
        held_pence=held,
        fees_pence=_fees_pence(session, project.id),
        direct=[one for one in standing_offers(session, project.id, OfferState.PAID) if one.fund.pays_direct],
        payouts=[row for row in list_for(session, f"project:{project.id}") if row.state in STATEMENT_STATES],
    )


def csv_rows(statement: Statement) -> list[tuple[str, ...]]:
    """Return the statement as the rows of a file: what is in less what is out is what is still held."""
    rows: list[tuple[str, ...]] = []
    if statement.pledged_pence is not None:
        rows.append(("Pledged at the deadline", "", "", _plain(statement.pledged_pence), "", ""))
    for words, pence in statement.sums:
        if words != PAID_OUT:  # payout by payout below
            rows.append((words, _plain(pence) if pence >= 0 else "", _plain(-pence) if pence < 0 else "", "", "", ""))
    rows += [_payout_row(row) for row in statement.payouts]
    rows += [_direct_row(offer) for offer in statement.direct]
    rows.append(("Still held for you", "", "", _plain(statement.held_pence), "", ""))
    return [*rows, ("Card fees, paid by the programme", "", "", _plain(statement.fees_pence), "", "")]


def _payout_row(row: Payout) -> tuple[str, ...]:
    words = f"Payout {row.reference} to {row.details.account_name}, {masked(row.details.account_end)}"
    back = _plain(row.amount_pence) if row.state is PayoutState.RETURNED else ""
    said = f"{words}: {PAYOUT_WORDS[row.state]}"
    return (said, back, _plain(row.amount_pence), "", day(payout_date(row)), row.bank_reference or "")


def _direct_row(offer: MatchOffer) -> tuple[str, ...]:
    on = day(offer.paid_at) if offer.paid_at else ""
    words = f"Paid to you by {offer.fund.funder.name} itself, not through the programme"
    return (words, "", "", _plain(offer.confirmed_pence or 0), on, offer.paid_evidence)


def payout_date(row: Payout) -> datetime:
    """Return when a payout last moved: ended, or left in its file."""
    if row.ended_at is not None:
        return row.ended_at
    return row.file.made_at if row.file is not None else row.prepared_at


def in_words(statement: Statement) -> list[dict[str, str]]:
    """Return the sums for the page's list."""
    rows = [{"key": words, "value": pounds(pence)} for words, pence in statement.sums]
    return [*rows, {"key": "Still held for you", "value": pounds(statement.held_pence)}]


def _plain(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02d}"


def _moved_by_event(session: Session, project_id: int) -> tuple[dict[LedgerEvent, int], int]:
    """Return what each event did to a project's money, wherever it was by then, and what is held."""
    kinds = (AccountKind.HELD, AccountKind.EXPOSURE)
    statement = (
        select(LedgerEntry.event, LedgerAccount.kind, func.sum(LedgerLine.amount_pence))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerAccount.kind.in_(kinds), LedgerAccount.subject_id == project_id)
        .group_by(LedgerEntry.event, LedgerAccount.kind)
    )
    moved: dict[LedgerEvent, int] = {}
    held = 0
    for event, kind, pence in session.execute(statement):
        moved[LedgerEvent(event)] = moved.get(LedgerEvent(event), 0) + int(pence)
        held += int(pence) if kind == AccountKind.HELD else 0
    return moved, held


def _fees_pence(session: Session, project_id: int) -> int:
    about = ChargeAttempt.about == f"project:{project_id}"
    charged = select(func.coalesce(func.sum(ChargeAttempt.fee_pence), 0)).where(
        about, ChargeAttempt.state == AttemptState.SUCCEEDED
    )
    disputed = select(func.coalesce(func.sum(Dispute.fee_pence), 0)).join(ChargeAttempt).where(about)
    row = session.execute(select(charged.scalar_subquery(), disputed.scalar_subquery())).one()
    return sum(int(pence) for pence in row)
