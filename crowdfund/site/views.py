"""Home, the list of projects, a project's page with its live progress and backers, and a group's page."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.checking.concerns import open_concern
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.queries import find_accepted_host, get_group, needs_host
from crowdfund.groups.rules import FORM_WORDS
from crowdfund.places.queries import find_district, list_districts
from crowdfund.pledges.queries import list_backers
from crowdfund.projects.queries import get_public_project, list_lines, list_updates
from crowdfund.projects.rules import THEME_WORDS, LineKind, Theme
from crowdfund.site.forms import ConcernForm, read_filters
from crowdfund.site.match_shown import can_be_matched, whole_progress
from crowdfund.site.progress import progress_of
from crowdfund.site.queries import (
    MATCHES,
    PAGE_SIZE,
    SORTS,
    STATUSES,
    CardRow,
    Filters,
    count_projects,
    find_standing,
    list_cards,
    sum_of_pledges,
)
from crowdfund.web.forms import LandingOn
from crowdfund.web.guards import anyone
from crowdfund.web.htmx import wants_fragment
from crowdfund.web.limits import client_address, limit
from crowdfund.web.page_cache import kept_a_moment
from crowdfund.web.paging import Page, page_number

pages = Blueprint("site", __name__)
Answer = str | BaseResponse | tuple[str, int]
PUBLIC_PAGE = "a public page"
BACKERS_SIZE = 50


@pages.get("/")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def home() -> Answer:
    """Say what this is and show what can be backed today."""
    session = db.session()
    cards = _cards(list_cards(session, Filters(), clock.now(), offset=0, limit=6))
    projects, pence, backers = sum_of_pledges(session, clock.now())
    context: dict[str, Any] = {"projects": projects, "pence": pence, "backers": backers}
    context["smallest"] = current_app.config["PLEDGE_MIN_PENCE"]
    return render_template(
        "site/home.html", cards=cards, districts=list_districts(session), themes=THEME_WORDS, **context
    )


@pages.get("/projects")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def projects() -> Answer:
    """List projects; search, filters, sort and page all stand in the address."""
    session = db.session()
    districts = list_districts(session)
    filters, now = read_filters(request.args, districts), clock.now()
    near = find_district(session, filters.q)
    if near is not None and near.in_area:
        rest = {"theme": filters.theme, "status": filters.status, "sort": filters.sort, "match": filters.match}
        return redirect(Page(1, 0, 1, request.path, {"district": near.slug, **rest}).url(1), 303)
    # A postcode elsewhere names no project of ours: say so, and show what there is.
    wanted = replace(filters, q="") if near else filters
    only = can_be_matched(session, now) if wanted.match else None
    total = count_projects(session, wanted, now, only)
    page = Page(page_number(request.args), total, PAGE_SIZE, request.path, vars(filters))
    if page.number > page.pages:
        raise NotFound("there is no such page")
    context: dict[str, Any] = {"districts": districts, "themes": THEME_WORDS, "sorts": SORTS, "statuses": STATUSES}
    context |= {"filters": filters, "page": page, "outside": near, "chips": _chips(filters, districts)}
    context["matches"] = MATCHES
    cards = _cards(list_cards(session, wanted, now, offset=page.offset, limit=PAGE_SIZE, only=only))
    return render_template("site/projects.html", cards=cards, **context)


@pages.get("/projects/<slug>")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def project(slug: str) -> Answer:
    """Show a project: picture, progress, story, money, people, news."""
    session = db.session()
    found, standing = get_public_project(session, slug), find_standing(session, slug)
    assert standing is not None
    lines = list_lines(session, found.id)
    context: dict[str, Any] = {"progress": whole_progress(session, standing, clock.now()), "form_words": FORM_WORDS}
    context |= {"lines": lines, "totals": _totals(lines), "theme_words": THEME_WORDS, "kinds": LineKind}
    context |= {"updates": list_updates(session, found.id), "backers": list_backers(session, found.id, limit=8)}
    return render_template("site/project.html", project=found, group=found.group, **context)


@pages.get("/projects/<slug>/progress")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def progress(slug: str) -> Answer:
    """Answer a page that watches: nothing while nothing changed, else the panel and a sentence to read out."""
    standing = find_standing(db.session(), slug)
    if standing is None:
        raise NotFound(f"project {slug}")
    if request.args.get("seen") == progress_of(standing, clock.now()).token:
        return make_response("", 204)
    current = whole_progress(db.session(), standing, clock.now())
    template = "site/_progress.html" if wants_fragment() else "site/progress.html"
    return render_template(template, progress=current, slug=slug, announce=wants_fragment())


@pages.get("/projects/<slug>/backers")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def backers(slug: str) -> Answer:
    """List everyone who backs a project, as each of them chose to be shown."""
    session = db.session()
    found, standing = get_public_project(session, slug), find_standing(session, slug)
    assert standing is not None
    page = Page(page_number(request.args), standing.backers, BACKERS_SIZE, request.path)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    listed = list_backers(session, found.id, offset=page.offset, limit=BACKERS_SIZE)
    return render_template("site/backers.html", project=found, backers=listed, page=page)


@pages.get("/projects/<slug>/concern")
@pages.post("/projects/<slug>/concern")
@anyone("neighbours may raise a concern without an account")
def concern(slug: str) -> Answer:
    """Take a concern about a project: it becomes a case for the officers."""
    found, form = get_public_project(db.session(), slug), ConcernForm()
    if form.validate_on_submit():
        with LandingOn(form):
            limit("concern", client_address(), times=10, per=timedelta(hours=1))
            with unit_of_work() as session:
                typed = (form.concern.data, form.email.data or "", current_app.config["OFFICERS_EMAIL"])
                open_concern(session, found, *typed, actor=current_actor(), now=clock.now())
            return redirect(url_for(".concern_sent", slug=slug), 303)
        found = get_public_project(db.session(), slug)
    page = render_template("site/concern.html", form=form, project=found)
    return (page, form.status) if form.errors else page


@pages.get("/projects/<slug>/concern/sent")
@anyone(PUBLIC_PAGE)
def concern_sent(slug: str) -> Answer:
    """Say what happens with a concern now."""
    return render_template("site/concern_sent.html", project=get_public_project(db.session(), slug))


@pages.get("/groups/<slug>")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def group(slug: str) -> Answer:
    """Show a group and its projects."""
    session = db.session()
    found = get_group(session, slug)
    shown: dict[str, Any] = {"offset": 0, "limit": PAGE_SIZE, "group_id": found.id}
    cards = _cards(list_cards(session, Filters(status="all"), clock.now(), **shown))
    if not cards:
        raise NotFound("a group without a public project")
    host = find_accepted_host(session, found.id) if needs_host(found) else None
    return render_template("site/group.html", group=found, host=host, form_words=FORM_WORDS, cards=cards)


def _cards(rows: list[CardRow]) -> list[dict[str, Any]]:
    now = clock.now()
    return [{"row": row, "progress": progress_of(row, now)} for row in rows]


def _totals(lines: dict[LineKind, list[Any]]) -> dict[str, int]:
    cost = sum(line.amount_pence for line in lines[LineKind.COST])
    sure = sum(line.amount_pence for line in lines[LineKind.OTHER_MONEY] if line.is_confirmed)
    return {"cost": cost, "confirmed": sure}


def _chips(filters: Filters, districts: list[Any]) -> list[tuple[str, str]]:
    """Return the active filters as (words, address without it)."""
    words = {
        "q": f"“{filters.q}”",
        "district": next((d.name for d in districts if d.slug == filters.district), ""),
        "theme": THEME_WORDS[Theme(filters.theme)] if filters.theme else "",
        "status": STATUSES[filters.status],
        "match": MATCHES[filters.match],
    }
    standard = vars(Filters())
    chips = []
    for name, text in words.items():
        if vars(filters)[name] != standard[name]:
            rest = {k: v for k, v in vars(filters).items() if v != standard[k] and k != name}
            chips.append((text, url_for("site.projects", **rest)))
    return chips
