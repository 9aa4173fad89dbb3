"""Bank details: a group's owners give the group's, whoever answered for a host gives the host's."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import demand_step_up, members, members_after_step_up, signed_in
from crowdfund.accounts.roles import MEMBER_RIGHTS, GroupRight
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group, Host
from crowdfund.groups.queries import find_accepted_host, get_own_group, needs_host, role_in
from crowdfund.payouts.details import open_account
from crowdfund.payouts.numbers import masked
from crowdfund.payouts.queries import find_details
from crowdfund.settlement.bank_details import ask_host, get_host, give_for_group, give_for_host
from crowdfund.settlement.paying import payee_of
from crowdfund.site.bank_forms import BankForm, PlainForm
from crowdfund.web.forms import LandingOn
from crowdfund.web.limits import limit
from crowdfund.web.signing import app_secret

pages = Blueprint("bank", __name__)
Answer = str | BaseResponse | tuple[str, int]
OF_GROUP = "people of the group, through get_own_group"
OF_HOST = "whoever answered for the host, through get_host; others find nothing"
MOST, PER = 10, timedelta(hours=1)


@pages.get("/apply/groups/<public_id>/bank")
@members(OF_GROUP)
def group(public_id: str) -> Answer:
    """Show where the money for a group is paid, masked."""
    return _show_group(public_id, PlainForm())


@pages.get("/apply/groups/<public_id>/bank/change")
@pages.post("/apply/groups/<public_id>/bank/change")
@members_after_step_up(OF_GROUP)
def change(public_id: str) -> Answer:
    """Take a group's bank details from an owner who gave a second factor just now."""
    row = get_own_group(db.session(), public_id, current_actor(), GroupRight.MANAGE)
    demand_step_up()
    done = url_for(".group", public_id=public_id, given=1)
    return _take(row.name, row.id, give_for_group, done, url_for(".change", public_id=public_id))


@pages.post("/apply/groups/<public_id>/bank/ask-host")
@members(OF_GROUP)
def ask(public_id: str) -> Answer:
    """Mail the group's host that its bank details are wanted."""
    actor, form = current_actor(), PlainForm()
    row = get_own_group(db.session(), public_id, actor, GroupRight.MANAGE)
    group_id, host = row.id, find_accepted_host(db.session(), row.id)
    path = url_for(".host", public_id=host.public_id) if host else ""
    link = str(current_app.config["PUBLIC_URL"]).rstrip("/") + path
    with LandingOn(form):
        limit("ask-host", str(actor.person_id), times=MOST, per=PER)
        with unit_of_work() as session:
            ask_host(session, group_id, link, actor=actor, now=clock.now())
        return redirect(url_for(".group", public_id=public_id, asked=1), 303)
    return _show_group(public_id, form)


@pages.get("/apply/hosts/<public_id>/bank")
@signed_in
def host(public_id: str) -> Answer:
    """Show a host where its money is paid, masked; only to whoever answered for it."""
    row, of_group = get_host(db.session(), public_id, current_actor())
    return _show(of_group, row, PlainForm(), {"change_url": url_for(".change_host", public_id=public_id)})


@pages.get("/apply/hosts/<public_id>/bank/change")
@pages.post("/apply/hosts/<public_id>/bank/change")
@signed_in
def change_host(public_id: str) -> Answer:
    """Take a host's bank details from whoever answered for it and gave a second factor just now."""
    row, _ = get_host(db.session(), public_id, current_actor())
    demand_step_up()
    done = url_for(".host", public_id=public_id, given=1)
    return _take(row.name, row.id, give_for_host, done, url_for(".change_host", public_id=public_id))


def _take(payee_name: str, payee_id: int, give: Callable[..., Any], done: str, action: str) -> Answer:
    form, actor = BankForm(), current_actor()
    if form.validate_on_submit():
        with LandingOn(form):
            limit("bank-details", str(actor.person_id), times=MOST, per=PER)
            with unit_of_work() as session:
                give(session, payee_id, form.account, secret=app_secret(), actor=actor, now=clock.now())
            return redirect(done, 303)
    back = done.partition("?")[0]
    page = render_template("site/bank_change.html", form=form, payee_name=payee_name, action=action, back=back)
    return (page, form.status) if form.errors else page


def _show_group(public_id: str, form: PlainForm) -> Answer:
    session, actor = db.session(), current_actor()
    row = get_own_group(session, public_id, actor)
    role, takes = role_in(session, row.id, actor.person_id), find_accepted_host(session, row.id)
    manages = role is not None and GroupRight.MANAGE in MEMBER_RIGHTS[role]
    own = manages and takes is None and not needs_host(row)
    change_url = url_for(".change", public_id=public_id) if own else None
    return _show(row, takes, form, {"change_url": change_url, "manages": manages, "is_group": True})


def _show(of_group: Group, takes: Host | None, form: PlainForm, context: dict[str, Any]) -> Answer:
    details = find_details(db.session(), payee_of(of_group, takes) or "")
    context = {"manages": False, "is_group": False, "group": of_group, "host": takes, "details": details} | context
    context["payee_name"] = takes.name if takes else of_group.name
    context["account"] = masked(details.account_end) if details else ""
    context["is_personal"] = details is not None and open_account(details, app_secret()).is_personal
    context |= {"given": "given" in request.args, "asked": "asked" in request.args, "now": clock.now()}
    page = render_template("site/bank.html", form=form, needs_host=needs_host(of_group), **context)
    return (page, form.status) if form.errors else page
