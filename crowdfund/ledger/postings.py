"""One function per business event: which accounts it moves, in which book. Amounts are pence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core.actor import Actor
from crowdfund.ledger.posting import Line, open_account, post
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import PROGRAMME, AccountKind, Book, LedgerEvent

_A = AccountKind
_OF_PROGRAMME = frozenset({_A.PROVIDER, _A.BANK, _A.FEES})


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
    parts = {_A.PROVIDER: fee_pence - gross_pence, _A.FEES: -fee_pence}
    _move(p, LedgerEvent.CHARGE_COLLECTED, project_id, parts | _gain(p, project_id, gross_pence))


def refund_charge(p: Posting, project_id: int, pence: int, exposed_pence: int = 0) -> None:
    """A charge was given back from what is held, and what had left the project by the programme; the fee is kept.

    Raises Refused when less is held.
    """
    parts = {_A.PROVIDER: pence + exposed_pence, _A.HELD: -pence, _A.EXPOSURE: -exposed_pence}
    _move(p, LedgerEvent.CHARGE_REFUNDED, project_id, parts)


def send_payout(p: Posting, project_id: int, pence: int) -> None:
    """A payout left for the group's bank. Raises Refused('balance_guard') when less is held."""
    _move(p, LedgerEvent.PAYOUT_SENT, project_id, {_A.HELD: -pence, _A.IN_FLIGHT: pence})


def confirm_payout(p: Posting, project_id: int, pence: int) -> None:
    """The group's bank took the payout."""
    _move(p, LedgerEvent.PAYOUT_CONFIRMED, project_id, {_A.IN_FLIGHT: -pence, _A.BANK: pence})


def return_payout(p: Posting, project_id: int, pence: int) -> None:
    """The payout came back; the project is owed it again, less what the programme lost over the project since."""
    parts = {_A.IN_FLIGHT: -pence, **_gain(p, project_id, pence)}
    _move(p, LedgerEvent.PAYOUT_RETURNED, project_id, parts)


def fail_refund(p: Posting, project_id: int, pence: int) -> None:
    """A refund came back to the provider: the backer is still owed it, the group is not."""
    _move(p, LedgerEvent.REFUND_FAILED, project_id, {_A.OWED_BACK: pence, _A.PROVIDER: -pence})


def pay_owed(p: Posting, project_id: int, pence: int, held_pence: int = 0, exposed_pence: int = 0) -> None:
    """Finance paid a backer whose refund had failed: what was owed since it came back, or what had never left.

    The latter from what is held, the rest by the programme. Raises Refused when less is owed or held.
    """
    parts = {_A.OWED_BACK: -pence, _A.HELD: -held_pence, _A.EXPOSURE: -exposed_pence}
    _move(p, LedgerEvent.OWED_PAID, project_id, {**parts, _A.BANK: -sum(parts.values())})


def open_dispute(p: Posting, project_id: int, held_pence: int, exposed_pence: int, fee_pence: int) -> None:
    """The provider took a disputed charge and its fee: from what is held, the rest is the programme's exposure."""
    parts = {_A.HELD: -held_pence, _A.EXPOSURE: -exposed_pence, _A.FEES: -fee_pence}
    _move(p, LedgerEvent.DISPUTE_OPENED, project_id, {**parts, _A.PROVIDER: -sum(parts.values())})


def win_dispute(p: Posting, project_id: int, pence: int, fee_pence: int) -> None:
    """The provider gave a disputed charge back, and as much of its fee as it says; the exposure ends first."""
    parts = {_A.PROVIDER: -pence - fee_pence, _A.FEES: fee_pence, **_gain(p, project_id, pence)}
    _move(p, LedgerEvent.DISPUTE_WON, project_id, parts)


def provider_paid_out(p: Posting, pence: int) -> None:
    """The provider moved money of its balance to the council's bank; a negative amount came back."""
    _move(p, LedgerEvent.PROVIDER_PAID_OUT, PROGRAMME, {_A.PROVIDER: pence, _A.BANK: -pence})


def receive_top_up(p: Posting, project_id: int, pence: int) -> None:
    """A funder's money for one project's shortfall arrived in the bank."""
    _move(p, LedgerEvent.TOP_UP_RECEIVED, project_id, {_A.BANK: -pence, **_gain(p, project_id, pence)})


def return_top_up(p: Posting, project_id: int, held_pence: int, exposed_pence: int) -> None:
    """A funder's top-up went back: from what is held, the rest by the programme. Raises Refused when less is held."""
    parts = {_A.BANK: held_pence + exposed_pence, _A.HELD: -held_pence, _A.EXPOSURE: -exposed_pence}
    # As when the provider takes a payout back: the same event, the other way round.
    _move(p, LedgerEvent.TOP_UP_RECEIVED, project_id, parts)


def bear_exposure(p: Posting, project_id: int, pence: int) -> None:
    """It was decided that the programme bears what it lost over a project. Raises Refused for more than that."""
    _move(p, LedgerEvent.EXPOSURE_BORNE, project_id, {_A.EXPOSURE: pence, _A.BORNE: -pence})


def repay_exposure(p: Posting, project_id: int, pence: int) -> None:
    """The group paid back what the programme lost over its project. Raises Refused for more than that."""
    _move(p, LedgerEvent.EXPOSURE_REPAID, project_id, {_A.EXPOSURE: pence, _A.BANK: -pence})


def _gain(p: Posting, project_id: int, pence: int) -> dict[AccountKind, int]:
    """Say where money for a project goes: first to what the programme lost over it, the rest is held."""
    exposed = min(pence, -balance_pence(p.session, _A.EXPOSURE, project_id))
    return {_A.EXPOSURE: exposed, _A.HELD: pence - exposed}


def _move(p: Posting, event: LedgerEvent, project_id: int, parts: Mapping[AccountKind, int]) -> None:
    """Post what each kind of account gets in the cash book; those of the whole programme are none of the project's."""
    lines = []
    for kind, pence in parts.items():
        owner = PROGRAMME if kind in _OF_PROGRAMME else project_id
        # Nobody ever gives the programme more back than it lost.
        ceiling = 0 if kind is _A.EXPOSURE else None
        if pence:
            lines.append((open_account(p.session, kind, owner, ceiling_pence=ceiling), pence))
    p.write(event, Book.CASH, *lines)


def _move_pledged(p: Posting, event: LedgerEvent, accounts: PledgeAccounts, pence: int) -> None:
    p.write(event, Book.PROMISE, (accounts.backers, -pence), (accounts.pledged, pence))
