"""Refunds and disputes on the desk: finding a payment, asking for a refund, a second person, what failed."""

from typing import Any

from flask import redirect, request, url_for
from sqlalchemy.orm import Session

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.officers.blueprint import first_declare
from crowdfund.officers.refund_forms import AskForm, HowForm, PlainForm, WhyForm
from crowdfund.officers.refund_pages import (
    PAGE_SIZE,
    Answer,
    change_refund,
    limit_pence,
    names,
    page_of,
    pages,
    payment_of,
    refund_of,
    show,
)
from crowdfund.payments.access import can_ask, can_decide, can_settle
from crowdfund.payments.models import Refund
from crowdfund.projects.queries import get_checkable_project
from crowdfund.projects.running import demand_distance
from crowdfund.settlement import giving_back, refund_desk
from crowdfund.web.forms import LandingOn


@pages.get("")
@officers(Right.SEE_MONEY)
def index() -> Answer:
    """List refunds: those that wait for somebody first."""
    session, counts = db.session(), refund_desk.count_refunds(db.session())
    wanted = request.args.get("show", "")
    shown = wanted if wanted in refund_desk.SHOWS else next((part for part in counts if counts[part][0]), "asked")
    page = page_of(counts[shown][0], {"show": shown})
    rows = refund_desk.list_refunds(session, shown, offset=page.offset, limit=PAGE_SIZE)
    _, open_disputes, exposed = refund_desk.count_disputes(session)
    context: dict[str, Any] = {"rows": rows, "page": page, "counts": counts, "shown": shown, "shows": refund_desk.SHOWS}
    return show("list", open_disputes=open_disputes, exposed_pence=exposed, **context)


@pages.get("/find")
@officers(Right.SEE_MONEY)
def find() -> Answer:
    """Find a payment by the reference of its pledge, or the project it was for."""
    asked = " ".join(request.args.get("q", "").split())[:100]
    payments = refund_desk.find_payments(db.session(), asked) if asked else []
    projects = refund_desk.find_projects(db.session(), asked) if asked and not payments else []
    return show("find", q=asked, payments=payments, projects=projects, most=refund_desk.MOST_FOUND)


@pages.get("/projects/<public_id>")
@officers(Right.SEE_MONEY)
def project(public_id: str) -> Answer:
    """List the payments to a project."""
    session = db.session()
    project = get_checkable_project(session, public_id)
    demand_distance(session, project, current_actor())
    page = page_of(refund_desk.count_payments(session, project.id))
    payments = refund_desk.list_payments(session, project.id, offset=page.offset, limit=PAGE_SIZE)
    return show("project", project=project, payments=payments, page=page)


@pages.get("/payments/<public_id>")
@officers(Right.SEE_MONEY)
def payment(public_id: str) -> Answer:
    """Show one payment, what was given back of it, and what is left."""
    return show("payment", payment=payment_of(public_id), may_ask=can_ask(current_actor()))


@pages.get("/payments/<public_id>/ask")
@pages.post("/payments/<public_id>/ask")
@officers(Right.MOVE_MONEY, fresh=True)
def ask(public_id: str) -> Answer:
    """Ask for a refund of all or a part of a payment, to the card it came from."""
    found, form = payment_of(public_id), AskForm()
    if request.method == "GET":
        form.amount.data = f"{found.left_pence / 100:.2f}"
    if form.validate_on_submit():
        attempt_id, pence, reason = found.attempt.id, form.amount.pence or 0, form.reason.data or ""
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now(), "limit_pence": limit_pence()}
                made = giving_back.ask_back(session, attempt_id, pence, reason, **who).public_id
            return redirect(url_for(".refund", public_id=made), 303)
        found = payment_of(public_id)
    return show("ask", form, payment=found, limit_pence=limit_pence())


@pages.get("/disputes")
@officers(Right.SEE_MONEY)
def disputes() -> Answer:
    """List disputes: the open ones first, by when evidence is due."""
    every, open_, exposed = refund_desk.count_disputes(db.session())
    page = page_of(every)
    rows = refund_desk.list_disputes(db.session(), offset=page.offset, limit=PAGE_SIZE)
    return show("disputes", rows=rows, page=page, open_disputes=open_, exposed_pence=exposed)


@pages.get("/<public_id>")
@officers(Right.SEE_MONEY)
def refund(public_id: str) -> Answer:
    """Show one refund: where it is, who did what, and what can be done next."""
    row, actor = refund_of(public_id), current_actor()
    note = refund_desk.find_note(db.session(), row.pledge, row.refund)
    may: dict[str, Any] = {"may_decide": can_decide(actor, row.refund), "may_settle": can_settle(actor, row.refund)}
    return show("refund", row=row, people=names(row.refund), note=note, **may)


@pages.get("/<public_id>/approve")
@pages.post("/<public_id>/approve")
@officers(Right.APPROVE_MONEY, fresh=True)
def approve(public_id: str) -> Answer:
    """Approve a refund that somebody else asked for."""
    leads_off = first_declare(refund_of(public_id).project)
    return leads_off or change_refund("approve", public_id, PlainForm(), can_decide, giving_back.approve)


@pages.get("/<public_id>/reject")
@pages.post("/<public_id>/reject")
@officers(Right.APPROVE_MONEY)
def reject(public_id: str) -> Answer:
    """Reject a refund that somebody else asked for, with a reason."""
    form = WhyForm()

    def change(session: Session, refund_id: int, **who: Any) -> Refund:
        return giving_back.reject(session, refund_id, form.reason.data or "", **who)

    return change_refund("reject", public_id, form, can_decide, change)


@pages.get("/<public_id>/made-good")
@pages.post("/<public_id>/made-good")
@officers(Right.MOVE_MONEY, fresh=True)
def made_good(public_id: str) -> Answer:
    """Record how finance paid a backer whose refund came back."""
    form = HowForm()

    def change(session: Session, refund_id: int, **who: Any) -> Refund:
        return giving_back.make_good(session, refund_id, form.how.data or "", **who)

    return change_refund("made_good", public_id, form, can_settle, change)


@pages.get("/<public_id>/again")
@pages.post("/<public_id>/again")
@officers(Right.MOVE_MONEY, fresh=True)
def again(public_id: str) -> Answer:
    """Ask anew for a refund that never reached the provider."""

    def change(session: Session, refund_id: int, **who: Any) -> Refund:
        return giving_back.ask_again(session, refund_id, limit_pence=limit_pence(), **who)

    return change_refund("again", public_id, PlainForm(), can_settle, change)
