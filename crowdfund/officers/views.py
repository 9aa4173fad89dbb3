"""The officers' desk: the worklist, and who checks what."""

from typing import Any
from urllib.parse import parse_qsl

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.checking.actions import assign_check
from crowdfund.checking.queries import find_check, list_colleagues
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.officers import deciding_views, project_views
from crowdfund.officers.blueprint import Answer, apart, pages
from crowdfund.officers.desk_view import COLUMNS, SHOWS, SIZES, View, read_view
from crowdfund.officers.forms import AssignForm
from crowdfund.officers.fund_pages import fund_links
from crowdfund.officers.row_markup import Asking, markup_of
from crowdfund.officers.worklist import count_work, find_row, list_rows
from crowdfund.places.queries import list_districts
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_checkable_project
from crowdfund.web.csv_files import csv_file
from crowdfund.web.forms import LandingOn
from crowdfund.web.htmx import wants_fragment
from crowdfund.web.paging import Page, page_number

SCREENS = (project_views, deciding_views)  # imported so that their pages belong to the desk


@pages.get("/officers/")
@officers(Right.SEE_DESK)
def worklist() -> Answer:
    """Show what is to be done: counts first, then one table that can be narrowed, sorted and downloaded."""
    session, now, me = db.session(), clock.now(), current_actor().person_id or 0
    districts = {district.slug: district.name for district in list_districts(session)}
    view, number = read_view(request.args, districts), page_number(request.args)
    rows, total = list_rows(session, view, me, now, offset=(number - 1) * view.size, limit=view.size)
    page = Page(number, total, view.size, request.path, view.as_query())
    if number > 1 and not rows:
        raise NotFound("there is no such page")
    context: dict[str, Any] = {"view": view, "rows": rows, "page": page, "now": now, "districts": districts}
    context |= {"counts": count_work(session, me, now), "shows": SHOWS, "columns": COLUMNS, "sizes": SIZES}
    context |= {"fund_links": fund_links(), "view_text": page.url(number).partition("?")[2] or "show=desk"}
    return render_template("officers/worklist.html", asking=_asking(), markup_of=markup_of, **context)


@pages.get("/officers/worklist.csv")
@officers(Right.SEE_DESK)
def download() -> Answer:
    """Send the list as a file: the same filters and order as on the page, every row of it."""
    session, now = db.session(), clock.now()
    view = read_view(request.args, {district.slug: district.name for district in list_districts(session)})
    rows, _ = list_rows(session, view, current_actor().person_id or 0, now)
    return csv_file("worklist.csv", ["Reference", *COLUMNS.values()], [row.cells(now) for row in rows])


@pages.get("/officers/projects/<public_id>/assign")
@officers(Right.CHECK_PROJECTS)
@apart
def assign(project: Project) -> Answer:
    """Say who checks the project, and let an officer choose somebody else."""
    return _assign_page(project)


@pages.post("/officers/projects/<public_id>/assign")
@officers(Right.CHECK_PROJECTS)
def give(public_id: str) -> Answer:
    """Give the check to an officer or to nobody; from the worklist one row answers."""
    project, form = get_checkable_project(db.session(), public_id), AssignForm()
    form.offer(list_colleagues(db.session()))
    project_id, from_list = project.id, bool(form.view.data)
    if form.validate_on_submit():
        with LandingOn(form):
            who = form.officer_id, form.seen_id
            with unit_of_work() as session:
                assign_check(session, project_id, *who, actor=current_actor(), now=clock.now())
            if not wants_fragment():
                return redirect(_back(form) if from_list else url_for(".show", public_id=public_id), 303)
    if wants_fragment():
        return _cell(project_id, form)
    return _assign_page(get_checkable_project(db.session(), public_id), form), form.status


def _asking() -> Asking:
    actor, place = current_actor(), url_for(".show", public_id="")
    return Asking(actor.person_id, actor.may(Right.CHECK_PROJECTS), actor.may(Right.SEE_PROJECTS), place)


def _cell(project_id: int, form: AssignForm) -> Answer:
    row = find_row(db.session(), project_id, current_actor().person_id or 0)
    message = " ".join(error for errors in form.errors.values() for error in errors)
    context: dict[str, Any] = {"row": row, "message": message, "view_text": form.view.data or ""}
    page = render_template("officers/_cell_answer.html", asking=_asking(), **context)
    return (page, form.status) if form.errors else page


def _assign_page(project: Project, form: AssignForm | None = None) -> str:
    session = db.session()
    if form is None:
        form = AssignForm()
        form.offer(list_colleagues(session))
    check = find_check(session, project.id)
    form.seen.data = str(check.check.officer_id or "") if check else ""
    if not form.is_submitted():
        form.officer.data = form.seen.data
    context: dict[str, Any] = {"project": project, "check": check, "now": clock.now()}
    return render_template("officers/assign.html", form=form, **context)


def _back(form: AssignForm) -> str:
    districts = {district.slug: district.name for district in list_districts(db.session())}
    typed: MultiDict[str, str] = MultiDict(parse_qsl(str(form.view.data or "")))
    view: View = read_view(typed, districts)
    return Page(page_number(typed), 0, view.size, url_for(".worklist"), view.as_query()).url(page_number(typed))
