"""Settlements on the desk: how each one stands, shortfalls to decide, money that waits, and refunds for everyone."""

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.guards import officers
from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.decisions.models import Decision
from crowdfund.matching.rules import COMMITTED, OfferState
from crowdfund.matching.rules import WORDS as OFFER_WORDS
from crowdfund.matching.settling import standing_offers
from crowdfund.officers.blueprint import apart
from crowdfund.officers.settling_forms import (
    AcceptForm,
    ChoiceForm,
    HoldForm,
    PaidBackForm,
    ReasonForm,
    TopUpForm,
)
from crowdfund.officers.settling_pages import Answer, about, change_project, form_page, pages, settlement_of
from crowdfund.projects.fields import typed_day
from crowdfund.projects.models import Project
from crowdfund.projects.rules import WORDS, ProjectState
from crowdfund.settlement.deciding import Consent, PaidIn, decide_shortfall
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.overview import SHOWN, count_rows, list_rows
from crowdfund.settlement.refunding_all import return_top_up
from crowdfund.settlement.ring_fence import free_money, give_up_waiting, hold_money
from crowdfund.settlement.rules import SHORTFALL_WORDS, ShortfallChoice
from crowdfund.web.paging import Page, page_number

PAGE_SIZE = 25
PARTS = {"open": "To be settled", "overdue": "Ten days late or more", "settled": "Settled"}
_S = ProjectState
CHOICES = {choice.value: words for choice, words in SHORTFALL_WORDS.items()}
# Each choice has a page of its own.
_NEXT = {
    ShortfallChoice.TOP_UP: ".top_up",
    ShortfallChoice.ACCEPT_LESS: ".accept_less",
    ShortfallChoice.REFUND_ALL: ".refund_all",
}


@pages.get("")
@officers(Right.SEE_MONEY)
def index() -> Answer:
    """List settlements: what needs an officer first."""
    show, now = request.args.get("show", "open"), clock.now()
    show = show if show in SHOWN else "open"
    total = count_rows(db.session(), show, now)
    page = Page(page_number(request.args), total, PAGE_SIZE, request.path, {"show": show})
    if page.number > page.pages:
        raise NotFound("there is no such page")
    rows = list_rows(db.session(), show, now, offset=page.offset, limit=PAGE_SIZE)
    counts = {part: total if part == show else count_rows(db.session(), part, now) for part in PARTS}
    context: dict[str, Any] = {"rows": rows, "page": page, "counts": counts, "parts": PARTS, "shown": show}
    return render_template("officers/settling_list.html", **context, state_words=WORDS)


@pages.get("/<public_id>")
@officers(Right.SEE_MONEY)
@apart
def show(project: Project) -> Answer:
    """Show one settlement: what was promised, what came in, and what can be done."""
    context = about(project)
    settlement: Settlement = context["settlement"]
    decided = (
        select(Decision, Person.name)
        .join(Person, Person.id == Decision.decided_by_id)
        .where(Decision.id == settlement.decision_id)
    )
    decision = db.session.execute(decided).one_or_none()
    context |= {
        "offers": standing_offers(db.session(), project.id, *COMMITTED, OfferState.LAPSED),
        "stands": OFFER_WORDS,
    }
    return render_template("officers/settling_show.html", decision=decision, choices=CHOICES, **context)


@pages.get("/<public_id>/decide")
@pages.post("/<public_id>/decide")
@officers(Right.SETTLE_PROJECTS, fresh=True)
@apart
def decide(project: Project) -> Answer:
    """Ask what happens with a project for which too little could be collected."""
    form = ChoiceForm()
    if form.validate_on_submit():
        chosen = ShortfallChoice(form.choice.data or "")
        return redirect(url_for(_NEXT[chosen], public_id=project.public_id), 303)
    return form_page("decide", project, form, _S.SHORTFALL)


@pages.get("/<public_id>/top-up")
@pages.post("/<public_id>/top-up")
@officers(Right.SETTLE_PROJECTS, fresh=True)
@apart
def top_up(project: Project) -> Answer:
    """Record that a funder paid what is missing."""
    form = TopUpForm()

    def change(session: Session, project_id: int, **who: Any) -> None:
        paid_in = PaidIn(form.funder.data or "", form.bank_reference.data or "")
        decide_shortfall(session, project_id, ShortfallChoice.TOP_UP, form.reason.data or "", paid_in=paid_in, **who)

    return change_project("top_up", project, form, change, _S.SHORTFALL)


@pages.get("/<public_id>/accept-less")
@pages.post("/<public_id>/accept-less")
@officers(Right.SETTLE_PROJECTS, fresh=True)
@apart
def accept_less(project: Project) -> Answer:
    """Record that the group goes ahead with less, and its consent."""
    form = AcceptForm()

    def change(session: Session, project_id: int, **who: Any) -> None:
        assert form.on.day is not None, "the field is needed"
        given = Consent(form.who.data or "", form.on.day, form.text.data or "")
        decide_shortfall(session, project_id, ShortfallChoice.ACCEPT_LESS, form.reason.data or "", consent=given, **who)

    return change_project("accept_less", project, form, change, _S.SHORTFALL)


@pages.get("/<public_id>/refund-all")
@pages.post("/<public_id>/refund-all")
@officers(Right.SETTLE_PROJECTS, fresh=True)
@apart
def refund_all(project: Project) -> Answer:
    """Refund everyone: after a shortfall, or when a permission will not come."""
    form, waits = ReasonForm(), project.state is _S.RING_FENCED

    def change(session: Session, project_id: int, **who: Any) -> None:
        reason = form.reason.data or ""
        if waits:
            give_up_waiting(session, project_id, reason, **who)
        else:
            decide_shortfall(session, project_id, ShortfallChoice.REFUND_ALL, reason, **who)

    return change_project("refund_all", project, form, change, _S.SHORTFALL, _S.RING_FENCED)


@pages.get("/<public_id>/hold")
@pages.post("/<public_id>/hold")
@officers(Right.SETTLE_PROJECTS, fresh=True)
@apart
def hold(project: Project) -> Answer:
    """Hold the money until a permission is there, or set another review date."""
    form = HoldForm()
    if request.method == "GET":
        settlement = settlement_of(project)
        form.waits_for.data, form.review_on.data = settlement.waits_for or "", typed_day(settlement.review_on)

    def change(session: Session, project_id: int, **who: Any) -> None:
        assert form.review_on.day is not None, "the field is needed"
        hold_money(session, project_id, form.waits_for.data or "", form.review_on.day, form.reason.data or "", **who)

    return change_project("hold", project, form, change, _S.FUNDED, _S.RING_FENCED)


@pages.get("/<public_id>/free")
@pages.post("/<public_id>/free")
@officers(Right.SETTLE_PROJECTS, fresh=True)
@apart
def free(project: Project) -> Answer:
    """Let the group have the money: the permission is there."""
    form = ReasonForm()

    def change(session: Session, project_id: int, **who: Any) -> None:
        free_money(session, project_id, form.reason.data or "", **who)

    return change_project("free", project, form, change, _S.RING_FENCED)


@pages.get("/<public_id>/top-up-back")
@pages.post("/<public_id>/top-up-back")
@officers(Right.MOVE_MONEY, fresh=True)
@apart
def top_up_back(project: Project) -> Answer:
    """Record that finance paid a funder's top-up back."""
    form = PaidBackForm()

    def change(session: Session, project_id: int, **who: Any) -> None:
        return_top_up(session, project_id, form.bank_reference.data or "", **who)

    return change_project("top_up_back", project, form, change, _S.REFUNDING)
