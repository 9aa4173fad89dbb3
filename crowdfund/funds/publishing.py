"""Writing the next version of a fund's terms page by page, and publishing it; old versions stay as they are."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.core.ids import public_id
from crowdfund.funds.access import can_edit, demand
from crowdfund.funds.models import Fund, FundTerms, TermsDraft
from crowdfund.funds.queries import find_draft, find_last_terms
from crowdfund.funds.rules import MatchKind, ShareBase
from crowdfund.funds.sections import ALL_FIELDS, FIELDS, NEEDED, SECTION_TITLES, TermsSection
from crowdfund.web.templating import day

STALE = "A colleague changed the terms meanwhile. Look at them again before you publish them."
_DAYS = ("opens_on", "closes_on", "decides_on")
_DEFAULTS: dict[str, Any] = {
    "kind": None,
    "per_backer_pence": None,
    "crowd_percent": None,
    "most_pence": None,
    "percent": None,
    "base": "target",
    "joint_percent": None,
    "may_exceed": "",
    "show_backers": 0,
    "show_percent": 0,
    "pay_backers": 0,
    "pay_percent": 0,
    "several_gifts": 2,
    "districts": [],
    "objectives": [],
    "legal_forms": [],
    "allows_capital": True,
    "repeat_months": 0,
    "exclusions": [],
    "criteria": [],
    "questions": [],
    "agreement": "",
    "offer_days": 28,
    "call_in_days": 0,
    "opens_on": None,
    "closes_on": None,
    "decides_on": None,
    "confidence": "",
}


def fields_of(terms: FundTerms | None) -> dict[str, Any]:
    """Return the fields of terms as a draft holds them; of no terms yet what a new fund starts with."""
    if terms is None:
        return {**_DEFAULTS}
    values = {name: getattr(terms, name) for name in ALL_FIELDS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def terms_of(fund_id: int, fields: Mapping[str, Any]) -> FundTerms:
    """Return what a draft would be as terms; nothing is saved. Only for drafts that miss nothing."""
    values = {name: fields[name] for name in ALL_FIELDS} | {name: date.fromisoformat(fields[name]) for name in _DAYS}
    values |= {"kind": MatchKind(fields["kind"]), "base": ShareBase(fields["base"])}
    return FundTerms(fund_id=fund_id, **values)


def missing(fields: Mapping[str, Any]) -> list[TermsSection]:
    """Return the parts of the terms that are not written yet, in their order."""
    first = {section: FIELDS[section][0] for section in NEEDED}
    return [section for section in NEEDED if not fields[first[section]]]


def keep_section(
    session: Session,
    fund_id: int,
    section: TermsSection,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> TermsDraft:
    """Save one page of the next version of a fund's terms; the first page starts it from the newest version.

    Raises NotFound, Forbidden for whoever may not edit, and Refused for values that do not go together.
    """
    fund = lock(session, Fund, fund_id)
    demand(can_edit(actor, fund.funder_id))
    assert set(values) == set(FIELDS[section]), "a page saves its own fields"
    draft = find_draft(session, fund_id)
    assert actor.person_id is not None, "a person writes"
    if draft is None:
        start = fields_of(find_last_terms(session, fund_id))
        draft = TermsDraft(fund_id=fund_id, fields=start, saved_by_id=actor.person_id, saved_at=now)
        session.add(draft)
    draft.fields = {**draft.fields, **_plain(values)}
    draft.version = (draft.version or 0) + 1
    draft.saved_by_id, draft.saved_at = actor.person_id, now
    refuse_unsound(draft.fields, section)
    session.flush()
    return draft


def drop_draft(session: Session, fund_id: int, *, actor: Actor) -> None:
    """Throw away what was written for the next version. Raises NotFound and Forbidden."""
    fund = lock(session, Fund, fund_id)
    demand(can_edit(actor, fund.funder_id))
    draft = find_draft(session, fund_id)
    if draft is not None:
        session.delete(draft)
    session.flush()


def publish_terms(
    session: Session, fund_id: int, seen_version: int, from_on: date | None, *, actor: Actor, now: datetime
) -> FundTerms:
    """Make what was written the next version of a fund's terms, from now or from the start of a later day in Kent.

    What groups asked for before keeps the terms it was asked under. Raises NotFound, Forbidden, and Refused when
    something is missing, somebody changed the draft since it was previewed, or the day is over.
    """
    fund = lock(session, Fund, fund_id)
    demand(can_edit(actor, fund.funder_id))
    draft = find_draft(session, fund_id)
    if draft is None or draft.version != seen_version:
        raise Refused("stale", STALE)
    for section in missing(draft.fields):
        raise Refused("missing", f"Fill in “{SECTION_TITLES[section]}” first.")
    for section in TermsSection:
        refuse_unsound(draft.fields, section)
    last = find_last_terms(session, fund_id)
    if last is not None and fields_of(last) == draft.fields:
        raise Refused("same", "Nothing differs from the newest version.")
    terms = terms_of(fund_id, draft.fields)
    terms.public_id, terms.number = public_id(), 1 + (last.number if last else 0)
    terms.from_at, terms.saved_at, terms.saved_by_id = _start(from_on, now), now, actor.person_id
    session.add(terms)
    session.delete(draft)
    session.flush()
    audit.record(session, Tag.FUND_TERMS_SAVED, actor=actor, subject_id=fund_id, now=now, number=terms.number)
    return terms


def refuse_unsound(fields: Mapping[str, Any], section: TermsSection) -> None:
    """Raise Refused for values of one part that do not go together."""
    if section is TermsSection.HOW:
        if fields["kind"] == MatchKind.PER_PLEDGE and not fields["per_backer_pence"]:
            raise Refused("per_backer", "Enter the most that is added for one backer.", "per_backer")
        if fields["kind"] == MatchKind.TOP_UP and not fields["crowd_percent"]:
            raise Refused("crowd_share", "Enter how much of the target the crowd gives first.", "crowd_percent")
    if section is TermsSection.DATES and None not in (days := [fields[name] for name in _DAYS]):
        opens, closes, decides = (date.fromisoformat(one) for one in days)
        if closes < opens:
            raise Refused("closes", f"It cannot close before it opens, on {day(opens)}.", "closes_on")
        if decides < closes:
            raise Refused("decides", f"It cannot decide before it closes, on {day(closes)}.", "decides_on")


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _start(from_on: date | None, now: datetime) -> datetime:
    today = now.astimezone(LONDON).date()
    if from_on is None or from_on == today:
        return now
    if from_on < today:
        raise Refused("past", "Terms cannot hold from a day that is over. Leave it empty for now.", "from_on")
    return datetime(from_on.year, from_on.month, from_on.day, tzinfo=LONDON)
