"""A project's money and bank details for finance, and what the bank said about one payout."""

from collections.abc import Callable
from typing import Any

from flask import redirect, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.matching.settling import match_held_pence
from crowdfund.officers.payout_forms import BankReferenceForm, NoteForm, WhyForm
from crowdfund.officers.payout_pages import Answer, Money, money_of_project, pages, payout_and_money, show
from crowdfund.payouts.access import can_prepare
from crowdfund.payouts.answers import confirm_payout, return_payout, settle_paid_twice
from crowdfund.payouts.details import allow_personal, open_account, record_call_back, replaced
from crowdfund.payouts.queries import is_paid_twice, list_earlier, list_for, list_notes
from crowdfund.payouts.rules import PayoutState
from crowdfund.web.forms import Form, LandingOn, TextField
from crowdfund.web.signing import app_secret

_POSSIBLE = {
    "confirm": {PayoutState.SENT},
    "return": {PayoutState.SENT, PayoutState.CONFIRMED},
    "twice": {PayoutState.CONFIRMED},
}


@pages.get("/projects/<public_id>")
@officers(Right.SEE_MONEY)
def project(public_id: str) -> Answer:
    """Show what is held for a project, where it can be paid to, and every payout so far."""
    money, session = money_of_project(public_id), db.session()
    context: dict[str, Any] = {"money": money, "payouts": list_for(session, f"project:{money.project.id}")}
    if money.details is not None:
        context["notes"] = list_notes(session, money.details.id)
        context["earlier"] = list_earlier(session, money.details.payee)
        context["is_personal"] = open_account(money.details, app_secret()).is_personal
    context["match_pence"] = match_held_pence(db.session(), context["money"].project.id)
    return show("project", may_move=can_prepare(current_actor()), now=clock.now(), **context)


@pages.get("/projects/<public_id>/call-back")
@pages.post("/projects/<public_id>/call-back")
@officers(Right.MOVE_MONEY, fresh=True)
def call_back(public_id: str) -> Answer:
    """Record a call to the payee on a number that was known before."""
    return _about_details(public_id, "call_back", record_call_back)


@pages.get("/projects/<public_id>/personal")
@pages.post("/projects/<public_id>/personal")
@officers(Right.MOVE_MONEY, fresh=True)
def personal(public_id: str) -> Answer:
    """Record why money may go to a personal account."""
    return _about_details(public_id, "personal", allow_personal, secret=app_secret())


@pages.get("/<public_id>/confirm")
@pages.post("/<public_id>/confirm")
@officers(Right.MOVE_MONEY, fresh=True)
def confirm(public_id: str) -> Answer:
    """Record that a payout arrived."""
    form = BankReferenceForm()
    return _about_payout(public_id, "confirm", form, form.bank_reference, confirm_payout)


@pages.get("/<public_id>/return")
@pages.post("/<public_id>/return")
@officers(Right.MOVE_MONEY, fresh=True)
def send_back(public_id: str) -> Answer:
    """Record that the bank sent a payout back."""
    form = WhyForm()
    form.reason.label.text = "Why did it come back?"
    return _about_payout(public_id, "return", form, form.reason, return_payout)


@pages.get("/<public_id>/paid-twice")
@pages.post("/<public_id>/paid-twice")
@officers(Right.MOVE_MONEY, fresh=True)
def paid_twice(public_id: str) -> Answer:
    """Record what became of a second payment."""
    form = WhyForm()
    form.reason.label.text = "What became of the second payment?"
    return _about_payout(public_id, "twice", form, form.reason, settle_paid_twice)


def _about_details(public_id: str, template: str, action: Callable[..., Any], **more: Any) -> Answer:
    money, form = _with_details(public_id), NoteForm()
    assert money.details is not None
    if form.validate_on_submit():
        given = money.details.id, form.note.data or ""
        group_id = money.payable.group_id
        with LandingOn(form):
            # Somebody may have rung about one account while another was given.
            if form.seen.data != _seen(money):
                raise replaced()
            with unit_of_work() as session:
                action(session, *given, group_id=group_id, actor=current_actor(), now=clock.now(), **more)
            return redirect(url_for(".project", public_id=public_id), 303)
        money = _with_details(public_id)
        form.seen.data = _seen(money)
    if not form.is_submitted():
        form.seen.data = _seen(money)
    return show(template, form, money=money)


def _with_details(public_id: str) -> Money:
    money = money_of_project(public_id)
    if money.details is None:
        raise NotFound("no bank details yet")
    return money


def _seen(money: Money) -> str:
    """Return what a form remembers of the bank details that its page showed."""
    return str(money.details.id) if money.details else ""


def _about_payout(public_id: str, template: str, form: Form, field: TextField, action: Callable[..., Any]) -> Answer:
    row, money = payout_and_money(public_id)
    if form.validate_on_submit():
        payout_id, said = row.id, field.data or ""
        with LandingOn(form):
            with unit_of_work() as session:
                action(session, payout_id, said, actor=current_actor(), now=clock.now())
            return redirect(url_for(".payout", public_id=public_id), 303)
        row, money = payout_and_money(public_id)
    possible = row.state in _POSSIBLE[template] and is_paid_twice(row) == (template == "twice")
    return show(template, form, payout=row, money=money, possible=possible)
