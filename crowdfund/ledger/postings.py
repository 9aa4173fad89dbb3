"""One function per business event: which accounts it moves, in which book. Amounts are pence."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core.actor import Actor
from crowdfund.ledger.posting import Line, open_account, post
from crowdfund.ledger.rules import PROGRAMME, AccountKind, Book, LedgerEvent


@dataclass(frozen=True)
class Posting:
    """What every posting needs: the session, the key that makes it happen once, who and when (UTC)."""

    session: Session
    key: str
    actor: Actor
    now: datetime

    def write(self, event: LedgerEvent, book: Book, *lines: Line) -> None:
        """Post the lines. Raises Refused('balance_guard') when an account would be overdrawn."""
        post(self.session, event, key=self.key, lines=lines, book=book, actor=self.actor, now=self.now)


@dataclass(frozen=True)
class PledgeAccounts:
    """The two sides of the crowd's promise to one project."""

    backers: int
    pledged: int


# The promise book


def open_project(session: Session, project_id: int) -> PledgeAccounts:
    """Open the promise accounts of a project; the project keeps their ids."""
    backers = open_account(session, AccountKind.BACKERS, project_id)
    return PledgeAccounts(backers, open_account(session, AccountKind.PLEDGED, project_id))


def make_pledge(p: Posting, accounts: PledgeAccounts, pence: int) -> None:
    """A pledge became active: the crowd's promise to the project grows."""
    _move_pledged(p, LedgerEvent.PLEDGE_MADE, accounts, pence)


def change_pledge(p: Posting, accounts: PledgeAccounts, difference_pence: int) -> None:
    """An active pledge was raised, or lowered by a negative difference."""
    event = LedgerEvent.PLEDGE_RAISED if difference_pence > 0 else LedgerEvent.PLEDGE_LOWERED
    _move_pledged(p, event, accounts, difference_pence)


def end_pledge(p: Posting, accounts: PledgeAccounts, pence: int) -> None:
    """An active pledge was withdrawn or released: it no longer counts."""
    _move_pledged(p, LedgerEvent.PLEDGE_ENDED, accounts, -pence)


# The cash book


def collect_charge(p: Posting, project_id: int, gross_pence: int, fee_pence: int) -> None:
    """A card was charged: the project is owed all of it, the provider holds it less its fee."""
    held = open_account(p.session, AccountKind.HELD, project_id)
    lines = [(_of_programme(p, AccountKind.PROVIDER), fee_pence - gross_pence), (held, gross_pence)]
    if fee_pence:
        lines.append((_of_programme(p, AccountKind.FEES), -fee_pence))
    p.write(LedgerEvent.CHARGE_COLLECTED, Book.CASH, *lines)


def refund_charge(p: Posting, project_id: int, pence: int, exposed_pence: int = 0) -> None:
    """A charge was given back from what is held, and what had left the project by the programme; the fee is kept.

    Raises Refused when less is held.
    """
    lines = [(_of_programme(p, AccountKind.PROVIDER), pence + exposed_pence)]
    if pence:
        lines.append((open_account(p.session, AccountKind.HELD, project_id), -pence))
    if exposed_pence:
        lines.append((open_account(p.session, AccountKind.EXPOSURE, project_id), -exposed_pence))
    p.write(LedgerEvent.CHARGE_REFUNDED, Book.CASH, *lines)


def send_payout(p: Posting, project_id: int, pence: int) -> None:
    """A payout left for the group's bank. Raises Refused('balance_guard') when less is held."""
    held = open_account(p.session, AccountKind.HELD, project_id)
    flight = open_account(p.session, AccountKind.IN_FLIGHT, project_id)
    p.write(LedgerEvent.PAYOUT_SENT, Book.CASH, (held, -pence), (flight, pence))


def confirm_payout(p: Posting, project_id: int, pence: int) -> None:
    """The group's bank took the payout."""
    flight = open_account(p.session, AccountKind.IN_FLIGHT, project_id)
    p.write(LedgerEvent.PAYOUT_CONFIRMED, Book.CASH, (flight, -pence), (_of_programme(p, AccountKind.BANK), pence))


def return_payout(p: Posting, project_id: int, pence: int) -> None:
    """The payout came back; the project is owed it again."""
    held = open_account(p.session, AccountKind.HELD, project_id)
    flight = open_account(p.session, AccountKind.IN_FLIGHT, project_id)
    p.write(LedgerEvent.PAYOUT_RETURNED, Book.CASH, (flight, -pence), (held, pence))


def fail_refund(p: Posting, project_id: int, pence: int) -> None:
    """A refund came back to the provider: the backer is still owed it, the group is not."""
    owed = open_account(p.session, AccountKind.OWED_BACK, project_id)
    p.write(LedgerEvent.REFUND_FAILED, Book.CASH, (owed, pence), (_of_programme(p, AccountKind.PROVIDER), -pence))


def pay_owed(p: Posting, project_id: int, pence: int, held_pence: int = 0, exposed_pence: int = 0) -> None:
    """Finance paid a backer whose refund had failed: what was owed since it came back, or what had never left.

    The latter from what is held, the rest by the programme. Raises Refused when less is owed or held.
    """
    parts = {AccountKind.OWED_BACK: pence, AccountKind.HELD: held_pence, AccountKind.EXPOSURE: exposed_pence}
    lines = [(open_account(p.session, kind, project_id), -part) for kind, part in parts.items() if part]
    p.write(LedgerEvent.OWED_PAID, Book.CASH, *lines, (_of_programme(p, AccountKind.BANK), sum(parts.values())))


def open_dispute(p: Posting, project_id: int, held_pence: int, exposed_pence: int, fee_pence: int) -> None:
    """The provider took a disputed charge and its fee: from what is held, the rest is the programme's exposure."""
    lines = [(_of_programme(p, AccountKind.PROVIDER), held_pence + exposed_pence + fee_pence)]
    if held_pence:
        lines.append((open_account(p.session, AccountKind.HELD, project_id), -held_pence))
    if exposed_pence:
        lines.append((open_account(p.session, AccountKind.EXPOSURE, project_id), -exposed_pence))
    if fee_pence:
        lines.append((_of_programme(p, AccountKind.FEES), -fee_pence))
    p.write(LedgerEvent.DISPUTE_OPENED, Book.CASH, *lines)


def win_dispute(p: Posting, project_id: int, held_pence: int, exposed_pence: int, fee_pence: int) -> None:
    """The provider gave a disputed charge back, and as much of its fee as it says."""
    lines = [(_of_programme(p, AccountKind.PROVIDER), -held_pence - exposed_pence - fee_pence)]
    if held_pence:
        lines.append((open_account(p.session, AccountKind.HELD, project_id), held_pence))
    if exposed_pence:
        lines.append((open_account(p.session, AccountKind.EXPOSURE, project_id), exposed_pence))
    if fee_pence:
        lines.append((_of_programme(p, AccountKind.FEES), fee_pence))
    p.write(LedgerEvent.DISPUTE_WON, Book.CASH, *lines)


def provider_paid_out(p: Posting, pence: int) -> None:
    """The provider moved money of its balance to the council's bank; a negative amount came back."""
    bank, provider = _of_programme(p, AccountKind.BANK), _of_programme(p, AccountKind.PROVIDER)
    p.write(LedgerEvent.PROVIDER_PAID_OUT, Book.CASH, (provider, pence), (bank, -pence))


def receive_top_up(p: Posting, project_id: int, pence: int) -> None:
    """A funder's money for one project's shortfall arrived in the bank."""
    held = open_account(p.session, AccountKind.HELD, project_id)
    p.write(LedgerEvent.TOP_UP_RECEIVED, Book.CASH, (_of_programme(p, AccountKind.BANK), -pence), (held, pence))


def _of_programme(p: Posting, kind: AccountKind) -> int:
    return open_account(p.session, kind, PROGRAMME)


def _move_pledged(p: Posting, event: LedgerEvent, accounts: PledgeAccounts, pence: int) -> None:
    p.write(event, Book.PROMISE, (accounts.backers, -pence), (accounts.pledged, pence))
