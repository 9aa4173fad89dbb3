"""Payouts on the desk: the list, preparing one, approval by a second person, stopping one."""

from typing import Any

from flask import redirect, request, url_for
from sqlalchemy import select

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import Right
from crowdfund.core import audit, clock
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.officers import payout_bank_views, payout_file_views
from crowdfund.officers.blueprint import first_declare
from crowdfund.officers.payout_forms import AmountForm, PlainForm, WhyForm
from crowdfund.officers.payout_pages import PAGE_SIZE, Answer, Money, money_of_project, pages, payout_and_money, show
from crowdfund.payouts.access import can_approve, can_prepare, can_reject
from crowdfund.payouts.actions import approve_payout, prepare_payout, reject_payout, thing_of
from crowdfund.payouts.details import open_account
from crowdfund.payouts.models import Payout
from crowdfund.payouts.queries import count_by_state, find_paid_twice, is_paid_twice, list_payouts
from crowdfund.payouts.rules import PayoutState
from crowdfund.projects.models import Project
from crowdfund.settlement.payable import count_payable, list_payable
from crowdfund.web.forms import LandingOn
from crowdfund.web.paging import Page, page_number
from crowdfund.web.signing import app_secret

SCREENS = (payout_bank_views, payout_file_views)  # imported so that their pages belong to payouts


@pages.get("")
@officers(Right.SEE_MONEY)
def index() -> Answer:
    """List payouts, all or in one state, newest first."""
    session = db.session()
    counts = count_by_state(session)
    wanted = request.args.get("show", "")
    states = (PayoutState(wanted),) if wanted in set(PayoutState) else ()
    total = sum(count for state, (count, _) in counts.items() if not states or state in states)
    page = _page(total, {"show": wanted} if states else {})
    payouts = list_payouts(session, states, offset=page.offset, limit=PAGE_SIZE)
    twice = find_paid_twice(session)
    context: dict[str, Any] = {"payouts": payouts, "page": page, "counts": counts, "states": PayoutState}
    context |= {"shown": states[0] if states else None, "twice": twice, "titles": _titles([*payouts, *twice])}
    return show("list", **context)


@pages.get("/projects")
@officers(Right.SEE_MONEY)
def projects() -> Answer:
    """List projects that have money to pay out."""
    page = _page(count_payable(db.session()), {})
    rows = list_payable(db.session(), offset=page.offset, limit=PAGE_SIZE)
    return show("projects", rows=rows, page=page, now=clock.now())


@pages.get("/projects/<public_id>/prepare")
@pages.post("/projects/<public_id>/prepare")
@officers(Right.MOVE_MONEY, fresh=True)
def prepare(public_id: str) -> Answer:
    """Prepare a payout for a project; it waits for a second person."""
    money, form = money_of_project(public_id), AmountForm()
    if leads_off := first_declare(money.project):
        return leads_off
    if form.validate_on_submit():
        purpose, pence = f"project:{money.project.id}", form.amount.pence or 0
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"secret": app_secret(), "actor": current_actor(), "now": clock.now()}
                made = prepare_payout(session, purpose, pence, **who).public_id
            return redirect(url_for(".payout", public_id=made), 303)
        money = money_of_project(public_id)
    return show("prepare", form, money=money)


@pages.get("/<public_id>")
@officers(Right.SEE_MONEY)
def payout(public_id: str) -> Answer:
    """Show one payout: where it is, who did what, and what can be done next."""
    row, money = payout_and_money(public_id)
    actor = current_actor()
    context: dict[str, Any] = {"payout": row, "money": money, "people": _names(row), "is_twice": is_paid_twice(row)}
    context |= {"may_approve": can_approve(actor, row, row.details), "may_stop": can_reject(actor, row)}
    return show("payout", may_move=can_prepare(actor), **context)


@pages.get("/<public_id>/approve")
@pages.post("/<public_id>/approve")
@officers(Right.APPROVE_MONEY, fresh=True)
def approve(public_id: str) -> Answer:
    """Approve what somebody else prepared, after a page that says where the money goes."""
    (row, money), form = payout_and_money(public_id), PlainForm()
    if leads_off := first_declare(money.project):
        return leads_off
    if form.validate_on_submit():
        payout_id = row.id
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"secret": app_secret(), "actor": current_actor(), "now": clock.now()}
                approve_payout(session, payout_id, **who)
            return redirect(url_for(".payout", public_id=public_id), 303)
        row, money = payout_and_money(public_id)
    return _approval(row, money, form)


@pages.post("/<public_id>/reveal")
@officers(Right.APPROVE_MONEY, fresh=True)
def reveal(public_id: str) -> Answer:
    """Show the full numbers on the approval page; that somebody looked is recorded."""
    row, money = payout_and_money(public_id)
    if leads_off := first_declare(money.project, url_for(".approve", public_id=public_id)):
        return leads_off
    about: dict[str, Any] = {"bank_details_id": row.bank_details_id, "payout_id": row.id}
    group_id = money.payable.group_id
    with unit_of_work() as session:
        who: dict[str, Any] = {"actor": current_actor(), "subject_id": group_id, "now": clock.now()}
        audit.record(session, Tag.BANK_DETAILS_SEEN, **who, **about)
    return _approval(*payout_and_money(public_id), PlainForm(), is_open=True)


@pages.get("/<public_id>/reject")
@pages.post("/<public_id>/reject")
@officers(Right.APPROVE_MONEY)
def reject(public_id: str) -> Answer:
    """Stop a payout before it is sent, with a reason."""
    (row, money), form = payout_and_money(public_id), WhyForm()
    if form.validate_on_submit():
        payout_id, reason = row.id, form.reason.data or ""
        with LandingOn(form):
            with unit_of_work() as session:
                reject_payout(session, payout_id, reason, actor=current_actor(), now=clock.now())
            return redirect(url_for(".payout", public_id=public_id), 303)
        row, money = payout_and_money(public_id)
    return show("reject", form, payout=row, money=money, permit=can_reject(current_actor(), row))


def _approval(row: Payout, money: Money, form: PlainForm, *, is_open: bool = False) -> Answer:
    account = open_account(row.details, app_secret()) if is_open else None
    permit = can_approve(current_actor(), row, row.details)
    return show("approve", form, payout=row, money=money, account=account, permit=permit, people=_names(row))


def _page(total: int, query: dict[str, str]) -> Page:
    page = Page(page_number(request.args), total, PAGE_SIZE, request.path, query)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    return page


def _titles(payouts: list[Payout]) -> dict[str, str]:
    wanted = {thing_of(row.purpose) for row in payouts}
    found = db.session.execute(select(Project.id, Project.title).where(Project.id.in_(sorted(wanted))))
    return {f"project:{number}": title for number, title in found}


def _names(row: Payout) -> dict[int | None, str]:
    wanted = {row.prepared_by_id, row.approved_by_id, row.details.called_by_id, row.details.given_by_id} - {None}
    found = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(sorted(filter(None, wanted)))))
    return {None: "", **dict(found.all())}
