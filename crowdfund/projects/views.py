"""A group's pages for its project before the launch: start it, the task list, preview, withdraw, launch."""

from typing import Any

from flask import current_app, make_response, redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.roles import GroupRight
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.queries import find_host, get_own_group
from crowdfund.groups.rules import FORM_WORDS
from crowdfund.places.calendar import due_after
from crowdfund.places.queries import list_districts
from crowdfund.projects import line_views, section_views, submit_views
from crowdfund.projects.access import can_edit, can_launch, can_submit, can_take_up, can_withdraw
from crowdfund.projects.blueprint import OF_GROUP, Answer, own, pages, show_form, today
from crowdfund.projects.drafting import Start, share_preview, start_project
from crowdfund.projects.fields import offer
from crowdfund.projects.forms import PlainForm, StartForm
from crowdfund.projects.models import Project
from crowdfund.projects.queries import find_last_edit, find_signatory, get_shared_project, list_lines, load_draft
from crowdfund.projects.rules import PUBLIC, THEME_WORDS, WORDS, LineKind, ProjectState, Theme
from crowdfund.projects.submitting import CHECK_DAYS
from crowdfund.projects.tasks import Facts, next_task, task_groups
from crowdfund.web.forms import LandingOn
from crowdfund.web.guards import checked_inside

__all__ = ["pages"]
MODULES = (line_views, section_views, submit_views)  # the other pages of the same blueprint


@pages.get("/new")
@pages.post("/new")
@members("people of the group, through get_own_group")
def new() -> Answer:
    """Ask for what starts a draft: its name, its theme and its place."""
    group_key = request.args.get("group", "")
    group = get_own_group(db.session(), group_key, current_actor(), GroupRight.EDIT)
    form = StartForm(data={"postcode": group.postcode or ""})
    districts = [(one.code, one.name) for one in list_districts(db.session())]
    form.district_code.choices = offer("Choose a district", districts)
    if form.validate_on_submit():
        start = Start(
            form.title.data or "", Theme(form.theme.data or ""), form.postcode.data or "", form.district_code.data or ""
        )
        group_id = group.id
        with LandingOn(form):
            with unit_of_work() as session:
                project = start_project(session, group_id, start, actor=current_actor(), now=clock.now())
                address = url_for(".home", public_id=project.public_id)
            return redirect(address, 303)
        group = get_own_group(db.session(), group_key, current_actor(), GroupRight.EDIT)
    return show_form("new", form, group=group)


@pages.get("/<public_id>")
@members(OF_GROUP)
def home(public_id: str) -> Answer:
    """Show what comes next and the task list; once launched, the dashboard."""
    session = db.session()
    project, role = own(public_id)
    if project.state in PUBLIC:
        return redirect(url_for("dashboard.show", public_id=public_id), 303)
    facts = Facts(
        load_draft(session, project),
        project.group,
        find_host(session, project.group_id),
        find_signatory(session, project.id),
        today(),
    )
    context: dict[str, Any] = {"project": project, "group": project.group, "state": ProjectState, "words": WORDS}
    context |= {"groups": task_groups(facts), "next": next_task(facts), "signatory": facts.signatory}
    context |= {"last": find_last_edit(session, project.id), "saved": "saved" in request.args, "host": facts.host}
    may = {"edit": can_edit, "submit": can_submit, "withdraw": can_withdraw, "take_up": can_take_up}
    context |= {name: bool(ask(project, role)) for name, ask in (may | {"launch": can_launch}).items()}
    context["due_at"] = due_after(project.submitted_at, CHECK_DAYS) if project.submitted_at else None
    return render_template("projects/home.html", form=PlainForm(), **context)


@pages.get("/<public_id>/preview")
@members(OF_GROUP)
def preview(public_id: str) -> Answer:
    """Show the page as backers will see it, and the link for the committee."""
    project, role = own(public_id)
    if project.state in PUBLIC:
        return redirect(url_for("site.project", slug=project.slug), 303)
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    key = project.preview_key
    shared = base + url_for(".committee", public_id=public_id, key=key) if key else ""
    return _preview(project, own_page=True, shared=shared, shareable=bool(can_edit(project, role)))


@pages.post("/<public_id>/preview")
@members(OF_GROUP)
def share(public_id: str) -> Answer:
    """Make a new link for the committee; the one before stops working."""
    project, _ = own(public_id, GroupRight.EDIT)
    project_id, form = project.id, PlainForm()
    if form.validate_on_submit():
        with LandingOn(form), unit_of_work() as session:
            share_preview(session, project_id, actor=current_actor(), now=clock.now())
    return redirect(url_for(".preview", public_id=public_id), 303)


@pages.get("/<public_id>/committee/<key>")
@checked_inside("the committee's link: the project's preview key")
def committee(public_id: str, key: str) -> Answer:
    """Show a draft to whoever has the committee's link, and change nothing."""
    project = get_shared_project(db.session(), public_id, key)
    return _preview(project, own_page=False, shared="", shareable=False)


def _preview(project: Project, *, own_page: bool, shared: str, shareable: bool) -> Answer:
    lines = list_lines(db.session(), project.id)
    costs = sum(line.amount_pence or 0 for line in lines[LineKind.COST])
    confirmed = sum(line.amount_pence or 0 for line in lines[LineKind.OTHER_MONEY] if line.is_confirmed)
    context: dict[str, Any] = {"project": project, "group": project.group, "lines": lines, "kinds": LineKind}
    context |= {"totals": {"cost": costs, "confirmed": confirmed}, "theme_words": THEME_WORDS}
    context |= {"form_words": FORM_WORDS, "own_page": own_page, "shared": shared, "shareable": shareable}
    page = make_response(render_template("projects/preview.html", form=PlainForm(), **context))
    page.headers["X-Robots-Tag"] = "noindex"
    return page
