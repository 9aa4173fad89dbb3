"""The officers' desk as one set of pages, and the gate before every page of a project."""

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden
from crowdfund.projects.distance import distance_of
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_checkable_project

pages = Blueprint("desk", __name__)
Answer = str | BaseResponse | tuple[str, int]


def first_declare(project: Project, back: str = "") -> BaseResponse | None:
    """Lead an officer who declared nothing about a project to the declaration, and then back to this page or another.

    None for everybody else. Raises Forbidden for an officer who does not stand apart.
    """
    distance = distance_of(db.session(), project.id, current_actor().person_id or 0)
    if distance.refusal:
        raise Forbidden(distance.refusal)
    if distance.is_clear:
        return None
    return redirect(url_for("desk.interest", public_id=project.public_id, next=back or request.path), 303)


def apart(view: Callable[[Project], Answer]) -> Callable[[str], Answer]:
    """Give a view the project it is about, once the officer declared to have no interest in it.

    Who declared nothing yet is led to the declaration. Raises NotFound, and Forbidden for an officer who does not
    stand apart.
    """

    @wraps(view)
    def guarded(public_id: str) -> Answer:
        session = db.session()
        project = get_checkable_project(session, public_id)
        distance = distance_of(session, project.id, current_actor().person_id or 0)
        is_first_page = request.endpoint == "desk.show"
        if distance.refusal and not is_first_page:
            raise Forbidden(distance.refusal)
        if not distance.is_clear:
            return redirect(url_for("desk.interest", public_id=public_id), 303)
        return view(project)

    return guarded
