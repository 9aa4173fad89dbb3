"""What the pages about refunds share: their blueprint, and loading what an officer may look at."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.models import Person
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.models import Refund
from crowdfund.payments.refund_words import DISPUTE_WORDS, REFUND_WORDS, reason_words
from crowdfund.projects.running import demand_distance
from crowdfund.settlement.refund_desk import Payment, Row, get_payment, get_refund
from crowdfund.web.forms import Form, LandingOn
from crowdfund.web.paging import Page, page_number

pages = Blueprint("refunds", __name__, url_prefix="/officers/refunds")
Answer = str | BaseResponse | tuple[str, int]
PAGE_SIZE = 25


def payment_of(public_id: str) -> Payment:
    """Return a payment to an officer who stands apart from its project. Raises NotFound and Forbidden."""
    payment = get_payment(db.session(), public_id)
    demand_distance(db.session(), payment.project, current_actor())
    return payment


def refund_of(public_id: str) -> Row:
    """Return a refund to an officer who stands apart from its project. Raises NotFound and Forbidden."""
    row = get_refund(db.session(), public_id)
    demand_distance(db.session(), row.project, current_actor())
    return row


def change_refund(template: str, public_id: str, form: Form, permit: Any, change: Callable[..., Any]) -> Answer:
    """Show a form about a refund, or make the change and show the refund that came of it.

    `permit` says who may, of an actor and a refund.
    """
    row = refund_of(public_id)
    if form.validate_on_submit():
        refund_id = row.refund.id
        with LandingOn(form):
            with unit_of_work() as session:
                changed: Refund = change(session, refund_id, actor=current_actor(), now=clock.now())
                leads_to = changed.public_id
            return redirect(url_for(".refund", public_id=leads_to), 303)
        row = refund_of(public_id)
    may = permit(current_actor(), row.refund)
    return show(template, form, row=row, permit=may, people=names(row.refund))


def show(template: str, form: Form | None = None, **context: Any) -> Answer:
    """Show a page about refunds, with the errors and status of its form."""
    words: dict[str, Any] = {"words": REFUND_WORDS, "dispute_words": DISPUTE_WORDS, "reason_words": reason_words}
    page = render_template(f"officers/refunds_{template}.html", form=form or Form(), **words, **context)
    return (page, form.status) if form is not None and form.errors else page


def page_of(total: int, query: dict[str, str] | None = None) -> Page:
    """Return which page of a list is asked for. Raises NotFound for one that does not exist."""
    page = Page(page_number(request.args), total, PAGE_SIZE, request.path, query or {})
    if page.number > page.pages:
        raise NotFound("there is no such page")
    return page


def names(refund: Refund) -> dict[int | None, str]:
    """Return the names of whoever had to do with a refund."""
    wanted = sorted(filter(None, {refund.asked_by_id, refund.approved_by_id, refund.settled_by_id}))
    found = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {None: "", **dict(found.all())}


def limit_pence() -> int:
    """Return the largest sum that one officer may give back without a second."""
    return int(current_app.config["REFUND_ALONE_PENCE"])
