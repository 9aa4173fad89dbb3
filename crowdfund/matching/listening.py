"""Who is told, in the same change, that the offers that count for a project changed; wiring registers them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.core.actor import Actor
from crowdfund.projects.models import Project

# Called with the locked project and a cause that names the change once. What counts as the crowd is known above.
Listener = Callable[..., Any]
OFFERS_CHANGED: set[Listener] = set()


def tell_offers_changed(session: Session, project: Project, cause: str, *, actor: Actor, now: datetime) -> None:
    """Have what is set aside for each pledge reckoned anew; it locks funds, so it comes last in a unit of work."""
    for listener in OFFERS_CHANGED:
        listener(session, project, cause, actor=actor, now=now)
