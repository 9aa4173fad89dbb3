"""Public pages of funds: which there are, each one's terms in plain words, and finding money for a project."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.core import clock
from crowdfund.core.clock import LONDON
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.funds.fitting import Wish
from crowdfund.funds.queries import Listed, find_terms, get_fund, list_funds
from crowdfund.funds.words import dates_words, how_words, most_words, tell
from crowdfund.matching.fit import fits_of_project, list_fits, names_of
from crowdfund.matching.headroom import headroom_of_fund, headrooms
from crowdfund.matching.rules import WORDS
from crowdfund.projects.queries import get_own_project
from crowdfund.site.fund_forms import FindForm
from crowdfund.site.fund_queries import list_backed
from crowdfund.web.guards import anyone
from crowdfund.web.page_cache import kept_a_moment

pages = Blueprint("funds", __name__)
Answer = str | BaseResponse | tuple[str, int]
PUBLIC_PAGE = "a public page"
OF_GROUP = "people of the project’s group, through get_own_project"
_TELLING: dict[str, Any] = {"how_words": how_words, "most_words": most_words, "dates_words": dates_words}


@pages.get("/funds")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def index() -> Answer:
    """List the funds that are open, to come, and over."""
    session, today = db.session(), _today()
    listed = [one for one in list_funds(session, clock.now()) if one.terms is not None]
    parts = _by_date(listed, today)
    standings = headrooms(session, [one.fund.id for one in listed])
    return render_template("site/funds/list.html", parts=parts, standings=standings, **_TELLING)


@pages.get("/funds/<slug>")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def fund(slug: str) -> Answer:
    """Show a fund: its terms in plain words, how much of it is left, and the projects it backs."""
    session, now = db.session(), clock.now()
    found = get_fund(session, slug)
    terms = find_terms(session, found.id, now)
    if terms is None:
        raise NotFound(f"fund {slug}: no terms hold")
    told = [part for part in tell(terms, names_of(session)) if part.section != "confidence"]
    context: dict[str, Any] = {"terms": terms, "told": told, "standing": headroom_of_fund(session, found.id)}
    context |= {"backed": list_backed(session, found.id), "words": WORDS, "today": _today()}
    return render_template("site/funds/fund.html", fund=found, **context)


@pages.get("/funds/find")
@anyone(PUBLIC_PAGE)
def find() -> Answer:
    """Find money for a project that somebody describes in a few answers; all of them stand in the address."""
    session, now = db.session(), clock.now()
    names, is_asked = names_of(session), bool(request.args)
    form = FindForm(request.args if is_asked else None)
    form.offer(names)
    is_sound = not is_asked or form.validate()
    wish = form.wish(_today()) if is_asked and is_sound else Wish(_today())
    fits = list_fits(session, wish, names, now) if is_asked and is_sound else None
    page = render_template("site/funds/find.html", form=form, fits=fits, **_TELLING)
    return page if is_sound else (page, 422)


@pages.get("/apply/projects/<public_id>/money")
@members(OF_GROUP)
def find_for_project(public_id: str) -> Answer:
    """Find money for a group's project, from what it already says."""
    session = db.session()
    project = get_own_project(session, public_id, current_actor())
    fits = fits_of_project(session, project, clock.now())
    return render_template("site/funds/find_for_project.html", project=project, fits=fits, **_TELLING)


def _by_date(listed: list[Listed], today: date) -> list[tuple[str, str, list[Listed]]]:
    """Return the funds that are open, to come and over, each part with its heading and what it says when empty."""
    open_, coming, past = list[Listed](), list[Listed](), list[Listed]()
    for one in listed:
        assert one.terms is not None
        part = coming if today < one.terms.opens_on else past if today > one.terms.closes_on else open_
        part.append(one)
    return [
        ("Open now", "No fund takes requests today.", open_),
        ("Coming", "No fund is announced.", coming),
        ("Past", "No fund is over yet.", past),
    ]


def _today() -> date:
    return clock.now().astimezone(LONDON).date()
