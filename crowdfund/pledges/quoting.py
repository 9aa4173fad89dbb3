"""The match that pages quote before a pledge is made: in words, and held against what was quoted a moment before."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from crowdfund.core.money import pounds
from crowdfund.pledges.forms import AgreeForm
from crowdfund.pledges.matched import Quoted, quote_match
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import SUGGESTED_PENCE
from crowdfund.projects.models import Project

MOST_PENCE = 10**9  # what a page can have quoted; anything above was not written by us


def sum_words(pence: int, quoted: Sequence[Quoted]) -> str:
    """Say what a pledge becomes with its match: '£20 from you + £20 from KCC'; '' without match."""
    parts = [f"{pounds(one.pence)} from {one.funder}" for one in quoted]
    return " + ".join([f"{pounds(pence)} from you", *parts]) if parts else ""


def choice_hints(session: Session, project: Project) -> dict[str, str]:
    """Return what each suggested amount becomes with its match, by the value of its radio button."""
    found = quote_match(session, project, SUGGESTED_PENCE)
    return {str(pence): sum_words(pence, quoted) for pence, quoted in zip(SUGGESTED_PENCE, found, strict=True)}


def quote_one(session: Session, project: Project, pence: int, pledge: Pledge | None = None) -> list[Quoted]:
    """Return what funders would add to one pledge, as things stand."""
    (found,) = quote_match(session, project, [pence], pledge)
    return found


def quote_raised(session: Session, pledge: Pledge, pence: int) -> list[Quoted]:
    """Return what funders would add to a pledge that is raised to `pence`, with what they add already."""
    more = quote_one(session, pledge.project, pence, pledge)
    return [*([Quoted("funders so far", pledge.match_pence)] if pledge.match_pence else []), *more]


def is_still_so(form: AgreeForm, quoted: Sequence[Quoted]) -> bool:
    """Say whether funders still add what the page quoted that a form was sent from; else the form says so."""
    now = sum(one.pence for one in quoted)
    if _shown(form) <= now:
        return True
    added = f"add {pounds(now)}" if now else "add nothing"
    form.stop(409, f"Meanwhile others pledged, so funders can {added} to your pledge now. Look at it again.")
    return False


def keep_shown(form: AgreeForm, quoted: Sequence[Quoted]) -> None:
    """Have a form carry what its page quotes."""
    form.quoted.data = str(sum(one.pence for one in quoted))


def agreed_pence(form: AgreeForm) -> int:
    """Return the match (pence) that the page quoted which somebody agreed to."""
    return _shown(form)


def _shown(form: AgreeForm) -> int:
    typed = form.quoted.data or ""
    return min(int(typed), MOST_PENCE) if typed.isascii() and typed.isdigit() and len(typed) < 20 else 0
