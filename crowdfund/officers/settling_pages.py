"""What the pages about settlements share: their blueprint, what they say about a project, and how a form changes it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_checkable_project
from crowdfund.projects.rules import WORDS, ProjectState
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.overview import read_sums
from crowdfund.web.forms import Form, LandingOn

pages = Blueprint("settlements", __name__, url_prefix="/officers/settlements")
Answer = str | BaseResponse | tuple[str, int]
Change = Callable[..., Any]


def change_project(template: str, project: Project, form: Form, change: Change, *states: ProjectState) -> Answer:
    """Show a form that changes a project in one of these states, or make the change and go back to the settlement."""
    project_id, public_id = project.id, project.public_id
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                change(session, project_id, actor=current_actor(), now=clock.now())
            return redirect(url_for(".show", public_id=public_id), 303)
        project = get_checkable_project(db.session(), public_id)
    return form_page(template, project, form, *states)


def form_page(template: str, project: Project, form: Form, *states: ProjectState) -> Answer:
    """Show a form about a project; it is offered only in these states."""
    context = {"form": form, "possible": project.state in states, **about(project)}
    page = render_template(f"officers/settling_{template}.html", **context)
    return (page, form.status) if form.errors else page


def about(project: Project) -> dict[str, Any]:
    """Return what every page about a settlement shows. Raises NotFound where there is none."""
    sums = read_sums(db.session(), project.id)
    return {"project": project, "sums": sums, "settlement": settlement_of(project), "state_words": WORDS}


def settlement_of(project: Project) -> Settlement:
    """Return a project's settlement. Raises NotFound."""
    found = db.session.get(Settlement, project.id)
    if found is None:
        raise NotFound(f"settlement {project.id}")
    return found
