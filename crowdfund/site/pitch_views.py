"""A group asks funds for match: choose them, say how much and why, answer their questions, check and send."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.roles import GroupRight, MemberRole
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.matching.access import can_pitch
from crowdfund.matching.choosing import Choice, list_choices
from crowdfund.matching.drafting import answer_questions, ask_sums, choose_funds, chosen, missing
from crowdfund.matching.models import PitchDraft
from crowdfund.matching.pitching import send_pitch
from crowdfund.matching.queries import find_draft, list_offers_of_project
from crowdfund.pledges.qualifying import crowd_facts, list_unqualified
from crowdfund.projects.fields import typed_pounds
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_own_and_role
from crowdfund.site.match_shown import uncounted_words
from crowdfund.site.pitch_forms import FundsForm, questions_form, sums_form
from crowdfund.site.pitch_words import standing_of
from crowdfund.web.forms import Form, LandingOn, VersionForm

pages = Blueprint("pitches", __name__, url_prefix="/apply/projects/<public_id>/match")
Answer = str | BaseResponse | tuple[str, int]
OF_GROUP = "people of the project’s group, through get_own_and_role"


@pages.get("")
@members(OF_GROUP)
def index(public_id: str) -> Answer:
    """Show what the project asked of funds, what happens next and by when."""
    session = db.session()
    project, role = get_own_and_role(session, public_id, current_actor())
    standings = [standing_of(offer, clock.now()) for offer in list_offers_of_project(session, project.id)]
    context: dict[str, Any] = {"standings": standings, "draft": find_draft(session, project.id)}
    context |= {"sent": "sent" in request.args, "may_ask": can_pitch(project, role)}
    if project.launched_at is not None:
        context["qualifying"] = crowd_facts(session, project.id, ()).backers
        context["uncounted"] = uncounted_words(list_unqualified(session, project.id))
    return render_template("site/pitch_index.html", project=project, **context)


@pages.get("/ask")
@pages.post("/ask")
@members(OF_GROUP)
def choose(public_id: str) -> Answer:
    """Choose which funds to ask: those that fit first, the others with what stands against them."""
    project, choices, draft = _writing(public_id)
    form = FundsForm(data={"funds": list(draft.asked) if draft else [], "version": _version(draft)})
    form.offer(choices)
    if form.validate_on_submit():
        given, project_id = (list(form.funds.data or []), form.seen_version), project.id
        with LandingOn(form):
            with unit_of_work() as session:
                choose_funds(session, project_id, *given, actor=current_actor(), now=clock.now())
            return redirect(url_for(".sums", public_id=public_id), 303)
        project, choices, draft = _writing(public_id)
        form.version.data = _version(draft)
    return _form("pitch_choose", form, project, choices=choices)


@pages.get("/ask/sums")
@pages.post("/ask/sums")
@members(OF_GROUP)
def sums(public_id: str) -> Answer:
    """Say how much each chosen fund is asked for, and why."""
    project, choices, draft = _writing(public_id)
    picked = chosen(choices, draft)
    if draft is None or not picked:
        return redirect(url_for(".choose", public_id=public_id), 303)
    typed = {f"sum_{key}": typed_pounds(pence) for key, pence in draft.asked.items()}
    form = sums_form(picked, why=draft.why, version=_version(draft), **typed)
    if form.validate_on_submit():
        given, project_id = (form.sums, form.why.data or "", form.seen_version), project.id
        with LandingOn(form):
            with unit_of_work() as session:
                ask_sums(session, project_id, *given, actor=current_actor(), now=clock.now())
            return redirect(_after(public_id, picked, None), 303)
        project, choices, draft = _writing(public_id)
        form.version.data = _version(draft)
    return _form("pitch_sums", form, project, picked=picked)


@pages.get("/ask/funds/<fund_slug>")
@pages.post("/ask/funds/<fund_slug>")
@members(OF_GROUP)
def questions(public_id: str, fund_slug: str) -> Answer:
    """Answer a chosen fund's own questions."""
    project, choices, draft = _writing(public_id)
    picked = chosen(choices, draft)
    choice = next((one for one in picked if one.fund.slug == fund_slug), None)
    if draft is None or choice is None:
        raise NotFound(f"fund {fund_slug}")
    typed = {f"q_{key}": words for key, words in draft.answers.get(choice.key, {}).items()}
    form = questions_form(choice, version=_version(draft), **typed)
    if form.validate_on_submit():
        given, project_id = (choice.key, form.answers, form.seen_version), project.id
        with LandingOn(form):
            with unit_of_work() as session:
                answer_questions(session, project_id, *given, actor=current_actor(), now=clock.now())
            return redirect(_after(public_id, picked, choice), 303)
        project, choices, draft = _writing(public_id)
        form.version.data = _version(draft)
    return _form("pitch_questions", form, project, choice=choice)


@pages.get("/ask/check")
@pages.post("/ask/check")
@members(OF_GROUP)
def check(public_id: str) -> Answer:
    """Check the answers, and send them to every fund that was chosen."""
    right = GroupRight.SUBMIT if request.method == "POST" else GroupRight.EDIT
    project, role = _own(public_id, right)
    draft, form = find_draft(db.session(), project.id), VersionForm()
    if form.validate_on_submit():
        seen, project_id = form.seen_version, project.id
        with LandingOn(form):
            with unit_of_work() as session:
                send_pitch(session, project_id, seen, actor=current_actor(), now=clock.now())
            return redirect(url_for(".index", public_id=public_id, sent=1), 303)
        project, role = _own(public_id, right)
        draft = find_draft(db.session(), project.id)
    form.version.data = _version(draft)
    picked = chosen(list_choices(db.session(), project, clock.now()), draft)
    lacking = missing(picked, draft) if draft else []
    may_send = can_pitch(project, role, GroupRight.SUBMIT)
    return _form("pitch_check", form, project, picked=picked, draft=draft, lacking=lacking, may_send=may_send)


def _writing(public_id: str, right: GroupRight = GroupRight.EDIT) -> tuple[Project, list[Choice], PitchDraft | None]:
    """Return the project, every fund and the draft, to somebody who may write. Raises NotFound and Forbidden."""
    project, _ = _own(public_id, right)
    return project, list_choices(db.session(), project, clock.now()), find_draft(db.session(), project.id)


def _own(public_id: str, right: GroupRight) -> tuple[Project, MemberRole | None]:
    project, role = get_own_and_role(db.session(), public_id, current_actor(), right)
    permit = can_pitch(project, role, right)
    # What was typed is answered on its own page, so that it is not lost.
    if not permit and request.method == "GET":
        raise Forbidden(permit.reason)
    return project, role


def _version(draft: PitchDraft | None) -> str:
    return str(draft.version if draft else 0)


def _after(public_id: str, picked: list[Choice], done: Choice | None) -> str:
    """Return where to go on: the next fund with questions of its own, else the answers to check."""
    rest = picked[picked.index(done) + 1 :] if done else picked
    following = next((one for one in rest if one.terms.questions), None)
    if following is None:
        return url_for(".check", public_id=public_id)
    return url_for(".questions", public_id=public_id, fund_slug=following.fund.slug)


def _form(template: str, form: Form, project: Project, **context: Any) -> Answer:
    page = render_template(f"site/{template}.html", form=form, project=project, **context)
    return (page, form.status) if form.errors else page
