"""Moving a fund's money by its sources and years, and reading how much of it is left. Every sum is split exactly."""

from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from crowdfund.funds.holders import HOLDERS
from crowdfund.funds.rules import split
from crowdfund.ledger import match_postings
from crowdfund.ledger.match_postings import Part
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import AccountKind

_K = AccountKind


def reserve(p: Posting, fund_id: int, offer_id: int, pence: int) -> int:
    """Set up to `pence` of a fund aside for an offer, as much as there is; return how much that was.

    The fund's accounts are locked until the end of the unit of work, so this comes last in one.
    """
    left = lock_parts(p.session, _K.POT_AVAILABLE, fund_id)
    parts = share(left, min(pence, total(left)))
    match_postings.reserve_match(p, fund_id, offer_id, parts)
    return total(parts)


def free(p: Posting, fund_id: int, offer_id: int, pence: int) -> None:
    """Give `pence` set aside for an offer back to the sources it came from. Raises ValueError when less is there."""
    parts = share(lock_parts(p.session, _K.MATCH_RESERVED, offer_id), pence)
    match_postings.free_match(p, fund_id, offer_id, parts)


def confirm(p: Posting, fund_id: int, offer_id: int, pence: int) -> None:
    """At settlement: `pence` of what is set aside becomes due, the rest goes back to its sources.

    Two entries, so the posting's key gets an ending for each. Raises ValueError when less is set aside.
    """
    reserved = lock_parts(p.session, _K.MATCH_RESERVED, offer_id)
    due = share(reserved, pence)
    rest = [Part(one.source, one.year, one.pence - part.pence) for one, part in zip(reserved, due, strict=True)]
    match_postings.confirm_match(keyed(p, "due"), offer_id, due)
    match_postings.free_match(keyed(p, "rest"), fund_id, offer_id, rest)


def pay_through_programme(p: Posting, fund_id: int, offer_id: int, project_id: int) -> int:
    """Pass what is due of an offer on to its project, from the fund's money in the bank; return the sum in pence.

    Raises Refused('balance_guard') when the funder has not paid in as much.
    """
    parts = lock_parts(p.session, _K.MATCH_CONFIRMED, offer_id)
    match_postings.pay_match(keyed(p, "promise"), offer_id, parts)
    match_postings.pass_match_on(keyed(p, "cash"), fund_id, project_id, parts)
    return total(parts)


def is_in_bank(session: Session, fund_id: int, offer_id: int) -> bool:
    """Say whether the funder has paid in what is due of an offer, source by source; locks that money."""
    there = {(part.source, part.year): part.pence for part in lock_parts(session, _K.POT_CASH, fund_id)}
    due = _parts(session, _K.MATCH_CONFIRMED, offer_id, locked=False)
    return all(part.pence <= there.get((part.source, part.year), 0) for part in due)


def pay_direct(p: Posting, offer_id: int) -> int:
    """The funder paid the group itself what was due of an offer; return the sum in pence."""
    parts = lock_parts(p.session, _K.MATCH_CONFIRMED, offer_id)
    match_postings.pay_match(p, offer_id, parts)
    return total(parts)


def take_back(p: Posting, fund_id: int, offer_id: int, project_id: int, *, held: bool) -> int:
    """Everyone is refunded: what is confirmed or paid of an offer is the fund's again; return the sum in pence.

    `held` says that it lies with the project's money in the programme's bank.
    """
    pence = 0
    for kind in (_K.MATCH_CONFIRMED, _K.MATCH_PAID):
        parts = lock_parts(p.session, kind, offer_id)
        match_postings.return_match(keyed(p, kind.value), kind, fund_id, offer_id, parts)
        if kind is _K.MATCH_PAID and held and total(parts):
            match_postings.hand_match_back(keyed(p, "cash"), fund_id, project_id, parts)
        pence += total(parts)
    return pence


def carry(p: Posting, fund_id: int, offer_ids: Sequence[int], from_year: str, to_year: str) -> dict[str, int]:
    """Carry what a fund has of one financial year into another; return by source what was promised of it (pence).

    That is what is left, what is set aside or due for these offers and for grants, and what lies in the programme's
    bank. The caller holds the offers' projects; the accounts are locked here until the end of the unit of work.
    """
    account, carried = LedgerAccount, dict[str, int]()
    of_offers = and_(account.kind.in_((_K.MATCH_RESERVED, _K.MATCH_CONFIRMED)), account.subject_id.in_(offer_ids))
    of_others = [
        and_(account.kind == kind, account.subject_id.in_(select(subject).where(fund == fund_id)))
        for kind, (subject, fund) in HOLDERS.items()
    ]
    of_fund = and_(account.kind.in_((_K.POT_AVAILABLE, _K.POT_CASH)), account.subject_id == fund_id)
    wanted = select(account.id, account.kind, account.subject_id, account.source, account.balance_pence).where(
        or_(of_offers, of_fund, *of_others), account.year == from_year
    )
    locked = p.session.execute(wanted.order_by(account.lock_rank, account.id).with_for_update()).all()
    for number, kind, owner, source, pence in locked:
        if not pence:
            continue
        part = Part(source, from_year, int(pence))
        match_postings.carry_forward(keyed(p, str(number)), kind, owner, part, to_year)
        carried[source] = carried.get(source, 0) + (int(pence) if kind != _K.POT_CASH else 0)
    return carried


def parts_of(session: Session, kind: AccountKind, owner_id: int) -> list[Part]:
    """Return what is in the accounts of a fund or an offer by source and year, in the order they were opened."""
    return _parts(session, kind, owner_id, locked=False)


def lock_parts(session: Session, kind: AccountKind, owner_id: int) -> list[Part]:
    """Return what `parts_of` does, locked until the end of the unit of work."""
    return _parts(session, kind, owner_id, locked=True)


def _parts(session: Session, kind: AccountKind, owner_id: int, *, locked: bool) -> list[Part]:
    account = LedgerAccount
    found = (
        select(account.source, account.year, account.balance_pence)
        .where(account.kind == kind, account.subject_id == owner_id)
        .order_by(account.lock_rank, account.id)
    )
    rows = session.execute(found.with_for_update() if locked else found)
    return [Part(source, year, int(pence)) for source, year, pence in rows]


def share(parts: Sequence[Part], pence: int) -> list[Part]:
    """Return what each source gives of `pence`. Raises ValueError when there is less."""
    shares = split(pence, [part.pence for part in parts])
    return [Part(part.source, part.year, share) for part, share in zip(parts, shares, strict=True)]


def total(parts: Sequence[Part]) -> int:
    """Return what the parts come to, in pence."""
    return sum(part.pence for part in parts)


def keyed(p: Posting, ending: str) -> Posting:
    """Return a posting under the same key with an ending, for an event of several entries."""
    return Posting(p.session, f"{p.key}:{ending}", p.actor, p.now)
