"""How an entry is written: once per key, its lines in one book, sealed by the database or not at all."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.core.actor import Actor
from crowdfund.core.db import insert_ignore, table_of
from crowdfund.core.errors import Refused
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.rules import CONTRA, POTS, AccountKind, LedgerEvent, book_of

Line = tuple[int, int]

_ENTRY, _LINE = table_of(LedgerEntry), table_of(LedgerLine)
_ADD_ENTRY = insert(_ENTRY).returning(_ENTRY.c.id)
_ADD_LINES = insert(_LINE)
_SEAL = update(_ENTRY).where(_ENTRY.c.id == bindparam("sealed_id")).values(sealed=True)


def open_account(
    session: Session,
    kind: AccountKind,
    subject_id: int,
    *,
    source: str = "",
    year: str = "",
    ceiling_pence: int | None = None,
) -> int:
    """Return the id of the account, opening it the first time. Every account but a contra has floor 0."""
    insert_ignore(
        session,
        table_of(LedgerAccount),
        book=book_of(kind),
        kind=kind,
        subject_id=subject_id,
        source=source,
        year=year,
        lock_rank=9 if kind in POTS else 0,
        floor_pence=None if kind in CONTRA else 0,
        ceiling_pence=ceiling_pence,
        balance_pence=0,
    )
    return account_id(session, kind, subject_id, source=source, year=year)


def account_id(session: Session, kind: AccountKind, subject_id: int, *, source: str = "", year: str = "") -> int:
    """Return the id of an open account. Raises sqlalchemy's NoResultFound when it was never opened."""
    return session.scalars(
        select(LedgerAccount.id).where(
            LedgerAccount.kind == kind,
            LedgerAccount.subject_id == subject_id,
            LedgerAccount.source == source,
            LedgerAccount.year == year,
        )
    ).one()


def post(
    session: Session,
    event: LedgerEvent,
    *,
    key: str,
    lines: Sequence[Line],
    book: str,
    actor: Actor,
    now: datetime,
    reverses_id: int | None = None,
) -> int:
    """Write and seal one entry of (account id, pence) lines and return its id.

    Raises Refused('balance_guard') when a floor or ceiling would be broken, and sqlalchemy's
    IntegrityError when the key was used before or the lines do not balance in one book.
    """
    # Straight to the connection: this is the hottest path there is, and nothing of it is kept as objects.
    connection = session.connection()
    entry = {
        "book": book,
        "event": event,
        "key": key,
        "actor": f"{actor.kind.value}:{actor.ref}",
        "at": now,
        "reverses_id": reverses_id,
        "sealed": False,
    }
    entry_id = int(connection.execute(_ADD_ENTRY, entry).scalar_one())
    rows = [{"entry_id": entry_id, "account_id": account, "amount_pence": pence} for account, pence in lines]
    connection.execute(_ADD_LINES, rows)
    try:
        connection.execute(_SEAL, {"sealed_id": entry_id})
    except IntegrityError as error:
        if "ck_ledger_account_" in str(error.orig):
            raise Refused("balance_guard", "There is not enough left for that.") from error
        raise
    return entry_id
