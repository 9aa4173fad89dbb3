"""The launch kit of a project: asks, words to share, a poster to print, and the QR code of its page."""

from typing import Any

from flask import Blueprint, Response, current_app, render_template, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_own_project, get_public_project
from crowdfund.projects.rules import PUBLIC, ProjectState
from crowdfund.site.launch_kit import first_asks, qr_drawing, qr_file, share_texts
from crowdfund.web.downloads import attached_safely
from crowdfund.web.guards import anyone

pages = Blueprint("kit", __name__)
OF_GROUP = "people of the project’s group, through get_own_project"
_A_DAY = "public, max-age=86400"


@pages.get("/apply/projects/<public_id>/launch-kit")
@members(OF_GROUP)
def show(public_id: str) -> str:
    """Show whom to ask first, what to share and the poster."""
    project = _ready(public_id)
    address = _address(project)
    context: dict[str, Any] = {"address": address, "texts": share_texts(project, address)}
    context |= {"asks": first_asks(db.session(), project.id), "launched": project.state in PUBLIC}
    return render_template("site/launch_kit.html", project=project, **context)


@pages.get("/apply/projects/<public_id>/launch-kit/print")
@members(OF_GROUP)
def poster(public_id: str) -> str:
    """Show the poster: one page of A4."""
    project = _ready(public_id)
    address = _address(project)
    context: dict[str, Any] = {"address": address, "spoken": address.partition("://")[2], "code": qr_drawing(address)}
    return render_template("site/launch_kit_print.html", project=project, launched=project.state in PUBLIC, **context)


@pages.get("/projects/<slug>/qr.svg")
@anyone("the address of a public page, as a picture")
def code(slug: str) -> Response:
    """Answer the QR code of a public project's page."""
    response = Response(qr_file(_address(get_public_project(db.session(), slug))), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = _A_DAY
    return attached_safely(response)


def _ready(public_id: str) -> Project:
    """Return a project that is ready or was launched. Raises NotFound for strangers and for drafts."""
    project = get_own_project(db.session(), public_id, current_actor())
    if project.state not in PUBLIC | {ProjectState.READY}:
        raise NotFound("a project that is not ready to launch")
    return project


def _address(project: Project) -> str:
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + url_for("site.project", slug=project.slug)
