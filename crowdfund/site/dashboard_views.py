"""A group's own pages for a launched project: dashboard, backers, news, cancelling, history."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.history import PAGE_SIZE, count_history, history
from crowdfund.accounts.roles import MEMBER_RIGHTS, GroupRight
from crowdfund.core import audit, clock
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.money import pounds
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.matching.queries import list_offers_of_project
from crowdfund.pledges.forms import PlainForm
from crowdfund.pledges.releasing import can_be_cancelled, cancel_for_group
from crowdfund.pledges.updates import count_readers, publish_update
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_own_and_role, get_own_project, list_updates
from crowdfund.projects.rules import PUBLIC
from crowdfund.settlement.bank_details import lacks_bank_details
from crowdfund.settlement.history_words import HISTORY_WORDS
from crowdfund.site.dashboard_forms import CancelForm, UpdateForm
from crowdfund.site.dashboard_queries import GroupsBacker, count_sharing, list_messages, list_sharing, member_ids
from crowdfund.site.match_shown import whole_progress
from crowdfund.site.next_steps import WHERE_TO_PAY, next_step
from crowdfund.site.pitch_words import standing_of
from crowdfund.site.progress import Progress
from crowdfund.site.queries import find_standing
from crowdfund.web.csv_files import csv_file
from crowdfund.web.forms import LandingOn
from crowdfund.web.paging import Page, page_number
from crowdfund.web.templating import day

pages = Blueprint("dashboard", __name__, url_prefix="/apply/projects/<public_id>")
Answer = str | BaseResponse | tuple[str, int]
OF_GROUP = "people of the project’s group, through get_own_project"
BACKERS_SIZE = 50
CSV_HEAD = ("Name", "E-mail", "Pledged", "On", "Agreed that the group may write", "Gets the group’s news by mail")


@pages.get("/dashboard")
@members(OF_GROUP)
def show(public_id: str) -> Answer:
    """Show how the project stands, and what to do next."""
    session, actor, now = db.session(), current_actor(), clock.now()
    project, role = get_own_and_role(session, public_id, actor)
    if project.state not in PUBLIC:
        return redirect(f"/apply/projects/{public_id}", 303)
    assert role is not None
    updates = list_updates(session, project.id)
    standing = _standing(project)
    context: dict[str, Any] = {"updates": updates, "progress": standing, "rights": MEMBER_RIGHTS[role]}
    context["step"] = next_step(standing, updates[0].posted_at if updates else None, now)
    if lacks_bank_details(session, project, project.group):
        context["step"] = WHERE_TO_PAY
    context |= {"messages": list_messages(session, project.id), "sharing": count_sharing(session, project.id)}
    context["standings"] = [standing_of(offer, now) for offer in list_offers_of_project(session, project.id)]
    context |= {"posted": "posted" in request.args, "cancellable": can_be_cancelled(project, now), "right": GroupRight}
    return render_template("site/dashboard.html", project=project, **context)


@pages.get("/backers")
@members(OF_GROUP)
def backers(public_id: str) -> Answer:
    """List the backers who agreed that the group may have their name and address."""
    session, project = db.session(), _launched(public_id)
    page = Page(page_number(request.args), count_sharing(session, project.id), BACKERS_SIZE, request.path)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    listed = list_sharing(session, project.id, offset=page.offset, limit=BACKERS_SIZE)
    context: dict[str, Any] = {"project": project, "backers": listed, "page": page, "form": PlainForm()}
    return render_template("site/dashboard_backers.html", everyone=_standing(project).backers, **context)


@pages.post("/backers/download")
@members(OF_GROUP)
def download(public_id: str) -> Answer:
    """Send the same list as CSV; who took it and when is recorded."""
    project = _launched(public_id)
    listed = list_sharing(db.session(), project.id)
    rows = [(b.name, b.email, _amount(b), day(b.on), "yes", "yes" if b.gets_updates else "no") for b in listed]
    name = f"backers-{project.slug}.csv"
    with unit_of_work() as session:
        who: dict[str, Any] = {"actor": current_actor(), "subject_id": project.id, "now": clock.now()}
        audit.record(session, Tag.BACKERS_EXPORTED, count=len(rows), **who)
    return csv_file(name, CSV_HEAD, rows)


@pages.get("/updates/new")
@pages.post("/updates/new")
@members(OF_GROUP)
def new_update(public_id: str) -> Answer:
    """Take news in two fields, show how it will look, then publish it."""
    project, form = _launched(public_id, GroupRight.EDIT), UpdateForm()
    go = request.form.get("go", "preview")
    if form.validate_on_submit() and go != "change":
        if go == "publish":
            project_id, news = project.id, (form.title.data or "", form.body.data or "")
            with LandingOn(form):
                with unit_of_work() as session:
                    publish_update(session, project_id, *news, actor=current_actor(), now=clock.now())
                return redirect(url_for(".show", public_id=public_id, posted=1), 303)
            project = _launched(public_id, GroupRight.EDIT)
        else:
            readers = count_readers(db.session(), project.id)
            return render_template("site/dashboard_update_preview.html", form=form, project=project, readers=readers)
    page = render_template("site/dashboard_update.html", form=form, project=project)
    return (page, form.status) if form.errors else page


@pages.get("/cancel")
@pages.post("/cancel")
@members(OF_GROUP)
def cancel(public_id: str) -> Answer:
    """End the project before its deadline, after a page that says what that means."""
    project, form = _launched(public_id, GroupRight.SUBMIT), CancelForm()
    if form.validate_on_submit():
        project_id, reason = project.id, form.reason.data or ""
        with LandingOn(form):
            with unit_of_work() as session:
                cancel_for_group(session, project_id, reason, actor=current_actor(), now=clock.now())
            return redirect(url_for(".show", public_id=public_id), 303)
        project = _launched(public_id, GroupRight.SUBMIT)
    context = {"progress": _standing(project), "possible": can_be_cancelled(project, clock.now())}
    page = render_template("site/dashboard_cancel.html", form=form, project=project, **context)
    return (page, form.status) if form.errors else page


@pages.get("/history")
@members(OF_GROUP)
def tell_history(public_id: str) -> Answer:
    """Tell the project's history as the group may see it."""
    session = db.session()
    project = get_own_project(session, public_id, current_actor())
    page = Page(
        page_number(request.args),
        count_history(session, "project", project.id, internal=False),
        PAGE_SIZE,
        request.path,
    )
    if page.number > page.pages:
        raise NotFound("there is no such page")
    told: dict[str, Any] = {"internal": False, "words": HISTORY_WORDS, "members": member_ids(session, project.group_id)}
    entries = history(session, "project", project.id, offset=page.offset, **told)
    return render_template("site/dashboard_history.html", project=project, entries=entries, page=page)


def _launched(public_id: str, right: GroupRight = GroupRight.SEE) -> Project:
    project = get_own_project(db.session(), public_id, current_actor(), right)
    if project.state not in PUBLIC:
        raise NotFound("a project that is not launched")
    return project


def _standing(project: Project) -> Progress:
    standing = find_standing(db.session(), project.slug)
    assert standing is not None
    return whole_progress(db.session(), standing, clock.now())


def _amount(backer: GroupsBacker) -> str:
    return "not shown" if backer.amount_pence is None else pounds(backer.amount_pence)
