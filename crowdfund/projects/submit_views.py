"""From the check of one's answers to the launch: declaration, confirmation, second signatory, withdrawal, launch."""

from typing import Any

from flask import redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.roles import GroupRight
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.rules import InvitationState
from crowdfund.places.calendar import due_after
from crowdfund.projects.access import can_change_signatory, can_edit, can_launch, can_submit, can_take_up, can_withdraw
from crowdfund.projects.answers import answers_of
from crowdfund.projects.blueprint import OF_GROUP, Answer, link_to, own, pages, show_form, today
from crowdfund.projects.forms import PlainForm
from crowdfund.projects.launching import launch_for_group, obstacles
from crowdfund.projects.models import Project
from crowdfund.projects.queries import count_quotes, find_division_name, find_signatory, load_draft
from crowdfund.projects.rules import BEFORE_LAUNCH, DRAFTING, LineKind, ProjectState, Section
from crowdfund.projects.sections import gaps
from crowdfund.projects.signatory import DECLARATION
from crowdfund.projects.submit_forms import DeclarationForm, SignatoryForm
from crowdfund.projects.submitting import CHECK_DAYS, change_signatory, submit_project, take_up_again, withdraw_project
from crowdfund.projects.tasks import is_complete
from crowdfund.web.forms import LandingOn


@pages.get("/<public_id>/check-answers")
@members(OF_GROUP)
def check_answers(public_id: str) -> Answer:
    """Show every answer with links to change it, and everything that is missing."""
    session = db.session()
    project, role = own(public_id)
    draft = load_draft(session, project)
    counted = count_quotes(session, [*draft.lines[LineKind.COST], *draft.lines[LineKind.OTHER_MONEY]])
    context: dict[str, Any] = {
        "sections": answers_of(draft, find_division_name(session, project.division_code), counted)
    }
    missing = [(section, gap.sentence) for section in Section for gap in gaps(draft, section, today())]
    context |= {"missing": missing if project.state in DRAFTING else [], "group": project.group}
    context |= {"editable": bool(can_edit(project, role)), "submittable": bool(can_submit(project, role))}
    context["in_drafting"] = project.state in DRAFTING
    return render_template("projects/check_answers.html", project=project, **context)


@pages.get("/<public_id>/declaration")
@pages.post("/<public_id>/declaration")
@members(OF_GROUP)
def declaration(public_id: str) -> Answer:
    """Take the declaration for the group and who confirms it, and submit the project."""
    project, role = own(public_id, GroupRight.SUBMIT)
    permit = can_submit(project, role)
    if not permit and request.method == "GET":
        raise Forbidden(permit.reason)
    if request.method == "GET" and not is_complete(load_draft(db.session(), project), today()):
        return redirect(url_for(".check_answers", public_id=public_id), 303)
    asked = find_signatory(db.session(), project.id)
    form = DeclarationForm(data={"name": asked.name, "email": asked.email} if asked else {})
    if form.validate_on_submit():
        project_id, who = project.id, (form.name.data or "", form.email.data or "")
        with LandingOn(form):
            with unit_of_work() as session:
                submit_project(session, project_id, *who, link_to=link_to, actor=current_actor(), now=clock.now())
            return redirect(url_for(".submitted", public_id=public_id), 303)
        project, _ = own(public_id, GroupRight.SUBMIT)
    return show_form("declaration", form, project=project, group=project.group, declaration=DECLARATION)


@pages.get("/<public_id>/submitted")
@members(OF_GROUP)
def submitted(public_id: str) -> Answer:
    """Confirm that the project was handed in: reference, what happens next and by when. It can be bookmarked."""
    project, _ = own(public_id)
    if project.submitted_at is None or project.state in {ProjectState.DRAFT, ProjectState.WITHDRAWN}:
        return redirect(url_for(".home", public_id=public_id), 303)
    asked = find_signatory(db.session(), project.id)
    due_at = due_after(project.submitted_at, CHECK_DAYS)
    return render_template(
        "projects/submitted.html", project=project, group=project.group, signatory=asked, due_at=due_at
    )


@pages.get("/<public_id>/signatory")
@pages.post("/<public_id>/signatory")
@members(OF_GROUP)
def signatory(public_id: str) -> Answer:
    """Say where the second signatory's answer stands, and ask the same person again or another one."""
    project, role = own(public_id, GroupRight.SUBMIT if request.method == "POST" else GroupRight.SEE)
    asked, permit = find_signatory(db.session(), project.id), can_change_signatory(project, role)
    if request.method == "POST" and not permit:
        return redirect(url_for(".signatory", public_id=public_id), 303)
    form = SignatoryForm(data={"name": asked.name, "email": asked.email} if asked else {})
    if form.validate_on_submit():
        project_id, who = project.id, (form.name.data or "", form.email.data or "")
        with LandingOn(form):
            with unit_of_work() as session:
                change_signatory(session, project_id, *who, link_to=link_to, actor=current_actor(), now=clock.now())
            return redirect(url_for(".signatory", public_id=public_id), 303)
        project, role = own(public_id)
        asked, permit = find_signatory(db.session(), project.id), can_change_signatory(project, role)
    expired = asked is not None and asked.state is InvitationState.OPEN and asked.expires_at <= clock.now()
    context: dict[str, Any] = {"permit": permit, "asked": asked, "state": InvitationState, "expired": expired}
    return show_form("signatory", form, project=project, **context)


@pages.get("/<public_id>/withdraw")
@pages.post("/<public_id>/withdraw")
@members(OF_GROUP)
def withdraw(public_id: str) -> Answer:
    """Take the project back, after one page that says what that means."""
    project, role = own(public_id, GroupRight.SUBMIT)
    if project.state is ProjectState.WITHDRAWN:
        return redirect(url_for(".home", public_id=public_id), 303)
    return _confirm("withdraw", project, can_withdraw(project, role).reason, withdraw_project)


@pages.get("/<public_id>/take-up")
@pages.post("/<public_id>/take-up")
@members(OF_GROUP)
def take_up(public_id: str) -> Answer:
    """Make a withdrawn project a draft again."""
    project, role = own(public_id, GroupRight.SUBMIT)
    if project.state is ProjectState.DRAFT:
        return redirect(url_for(".home", public_id=public_id), 303)
    return _confirm("take_up", project, can_take_up(project, role).reason, take_up_again)


@pages.get("/<public_id>/launch")
@pages.post("/<public_id>/launch")
@members(OF_GROUP)
def launch(public_id: str) -> Answer:
    """Open the checked project for pledges, after one page that says what that means or what stands in the way."""
    project, role = own(public_id, GroupRight.SUBMIT)
    if project.state not in BEFORE_LAUNCH:
        return redirect(url_for(".home", public_id=public_id), 303)
    return _confirm("launch", project, can_launch(project, role).reason, launch_for_group)


def _confirm(template: str, project: Project, closed: str, act: Any) -> Answer:
    """Ask once more, then do it; `closed` says why it cannot be done."""
    form, public_id = PlainForm(), project.public_id
    if closed and request.method == "GET":
        raise Forbidden(closed)
    if form.validate_on_submit():
        project_id = project.id
        with LandingOn(form):
            with unit_of_work() as session:
                act(session, project_id, actor=current_actor(), now=clock.now())
            return redirect(url_for(".home", public_id=public_id), 303)
        project, _ = own(public_id)
    found = obstacles(db.session(), project) if template == "launch" else []
    return show_form(template, form, project=project, obstacles=found)
