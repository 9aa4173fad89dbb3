"""Officers look at who counts for a project's match, and set a pledge aside or take that back, with a reason."""

from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.matching.access import can_see
from crowdfund.matching.queries import list_offers_of_project
from crowdfund.officers.backer_forms import AsideForm
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.queries import find_pledge
from crowdfund.pledges.rules import COUNTING, public_name
from crowdfund.pledges.setting_aside import OPEN, can_judge_backers, is_set_aside, set_aside
from crowdfund.pledges.suspicious import list_judged, patterns
from crowdfund.projects.distance import UNDECLARED
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_checkable_project
from crowdfund.web.forms import LandingOn

pages = Blueprint("backers", __name__, url_prefix="/officers/projects/<public_id>/backers")
Answer = str | BaseResponse | tuple[str, int]


@pages.get("")
@officers(Right.SEE_DESK)
def index(public_id: str) -> Answer:
    """Show the patterns to look at, and every pledge that does not count for match with why."""
    project = get_checkable_project(db.session(), public_id)
    if (elsewhere := _gate(project)) is not None:
        return elsewhere
    pledges = list_judged(db.session(), project.id)
    context = {
        "found": patterns(pledges, project.target_pence),
        "uncounted": [one for one in pledges if one.why],
        "total": len(pledges),
        "may_change": project.state in OPEN,
    }
    return render_template("officers/backer_list.html", project=project, **context)


@pages.get("/<pledge_id>")
@pages.post("/<pledge_id>")
@officers(Right.SEE_DESK)
def aside(public_id: str, pledge_id: str) -> Answer:
    """Ask for the reason to set a pledge aside, or to take that back."""
    project = get_checkable_project(db.session(), public_id)
    if (elsewhere := _gate(project)) is not None:
        return elsewhere
    pledge = _found(project, pledge_id)
    form, is_aside, row_id = AsideForm(), is_set_aside(db.session(), pledge.id), pledge.id
    if form.validate_on_submit():
        with LandingOn(form):
            change = partial(set_aside, is_aside=form.wish.data == "aside", actor=current_actor(), now=clock.now())
            with unit_of_work() as session:
                change(session, row_id, form.reason.data or "")
            return redirect(url_for(".index", public_id=public_id), 303)
        project = get_checkable_project(db.session(), public_id)
        pledge = _found(project, pledge_id)
    form.wish.data = "back" if is_aside else "aside"
    context = {"is_aside": is_aside, "name": public_name(pledge.backer_name or "")}
    page = render_template("officers/backer_aside.html", form=form, project=project, pledge=pledge, **context)
    return (page, form.status) if form.errors else page


def _found(project: Project, pledge_id: str) -> Pledge:
    pledge = find_pledge(db.session(), pledge_id)
    if pledge is None or pledge.project_id != project.id or pledge.state not in COUNTING:
        raise NotFound(f"pledge {pledge_id}")
    return pledge


def _gate(project: Project) -> BaseResponse | None:
    """Lead an officer who declared nothing yet to the declaration; raise for whoever may not see this at all."""
    session, actor = db.session(), current_actor()
    permit = can_judge_backers(session, project.id, actor)
    if permit:
        return None
    if permit.reason != UNDECLARED:
        raise Forbidden(permit.reason)
    if actor.may(Right.CHECK_PROJECTS):
        return redirect(url_for("desk.interest", public_id=project.public_id, next=request.path), 303)
    offers = list_offers_of_project(session, project.id)
    offer = next(one for one in offers if can_see(actor, one.fund.funder_id))
    return redirect(url_for("matches.interest", public_id=offer.public_id, next=request.path), 303)
