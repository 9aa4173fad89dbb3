"""Applications on the desk: declaring, one beside the facts, taking and scoring it, asking the group, deciding."""

from typing import Any

from flask import Response, redirect, request, url_for
from sqlalchemy.orm import Session

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.history import PAGE_SIZE, count_history, history
from crowdfund.accounts.roles import FundRight, Right
from crowdfund.accounts.signing_in import local_path
from crowdfund.core import clock
from crowdfund.core.actor import Permit
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.queries import find_interest
from crowdfund.files.queries import get_document, read_body
from crowdfund.grants import access
from crowdfund.grants.answers import shown_answer
from crowdfund.grants.assessing import (
    ask_group,
    assess_application,
    declare_interest,
    give_back,
    take_application,
)
from crowdfund.grants.deciding import awarded_in, criteria_of, decide_application
from crowdfund.grants.distance import distance_of
from crowdfund.grants.fitting import Lack, lacking
from crowdfund.grants.models import GrantApplication
from crowdfund.grants.plans import Plan, QuestionKind, questions_for, read_plan
from crowdfund.grants.queries import (
    answers_of,
    assessors_of,
    get_officers_application,
    holders_of,
    list_of_group,
    list_questions,
)
from crowdfund.grants.reviewing import answer_review, find_review
from crowdfund.grants.rules import WORDS
from crowdfund.grants.scoring import Standing, percent_of, standings, wide_criteria
from crowdfund.groups.queries import has_accepted_host
from crowdfund.matching.headroom import headroom_of_fund
from crowdfund.officers import application_list_views, board_views
from crowdfund.officers.application_forms import AskForm, DecideForm, ReviewForm, assess_form
from crowdfund.officers.application_pages import Answer, apart, change_application, pages, render_page
from crowdfund.officers.forms import InterestForm
from crowdfund.settlement.history_words import HISTORY_WORDS
from crowdfund.web.downloads import attached_safely
from crowdfund.web.forms import LandingOn, VersionForm
from crowdfund.web.paging import Page, page_number

SCREENS = (application_list_views, board_views)  # imported so that their pages belong to the blueprint


@pages.get("/applications/<public_id>/interest")
@pages.post("/applications/<public_id>/interest")
@officers(Right.SEE_DESK)
def interest(public_id: str) -> Answer:
    """Ask for a declaration of interest before anything is shown; it can be declared anew."""
    session, actor, form, leads_to = db.session(), current_actor(), InterestForm(), request.args.get("next", "")
    application = get_officers_application(session, public_id, actor)
    if access.is_sealed(application.round):
        raise Forbidden(access.SEALED)
    application_id, me = application.id, actor.person_id or 0
    tie = distance_of(session, application, me).tie
    if request.method == "POST" and tie:
        raise Forbidden(tie)
    if form.validate_on_submit():
        declared = bool(form.has_interest.answer), form.statement.data or ""
        with LandingOn(form):
            with unit_of_work() as changing:
                declare_interest(changing, application_id, *declared, actor=actor, now=clock.now())
            stays = url_for(".interest" if declared[0] else ".show", public_id=public_id)
            return redirect(stays if declared[0] or not leads_to else local_path(leads_to), 303)
        application = get_officers_application(session, public_id, actor)
    context = {"tie": tie, "before": find_interest(session, application.subject, me), "leads_to": leads_to or None}
    page = render_page("interest", application, form=form, **context)
    return (page, form.status) if form.errors else page


@pages.get("/applications/<public_id>")
@officers(Right.SEE_DESK)
@apart
def show(application: GrantApplication) -> Answer:
    """Show an application beside the facts: what was answered, found and decided, and what can be done."""
    return _show(application, VersionForm())


@pages.post("/applications/<public_id>/take")
@officers(Right.SEE_DESK)
@apart
def take(application: GrantApplication) -> Answer:
    """Take an assessment, or give it back."""
    form, key, public_id = VersionForm(), application.id, application.public_id
    is_mine = current_actor().person_id in holders_of(db.session(), key)
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                (give_back if is_mine else take_application)(session, key, **who)
            return redirect(url_for(".show", public_id=public_id), 303)
    return _show(get_officers_application(db.session(), public_id, current_actor()), form), form.status


@pages.get("/applications/<public_id>/assess")
@pages.post("/applications/<public_id>/assess")
@officers(Right.SEE_DESK)
@apart
def assess(application: GrantApplication) -> Answer:
    """Score an application against each criterion, without seeing what others gave."""
    form = assess_form(read_plan(application.plan.plan))

    def change(session: Session, key: int, **who: Any) -> None:
        assess_application(session, key, form.marks, form.advice, **who)

    def context(shown: GrantApplication) -> dict[str, Any]:
        return {"permit": _may_assess(shown)}

    return change_application("assess", application, form, change, context)


@pages.get("/applications/<public_id>/ask")
@pages.post("/applications/<public_id>/ask")
@officers(Right.SEE_DESK)
@apart
def ask(application: GrantApplication) -> Answer:
    """Ask the group a question about its application."""
    form = AskForm()

    def change(session: Session, key: int, **who: Any) -> None:
        ask_group(session, key, form.words.data or "", **who)

    def context(shown: GrantApplication) -> dict[str, Any]:
        return {"permit": _may_assess(shown)}

    return change_application("ask", application, form, change, context)


@pages.get("/applications/<public_id>/decide")
@pages.post("/applications/<public_id>/decide")
@officers(Right.SEE_DESK, fresh=True)
@apart
def decide(application: GrantApplication) -> Answer:
    """Decide about an application; nobody decides what they assessed."""
    plan, form = read_plan(application.plan.plan), DecideForm()
    form.take_criteria(plan)

    def change(session: Session, key: int, **who: Any) -> None:
        decide_application(session, key, form.verdict, form.seen_version, **who)

    def context(shown: GrantApplication) -> dict[str, Any]:
        session, actor, row = db.session(), current_actor(), shown.round
        form.version.data = str(shown.version)
        standing = _standing(shown)
        by = frozenset(one.assessment.assessor_id for one in standing.newest)
        permit = access.can_decide(actor, row.fund.funder_id, shown, by)
        return {
            "permit": permit,
            "limit_pence": actor.limit_at(FundRight.DECIDE, row.fund.funder_id),
            "left_pence": row.budget_pence - awarded_in(session, row.id),
            "headroom": headroom_of_fund(session, row.fund_id),
            **_assessed(standing, plan),
        }

    return change_application("decide", application, form, change, context)


@pages.get("/applications/<public_id>/review")
@pages.post("/applications/<public_id>/review")
@officers(Right.SEE_DESK, fresh=True)
@apart
def review(application: GrantApplication) -> Answer:
    """Answer a group's request to look at the decision again."""
    form = ReviewForm()

    def change(session: Session, key: int, **who: Any) -> None:
        answer_review(session, key, bool(form.upheld.answer), form.answer.data or "", **who)

    def context(shown: GrantApplication) -> dict[str, Any]:
        session, found = db.session(), find_review(db.session(), shown.id)
        by, funder_id = assessors_of(session, shown.id), shown.round.fund.funder_id
        permit = access.can_answer_review(current_actor(), funder_id, shown, by)
        is_open = found is not None and found.answered_at is None
        return {"review": found, "permit": permit if is_open else Permit(False, "There is no review to answer.")}

    return change_application("review", application, form, change, context)


@pages.get("/applications/<public_id>/history")
@officers(Right.SEE_DESK)
@apart
def tell_history(application: GrantApplication) -> Answer:
    """Tell what happened to an application."""
    session, about = db.session(), ("application", application.id)
    page = Page(page_number(request.args), count_history(session, *about, internal=True), PAGE_SIZE, request.path)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    entries = history(session, *about, internal=True, words=HISTORY_WORDS, offset=page.offset)
    return render_page("history", application, entries=entries, page=page)


@pages.get("/applications/<public_id>/files/<file_id>")
@officers(Right.SEE_DESK)
def download(public_id: str, file_id: str) -> Answer:
    """Send a file of an application to save."""

    @apart
    def send(application: GrantApplication) -> Answer:
        session = db.session()
        found = get_document(session, file_id)
        if found.subject != application.subject:
            raise NotFound(f"file {file_id}")
        return attached_safely(Response(read_body(session, found.id), mimetype=found.media_type), found.name)

    return send(public_id)


def _show(application: GrantApplication, form: VersionForm) -> str:
    session, actor, plan = db.session(), current_actor(), read_plan(application.plan.plan)
    given, funder_id = answers_of(session, application), application.round.fund.funder_id
    asked = [
        (one, shown_answer(one, given.get(one.key)), given.get(one.key) if one.kind is QuestionKind.FILE else None)
        for one in questions_for(plan, application.tier, given)
    ]
    standing = _standing(application)
    by = frozenset(one.assessment.assessor_id for one in standing.newest)
    context: dict[str, Any] = {
        "answers": asked,
        "lacks": _lacks(application, plan),
        "questions": list_questions(session, application.id),
        "others": [one for one in list_of_group(session, application.group_id) if one.id != application.id],
        "states": WORDS,
        "review": find_review(session, application.id) if application.decided_at else None,
        "standing": standing,
        "decision": application.decision,
        "criteria": criteria_of(plan),
        "may_assess": access.can_assess(actor, funder_id, application),
        "may_decide": access.can_decide(actor, funder_id, application, by),
        "form": form,
    }
    return render_page("show", application, **context, **_assessed(standing, plan))


def _lacks(application: GrantApplication, plan: Plan) -> list[Lack]:
    """Return what the group lacks; whether a host makes up for it is only asked where something is missing."""
    tier, of = plan.tier(application.tier), (application.group, application.works_at_risk)
    if tier is None or not lacking(tier, *of, has_host=False):
        return []
    return lacking(tier, *of, has_host=has_accepted_host(db.session(), application.group_id))


def _may_assess(application: GrantApplication) -> Permit:
    permit = access.can_assess(current_actor(), application.round.fund.funder_id, application)
    if permit and current_actor().person_id not in holders_of(db.session(), application.id):
        return Permit(False, "Take the assessment first.")
    return permit


def _standing(application: GrantApplication) -> Standing:
    plans, me = {application.plan_id: read_plan(application.plan.plan)}, current_actor().person_id or 0
    return standings(db.session(), [application], plans, me)[application.id]


def _assessed(standing: Standing, plan: Plan) -> dict[str, Any]:
    """Return the assessments that this officer reads: their own, and all once all are in."""
    me, whole = current_actor().person_id, standing.is_ready
    shown = [one for one in standing.newest if whole or one.assessment.assessor_id == me]
    return {
        "assessments": [(one, percent_of(plan, one.assessment.scores)) for one in shown],
        "wide": wide_criteria(plan, [one.assessment.scores for one in shown]) if whole else [],
        "hidden": len(standing.newest) - len(shown),
        "is_assessed": whole,
    }
