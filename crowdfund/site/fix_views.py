"""A backer pays what their saved card could not: one page, one payment page at the provider, and the way back."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import GatewayDown, Refused
from crowdfund.core.money import pounds
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.charging import Charges, find_open_attempt
from crowdfund.payments.gateway import PaymentPageRequest
from crowdfund.payments.models import ChargeAttempt
from crowdfund.pledges.forms import PlainForm
from crowdfund.pledges.journey import HOUR
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.queries import get_card
from crowdfund.pledges.receipts import card_words
from crowdfund.pledges.rules import PledgeState
from crowdfund.pledges.views import OWN_PLEDGE, Answer, own_pledge
from crowdfund.settlement.fix_words import why_declined
from crowdfund.settlement.fixing import list_tries, stand_of_fix, start_fix
from crowdfund.settlement.models import Settlement
from crowdfund.web.forms import LandingOn
from crowdfund.web.guards import checked_inside
from crowdfund.web.limits import client_address, limit
from crowdfund.web.templating import when

pages = Blueprint("fix", __name__)
DOWN = "The payment provider does not answer just now. You have not been charged. Please try again in a few minutes."


@pages.get("/pledges/<public_id>/fix")
@pages.post("/pledges/<public_id>/fix")
@checked_inside(OWN_PLEDGE)
def fix(public_id: str) -> Answer:
    """Say what happened to the charge, and lead to the page on which exactly this pledge is paid."""
    pledge, form = own_pledge(public_id), PlainForm()
    if form.validate_on_submit():
        with LandingOn(form):
            limit("fix-page", client_address(), times=30, per=HOUR)
            with unit_of_work() as session:
                attempt_id = start_fix(session, pledge.id, actor=current_actor(), now=clock.now()).id
            return redirect(_payment_page(public_id, attempt_id), 303)
        pledge = own_pledge(public_id)
    page = render_template("site/fix.html", form=form, pledge=pledge, project=pledge.project, **_context(pledge))
    return (page, form.status) if form.errors else page


@pages.get("/pledges/<public_id>/fix/return")
@checked_inside(OWN_PLEDGE)
def come_back(public_id: str) -> Answer:
    """Back from the payment page: ask the provider what is true, and never call paid what is not."""
    pledge = own_pledge(public_id)
    attempt = find_open_attempt(db.session(), pledge.subject)
    if attempt is not None and pledge.state is PledgeState.COLLECTING:
        try:
            current_charges().sync(attempt.id, clock.now())
        except GatewayDown:
            return render_template("site/fix_checking.html", pledge=pledge, project=pledge.project)
        pledge = own_pledge(public_id)
    is_paid = pledge.state is PledgeState.PAID
    return redirect(url_for("backer.show" if is_paid else ".fix", public_id=public_id), 303)


def current_charges() -> Charges:
    """Return the application's charges."""
    charges = current_app.extensions["charges"]
    assert isinstance(charges, Charges)
    return charges


def _context(pledge: Pledge) -> dict[str, Any]:
    tries = list_tries(db.session(), pledge.id)
    settlement = db.session.get(Settlement, pledge.project_id)
    failed = next((one for one in reversed(tries) if one.decline_code), None)
    card = get_card(db.session(), pledge)
    rows = [
        {"key": "To pay", "value": f"{pounds(pledge.amount_pence)}, exactly what you pledged"},
        {"key": "Pay by", "value": when(settlement.fix_until) if settlement and settlement.fix_until else ""},
        {"key": "Card we tried", "value": card_words(card.card_brand, card.card_last4) if card else ""},
        {"key": "Reference", "value": pledge.reference},
    ]
    return {
        "standing": stand_of_fix(pledge, tries[-1] if tries else None, settlement, clock.now()),
        "settlement": settlement,
        "why": why_declined(failed.decline_code if failed else None),
        "last4": card.card_last4 if card else None,
        "rows": rows,
    }


def _payment_page(public_id: str, attempt_id: int) -> str:
    try:
        return current_charges().open_page(attempt_id, _request(own_pledge(public_id), attempt_id), clock.now())
    except GatewayDown as error:
        raise Refused("provider_down", DOWN) from error


def _request(pledge: Pledge, attempt_id: int) -> PaymentPageRequest:
    """Return what is asked of the provider: the same every time for the same attempt."""
    attempt = db.session.get_one(ChargeAttempt, attempt_id)
    assert attempt.expires_at is not None
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    return PaymentPageRequest(
        reference=attempt.public_id,
        amount_pence=attempt.amount_pence,
        email=pledge.email or "",
        title=f"Pledge {pledge.reference}: {pledge.project.title}",
        wording="You pay exactly what you pledged, once.",
        return_url=base + url_for("fix.come_back", public_id=pledge.public_id),
        cancel_url=base + url_for("fix.fix", public_id=pledge.public_id),
        expires_at=attempt.expires_at,
    )
