"""One project on the officers' desk: declaration of interest, answers beside facts, checklist, notes, history."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from flask import current_app, redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.history import PAGE_SIZE, count_history, history
from crowdfund.accounts.roles import Right
from crowdfund.accounts.signing_in import local_path
from crowdfund.checking.access import can_answer_points, can_check, can_decide
from crowdfund.checking.actions import declare_interest, write_note
from crowdfund.checking.fact_finding import check_facts
from crowdfund.checking.facts import FACT_WORDS
from crowdfund.checking.material import linked
from crowdfund.checking.points import Stale, answer_points
from crowdfund.checking.queries import find_check, list_answers, list_facts, list_notes, list_points
from crowdfund.checking.rules import FINDING_WORDS, OUTCOMES, Finding
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.queries import find_interest
from crowdfund.files.queries import list_files
from crowdfund.officers.blueprint import Answer, apart, pages
from crowdfund.officers.checklist_form import PointsForm, points_form
from crowdfund.officers.forms import InterestForm, NoteForm, PlainForm
from crowdfund.projects.answers import answers_of
from crowdfund.projects.distance import Distance, distance_of
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.queries import find_division_name, get_checkable_project, load_draft
from crowdfund.projects.rules import WORDS
from crowdfund.projects.sections import Draft
from crowdfund.settlement.history_words import HISTORY_WORDS
from crowdfund.web.forms import LandingOn
from crowdfund.web.paging import Page, page_number

CLEAR = Distance("", has_interest=False)  # where the gate stands before a page
TONES = {Finding.OK: "good", Finding.LOOK: "warm", Finding.UNKNOWN: "plain"}


@pages.get("/officers/projects/<public_id>/interest")
@pages.post("/officers/projects/<public_id>/interest")
@officers(Right.SEE_PROJECTS)
def interest(public_id: str) -> Answer:
    """Ask for a declaration of interest before anything of the project is shown; it can be declared anew."""
    me, form, leads_to = current_actor().person_id or 0, InterestForm(), request.args.get("next", "")
    project = get_checkable_project(db.session(), public_id)
    project_id = project.id
    distance = distance_of(db.session(), project_id, me)
    if request.method == "POST" and distance.tie:
        raise Forbidden(distance.tie)
    if form.validate_on_submit():
        declared = bool(form.has_interest.answer), form.statement.data or ""
        with LandingOn(form):
            with unit_of_work() as session:
                declare_interest(session, project_id, *declared, actor=current_actor(), now=clock.now())
            stays = url_for(".interest" if declared[0] else ".show", public_id=public_id)
            return redirect(stays if declared[0] or not leads_to else local_path(leads_to), 303)
        project = get_checkable_project(db.session(), public_id)
    before = find_interest(db.session(), f"project:{project_id}", me)
    context: dict[str, Any] = {"project": project, "tie": distance.tie, "before": before, "leads_to": leads_to or None}
    page = render_template("officers/interest.html", form=form, **context)
    return (page, form.status) if form.errors else page


@pages.get("/officers/projects/<public_id>")
@officers(Right.SEE_PROJECTS)
@apart
def show(project: Project) -> Answer:
    """Show the group's answers beside the facts, and what can be done."""
    session, actor = db.session(), current_actor()
    check = find_check(session, project.id)
    draft = load_draft(session, project)
    division = find_division_name(session, project.division_code)
    context: dict[str, Any] = {
        "editable": False,
        "sections": answers_of(draft, division),
        "facts": list_facts(session, project.id),
        "fact_words": FACT_WORDS,
        "finding_words": FINDING_WORDS,
        "tones": TONES,
        "check": check,
        "state_words": WORDS,
        "now": clock.now(),
        "papers": list_files(session, f"project:{project.id}", *(f"line:{line.id}" for line in _lines(draft))),
        "may_check": can_check(actor, CLEAR),
        "may_pause": actor.may(Right.PAUSE_PROJECTS),
        "may_decide": can_decide(actor, CLEAR, project),
        "linked": linked,
        "outcomes": OUTCOMES,
        "form": PlainForm(),
    }
    return render_template("officers/project.html", project=project, **context)


@pages.post("/officers/projects/<public_id>/facts")
@officers(Right.CHECK_PROJECTS)
@apart
def run_facts(project: Project) -> Answer:
    """Run the automatic checks again."""
    project_id, public_id = project.id, project.public_id
    with unit_of_work() as session:
        quotes = int(current_app.config["QUOTE_ABOVE_PENCE"])
        check_facts(session, project_id, quotes, actor=current_actor(), now=clock.now())
    return redirect(url_for(".show", public_id=public_id, _anchor="facts"), 303)


@pages.get("/officers/projects/<public_id>/checklist")
@officers(Right.SEE_PROJECTS)
@apart
def checklist(project: Project) -> Answer:
    """Show the checklist with the answers so far."""
    form = points_form(list_points(db.session(), project, project.group))
    form.show(list_answers(db.session(), project.id))
    return _checklist_page(project, form)


@pages.post("/officers/projects/<public_id>/checklist")
@officers(Right.CHECK_PROJECTS)
@apart
def answer_checklist(project: Project) -> Answer:
    """Save what was changed; what another officer changed meanwhile is shown, never overwritten."""
    project_id, public_id = project.id, project.public_id
    form = points_form(list_points(db.session(), project, project.group))
    if form.validate_on_submit():
        typed = form.typed
        with LandingOn(form):
            try:
                with unit_of_work() as session:
                    answer_points(session, project_id, typed, actor=current_actor(), now=clock.now())
            except Stale as stale:
                form.land(stale, list_answers(db.session(), project_id))
                raise
            return redirect(url_for(".checklist", public_id=public_id, saved=1), 303)
        project = get_checkable_project(db.session(), public_id)
    return _checklist_page(project, form), form.status


@pages.get("/officers/projects/<public_id>/notes")
@officers(Right.SEE_PROJECTS)
@apart
def notes(project: Project) -> Answer:
    """Show the notes among officers."""
    return _notes_page(project, NoteForm())


@pages.post("/officers/projects/<public_id>/notes")
@officers(Right.CHECK_PROJECTS)
@apart
def add_note(project: Project) -> Answer:
    """Write a note that the group never sees."""
    form, project_id, public_id = NoteForm(), project.id, project.public_id
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                write_note(session, project_id, form.body.data or "", actor=current_actor(), now=clock.now())
            return redirect(url_for(".notes", public_id=public_id), 303)
        project = get_checkable_project(db.session(), public_id)
    return _notes_page(project, form), form.status


@pages.get("/officers/projects/<public_id>/history")
@officers(Right.SEE_PROJECTS)
@apart
def tell_history(project: Project) -> Answer:
    """Tell everything that happened to the project, what only officers see included."""
    session = db.session()
    total = count_history(session, "project", project.id, internal=True)
    page = Page(page_number(request.args), total, PAGE_SIZE, request.path)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    told: dict[str, Any] = {"internal": True, "words": HISTORY_WORDS, "offset": page.offset}
    entries = history(session, "project", project.id, **told)
    return render_template("officers/history.html", project=project, entries=entries, page=page)


def _lines(draft: Draft) -> Iterable[ProjectLine]:
    return chain.from_iterable(draft.lines.values())


def _checklist_page(project: Project, form: PointsForm) -> str:
    permit = can_answer_points(current_actor(), CLEAR, project)
    saved = "saved" in request.args and not form.is_submitted()
    return render_template("officers/checklist.html", form=form, project=project, permit=permit, saved=saved)


def _notes_page(project: Project, form: NoteForm) -> str:
    permit = can_check(current_actor(), CLEAR)
    written = list_notes(db.session(), project.id)
    return render_template("officers/notes.html", form=form, project=project, notes=written, permit=permit)
