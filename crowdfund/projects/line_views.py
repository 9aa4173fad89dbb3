"""The lists of a draft: a page with the lines and their sum, and one page each to add, change or remove a line."""

from typing import Any

from flask import current_app, redirect, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.roles import GroupRight
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.access import can_edit
from crowdfund.projects.blueprint import OF_GROUP, Answer, own, pages, section_of, show_form
from crowdfund.projects.forms import PlainForm
from crowdfund.projects.line_forms import LINE_FORMS, LineForm
from crowdfund.projects.lines import add_line, change_line, list_mark, remove_line
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.overtaken import theirs
from crowdfund.projects.queries import count_quotes, find_last_edit, find_line, list_lines
from crowdfund.projects.rules import LineKind, Section
from crowdfund.projects.section_form import SectionForm
from crowdfund.projects.sections import LISTS, SECTION_OF, Draft, fingerprint, line_values
from crowdfund.web.forms import LandingOn

ADD_WORDS = {
    Section.COSTS: "Add a cost",
    Section.OTHER_MONEY: "Add money",
    Section.GIFTS: "Add what a gift buys",
    Section.MILESTONES: "Add a step",
    Section.HELP_WANTED: "Add what help you want",
}


def show_list(form: SectionForm, draft: Draft, section: Section, context: dict[str, Any]) -> Answer:
    """Show the lines of a section with their sum, and what the council asks about it."""
    kind = LISTS[section]
    lines = draft.lines[kind]
    context |= {"lines": lines, "kind": kind, "total": draft.total(kind), "add_words": ADD_WORDS[section]}
    context |= {"quotes": count_quotes(db.session(), lines), "costs": draft.total(LineKind.COST)}
    context |= {"confirmed": draft.total(LineKind.OTHER_MONEY, confirmed_only=True)}
    context["quote_above_pence"] = current_app.config["QUOTE_ABOVE_PENCE"]
    return show_form("list", form, **context)


@pages.get("/<public_id>/<section>/add")
@pages.post("/<public_id>/<section>/add")
@members(OF_GROUP)
def add(public_id: str, section: str) -> Answer:
    """Take one more line."""
    which = section_of(section)
    if which not in LISTS:
        raise NotFound(f"section {section} is no list")
    project = _editable(public_id)
    kind = LISTS[which]
    form = LINE_FORMS[kind](data={"seen": list_mark(list_lines(db.session(), project.id)[kind])})
    if form.validate_on_submit():
        project_id, text, seen = project.id, form.text(), form.seen.data or ""
        with LandingOn(form):
            with unit_of_work() as session:
                add_line(session, project_id, kind, text, seen, actor=current_actor(), now=clock.now())
            return redirect(url_for(".section", public_id=public_id, section=section), 303)
        project = _editable(public_id)
    action = url_for(".add", public_id=public_id, section=section)
    return _show_line(form, project, which, action, ADD_WORDS[which])


@pages.get("/<public_id>/lines/<int:line_id>")
@pages.post("/<public_id>/lines/<int:line_id>")
@members(OF_GROUP)
def line(public_id: str, line_id: int) -> Answer:
    """Change a line; where somebody else removed it meanwhile, what was typed can be added as a new one."""
    project = _editable(public_id)
    held = find_line(db.session(), project.id, line_id)
    if held is None:
        return _offer_again(project)
    section, kind = SECTION_OF[held.kind], LINE_FORMS[held.kind]
    form = kind(data=kind.typed(held) | {"seen": fingerprint(line_values(held))})
    if form.validate_on_submit():
        project_id, text, seen = project.id, form.text(), form.seen.data or ""
        with LandingOn(form):
            with unit_of_work() as session:
                change_line(session, project_id, line_id, text, seen, actor=current_actor(), now=clock.now())
            return redirect(url_for(".section", public_id=public_id, section=section.value), 303)
        project = _editable(public_id)
        held = find_line(db.session(), project.id, line_id)
        if held is None:
            return _offer_again(project)
    return _show_held(form, project, held)


@pages.get("/<public_id>/lines/<int:line_id>/remove")
@pages.post("/<public_id>/lines/<int:line_id>/remove")
@members(OF_GROUP)
def remove(public_id: str, line_id: int) -> Answer:
    """Remove a line, after one page that shows it as it stands."""
    project = _editable(public_id)
    held = find_line(db.session(), project.id, line_id)
    if held is None:
        return redirect(url_for(".home", public_id=public_id), 303)
    form = PlainForm()
    section = SECTION_OF[held.kind]
    if form.validate_on_submit():
        project_id, seen = project.id, request.form.get("seen", "")
        with LandingOn(form):
            with unit_of_work() as session:
                remove_line(session, project_id, line_id, seen, actor=current_actor(), now=clock.now())
            return redirect(url_for(".section", public_id=public_id, section=section.value), 303)
        project = _editable(public_id)
        held = find_line(db.session(), project.id, line_id)
        if held is None:
            return redirect(url_for(".section", public_id=public_id, section=section.value), 303)
    seen = fingerprint(line_values(held))
    return show_form("remove_line", form, project=project, line=held, section=section, seen=seen)


def _editable(public_id: str) -> Project:
    project, role = own(public_id, GroupRight.EDIT)
    permit = can_edit(project, role)
    if not permit and request.method == "GET":
        raise Forbidden(permit.reason)
    return project


def _show_held(form: LineForm, project: Project, held: ProjectLine) -> Answer:
    section, mark = SECTION_OF[held.kind], fingerprint(line_values(held))
    beside, edit = [], None
    if form.is_submitted() and form.seen.data != mark:
        beside = theirs(form, form.typed(held))
        edit = find_last_edit(db.session(), project.id, section)
    form.seen.data = mark
    action = url_for(".line", public_id=project.public_id, line_id=held.id)
    return _show_line(form, project, section, action, "Change this line", theirs=beside, edit=edit)


def _show_line(form: LineForm, project: Project, section: Section, action: str, title: str, **beside: Any) -> Answer:
    back = url_for(".section", public_id=project.public_id, section=section.value)
    context: dict[str, Any] = {"theirs": [], "edit": None, "line_kind": LISTS[section], **beside}
    return show_form("line", form, project=project, section=section, action=action, back=back, title=title, **context)


def _offer_again(project: Project) -> Answer:
    """Answer a change to a line that is gone: what was typed stands ready to be added anew."""
    kind = next((kind for kind, form in LINE_FORMS.items() if request.form.get("line_kind") == kind.value), None)
    if request.method == "GET" or kind is None:
        raise NotFound("line")
    form = LINE_FORMS[kind]()
    form.validate()
    form.seen.data = list_mark(list_lines(db.session(), project.id)[kind])
    section = SECTION_OF[kind]
    edit = find_last_edit(db.session(), project.id, section)
    who = edit.who if edit else "Somebody"
    form.stop(422, f"{who} removed this line while you were writing. You can add yours as a new one.")
    action = url_for(".add", public_id=project.public_id, section=section.value)
    return _show_line(form, project, section, action, ADD_WORDS[section])
