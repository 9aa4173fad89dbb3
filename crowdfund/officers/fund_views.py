"""Funds on the desk: which there are, how each one's money stands, what it is called, and their order."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy import select

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.history import PAGE_SIZE, count_history, history
from crowdfund.accounts.roles import FundRight, Right
from crowdfund.core import clock
from crowdfund.core.clock import LONDON
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds import actions
from crowdfund.funds.access import can_edit, can_order, can_see
from crowdfund.funds.models import Fund, Funder
from crowdfund.funds.queries import find_draft, find_terms, list_funds, list_lines, list_receipts
from crowdfund.funds.words import tell
from crowdfund.funds.years import may_carry, next_year
from crowdfund.matching.fit import names_of
from crowdfund.matching.headroom import Standing, headroom_of_fund, headrooms
from crowdfund.officers import fund_money_views, fund_terms_views
from crowdfund.officers.fund_forms import FundForm, MoveForm, NewFundForm, PlainForm
from crowdfund.officers.fund_pages import Answer, fund_links, fund_of, pages, rights_at, show
from crowdfund.settlement.history_words import HISTORY_WORDS
from crowdfund.web.forms import LandingOn
from crowdfund.web.htmx import wants_fragment
from crowdfund.web.paging import Page, page_number

SCREENS = (fund_money_views, fund_terms_views)  # imported so that their pages belong to the desk


@pages.get("")
@officers(Right.SEE_DESK)
def index() -> Answer:
    """List the funds that the officer may see, with how their money stands."""
    actor, session = current_actor(), db.session()
    listed = [one for one in list_funds(session, clock.now()) if can_see(actor, one.fund.funder_id)]
    standings = headrooms(session, [one.fund.id for one in listed])
    total = _total(list(standings.values()))
    context: dict[str, Any] = {"may_add": bool(_own_funders()), "may_order": bool(can_order(actor))}
    today = clock.now().astimezone(LONDON).date()
    return show("list", listed=listed, standings=standings, total=total, today=today, **context)


@pages.get("/<public_id>")
@officers(Right.SEE_DESK)
def fund(public_id: str) -> Answer:
    """Show one fund: how its money stands, its budget by source and year, its terms, and what was paid in."""
    session, found, now = db.session(), fund_of(public_id), clock.now()
    standing, terms = headroom_of_fund(session, found.id), find_terms(session, found.id, now)
    lines = {(line.source, line.year): line.public_id for line in list_lines(session, found.id)}
    context: dict[str, Any] = {"standing": standing, "lines": lines, "terms": terms, **rights_at(found)}
    context["told"] = tell(terms, names_of(session)) if terms else []
    context |= {"receipts": list_receipts(session, found.id), "carries": _carries(standing)}
    return show("fund", fund=found, draft=find_draft(session, found.id), **context)


@pages.get("/<public_id>/headroom")
@officers(Right.SEE_DESK)
def headroom(public_id: str) -> Answer:
    """Answer a page that watches a fund's money: nothing while nothing changed, else the panel and a sentence."""
    found = fund_of(public_id)
    if not wants_fragment():
        return redirect(url_for(".fund", public_id=public_id), 303)
    standing = headroom_of_fund(db.session(), found.id)
    if request.args.get("seen") == standing.token:
        return Response(status=204)
    page = render_template("officers/funds/headroom_answer.html", fund=found, standing=standing)
    answer = Response(page, mimetype="text/html")
    answer.set_etag(standing.token)
    return answer


@pages.get("/new")
@pages.post("/new")
@officers(Right.SEE_DESK)
def new() -> Answer:
    """Add a fund of a funder whose funds the officer may change."""
    form, own = NewFundForm(), _own_funders()
    if not own:
        raise Forbidden("Only an administrator of a funder adds funds for it.")
    form.offer(own)
    ids = {funder.public_id: funder.id for funder in own}
    if request.method == "GET" and len(own) == 1:
        form.funder.data = own[0].public_id
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                typed = (ids[form.funder.data], form.name.data or "", form.about.data or "")
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                made = actions.create_fund(session, *typed, pays_direct=bool(form.pays_direct.answer), **who).public_id
            return redirect(url_for(".fund", public_id=made), 303)
    return show("new", form)


@pages.get("/<public_id>/edit")
@pages.post("/<public_id>/edit")
@officers(Right.SEE_DESK)
def edit(public_id: str) -> Answer:
    """Change what a fund is called and for."""
    found, form = fund_of(public_id, FundRight.EDIT), FundForm()
    if request.method == "GET":
        form.name.data, form.about.data = found.name, found.about
    if form.validate_on_submit():
        fund_id = found.id
        with LandingOn(form):
            with unit_of_work() as session:
                typed = (form.name.data or "", form.about.data or "")
                actions.change_fund(session, fund_id, *typed, actor=current_actor(), now=clock.now())
            return redirect(url_for(".fund", public_id=public_id), 303)
        found = fund_of(public_id, FundRight.EDIT)
    return show("edit", form, fund=found)


@pages.get("/<public_id>/history")
@officers(Right.SEE_DESK)
def tell_history(public_id: str) -> Answer:
    """Tell what happened to a fund, its terms and its money."""
    session, found = db.session(), fund_of(public_id)
    total = count_history(session, "fund", found.id, internal=True)
    page = Page(page_number(request.args), total, PAGE_SIZE, request.path)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    entries = history(session, "fund", found.id, internal=True, words=HISTORY_WORDS, offset=page.offset)
    return show("history", fund=found, entries=entries, page=page)


@pages.get("/order")
@officers(Right.ORDER_FUNDS)
def order() -> Answer:
    """Show the order in which funds add to a project."""
    return _order(PlainForm())


@pages.post("/order")
@officers(Right.ORDER_FUNDS)
def move() -> Answer:
    """Move one fund a place up or down."""
    form = MoveForm()
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                wanted = session.scalar(select(Fund.id).where(Fund.public_id == (form.fund.data or "")))
                if wanted is None or form.way.data not in {"up", "down"}:
                    raise Refused("other_funds", "Choose one of the funds in the list.")
                up = form.way.data == "up"
                actions.move_fund(session, wanted, up=up, actor=current_actor(), now=clock.now())
            return redirect(url_for(".order"), 303)
    return _order(form)


def _order(form: PlainForm | MoveForm) -> Answer:
    return show("order", form, funds=[one.fund for one in list_funds(db.session(), clock.now())])


def _own_funders() -> list[Funder]:
    """Return the funders whose funds the officer may change, by name."""
    if not fund_links():
        return []
    every = db.session.scalars(select(Funder).order_by(Funder.name, Funder.id))
    return [funder for funder in every if can_edit(current_actor(), funder.id)]


def _total(standings: list[Standing]) -> dict[str, int]:
    names = ("budget_pence", "reserved_pence", "confirmed_pence", "paid_pence", "left_pence")
    return {name: sum(getattr(one.headroom, name) for one in standings) for name in names}


def _carries(standing: Standing) -> list[tuple[str, str]]:
    """Return the financial years of which something can be carried forward now, each with the one after it."""
    today = clock.now().astimezone(LONDON).date()
    years = {
        line.year for line in standing.lines if line.headroom.budget_pence - line.headroom.paid_pence or line.cash_pence
    }
    return [(year, next_year(year)) for year in sorted(years) if may_carry(year, today)]
