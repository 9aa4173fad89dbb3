"""One function per business event of funds and match: the promise first, then the cash. Amounts are pence."""

from collections.abc import Sequence
from dataclasses import dataclass

from crowdfund.ledger.posting import open_account
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import PROGRAMME, AccountKind, Book, LedgerEvent, book_of

_K = AccountKind


@dataclass(frozen=True)
class Part:
    """What a movement of match takes from one source and financial year. Pence."""

    source: str
    year: str
    pence: int


def fill_pot(p: Posting, fund_id: int, part: Part) -> None:
    """A funder puts money into a fund: what may be promised to projects. A negative amount takes it out again."""
    funder = open_account(p.session, _K.FUNDER, fund_id)
    available = _part_account(p, _K.POT_AVAILABLE, fund_id, part)
    p.write(LedgerEvent.POT_FILLED, Book.PROMISE, (funder, -part.pence), (available, part.pence))


def reserve_match(p: Posting, fund_id: int, offer_id: int, parts: Sequence[Part]) -> None:
    """Set money of a fund aside for an offer. Raises Refused('balance_guard') when less is left."""
    move_parts(p, LedgerEvent.MATCH_RESERVED, (_K.POT_AVAILABLE, fund_id), (_K.MATCH_RESERVED, offer_id), parts)


def free_match(p: Posting, fund_id: int, offer_id: int, parts: Sequence[Part]) -> None:
    """Give money set aside for an offer back to the sources it came from."""
    move_parts(p, LedgerEvent.MATCH_FREED, (_K.MATCH_RESERVED, offer_id), (_K.POT_AVAILABLE, fund_id), parts)


def confirm_match(p: Posting, offer_id: int, parts: Sequence[Part]) -> None:
    """At settlement the offer became due: what was set aside is now owed to the project."""
    move_parts(p, LedgerEvent.MATCH_CONFIRMED, (_K.MATCH_RESERVED, offer_id), (_K.MATCH_CONFIRMED, offer_id), parts)


def pay_match(p: Posting, offer_id: int, parts: Sequence[Part]) -> None:
    """The funder's promise is kept: through the programme (see `pass_match_on`) or to the group direct."""
    move_parts(p, LedgerEvent.MATCH_PAID, (_K.MATCH_CONFIRMED, offer_id), (_K.MATCH_PAID, offer_id), parts)


def return_match(p: Posting, kind: AccountKind, fund_id: int, offer_id: int, parts: Sequence[Part]) -> None:
    """Confirmed or paid match goes back to its fund and sources: the project is refunded. `kind` is where it was."""
    move_parts(p, LedgerEvent.MATCH_RETURNED, (kind, offer_id), (_K.POT_AVAILABLE, fund_id), parts)


def carry_forward(p: Posting, kind: AccountKind, owner_id: int, part: Part, year: str) -> None:
    """Money of one financial year goes into another: a fund's that is left or in the bank, or an offer's set aside.

    A decision stands behind it.
    """
    book = book_of(kind)
    event = LedgerEvent.POT_CARRIED if book is Book.PROMISE else LedgerEvent.POT_CASH_CARRIED
    old, new = (_part_account(p, kind, owner_id, Part(part.source, of, part.pence)) for of in (part.year, year))
    p.write(event, book, (old, -part.pence), (new, part.pence))


def receive_from_funder(p: Posting, fund_id: int, part: Part) -> None:
    """A funder's money arrived in the programme's bank."""
    bank = open_account(p.session, _K.BANK, PROGRAMME)
    cash = _part_account(p, _K.POT_CASH, fund_id, part)
    p.write(LedgerEvent.FUNDER_PAID_IN, Book.CASH, (bank, -part.pence), (cash, part.pence))


def pass_match_on(p: Posting, fund_id: int, project_id: int, parts: Sequence[Part]) -> None:
    """A fund's money in the programme's bank is held for the project from now on. Raises Refused when less is there."""
    held = open_account(p.session, AccountKind.HELD, project_id)
    lines = [(_part_account(p, _K.POT_CASH, fund_id, part), -part.pence) for part in parts if part.pence]
    p.write(LedgerEvent.MATCH_PASSED_ON, Book.CASH, *lines, (held, sum(part.pence for part in parts)))


def hand_match_back(p: Posting, fund_id: int, project_id: int, parts: Sequence[Part]) -> None:
    """Match that was held for a project is the fund's money again: the project is refunded."""
    held = open_account(p.session, AccountKind.HELD, project_id)
    lines = [(_part_account(p, _K.POT_CASH, fund_id, part), part.pence) for part in parts if part.pence]
    p.write(LedgerEvent.MATCH_HANDED_BACK, Book.CASH, (held, -sum(part.pence for part in parts)), *lines)


def move_parts(
    p: Posting,
    event: LedgerEvent,
    giver: tuple[AccountKind, int],
    taker: tuple[AccountKind, int],
    parts: Sequence[Part],
) -> None:
    """Move promised money between two owners, source by source. Raises Refused when the giver has less."""
    moved = [part for part in parts if part.pence]
    lines = [(_part_account(p, *giver, part), -part.pence) for part in moved]
    lines += [(_part_account(p, *taker, part), part.pence) for part in moved]
    if lines:
        p.write(event, Book.PROMISE, *lines)


def _part_account(p: Posting, kind: AccountKind, owner: int, part: Part) -> int:
    return open_account(p.session, kind, owner, source=part.source, year=part.year)
