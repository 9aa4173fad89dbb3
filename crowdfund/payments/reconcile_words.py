"""A reconciliation told line by line, for the terminal. Amounts are pence."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.money import pounds
from crowdfund.payments.differences import KIND_WORDS, WHAT_TO_DO
from crowdfund.payments.models import Difference, Reconciliation
from crowdfund.web.templating import plural

_AT_ONCE = 500


def tell_reconciliation(run: Reconciliation) -> Iterator[str]:
    """Yield what both sides say of a reconciliation that was finished."""
    yield f"{run.lines:,} lines read"
    yield f"the provider holds {pounds(run.provider_pence or 0)}"
    yield f"the cash book says {pounds(run.book_pence or 0)}"
    if run.in_flight_pence:
        yield f"{pounds(run.in_flight_pence)} of the cash book is on its way: one side has not heard of it yet"


def tell_differences(session: Session, run: Reconciliation) -> Iterator[str]:
    """Yield every difference with what to do about it, reading a few hundred at a time."""
    last = 0
    while True:
        after = select(Difference).where(Difference.reconciliation_id == run.id, Difference.id > last)
        batch = session.scalars(after.order_by(Difference.id).limit(_AT_ONCE)).all()
        for one in batch:
            yield f"DIFFERENCE: {KIND_WORDS[one.kind]} ({one.ref}). {one.words} {WHAT_TO_DO[one.kind]}"
        if not batch:
            return
        last = batch[-1].id


def sum_up(differences: int) -> str:
    """Return the last word on a reconciliation that told so many differences."""
    if not differences:
        return "both sides agree, to the penny"
    return f"{plural(differences, 'difference', 'differences')}, told above"
