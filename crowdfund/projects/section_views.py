"""One page for each section of a draft: shown, saved on every Continue, and never over somebody else's text."""

from typing import Any

from flask import redirect, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.roles import GroupRight
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.placing import district_for
from crowdfund.places.queries import list_districts
from crowdfund.projects.access import can_edit
from crowdfund.projects.blueprint import OF_GROUP, Answer, own, pages, section_of, show_form
from crowdfund.projects.drafting import save_section
from crowdfund.projects.fields import offer
from crowdfund.projects.forms import UNKNOWN, PlaceForm, form_for
from crowdfund.projects.line_views import show_list
from crowdfund.projects.models import Project
from crowdfund.projects.overtaken import theirs
from crowdfund.projects.queries import find_last_edit, list_divisions, load_draft
from crowdfund.projects.rules import SECTION_WORDS, LineKind, Section
from crowdfund.projects.section_form import SectionForm
from crowdfund.projects.sections import LISTS, Draft, fingerprint, stored
from crowdfund.web.forms import LandingOn


@pages.get("/<public_id>/<section>")
@pages.post("/<public_id>/<section>")
@members(OF_GROUP)
def section(public_id: str, section: str) -> Answer:
    """Show a section and save it; lists show their lines, and take only answers to the council's questions."""
    which = section_of(section)
    if which is Section.PICTURE:
        raise NotFound("the picture has pages of its own")
    project, draft = _open(public_id)
    form = _form(which, draft)
    if form.validate_on_submit():
        project_id, seen, values = project.id, form.seen.data or "", form.stored()
        with LandingOn(form):
            with unit_of_work() as session:
                save_section(session, project_id, which, values, seen, actor=current_actor(), now=clock.now())
            return redirect(url_for(".home", public_id=public_id, saved=which.value), 303)
        project, draft = _open(public_id)
    return _show(form, which, draft)


def _open(public_id: str) -> tuple[Project, Draft]:
    project, role = own(public_id, GroupRight.EDIT)
    permit = can_edit(project, role)
    # What was typed is answered on its own page, so that it is not lost.
    if not permit and request.method == "GET":
        raise Forbidden(permit.reason)
    return project, load_draft(db.session(), project)


def _form(which: Section, draft: Draft) -> SectionForm:
    questions = draft.asked(which)
    kind = form_for(which, questions)
    answers = {f"answer_{question.public_id}": question.answer for question in questions}
    form = kind(data=kind.typed(draft) | answers | {"seen": fingerprint(stored(draft, which))})
    if isinstance(form, PlaceForm):
        _offer_places(form, draft.project)
    return form


def _offer_places(form: PlaceForm, project: Project) -> None:
    """Offer the divisions of the district in which the typed postcode lies."""
    session = db.session()
    districts = list_districts(session)
    form.district_code.choices = offer("Choose a district", [(one.code, one.name) for one in districts])
    try:
        code = district_for(session, form.postcode.data or "", form.district_code.data or "")
    except Refused:
        code = project.district_code
    name = next((one.name for one in districts if one.code == code), "this district")
    form.division.choices = offer("Choose a division", [(UNKNOWN, "I do not know"), *list_divisions(session, code)])
    form.division.label.text = f"Electoral division in {name}"


def _show(form: SectionForm, which: Section, draft: Draft) -> Answer:
    session, project = db.session(), draft.project
    context: dict[str, Any] = {"project": project, "section": which, "title": SECTION_WORDS[which]}
    context |= {"questions": draft.asked(which), "kinds": LineKind, "theirs": [], "edit": None}
    mark = fingerprint(stored(draft, which))
    if form.is_submitted() and form.seen.data != mark:
        answers = {f"answer_{question.public_id}": question.answer for question in draft.asked(which)}
        context["theirs"] = theirs(form, form.typed(draft) | answers)
        context["edit"] = find_last_edit(session, project.id, which)
    form.seen.data = mark
    if which in LISTS:
        return show_list(form, draft, which, context)
    return show_form("section", form, draft=draft, **context)
