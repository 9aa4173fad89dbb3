"""What the public pages about funds read."""

from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from crowdfund.funds.models import FundTerms
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import PUBLIC

_SURE = (OfferState.CONFIRMED, OfferState.PAYABLE, OfferState.PAID)
MOST_BACKED = 50


class Backed(NamedTuple):
    """A project that a fund backs. Pence: what is confirmed, else the most that is offered."""

    title: str
    slug: str
    state: OfferState
    pence: int


def list_backed(session: Session, fund_id: int) -> list[Backed]:
    """Return the public projects that a fund backs, the newest first, at most MOST_BACKED.

    An offer that is only shown once the crowd has shown something is left out until it is confirmed.
    """
    at_once = and_(FundTerms.show_backers == 0, FundTerms.show_percent == 0, MatchOffer.state == OfferState.ACCEPTED)
    rows = session.execute(
        select(Project.title, Project.slug, MatchOffer.state, MatchOffer.confirmed_pence, MatchOffer.offered_pence)
        .join(Project, Project.id == MatchOffer.project_id)
        .join(FundTerms, FundTerms.id == MatchOffer.terms_id)
        .where(
            MatchOffer.fund_id == fund_id,
            Project.state.in_(PUBLIC),
            or_(MatchOffer.state.in_(_SURE), at_once),
        )
        .order_by(MatchOffer.accepted_at.desc(), MatchOffer.id.desc())
        .limit(MOST_BACKED)
    )
    return [
        Backed(title, slug, state, int(offered if confirmed is None else confirmed) if offered else 0)
        for title, slug, state, confirmed, offered in rows
    ]
