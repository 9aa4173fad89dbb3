"""The applications of a round as a list for officers, as a file, and declaring interests in all of them at once."""

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.grants.access import SEALED, is_sealed
from crowdfund.grants.assessing import declare_for_round
from crowdfund.grants.models import GrantApplication, GrantRound
from crowdfund.grants.queries import list_sent, plans_of_round
from crowdfund.grants.rules import BEING_ASSESSED, WORDS, ApplicationState
from crowdfund.grants.scoring import Standing, standings
from crowdfund.officers.application_forms import InterestsForm
from crowdfund.officers.application_pages import Answer, pages
from crowdfund.officers.round_pages import round_of
from crowdfund.places.queries import list_districts
from crowdfund.web.csv_files import csv_file
from crowdfund.web.forms import LandingOn
from crowdfund.web.paging import Page, page_number

PAGE_SIZE = 50
Pair = tuple[GrantApplication, Standing]
_RUNNING = (ApplicationState.OFFERED, ApplicationState.ACCEPTED)
SHOWS: dict[str, tuple[str, Callable[[Pair], bool]]] = {
    "open": ("To be assessed", lambda pair: pair[0].state in BEING_ASSESSED and not pair[1].is_ready),
    "mine": ("Taken by me", lambda pair: pair[1].is_mine and pair[0].state in BEING_ASSESSED),
    "ready": ("Ready to decide", lambda pair: pair[0].state in BEING_ASSESSED and pair[1].is_ready),
    "wide": ("Assessors far apart", lambda pair: pair[1].is_wide),
    "awarded": ("Awarded", lambda pair: pair[0].state in _RUNNING),
    "all": ("Everything that was sent", lambda pair: pair[0].submitted_at is not None),
}
COLUMNS = (
    "Reference",
    "Plan",
    "Group",
    "District",
    "Tier",
    "Asked for",
    "Awarded",
    "Stands",
    "Assessed",
    "Mark",
    "Sent",
)


@pages.get("/rounds/<public_id>/applications")
@officers(Right.SEE_DESK)
def index(public_id: str) -> Answer:
    """List the applications of a round that are open to officers; part and page stand in the address."""
    row, number = _open_round(public_id), page_number(request.args)
    pairs, show = _pairs(row), request.args.get("show", "")
    show = show if show in SHOWS else "open"
    rows = [pair for pair in pairs if SHOWS[show][1](pair)]
    page = Page(number, len(rows), PAGE_SIZE, request.path, {"show": show})
    context: dict[str, Any] = {
        "rows": rows[page.offset : page.offset + PAGE_SIZE],
        "page": page,
        "shows": {key: (words, sum(1 for pair in pairs if fits(pair))) for key, (words, fits) in SHOWS.items()},
        "show": show,
        "undeclared": sum(1 for _, standing in pairs if not standing.declared and not standing.barred),
    }
    context |= {"districts": _districts(), "plans": plans_of_round(db.session(), row.id)}
    return render_template("officers/applications/list.html", round=row, words=WORDS, **context)


@pages.get("/rounds/<public_id>/interests")
@pages.post("/rounds/<public_id>/interests")
@officers(Right.SEE_DESK)
def interests(public_id: str) -> Answer:
    """Declare at once about every application that the officer declared nothing about: who applied is all they see."""
    row, form = _open_round(public_id), InterestsForm()
    waiting = [one for one, standing in _pairs(row) if not standing.declared and not standing.barred]
    form.offer([(one.public_id, f"{one.group.name}: {one.title}") for one in waiting])
    if form.validate_on_submit():
        ids, round_id = {one.public_id: one.id for one in waiting}, row.id
        chosen = {ids[key] for key in form.applications.data or ()}
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                declare_for_round(session, round_id, chosen, form.statement.data or "", **who)
            return redirect(url_for(".index", public_id=public_id), 303)
        row = _open_round(public_id)
    page = render_template("officers/applications/interests.html", round=row, form=form, waiting=len(waiting))
    return (page, form.status) if form.errors else page


@pages.get("/rounds/<public_id>/applications.csv")
@officers(Right.SEE_DESK)
def export(public_id: str) -> Answer:
    """Send the applications of a round as a file; those in which the officer has an interest are left out."""
    row = _open_round(public_id)
    pairs, names, plans = _pairs(row), _districts(), plans_of_round(db.session(), row.id)

    shown = (pair for pair in pairs if pair[1].declared and not pair[1].barred)
    return csv_file(f"applications-{row.slug}.csv", COLUMNS, (_cells(*pair, names, plans) for pair in shown))


def _open_round(public_id: str) -> GrantRound:
    row = round_of(public_id)
    if is_sealed(row):
        raise Forbidden(SEALED)
    return row


def _pairs(row: GrantRound) -> list[Pair]:
    session = db.session()
    found = list_sent(session, row.id)
    by_id = standings(session, found, plans_of_round(session, row.id), current_actor().person_id or 0)
    return [(one, by_id[one.id]) for one in found]


def _districts() -> dict[str, str]:
    return {one.code: one.name for one in list_districts(db.session())}


def _cells(one: GrantApplication, standing: Standing, names: dict[str, str], plans: dict[int, Any]) -> list[str]:
    tier = plans[one.plan_id].tier(one.tier)
    sums = [f"{pence / 100:.2f}" if pence else "" for pence in (one.asked_pence, one.awarded_pence)]
    mark = "" if standing.percent is None else str(standing.percent)
    sent = one.submitted_at.date().isoformat() if one.submitted_at else ""
    who = [one.reference, one.title, one.group.name, names.get(one.district_code or "", ""), tier.title if tier else ""]
    return [
        *who,
        *sums,
        WORDS[one.state],
        f"{standing.given} of {standing.needed}",
        mark,
        "yes" if one.is_first else "no",
        sent,
    ]
