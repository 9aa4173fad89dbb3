"""Another card for a pledge, before the deadline: agree, go to the provider's page, and back."""

from flask import Blueprint, current_app, redirect, render_template, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.models import ConsentKind
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Conflict, Forbidden, GatewayDown
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.gateway import CheckoutRequest
from crowdfund.payments.rules import CheckoutState
from crowdfund.payments.views import current_checkouts
from crowdfund.pledges import queries
from crowdfund.pledges.access import can_change
from crowdfund.pledges.another_card import is_card_wanted, start_another_card
from crowdfund.pledges.forms import AgreeForm
from crowdfund.pledges.journey import HOUR
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.receipts import card_words
from crowdfund.pledges.rules import CARD_PAGE_WORDS, CHANGED
from crowdfund.pledges.views import OWN_PLEDGE, Answer, own_pledge, show_form, words
from crowdfund.pledges.wording import consent_words, version_of
from crowdfund.web.forms import LandingOn
from crowdfund.web.guards import checked_inside
from crowdfund.web.limits import client_address, limit

pages = Blueprint("card", __name__)


@pages.get("/pledges/<public_id>/card")
@pages.post("/pledges/<public_id>/card")
@checked_inside(OWN_PLEDGE)
def another(public_id: str) -> Answer:
    """Ask for consent to charge another card, and lead to the page on which it is saved."""
    pledge, form = _changeable(public_id), AgreeForm()
    wording = consent_words(pledge, words())[ConsentKind.CHARGE_LATER]
    version = version_of({ConsentKind.CHARGE_LATER: wording})
    if form.validate_on_submit():
        if form.version.data != version:
            raise Conflict(CHANGED)
        with LandingOn(form):
            limit("card-page", client_address(), times=30, per=HOUR)
            limit("card-page", pledge.email or "", times=10, per=HOUR)
            address = _card_page(pledge, wording)
            return redirect(address or _back_to(public_id), 303)
        pledge = own_pledge(public_id)
    form.version.data = version
    card = queries.get_card(db.session(), pledge)
    wanted = card is not None and is_card_wanted(pledge, card, clock.now())
    card_name = card_words(card.card_brand, card.card_last4) if card is not None else ""
    context = {"card": card, "card_name": card_name, "runs_out": wanted, "wording": wording}
    return show_form("another_card", form, pledge=pledge, **context)


@pages.get("/pledges/<public_id>/card/return")
@checked_inside(OWN_PLEDGE)
def come_back(public_id: str) -> Answer:
    """Back from the card page: ask the provider what is true; the webhook and the sweeper do the same."""
    pledge = own_pledge(public_id)
    checkout = queries.get_checkout(db.session(), pledge)
    if checkout is not None and checkout.id != pledge.checkout_id:
        try:
            current_checkouts().sync(checkout.id, clock.now())
        except GatewayDown:
            again = url_for(".come_back", public_id=public_id)
            return render_template("pledges/confirming.html", pledge=pledge, project=pledge.project, again=again)
    return redirect(_back_to(public_id), 303)


def _card_page(pledge: Pledge, wording: str) -> str | None:
    """Record the consent and return the address of the hosted card page; None when the card is saved already.

    Raises Conflict when the amount changed meanwhile; GatewayDown, and trying again is safe.
    """
    public_id, reference, email, pence = pledge.public_id, pledge.reference, pledge.email, pledge.amount_pence
    with unit_of_work() as session:
        checkout = start_another_card(session, pledge.id, wording, pence, actor=current_actor(), now=clock.now())
    if checkout.url is not None:
        state = current_checkouts().sync(checkout.id, clock.now())
        if state is not CheckoutState.OPEN:  # saved without our hearing of it, or open for so long that it has closed
            return None if state is CheckoutState.COMPLETE else _card_page(pledge, wording)
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    request = CheckoutRequest(
        reference=checkout.public_id,
        email=email or "",
        wording=CARD_PAGE_WORDS.format(reference=reference),
        return_url=base + url_for(".come_back", public_id=public_id),
        cancel_url=base + _back_to(public_id),
    )
    return current_checkouts().open_page(checkout.id, request)


def _back_to(public_id: str) -> str:
    """Return the address of the pledge's page, which then says what became of the card."""
    return url_for("backer.show", public_id=public_id, card=1)


def _changeable(public_id: str) -> Pledge:
    pledge = own_pledge(public_id)
    permit = can_change(current_actor(), pledge, clock.now())
    if not permit:
        raise Forbidden(permit.reason)
    return pledge
