"""Sending a project back with questions, and deciding about it: one decision per page."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.checking.access import can_ask, can_decide
from crowdfund.checking.actions import ask_group
from crowdfund.checking.deciding import Verdict, decide_project, find_obstacles
from crowdfund.checking.queries import find_check
from crowdfund.checking.rules import CHECKED_WITHIN, OUTCOMES, Outcome
from crowdfund.core import clock
from crowdfund.core.clock import LONDON
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.officers.blueprint import Answer, apart, pages
from crowdfund.officers.forms import MOST_QUESTIONS, DecisionForm, QuestionsForm
from crowdfund.places.calendar import working_days_after
from crowdfund.projects.distance import Distance
from crowdfund.projects.fields import typed_day
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_checkable_project, list_questions
from crowdfund.projects.rules import SECTION_WORDS, WORDS
from crowdfund.web.forms import LandingOn

CLEAR = Distance("", has_interest=False)  # the gate stands before every page here
NEXT_DAY = timedelta(days=1)


@pages.get("/officers/projects/<public_id>/questions")
@officers(Right.SEE_PROJECTS)
@apart
def questions(project: Project) -> Answer:
    """Show what was asked and answered, and a form for questions while the project lies with the council."""
    form = QuestionsForm()
    today = clock.now().astimezone(LONDON).date()
    form.due_on.data = typed_day(working_days_after(today, CHECKED_WITHIN))
    return _questions_page(project, form)


@pages.post("/officers/projects/<public_id>/questions")
@officers(Right.CHECK_PROJECTS)
@apart
def ask(project: Project) -> Answer:
    """Make room for another question, show the questions as the group will see them, or send them."""
    form, go, project_id, public_id = QuestionsForm(), request.form.get("go", "preview"), project.id, project.public_id
    if go == "more":
        form.count.data = str(min(form.shown + 1, MOST_QUESTIONS))
        return _questions_page(project, form)
    if go == "change":
        return _questions_page(project, form)
    if form.validate_on_submit():
        if go != "send":
            context: dict[str, Any] = {"section_words": SECTION_WORDS, "due_on": form.due_day}
            return render_template("officers/questions_preview.html", form=form, project=project, **context)
        asked = form.asked, form.due_day
        with LandingOn(form):
            with unit_of_work() as session:
                ask_group(session, project_id, *asked, actor=current_actor(), now=clock.now())
            return redirect(url_for(".questions", public_id=public_id), 303)
        project = get_checkable_project(db.session(), public_id)
    return _questions_page(project, form), form.status


@pages.get("/officers/projects/<public_id>/decision")
@pages.post("/officers/projects/<public_id>/decision")
@officers(Right.DECIDE_PROJECTS, fresh=True)
@apart
def decision(project: Project) -> Answer:
    """Accept or decline, after a page that repeats what is decided and what stands in the way."""
    form, project_id, public_id = DecisionForm(), project.id, project.public_id
    if form.validate_on_submit():
        verdict = Verdict(Outcome(form.outcome.data or ""), form.rests_on, form.reason.data or "")
        with LandingOn(form):
            seen = form.seen_version
            with unit_of_work() as session:
                decide_project(session, project_id, verdict, seen, actor=current_actor(), now=clock.now())
            return redirect(url_for(".show", public_id=public_id), 303)
        project = get_checkable_project(db.session(), public_id)
    page = _decision_page(project, form)
    return (page, form.status) if form.errors else page


def _questions_page(project: Project, form: QuestionsForm) -> str:
    context: dict[str, Any] = {"asked": list_questions(db.session(), project.id), "section_words": SECTION_WORDS}
    context |= {"permit": can_ask(current_actor(), CLEAR, project), "most": MOST_QUESTIONS}
    return render_template("officers/questions.html", form=form, project=project, **context)


def _decision_page(project: Project, form: DecisionForm) -> str:
    session = db.session()
    check, obstacles = find_check(session, project.id), find_obstacles(session, project, project.group)
    # What the page shows is what the next decision rests on.
    form.version.data = str(check.check.version) if check else "0"
    if obstacles and form.outcome.data != Outcome.ACCEPTED:
        form.outcome.choices = [SelectChoice(Outcome.DECLINED.value, OUTCOMES[Outcome.DECLINED])]
    permit = can_decide(current_actor(), CLEAR, project)
    context: dict[str, Any] = {"project": project, "obstacles": obstacles, "permit": permit, "state_words": WORDS}
    return render_template("officers/decision.html", form=form, **context)
