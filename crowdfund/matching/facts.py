"""What the service finds about a request by itself: sentences with a source, never a verdict."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crowdfund.checking.rules import Finding
from crowdfund.core.clock import LONDON
from crowdfund.core.money import pounds
from crowdfund.funds.fitting import fit
from crowdfund.funds.models import Fund
from crowdfund.funds.rules import MatchKind
from crowdfund.funds.subsidy import SUBSIDY_LIMIT
from crowdfund.matching.caps import caps_of, joint_cap
from crowdfund.matching.choosing import facts_of
from crowdfund.matching.fit import names_of, wish_of_project
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import COMMITTED, OfferState
from crowdfund.projects.models import Project

FACT_WORDS: dict[str, str] = {
    "fit": "The fund’s terms",
    "caps": "The fund’s limits",
    "money": "What the fund has left",
    "joint": "All public money together",
    "before": "This project and this fund before",
    "repeat": "This group and this fund before",
    "subsidy": "Subsidies",
    "dates": "Dates",
}
TERMS, PAGE, HERE = "The fund’s terms, version {}", "The group’s answers", "Requests and offers recorded here"
_GIVING = (OfferState.OFFERED, *COMMITTED)


@dataclass(frozen=True)
class Found:
    """One fact about a request."""

    key: str
    finding: Finding
    words: str
    source: str


def find_facts(session: Session, offer: MatchOffer, left_pence: int, now: datetime) -> list[Found]:
    """Return every fact about an offer (loaded with its project, fund and terms) at `now` (UTC), in usual order.

    `left_pence` is what its fund could still give.
    """
    is_public, wish = offer.fund.funder.is_public, wish_of_project(session, offer.project, offer.pitched_at)
    # What it has left and what it gave this group before are facts of their own.
    against = fit(offer.terms, wish, names_of(session), is_public=is_public, left_pence=max(1, left_pence)).unmet
    facts, others = facts_of(wish), _others(session, offer)
    values = offer.terms.values(is_public=is_public)
    source, asked = TERMS.format(offer.terms.number), offer.asked_pence
    fits = " ".join(against) or "The place, the objectives and the kind of group fit."
    lowest = caps_of(values, facts, allows_capital=offer.terms.allows_capital)[0]
    given = sum(o.offered_pence or 0 for o in others if _gives(o, offer) and o.fund.funder.is_public)
    joint = joint_cap(values, facts, wish.other_public_pence + given)
    is_more = asked > lowest.pence
    short = asked > left_pence and offer.terms.kind is not MatchKind.PER_PLEDGE
    within = Found("joint", Finding.OK, "No limit on public money together applies.", source)
    if joint is not None:
        words = f"{joint.words} That leaves {pounds(joint.pence)}; {pounds(asked)} is asked for."
        within = Found("joint", _look(asked > joint.pence), words, f"{source}; {PAGE}; {HERE}")
    return [
        Found("fit", _look(bool(against)), fits, f"{source}; {PAGE}"),
        Found("caps", _look(is_more), f"{lowest.words} {pounds(asked)} is asked for.", f"{source}; {PAGE}"),
        Found("money", _look(short), f"{pounds(left_pence)} is left in the fund.", "The fund’s accounts here"),
        within,
        _before(offer, others),
        _repeat(offer, others, now),
        _subsidy(offer, others, now),
        _dates(offer, now),
    ]


def _before(offer: MatchOffer, others: list[MatchOffer]) -> Found:
    same = [o for o in others if o.project_id == offer.project_id and o.fund_id == offer.fund_id]
    if not same:
        return Found("before", Finding.OK, "This project has not asked this fund before.", HERE)
    days = ", ".join(_day(one.pitched_at) for one in same)
    return Found("before", Finding.LOOK, f"This project asked this fund before, on {days}.", HERE)


def _repeat(offer: MatchOffer, others: list[MatchOffer], now: datetime) -> Found:
    months = offer.terms.repeat_months
    since = now - timedelta(days=months * 365 // 12)
    got = [o for o in others if o.fund_id == offer.fund_id and o.state in COMMITTED and (o.accepted_at or now) > since]
    if not months:
        return Found("repeat", Finding.OK, "The fund gives to the same group again at any time.", HERE)
    if not got:
        return Found("repeat", Finding.OK, f"This group had nothing from this fund in the last {months} months.", HERE)
    named = "; ".join(f"{pounds(o.offered_pence or 0)} for {o.project.title}" for o in got)
    words = f"The fund gives to the same group again after {months} months. Within them it gave {named}."
    return Found("repeat", Finding.LOOK, words, HERE)


def _subsidy(offer: MatchOffer, others: list[MatchOffer], now: datetime) -> Found:
    begins = _year_begins(now.astimezone(LONDON).date())
    counted = [o for o in others if o.state in COMMITTED and o.fund.funder.is_public and o.accepted_at is not None]
    had = sum(o.offered_pence or 0 for o in counted if o.accepted_at and o.accepted_at.date() >= begins)
    words = f"Offers of public funds to this group accepted here since {_long(begins)}: {pounds(had)}. "
    words += f"The limit of minimal financial assistance is {pounds(SUBSIDY_LIMIT)}; the group confirms what it had."
    return Found("subsidy", _look(had + offer.asked_pence > SUBSIDY_LIMIT), words, HERE)


def _dates(offer: MatchOffer, now: datetime) -> Found:
    project, decides = offer.project, offer.terms.decides_on
    end = project.deadline or now + timedelta(days=project.campaign_days)
    last = end.astimezone(LONDON).date()
    what = "The project’s deadline is" if project.deadline else "Launched today, the project’s deadline would be"
    words = f"{what} {_long(last)}. The fund decides by {_long(decides)}."
    return Found("dates", _look(decides > last), words, f"{TERMS.format(offer.terms.number)}; {PAGE}")


def _others(session: Session, offer: MatchOffer) -> list[MatchOffer]:
    """Return every other offer to projects of the same group."""
    statement = (
        select(MatchOffer)
        .join(Project, Project.id == MatchOffer.project_id)
        .options(joinedload(MatchOffer.project), joinedload(MatchOffer.fund).joinedload(Fund.funder))
        .where(Project.group_id == offer.project.group_id, MatchOffer.id != offer.id)
        .order_by(MatchOffer.id)
    )
    return list(session.scalars(statement))


def _gives(other: MatchOffer, offer: MatchOffer) -> bool:
    return other.project_id == offer.project_id and other.state in _GIVING


def _year_begins(today: date) -> date:
    """Return the first day of the financial year two years before today's."""
    begins = today.year if (today.month, today.day) >= (4, 1) else today.year - 1
    return date(begins - 2, 4, 1)


def _look(is_so: bool) -> Finding:
    return Finding.LOOK if is_so else Finding.OK


def _day(moment: datetime) -> str:
    return _long(moment.astimezone(LONDON).date())


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
