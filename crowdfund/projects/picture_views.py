"""A draft's picture: look at it, choose a photo or a drawing; and the photos themselves, for whoever may see them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.roles import GroupRight, Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.files.cleaning import MEGABYTE, MOST_PHOTO_BYTES, WIDTHS, clean_picture
from crowdfund.files.queries import get_size, read_body
from crowdfund.groups.queries import role_in
from crowdfund.projects.access import can_edit
from crowdfund.projects.blueprint import OF_GROUP, Answer, own, show_form
from crowdfund.projects.distance import get_project_apart
from crowdfund.projects.drafting import save_section
from crowdfund.projects.forms import form_for
from crowdfund.projects.models import Project
from crowdfund.projects.picture_forms import MOST_ALT, DrawingForm, PhotoForm
from crowdfund.projects.pictures import describe_photo, photo_of, picture_mark, set_drawing, set_photo
from crowdfund.projects.queries import find_last_edit, get_shared_project, load_draft
from crowdfund.projects.rules import PUBLIC, Section
from crowdfund.projects.scenes import SCENES, key_of, path_of
from crowdfund.projects.sections import fingerprint, stored
from crowdfund.web.downloads import FOREVER, attached_safely
from crowdfund.web.forms import LandingOn
from crowdfund.web.guards import checked_inside
from crowdfund.web.limits import limit
from crowdfund.web.uploads import LARGEST_UPLOAD, uploads_up_to

pages = Blueprint("pictures", __name__)
MOST_UPLOADS = 60  # an hour and person: each takes a second of our machine


@pages.get("/apply/projects/<public_id>/picture")
@pages.post("/apply/projects/<public_id>/picture")
@members(OF_GROUP)
def choose(public_id: str) -> Answer:
    """Show the picture as it will be cut, and what it can be replaced by; take answers to the council's questions."""
    draft = load_draft(db.session(), _editable(public_id))
    questions = draft.asked(Section.PICTURE)
    answers = {f"answer_{question.public_id}": question.answer for question in questions}
    form = form_for(Section.PICTURE, questions)(data=answers | {"seen": fingerprint(stored(draft, Section.PICTURE))})
    if questions and form.validate_on_submit():
        project_id, seen, values = draft.project.id, form.seen.data or "", form.stored()
        with LandingOn(form):
            with unit_of_work() as session:
                changed: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                save_section(session, project_id, Section.PICTURE, values, seen, **changed)
            return redirect(url_for("projects.home", public_id=public_id, saved=Section.PICTURE.value), 303)
        draft = load_draft(db.session(), _editable(public_id))
        questions = draft.asked(Section.PICTURE)
        form.seen.data = fingerprint(stored(draft, Section.PICTURE))
    context = {"project": draft.project, "questions": questions, "photo": photo_of(draft.project.picture)}
    return show_form("picture", form, **context)


@pages.get("/apply/projects/<public_id>/picture/photo")
@pages.post("/apply/projects/<public_id>/picture/photo")
@members(OF_GROUP)
@uploads_up_to(LARGEST_UPLOAD)
def photo(public_id: str) -> Answer:
    """Take a photo with what it shows and that everyone agreed, or new words for the photo that is there."""
    project = _editable(public_id)
    has_photo = photo_of(project.picture) is not None
    typed = {"seen": picture_mark(project), "alt": project.picture_alt if has_photo else ""}
    form = PhotoForm(has_photo=has_photo, data=typed)
    if form.validate_on_submit():
        with LandingOn(form):
            _keep_photo(project.id, form)
            return redirect(url_for(".choose", public_id=public_id), 303)
        project = _editable(public_id)
    if form.errors:
        form.ask_again()
    limits = {"most": MOST_PHOTO_BYTES // MEGABYTE, "most_alt": MOST_ALT}
    limits["has_photo"] = photo_of(project.picture) is not None
    return show_form("picture_photo", form, project=project, **limits, **_overtaken(form, project))


@pages.get("/apply/projects/<public_id>/picture/drawing")
@pages.post("/apply/projects/<public_id>/picture/drawing")
@members(OF_GROUP)
def drawing(public_id: str) -> Answer:
    """Choose one of the drawings; a photo that was there goes."""
    project = _editable(public_id)
    form = DrawingForm(data={"seen": picture_mark(project), "scene": key_of(project.picture)})
    if form.validate_on_submit():
        project_id, key, seen = project.id, form.scene.data or "", form.seen.data or ""
        with LandingOn(form):
            with unit_of_work() as session:
                set_drawing(session, project_id, key, seen, actor=current_actor(), now=clock.now())
            return redirect(url_for(".choose", public_id=public_id), 303)
        project = _editable(public_id)
    drawings = {"paths": {key: path_of(key) for key in SCENES}, "photo": photo_of(project.picture)}
    return show_form("picture_drawing", form, project=project, **drawings, **_overtaken(form, project))


@pages.get("/photos/<public_id>-<int:width>.jpg")
@checked_inside("public with its project; before, its group, officers and the committee's link")
def image(public_id: str, width: int) -> Response:
    """Answer one size of a photo: to everybody and for good once it is public, before to those who may see a draft."""
    session = db.session()
    if width not in WIDTHS:
        raise NotFound(f"no photo is {width} wide")
    size = get_size(session, public_id, width)
    project = session.get(Project, int(size.subject.partition(":")[2]))
    if project is None or photo_of(project.picture) != public_id:
        raise NotFound(f"photo {public_id}")
    is_public = project.state in PUBLIC
    if not is_public:
        _refuse_strangers(project)
    response = attached_safely(Response(mimetype=size.media_type))
    response.headers["Cache-Control"] = FOREVER if is_public else "no-store"
    response.set_etag(f"{public_id}-{size.width}")
    response.last_modified = size.uploaded_at
    if is_public and request.if_none_match.contains(f"{public_id}-{size.width}"):
        response.status_code = 304
        return response
    response.set_data(read_body(session, size.id))
    return response


def _refuse_strangers(project: Project) -> None:
    """Raise NotFound for everybody but the group, officers who see projects, and the committee by its link."""
    session, actor = db.session(), current_actor()
    if key := request.args.get("key"):
        get_shared_project(session, project.public_id, key)
    elif role_in(session, project.group_id, actor.person_id) is None:
        if not actor.may(Right.SEE_PROJECTS):
            raise NotFound(f"project {project.public_id}")
        get_project_apart(session, project.public_id, actor)


def _editable(public_id: str) -> Project:
    project, role = own(public_id, GroupRight.EDIT)
    permit = can_edit(project, role)
    # What was sent is answered on its own page, so that nothing is lost.
    if not permit and request.method == "GET":
        raise Forbidden(permit.reason)
    return project


def _keep_photo(project_id: int, form: PhotoForm) -> None:
    """Clean the photo before the change begins: decoding takes a second, and changes wait for each other."""
    actor, alt, seen = current_actor(), form.alt.data or "", form.seen.data or ""
    sizes = []
    if form.photo.data is not None:
        limit("upload", str(actor.person_id), times=MOST_UPLOADS, per=timedelta(hours=1))
        sizes = clean_picture(form.photo.stream)
    with unit_of_work() as session:
        if sizes:
            set_photo(session, project_id, sizes, alt, seen, actor=actor, now=clock.now())
        else:
            describe_photo(session, project_id, alt, seen, actor=actor, now=clock.now())


def _overtaken(form: PhotoForm | DrawingForm, project: Project) -> dict[str, Any]:
    """Return who changed the picture meanwhile, and have the form carry what its writer sees now."""
    mark, seen = picture_mark(project), form.seen.data
    form.seen.data = mark
    overtaken = form.is_submitted() and seen != mark
    return {"edit": find_last_edit(db.session(), project.id, Section.PICTURE) if overtaken else None}
