"""A fund's money on the desk: budget lines, what was paid in, and carrying a year's rest forward."""

from datetime import date
from typing import Any

from flask import redirect, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import FundRight, Right
from crowdfund.core import clock
from crowdfund.core.clock import LONDON
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.ids import public_id as new_key
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds import budgets
from crowdfund.funds.models import Fund
from crowdfund.funds.queries import get_line, list_lines
from crowdfund.funds.rules import Headroom, financial_year
from crowdfund.funds.years import may_carry, next_year
from crowdfund.matching.carrying import carry_year
from crowdfund.matching.headroom import LineStanding, headroom_of_fund
from crowdfund.officers.fund_forms import CarryForm, ChangeForm, LineForm, ReceiptForm
from crowdfund.officers.fund_pages import Answer, authority_of, fund_of, pages, show
from crowdfund.web.forms import LandingOn


@pages.get("/<public_id>/budget/new")
@pages.post("/<public_id>/budget/new")
@officers(Right.SEE_DESK, fresh=True)
def new_line(public_id: str) -> Answer:
    """Add a budget line of a source and financial year."""
    found, form = fund_of(public_id, FundRight.PAY), LineForm()
    form.offer(clock.now().astimezone(LONDON).date())
    if form.validate_on_submit():
        fund_id = found.id
        with LandingOn(form):
            with unit_of_work() as session:
                typed = (form.source.data or "", form.year.data, form.amount.pence or 0)
                budgets.open_line(session, fund_id, *typed, actor=current_actor(), now=clock.now())
            return _back(public_id)
        found = fund_of(public_id, FundRight.PAY)
    return show("line_new", form, fund=found)


@pages.get("/<public_id>/budget/<line_id>")
@pages.post("/<public_id>/budget/<line_id>")
@officers(Right.SEE_DESK, fresh=True)
def change_line(public_id: str, line_id: str) -> Answer:
    """Raise or lower a budget line, never below what is left of it."""
    found, form = fund_of(public_id, FundRight.PAY), ChangeForm()
    line = get_line(db.session(), found.id, line_id)
    if form.validate_on_submit():
        number = line.id
        with LandingOn(form):
            with unit_of_work() as session:
                once = form.once.data or ""
                budgets.change_line(session, number, form.pence, once, actor=current_actor(), now=clock.now())
            return _back(public_id)
        found = fund_of(public_id, FundRight.PAY)
        line = get_line(db.session(), found.id, line_id)
    if not form.is_submitted():
        form.once.data = new_key()
    return show("line", form, fund=found, line=line, standing=_of_line(found, line.source, line.year))


@pages.get("/<public_id>/paid-in")
@pages.post("/<public_id>/paid-in")
@officers(Right.SEE_DESK, fresh=True)
def paid_in(public_id: str) -> Answer:
    """Post money of the funder that arrived in the programme's bank."""
    found, form = fund_of(public_id, FundRight.PAY), ReceiptForm()
    lines = list_lines(db.session(), found.id)
    form.offer(lines)
    if form.validate_on_submit():
        ids = {line.public_id: line.id for line in lines}
        with LandingOn(form):
            with unit_of_work() as session:
                typed = (ids[form.line.data], form.amount.pence or 0, form.reference.data or "")
                budgets.receive_money(session, *typed, actor=current_actor(), now=clock.now())
            return _back(public_id)
        found = fund_of(public_id, FundRight.PAY)
    return show("paid_in", form, fund=found, direct=budgets.DIRECT, has_lines=bool(lines))


@pages.get("/<public_id>/carry/<int:begins>")
@pages.post("/<public_id>/carry/<int:begins>")
@officers(Right.SEE_DESK, fresh=True)
def carry(public_id: str, begins: int) -> Answer:
    """Carry what is left of a financial year into the next one, as a recorded decision."""
    found, form = fund_of(public_id, FundRight.PAY), CarryForm()
    if not 2000 <= begins < 2100:
        raise NotFound(f"year {begins}")
    year = financial_year(date(begins, 4, 1))
    if form.validate_on_submit():
        fund_id, authority = found.id, authority_of(found, FundRight.PAY)
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                reference = form.reference.data or ""
                carry_year(session, fund_id, year, form.reason.data or "", authority, reference=reference, **who)
            return _back(public_id)
        found = fund_of(public_id, FundRight.PAY)
    lines = [line for line in headroom_of_fund(db.session(), found.id).lines if line.year == year]
    can = may_carry(year, clock.now().astimezone(LONDON).date())
    return show("carry", form, fund=found, year=year, to_year=next_year(year), lines=lines, can=can)


def _back(public_id: str) -> Answer:
    return redirect(url_for(".fund", public_id=public_id), 303)


def _of_line(fund: Fund, source: str, year: str) -> LineStanding:
    every = headroom_of_fund(db.session(), fund.id).lines
    found = (line for line in every if (line.source, line.year) == (source, year))
    return next(found, LineStanding(source, year, Headroom(0, 0, 0, 0, 0), 0))
