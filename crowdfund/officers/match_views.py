"""What is asked of funds, on the desk: the list, one request with its facts, declaring, taking and assessing it."""

from typing import Any
from urllib.parse import parse_qsl

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.history import PAGE_SIZE as HISTORY_SIZE
from crowdfund.accounts.history import count_history, history
from crowdfund.accounts.roles import FundRight, Right
from crowdfund.accounts.signing_in import local_path
from crowdfund.checking.rules import FINDING_WORDS
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.queries import find_interest
from crowdfund.matching import access
from crowdfund.matching.assessing import MET_WORDS, assess_offer, declare_interest, give_back, take_offer
from crowdfund.matching.facts import FACT_WORDS, find_facts
from crowdfund.matching.headroom import headroom_of_fund
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.paying import can_pay
from crowdfund.matching.queries import find_work, get_officers_offer, list_assessments
from crowdfund.matching.rules import RECOMMENDATION_WORDS
from crowdfund.matching.verdicts import criteria_of
from crowdfund.officers import match_deciding_views
from crowdfund.officers.forms import InterestForm
from crowdfund.officers.match_forms import TakeForm, assess_form
from crowdfund.officers.match_pages import CLEAR, Answer, apart, change_offer, pages, render_page
from crowdfund.officers.match_worklist import (
    PAGE_SIZE,
    SHOWS,
    count_rows,
    find_row,
    list_own_funds,
    list_rows,
    read_view,
)
from crowdfund.officers.project_views import TONES
from crowdfund.projects.answers import answers_of
from crowdfund.projects.distance import distance_of
from crowdfund.projects.queries import find_division_name, load_draft
from crowdfund.settlement.history_words import HISTORY_WORDS
from crowdfund.web.forms import LandingOn, VersionForm
from crowdfund.web.htmx import wants_fragment
from crowdfund.web.paging import Page, page_number

SCREENS = (match_deciding_views,)  # imported so that its pages belong to the blueprint


@pages.get("")
@officers(Right.SEE_DESK)
def index() -> Answer:
    """List what is asked of the funds that an officer may see; parts and page stand in the address."""
    session, actor = db.session(), current_actor()
    me, funds = actor.person_id or 0, list_own_funds(session, actor)
    view, number = read_view(request.args, funds), page_number(request.args)
    rows, total = list_rows(session, view, funds, me, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    page = Page(number, total, PAGE_SIZE, request.path, view.as_query())
    if number > 1 and not rows:
        raise NotFound("there is no such page")
    context: dict[str, Any] = {"rows": rows, "page": page, "view": view, "funds": {one.id: one for one in funds}}
    context |= {"shows": SHOWS, "counts": count_rows(session, view, funds, me), "assesses": _assesses(funds), "me": me}
    return render_template("officers/match_list.html", view_text=page.url(number).partition("?")[2], **context)


@pages.get("/<public_id>/interest")
@pages.post("/<public_id>/interest")
@officers(Right.SEE_DESK)
def interest(public_id: str) -> Answer:
    """Ask for a declaration of interest before anything is shown; it can be declared anew."""
    session, actor, form, leads_to = db.session(), current_actor(), InterestForm(), request.args.get("next", "")
    offer = get_officers_offer(session, public_id, actor)
    offer_id, me = offer.id, actor.person_id or 0
    distance = distance_of(session, offer.project_id, me)
    if request.method == "POST" and distance.tie:
        raise Forbidden(distance.tie)
    if form.validate_on_submit():
        declared = bool(form.has_interest.answer), form.statement.data or ""
        with LandingOn(form):
            with unit_of_work() as changing:
                declare_interest(changing, offer_id, *declared, actor=actor, now=clock.now())
            stays = url_for(".interest" if declared[0] else ".show", public_id=public_id)
            return redirect(stays if declared[0] or not leads_to else local_path(leads_to), 303)
        offer = get_officers_offer(session, public_id, actor)
    before = find_interest(session, f"project:{offer.project_id}", me)
    context = {"tie": distance.tie, "before": before, "leads_to": leads_to or None}
    page = render_page("match_interest", offer, form=form, **context)
    return (page, form.status) if form.errors else page


@pages.get("/<public_id>")
@officers(Right.SEE_DESK)
@apart
def show(offer: MatchOffer) -> Answer:
    """Show a request beside the facts: what was asked, found and decided, and what can be done."""
    return _show(offer, VersionForm())


@pages.get("/<public_id>/project")
@officers(Right.SEE_DESK)
@apart
def project(offer: MatchOffer) -> Answer:
    """Show what the group says about its project."""
    session, row = db.session(), offer.project
    sections = answers_of(load_draft(session, row), find_division_name(session, row.division_code))
    return render_page("match_project", offer, sections=sections, editable=False)


@pages.get("/<public_id>/history")
@officers(Right.SEE_DESK)
@apart
def tell_history(offer: MatchOffer) -> Answer:
    """Tell what happened to a request."""
    session, about = db.session(), ("offer", offer.id)
    page = Page(page_number(request.args), count_history(session, *about, internal=True), HISTORY_SIZE, request.path)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    entries = history(session, *about, internal=True, words=HISTORY_WORDS, offset=page.offset)
    return render_page("match_history", offer, entries=entries, page=page)


@pages.post("/<public_id>/take")
@officers(Right.SEE_DESK)
@apart
def take(offer: MatchOffer) -> Answer:
    """Take an assessment, or give it back; from the list one cell answers."""
    form, offer_id, public_id = TakeForm(), offer.id, offer.public_id
    is_mine, me = offer.taken_by_id == current_actor().person_id, current_actor().person_id or 0
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                if is_mine:
                    give_back(session, offer_id, **who)
                else:
                    take_offer(session, offer_id, form.seen_id, **who)
            if not wants_fragment():
                return redirect(_back(form, public_id), 303)
    if wants_fragment():
        row, message = find_row(db.session(), offer_id, me), " ".join(str(e) for e in form.form_errors)
        context = {"row": row, "message": message, "view_text": form.view.data or "", "me": me, "may": True}
        page = render_template("officers/_match_cell_answer.html", **context)
        return (page, form.status) if form.errors else page
    return _show(get_officers_offer(db.session(), public_id, current_actor()), form), form.status


@pages.get("/<public_id>/assess")
@pages.post("/<public_id>/assess")
@officers(Right.SEE_DESK)
@apart
def assess(offer: MatchOffer) -> Answer:
    """Assess a request against each of the fund's criteria."""
    form = assess_form(offer.terms)

    def change(session: Session, offer_id: int, **who: Any) -> None:
        assess_offer(session, offer_id, form.findings, form.advice, form.seen_version, **who)

    def context(shown: MatchOffer) -> dict[str, Any]:
        permit = access.can_assess(current_actor(), shown.fund.funder_id, CLEAR, shown)
        form.version.data = str(shown.version)
        return {"permit": permit, "headroom": headroom_of_fund(db.session(), shown.fund_id)}

    return change_offer("match_assess", offer, form, change, context)


def _show(offer: MatchOffer, form: Any) -> str:
    session, actor = db.session(), current_actor()
    headroom, assessments = headroom_of_fund(session, offer.fund_id), list_assessments(session, offer.id)
    by, at = frozenset(one.assessment.assessor_id for one in assessments), (actor, offer.fund.funder_id, CLEAR, offer)
    context: dict[str, Any] = {
        "work": find_work(session, offer.id),
        "assessments": assessments,
        "headroom": headroom,
        "facts": find_facts(session, offer, headroom.headroom.left_pence, clock.now()),
        "fact_words": FACT_WORDS,
        "finding_words": FINDING_WORDS,
        "tones": TONES,
        "outcomes": RECOMMENDATION_WORDS,
        "criteria": criteria_of(offer.terms),
        "met_words": MET_WORDS,
        "may_take": access.can_take(*at),
        "may_assess": access.can_assess(*at),
        "may_decide": access.can_decide(*at, by),
        "may_pay": can_pay(current_actor(), offer, offer.fund, offer.project),
        "may_stop": access.can_stop(*at),
        "may_withdraw": access.can_take_away(*at, offer.project),
        "may_tell": access.can_tell_member(*at),
        "form": form,
    }
    return render_page("match_show", offer, **context)


def _back(form: TakeForm, public_id: str) -> str:
    if not form.view.data:
        return url_for(".show", public_id=public_id)
    typed: MultiDict[str, str] = MultiDict(parse_qsl(str(form.view.data)))
    view = read_view(typed, list_own_funds(db.session(), current_actor()))
    number = page_number(typed)
    return Page(number, 0, PAGE_SIZE, url_for(".index"), view.as_query()).url(number)


def _assesses(funds: Any) -> frozenset[int]:
    actor = current_actor()
    return frozenset(fund.id for fund in funds if actor.may_at(FundRight.ASSESS, fund.funder_id))
