"""Reading what the match simulator replays: ended projects, their pledges and the offers that were on them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.funds.models import Fund
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.replaying import Gift, Past
from crowdfund.matching.rules import COMMITTED, Bid, OfferState, ProjectFacts
from crowdfund.places.models import District
from crowdfund.pledges.past import list_past_gifts
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.rules import THEME_WORDS, LineKind
from crowdfund.settlement.models import Verdict

AREA = "area"
_GAVE = (*COMMITTED, OfferState.LAPSED)


class PastProject(NamedTuple):
    """An ended project as the tables name it, and what is replayed of it."""

    title: str
    slug: str
    district: str
    theme: str
    past: Past


@dataclass(frozen=True)
class Scope:
    """Which projects are replayed: all that ended in the fund's area, or those that asked it in one round."""

    fund: Fund
    districts: Sequence[str] = ()
    terms_id: int | None = None

    def project_ids(self) -> Select[int]:
        """Return the ids of the projects as a statement."""
        found = select(Verdict.project_id).join(Project, Project.id == Verdict.project_id)
        if self.terms_id is not None:
            return found.where(
                Project.id.in_(select(MatchOffer.project_id).where(MatchOffer.terms_id == self.terms_id))
            )
        return found.where(Project.district_code.in_(list(self.districts))) if self.districts else found


def budget_pence(session: Session, fund_id: int) -> int:
    """Return all that a fund was ever given, in pence."""
    return -balance_pence(session, AccountKind.FUNDER, fund_id)


def list_past(session: Session, scope: Scope) -> list[PastProject]:
    """Return the ended projects of a scope, the earliest deadline first, ready to be replayed; in seven statements."""
    ids = scope.project_ids()
    gifts: dict[int, list[Gift]] = defaultdict(list)
    for gift in list_past_gifts(session, ids, scope.fund.funder_id):
        gifts[gift.project_id].append(Gift(gift.at, gift.pence, gift.qualifies))
    offers: dict[int, list[MatchOffer]] = defaultdict(list)
    for offer in session.scalars(_offers(ids)):
        offers[offer.project_id].append(offer)
    lines = {row.project_id: row for row in session.execute(_sums(ids))}
    projects = session.execute(
        select(Project, District.name, Verdict.at)
        .join(Verdict, Verdict.project_id == Project.id)
        .join(District, District.code == Project.district_code)
        .where(Project.id.in_(ids))
        .order_by(Verdict.at, Project.id)
    ).all()
    return [
        PastProject(
            project.title,
            project.slug,
            district,
            THEME_WORDS[project.theme],
            _past(
                project,
                at,
                lines.get(project.id),
                gifts=gifts[project.id],
                offers=offers[project.id],
                fund=scope.fund,
            ),
        )
        for project, district, at in projects
    ]


def _offers(ids: Select[int]) -> Select[*tuple[Any, ...]]:
    funder = joinedload(MatchOffer.fund).joinedload(Fund.funder)
    return (
        select(MatchOffer)
        .join(Fund, Fund.id == MatchOffer.fund_id)
        .where(MatchOffer.project_id.in_(ids))
        .options(funder, joinedload(MatchOffer.terms))
        .order_by(Fund.place, MatchOffer.id)
    )


def _sums(ids: Select[int]) -> Select[*tuple[Any, ...]]:
    line, amount = ProjectLine, ProjectLine.amount_pence
    runs = (line.kind == LineKind.COST) & line.is_capital.is_(False)
    return (
        select(
            line.project_id,
            func.sum(case((line.kind == LineKind.COST, amount), else_=0)).label("cost"),
            func.sum(case((runs, amount), else_=0)).label("revenue"),
            func.sum(case(((line.kind == LineKind.OTHER_MONEY) & line.is_public, amount), else_=0)).label("public"),
        )
        .where(line.project_id.in_(ids))
        .group_by(line.project_id)
    )


def _past(
    project: Project, ended: datetime, sums: Any, *, gifts: Sequence[Gift], offers: Sequence[MatchOffer], fund: Fund
) -> Past:
    own = [offer for offer in offers if offer.fund_id == fund.id]
    asked = own[-1].asked_pence if own else None
    given = sum(offer.confirmed_pence or 0 for offer in own if offer.state in COMMITTED)
    others = [offer for offer in offers if offer.fund_id != fund.id and offer.state in _GAVE and offer.offered_pence]
    begins = project.launched_at or ended
    cost, revenue, public = (int(sums[n] or 0) for n in (1, 2, 3)) if sums else (0, 0, 0)
    return Past(
        key=str(project.id),
        begins=begins,
        ends=max(ended, begins),
        facts=ProjectFacts(project.target_pence, cost, revenue),
        gifts=gifts,
        most_pence=asked,
        given_pence=given,
        other_public_pence=public,
        earlier=[_bid(offer) for offer in others if offer.fund.place < fund.place],
        later=[_bid(offer) for offer in others if offer.fund.place > fund.place],
    )


def _bid(offer: MatchOffer) -> Bid:
    """Return another fund's offer as it was: it gives what it gave then, where the crowd still allows it."""
    had = offer.confirmed_pence if offer.confirmed_pence is not None else offer.offered_pence
    most = had or 0
    return Bid(str(offer.id), offer.terms.values(is_public=offer.fund.funder.is_public), most, most)
