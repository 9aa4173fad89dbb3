"""What only the provider knows, as after a backup was restored: each movement is looked at once more, one by one."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from crowdfund.core import lease
from crowdfund.core.errors import Busy, GatewayDown
from crowdfund.payments.charging import Charges
from crowdfund.payments.disputing import Disputes
from crowdfund.payments.matching import Odd
from crowdfund.payments.refund_sending import Refunds

log = logging.getLogger(__name__)

# Takes over what the provider calls by this reference; returns why it could not, as a sentence for finance.
Take = Callable[[str, datetime], str | None]


def takes(charges: Charges, refunds: Refunds, disputes: Disputes) -> Mapping[str, Take]:
    """Return what takes over a movement, by its kind at the provider."""

    def refund(refund_ref: str, now: datetime) -> None:
        refunds.read(refund_ref, now)

    def dispute(ref: str, now: datetime) -> None:
        if ref.startswith(("du_", "dp_")):
            disputes.read(ref, now)

    return {"charge": charges.read_paid, "refund": refund, "refund_failure": refund, "adjustment": dispute}


def take_over(odd: Iterable[Odd], takes: Mapping[str, Take], now: datetime) -> dict[str, str]:
    """Take over what only the provider knows, payments before what followed them.

    Return a note for each reference that was looked at, empty where there is nothing to say. Raises GatewayDown.
    """
    unknown = [one for one in odd if not one.here.what and one.there.what in takes]
    order = list(takes)
    notes: dict[str, str] = {}
    for one in sorted(unknown, key=lambda one: order.index(one.there.what)):
        lease.extend()
        try:
            note = takes[one.there.what](one.ref, now)
        except (GatewayDown, Busy, lease.LeaseLost):
            raise
        except Exception:  # whatever is wrong with one, all are to be compared
            log.exception("%s was not taken over", one.ref)
            note = None
        notes[one.ref] = " ".join(part for part in (notes.get(one.ref), note) if part)
    return notes
