"""One function per business event of grants: what of a fund is promised to an application. Amounts are pence."""

from collections.abc import Sequence

from crowdfund.ledger.match_postings import Part, move_parts
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import AccountKind, LedgerEvent

_K = AccountKind


def reserve_grant(p: Posting, fund_id: int, application_id: int, parts: Sequence[Part]) -> None:
    """Set money of a fund aside for an award. Raises Refused('balance_guard') when less is left."""
    pot, award = (_K.POT_AVAILABLE, fund_id), (_K.GRANT_RESERVED, application_id)
    move_parts(p, LedgerEvent.GRANT_RESERVED, pot, award, parts)


def free_grant(p: Posting, fund_id: int, application_id: int, parts: Sequence[Part]) -> None:
    """Give money set aside for an award back to the sources it came from."""
    pot, award = (_K.POT_AVAILABLE, fund_id), (_K.GRANT_RESERVED, application_id)
    move_parts(p, LedgerEvent.GRANT_FREED, award, pot, parts)
