"""What officers do while a project runs: pause, resume, cancel, and look into concerns."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.checking import concerns
from crowdfund.checking.rules import OUTCOME_WORDS, ConcernOutcome
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.officers.running_forms import CloseForm, ReasonForm, TakeForm
from crowdfund.pledges.queries import find_crowd
from crowdfund.pledges.releasing import can_officer_cancel, cancel_as_officer
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_checkable_project
from crowdfund.projects.rules import WORDS, ProjectState
from crowdfund.projects.running import demand_officer, find_interest, is_past, pause_project, resume_project
from crowdfund.web.forms import LandingOn
from crowdfund.web.paging import Page, page_number

pages = Blueprint("running", __name__, url_prefix="/officers")
Answer = str | BaseResponse | tuple[str, int]
PAGE_SIZE = 25


@pages.get("/projects/<public_id>/pause")
@pages.post("/projects/<public_id>/pause")
@officers(Right.PAUSE_PROJECTS, fresh=True)
def pause(public_id: str) -> Answer:
    """Stop new pledges while something is looked into."""
    return _with_reason(public_id, "pause", pause_project, lambda p: p.state is ProjectState.LIVE)


@pages.get("/projects/<public_id>/resume")
@pages.post("/projects/<public_id>/resume")
@officers(Right.PAUSE_PROJECTS, fresh=True)
def resume(public_id: str) -> Answer:
    """Open a paused project again."""
    return _with_reason(public_id, "resume", resume_project, lambda p: p.state is ProjectState.PAUSED)


@pages.get("/projects/<public_id>/cancel")
@pages.post("/projects/<public_id>/cancel")
@officers(Right.PAUSE_PROJECTS, fresh=True)
def cancel(public_id: str) -> Answer:
    """End a project before it is judged; nobody is charged."""
    return _with_reason(public_id, "cancel", cancel_as_officer, lambda p: can_officer_cancel(p, clock.now()))


@pages.get("/concerns")
@officers(Right.HANDLE_CONCERNS)
def list_concerns() -> Answer:
    """List concerns, the most urgent first."""
    session = db.session()
    page = Page(page_number(request.args), concerns.count_concerns(session), PAGE_SIZE, request.path)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    cases = concerns.list_concerns(session, offset=page.offset, limit=PAGE_SIZE)
    return render_template("officers/concerns.html", cases=cases, page=page, now=clock.now())


@pages.get("/concerns/<public_id>")
@officers(Right.HANDLE_CONCERNS)
def concern(public_id: str) -> Answer:
    """Show one concern: what was written, who has it, and how it ended."""
    return _case_page(concerns.get_case(db.session(), public_id, current_actor()))


@pages.post("/concerns/<public_id>/take")
@officers(Right.HANDLE_CONCERNS)
def take(public_id: str) -> Answer:
    """Take a concern, or take it over."""
    case, form = concerns.get_case(db.session(), public_id, current_actor()), TakeForm()
    concern_id = case.concern.id
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                concerns.take_concern(session, concern_id, form.officer_id, actor=current_actor(), now=clock.now())
            return redirect(url_for(".concern", public_id=public_id), 303)
    return _case_page(concerns.get_case(db.session(), public_id, current_actor()), form), 422


@pages.get("/concerns/<public_id>/close")
@pages.post("/concerns/<public_id>/close")
@officers(Right.HANDLE_CONCERNS)
def close(public_id: str) -> Answer:
    """Answer a concern and close it."""
    case, form = concerns.get_case(db.session(), public_id, current_actor()), CloseForm()
    concern_id = case.concern.id
    if form.validate_on_submit():
        with LandingOn(form):
            ended = ConcernOutcome(form.outcome.data or ""), form.answer.data or ""
            with unit_of_work() as session:
                concerns.close_concern(session, concern_id, *ended, actor=current_actor(), now=clock.now())
            return redirect(url_for(".concern", public_id=public_id), 303)
        case = concerns.get_case(db.session(), public_id, current_actor())
    page = render_template("officers/concern_close.html", form=form, case=case)
    return (page, form.status) if form.errors else page


def _case_page(case: concerns.Case, form: TakeForm | None = None) -> str:
    form = form or TakeForm()
    form.seen.data = str(case.concern.officer_id or "")
    context: dict[str, Any] = {"case": case, "concern": case.concern, "project": case.project, "form": form}
    context |= {"outcomes": OUTCOME_WORDS, "now": clock.now()}
    return render_template("officers/concern.html", me=current_actor().person_id, **context)


def _with_reason(public_id: str, what: str, action: Callable[..., Any], possible: Callable[[Project], bool]) -> Answer:
    project, form = _project(public_id), ReasonForm()
    if not _declared(project):
        return redirect(f"/officers/projects/{public_id}/interest", 303)
    if form.validate_on_submit():
        project_id = project.id
        with LandingOn(form):
            with unit_of_work() as session:
                action(session, project_id, form.reason.data or "", actor=current_actor(), now=clock.now())
            return redirect(f"/officers/projects/{public_id}", 303)
        project = _project(public_id)
    context: dict[str, Any] = {"form": form, "project": project, "possible": possible(project), "state_words": WORDS}
    context |= {"is_late": is_past(project, clock.now()), **_figures(project)}
    page = render_template(f"officers/{what}.html", **context)
    return (page, form.status) if form.errors else page


def _project(public_id: str) -> Project:
    project = get_checkable_project(db.session(), public_id)
    demand_officer(db.session(), project, current_actor())
    return project


def _declared(project: Project) -> bool:
    return find_interest(db.session(), project.id, current_actor().person_id or 0) is not None


def _figures(project: Project) -> dict[str, int]:
    crowd = find_crowd(db.session(), project.id)
    pence = balance_pence(db.session(), AccountKind.PLEDGED, project.id)
    return {"backers": crowd.backers if crowd else 0, "pence": pence}
