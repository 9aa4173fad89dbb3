"""A project's documents: what is there, add one, remove one, download one."""

from datetime import timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members, signed_in
from crowdfund.accounts.roles import GroupRight, Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.files.cleaning import MEGABYTE
from crowdfund.files.documents import MOST_DOCUMENT_BYTES, MOST_DOCUMENTS, clean_document
from crowdfund.files.queries import read_body
from crowdfund.projects.access import can_edit
from crowdfund.projects.blueprint import OF_GROUP, Answer, own, show_form
from crowdfund.projects.distance import get_project_apart
from crowdfund.projects.models import Project
from crowdfund.projects.papers import TITLES, add_paper, get_paper, get_shelf, list_shelves, remove_paper
from crowdfund.projects.queries import get_own_project
from crowdfund.web.downloads import attached_safely
from crowdfund.web.forms import Form, LandingOn
from crowdfund.web.limits import limit
from crowdfund.web.uploads import LARGEST_UPLOAD, UploadField, uploads_up_to

pages = Blueprint("files", __name__, url_prefix="/apply/projects/<public_id>")
MOST_UPLOADS = 60  # an hour and person


class FileForm(Form):
    """One file."""

    file = UploadField("Choose a file", missing="Choose a file.")


class RemoveForm(Form):
    """Nothing but a button."""


@pages.get("/documents")
@members(OF_GROUP)
def documents(public_id: str) -> Answer:
    """List the documents by what they are for."""
    project, role = own(public_id)
    shelves = list_shelves(db.session(), project)
    by_purpose = {title: [s for s in shelves if s.purpose is purpose] for purpose, title in TITLES.items()}
    context = {"shelves": by_purpose, "changeable": can_edit(project, role), "most": MOST_DOCUMENTS}
    return render_template("projects/documents.html", project=project, **context)


@pages.get("/documents/add/<key>")
@pages.post("/documents/add/<key>")
@members(OF_GROUP)
@uploads_up_to(LARGEST_UPLOAD)
def add(public_id: str, key: str) -> Answer:
    """Take one document."""
    project, form = _editable(public_id), FileForm()
    shelf = get_shelf(db.session(), project, key)
    if form.validate_on_submit():
        with LandingOn(form):
            _keep(project.id, key, form.file)
            return redirect(url_for(".documents", public_id=public_id), 303)
        project = _editable(public_id)
        shelf = get_shelf(db.session(), project, key)
    context = {"shelf": shelf, "title": TITLES[shelf.purpose], "most": MOST_DOCUMENT_BYTES // MEGABYTE}
    return show_form("document_add", form, project=project, **context)


@pages.get("/files/<file_id>/remove")
@pages.post("/files/<file_id>/remove")
@members(OF_GROUP)
def remove(public_id: str, file_id: str) -> Answer:
    """Remove a document, after a page that asks."""
    project, form = _editable(public_id), RemoveForm()
    paper = get_paper(db.session(), project, file_id)
    if form.validate_on_submit():
        project_id = project.id
        with LandingOn(form):
            with unit_of_work() as session:
                remove_paper(session, project_id, file_id, actor=current_actor(), now=clock.now())
            return redirect(url_for(".documents", public_id=public_id), 303)
        project = _editable(public_id)
        paper = get_paper(db.session(), project, file_id)
    return show_form("document_remove", form, project=project, paper=paper)


@pages.get("/files/<file_id>")
@signed_in
def download(public_id: str, file_id: str) -> Response:
    """Send a document to save, to the group and to officers who stand apart from it; everybody else gets a 404."""
    session, project = db.session(), _visible(public_id)
    paper = get_paper(session, project, file_id)
    response = Response(read_body(session, paper.id), mimetype=paper.media_type)
    return attached_safely(response, paper.name)


def _visible(public_id: str) -> Project:
    session, actor = db.session(), current_actor()
    try:
        return get_own_project(session, public_id, actor)
    except NotFound:
        if not actor.may(Right.SEE_PROJECTS):
            raise
    return get_project_apart(session, public_id, actor)


def _editable(public_id: str) -> Project:
    project, role = own(public_id, GroupRight.EDIT)
    permit = can_edit(project, role)
    if not permit and request.method == "GET":
        raise Forbidden(permit.reason)
    return project


def _keep(project_id: int, key: str, field: UploadField) -> None:
    """Clean the file before the change begins: decoding takes a second, and changes wait for each other."""
    actor = current_actor()
    limit("upload", str(actor.person_id), times=MOST_UPLOADS, per=timedelta(hours=1))
    document = clean_document(field.stream, field.sent_name)
    with unit_of_work() as session:
        add_paper(session, project_id, key, document, actor=actor, now=clock.now())
