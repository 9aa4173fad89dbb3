"""What is asked of funds, as a list for officers: narrowed and counted by the database in three statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, bindparam, case, cast, exists, func, literal, select, true
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from crowdfund.accounts.models import Person
from crowdfund.core.actor import Actor
from crowdfund.core.db import BigInt
from crowdfund.decisions.models import Interest
from crowdfund.funds.models import Fund, Funder, FundTerms
from crowdfund.groups.models import Group
from crowdfund.matching.access import can_see
from crowdfund.matching.models import Assessment, MatchOffer
from crowdfund.matching.rules import COMMITTED, WORDS, OfferState
from crowdfund.projects.distance import REASONS, which_reason
from crowdfund.projects.models import Project

SHOWS: dict[str, str] = {
    "open": "To be assessed or decided",
    "new": "Nobody has taken",
    "mine": "Taken by me",
    "decide": "Ready to decide",
    "effect": "Decided, not in effect yet",
    "answer": "Waiting for the group’s answer",
    "pledged": "Accepted",
    "ended": "Put off, declined or ended",
    "all": "Everything ever asked for",
}
PAGE_SIZE = 50
_S = OfferState


class OwnFund(NamedTuple):
    """A fund that an officer may see requests to."""

    id: int
    slug: str
    name: str
    funder_id: int
    funder: str


class Row(NamedTuple):
    """A request in the list. Pence, times UTC; `barred` is the place of a reason among REASONS."""

    id: int
    public_id: str
    version: int
    state: OfferState
    title: str
    group: str
    fund_id: int
    asked_pence: int
    offered_pence: int | None
    pitched_at: datetime
    decides_on: date
    effective_at: datetime | None
    taken_by_id: int | None
    officer: str | None
    barred: int
    has_declared: int

    @property
    def reason(self) -> str:
        """Why the officer who asks may do nothing with it; empty where nothing is in the way."""
        return REASONS[self.barred]

    @property
    def words(self) -> str:
        """Where it stands."""
        is_decided = self.state is _S.ASSESSING and self.effective_at is not None
        return "Decided, not in effect yet" if is_decided else WORDS[self.state]

    @property
    def can_be_taken(self) -> bool:
        """Whether there is something to assess."""
        return self.state in {_S.PITCHED, _S.ASSESSING} and self.effective_at is None


@dataclass(frozen=True)
class View:
    """What the list is narrowed to; all of it stands in the address."""

    show: str = "open"
    fund: str = ""

    def as_query(self) -> dict[str, str]:
        """Return what an address carries for this view; defaults are left out."""
        return {name: value for name, value in vars(self).items() if value != getattr(View(), name)}


def read_view(args: MultiDict[str, str], funds: Sequence[OwnFund]) -> View:
    """Return the view that an address asks for; what is not on offer falls back to the default."""
    show, fund = args.get("show", ""), args.get("fund", "")
    return View(show if show in SHOWS else "open", fund if fund in {one.slug for one in funds} else "")


def list_own_funds(session: Session, actor: Actor) -> list[OwnFund]:
    """Return the funds that an officer may see requests to, in the programme's order."""
    statement = select(Fund.id, Fund.slug, Fund.name, Fund.funder_id, Funder.name)
    rows = session.execute(statement.join(Funder, Funder.id == Fund.funder_id).order_by(Fund.place, Fund.id))
    return [fund for fund in (OwnFund(*row) for row in rows) if can_see(actor, fund.funder_id)]


def list_rows(
    session: Session, view: View, funds: Sequence[OwnFund], me: int, *, offset: int, limit: int
) -> tuple[list[Row], int]:
    """Return the rows of a page, the oldest request first, and how many there are in all."""
    wanted = [fund.id for fund in funds if view.fund in {"", fund.slug}]
    page = (
        _rows()
        .add_columns(func.count().over())
        .where(MatchOffer.fund_id.in_(wanted), _shown(me)[view.show])
        .order_by(MatchOffer.pitched_at, MatchOffer.id)
        .offset(offset)
        .limit(limit)
    )
    found = session.execute(page, {"person_id": me}).all()
    return [Row(*row[:-1]) for row in found], int(found[0][-1]) if found else 0


def find_row(session: Session, offer_id: int, me: int) -> Row:
    """Return one request as the list shows it to a person, in any state."""
    return Row(*session.execute(_rows().where(MatchOffer.id == offer_id), {"person_id": me}).one())


def count_rows(session: Session, view: View, funds: Sequence[OwnFund], me: int) -> Mapping[str, int]:
    """Return how many requests each part of the list has."""
    wanted = [fund.id for fund in funds if view.fund in {"", fund.slug}]
    counted = (func.sum(case((part, 1), else_=0)).label(show) for show, part in _shown(me).items())
    row = session.execute(select(*counted).where(MatchOffer.fund_id.in_(wanted))).one()
    return {show: int(count or 0) for show, count in zip(SHOWS, row, strict=True)}


def _shown(me: int) -> dict[str, ColumnElement[bool]]:
    state, undecided = MatchOffer.state, MatchOffer.decision_id.is_(None)
    assessed = exists().where(Assessment.offer_id == MatchOffer.id, Assessment.assessed_at >= MatchOffer.pitched_at)
    assessing = state == _S.ASSESSING
    running = (_S.PITCHED, _S.ASSESSING, _S.OFFERED, *COMMITTED)
    return {
        "open": and_(state.in_((_S.PITCHED, _S.ASSESSING)), undecided),
        "new": and_(state.in_((_S.PITCHED, _S.ASSESSING)), undecided, MatchOffer.taken_by_id.is_(None)),
        "mine": and_(assessing, undecided, MatchOffer.taken_by_id == me),
        "decide": and_(assessing, undecided, assessed),
        "effect": and_(assessing, ~undecided),
        "answer": state == _S.OFFERED,
        "pledged": state.in_(COMMITTED),
        "ended": state.not_in(running),
        "all": true(),
    }


def _rows() -> Any:
    subject = literal("project:") + cast(Project.id, String)
    declared = exists().where(Interest.person_id == bindparam("person_id", type_=BigInt), Interest.subject == subject)
    columns = (
        MatchOffer.id,
        MatchOffer.public_id,
        MatchOffer.version,
        MatchOffer.state,
        Project.title,
        Group.name,
        MatchOffer.fund_id,
        MatchOffer.asked_pence,
        MatchOffer.offered_pence,
        MatchOffer.pitched_at,
        FundTerms.decides_on,
        MatchOffer.effective_at,
        MatchOffer.taken_by_id,
        Person.name,
        which_reason(),
        case((declared, 1), else_=0),
    )
    return (
        select(*columns)
        .join(Project, Project.id == MatchOffer.project_id)
        .join(Group, Group.id == Project.group_id)
        .join(FundTerms, FundTerms.id == MatchOffer.terms_id)
        .outerjoin(Person, Person.id == MatchOffer.taken_by_id)
    )
