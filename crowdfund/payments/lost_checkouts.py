"""Cards that were saved at the provider for something that is not here: people to write to after a restore."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.clock import LONDON
from crowdfund.payments.gateway import Gateway, SavedCheckout
from crowdfund.payments.models import CardCheckout

LOOK_BACK = timedelta(days=7)  # no backup that is restored should be older
_AT_ONCE = 100


def find_lost_checkouts(session: Session, gateway: Gateway, now: datetime) -> Iterator[SavedCheckout]:
    """Yield the pages of the last days on which a card was saved and that are not here. Raises GatewayDown."""
    every = gateway.list_saved(now - LOOK_BACK)
    while batch := list(islice(every, _AT_ONCE)):
        refs = [one.session_ref for one in batch]
        known = set(session.scalars(select(CardCheckout.session_ref).where(CardCheckout.session_ref.in_(refs))))
        yield from (one for one in batch if one.session_ref not in known)


def tell_lost_checkout(lost: SavedCheckout) -> str:
    """Return what an officer has to know of it."""
    local = lost.at.astimezone(LONDON)
    return (
        f"LOST: on {local.day} {local:%B %Y} at {local:%H:%M} somebody saved a card ({lost.session_ref}) for a pledge "
        f"that is not here. Their address is at the provider under {lost.customer_ref}: write to them, as nothing of "
        "it will be charged, and ask them to pledge again."
    )
