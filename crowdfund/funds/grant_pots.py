"""Moving a fund's money for grants by its sources and years. Every sum is split exactly."""

from crowdfund.funds.pots import lock_parts, share, total
from crowdfund.ledger import grant_postings
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import AccountKind


def reserve(p: Posting, fund_id: int, application_id: int, pence: int) -> bool:
    """Set `pence` of a fund aside for an award; say whether there was as much, and move nothing where there was not.

    The fund's accounts are locked until the end of the unit of work, so this comes last in one.
    """
    left = lock_parts(p.session, AccountKind.POT_AVAILABLE, fund_id)
    if total(left) < pence:
        return False
    grant_postings.reserve_grant(p, fund_id, application_id, share(left, pence))
    return True


def free(p: Posting, fund_id: int, application_id: int) -> int:
    """Give everything set aside for an award back to the sources it came from; return how much that was in pence."""
    parts = lock_parts(p.session, AccountKind.GRANT_RESERVED, application_id)
    grant_postings.free_grant(p, fund_id, application_id, parts)
    return total(parts)
