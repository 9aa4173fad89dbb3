"""Match that is due, on the desk: the list, one offer's page, and passing it on or recording that it was paid."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.pots import parts_of
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.headroom import headroom_of_fund
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.paying import (
    MOST_EVIDENCE,
    NO_EVIDENCE,
    can_pay,
    count_due,
    get_due,
    list_due,
    pay_through_programme,
    record_direct,
    sum_due,
)
from crowdfund.matching.rules import WORDS, OfferState
from crowdfund.officers.match_pages import Answer, gate
from crowdfund.web.forms import Form, LandingOn, TextField
from crowdfund.web.paging import Page, page_number

pages = Blueprint("match_due", __name__, url_prefix="/officers/match-due")
PAGE_SIZE = 25


class PassOnForm(Form):
    """A button and nothing else."""


class EvidenceForm(Form):
    """What shows that the funder paid the group."""

    evidence = TextField("What shows the payment?", most=MOST_EVIDENCE, missing=NO_EVIDENCE)


apart = gate(get_due)


@pages.get("")
@officers(Right.SEE_DESK)
def index() -> Answer:
    """List match that is due, the oldest first, with what each funder owes in all."""
    session, actor = db.session(), current_actor()
    page = Page(page_number(request.args), count_due(session, actor), PAGE_SIZE, request.path)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    rows = list_due(session, actor, offset=page.offset, limit=PAGE_SIZE)
    return render_template("officers/match_due_list.html", rows=rows, page=page, sums=sum_due(session, actor))


@pages.get("/<public_id>")
@officers(Right.SEE_DESK)
@apart
def show(offer: MatchOffer) -> Answer:
    """Show what is due of an offer or was paid, by source and year, beside the fund's money."""
    return _page("show", offer, PassOnForm())


@pages.get("/<public_id>/pass-on")
@pages.post("/<public_id>/pass-on")
@officers(Right.SEE_DESK, fresh=True)
@apart
def pass_on(offer: MatchOffer) -> Answer:
    """Pass what is due on to the project from what the funder paid in."""
    if offer.fund.pays_direct:
        return redirect(url_for(".record", public_id=offer.public_id), 303)
    return _pay("pass_on", offer, PassOnForm(), pay_through_programme)


@pages.get("/<public_id>/record")
@pages.post("/<public_id>/record")
@officers(Right.SEE_DESK, fresh=True)
@apart
def record(offer: MatchOffer) -> Answer:
    """Record that the funder paid the group itself."""
    if not offer.fund.pays_direct:
        return redirect(url_for(".pass_on", public_id=offer.public_id), 303)
    form = EvidenceForm()
    evidence = form.evidence.data or ""

    def change(session: Any, offer_id: int, **who: Any) -> None:
        record_direct(session, offer_id, evidence, **who)

    return _pay("record", offer, form, change)


def _pay(template: str, offer: MatchOffer, form: Form, change: Callable[..., Any]) -> Answer:
    offer_id, public_id = offer.id, offer.public_id
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                change(session, offer_id, actor=current_actor(), now=clock.now())
            return redirect(url_for(".show", public_id=public_id), 303)
        offer = get_due(db.session(), public_id, current_actor())
    return _page(template, offer, form)


def _page(template: str, offer: MatchOffer, form: Form) -> Answer:
    session, fund = db.session(), offer.fund
    kind = AccountKind.MATCH_PAID if offer.state is OfferState.PAID else AccountKind.MATCH_CONFIRMED
    context: dict[str, Any] = {"offer": offer, "project": offer.project, "fund": fund, "words": WORDS, "form": form}
    context |= {"parts": parts_of(session, kind, offer.id), "standing": headroom_of_fund(session, fund.id)}
    permit = can_pay(current_actor(), offer, fund, offer.project)
    page = render_template(f"officers/match_due_{template}.html", permit=permit, **context)
    return (page, form.status) if form.errors else page
