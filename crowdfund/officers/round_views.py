"""Grant rounds on the desk: which there are, starting one, its dates and words, publishing it, opening it early."""

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.history import PAGE_SIZE, count_history, history
from crowdfund.accounts.roles import FundRight, Right
from crowdfund.core import clock
from crowdfund.core.actor import Permit
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.access import can_edit
from crowdfund.funds.queries import list_funds
from crowdfund.grants import rounds
from crowdfund.grants.access import can_see_round, can_unseal
from crowdfund.grants.models import GrantRound
from crowdfund.grants.plans import faults_of, write_plan
from crowdfund.grants.prospectus import prospectus_of
from crowdfund.grants.queries import count_by_state, list_plans, list_rounds
from crowdfund.grants.ready_made import READY_MADE
from crowdfund.grants.rules import ROUND_WORDS, WORDS, ApplicationState, RoundState
from crowdfund.groups.rules import FORM_WORDS
from crowdfund.officers import plan_views
from crowdfund.officers.round_forms import AboutForm, FrameForm, NewRoundForm, UnsealForm
from crowdfund.officers.round_pages import Answer, change_round, may_write, pages, round_of, show, written
from crowdfund.places.queries import list_districts
from crowdfund.settlement.history_words import HISTORY_WORDS
from crowdfund.web.forms import LandingOn, VersionForm
from crowdfund.web.paging import Page, page_number

SCREENS = (plan_views,)  # imported so that its pages belong to the blueprint


@pages.get("")
@officers(Right.SEE_DESK)
def index() -> Answer:
    """List the rounds of the funders whose funds the officer may see."""
    context: dict[str, Any] = {"rounds": _own_rounds(), "may_add": bool(_own_funds()), "words": ROUND_WORDS}
    return render_template("officers/rounds/list.html", **context)


@pages.get("/new")
@pages.post("/new")
@officers(Right.SEE_DESK)
def new() -> Answer:
    """Begin a round from a ready-made one or from an earlier one."""
    form, funds = NewRoundForm(), _own_funds()
    if not funds:
        raise Forbidden("Only an administrator of a funder writes rounds for its funds.")
    earlier = {row.public_id: row for row in _own_rounds()}
    beginnings = [(key, f"{words} (ready-made)") for key, (words, _) in READY_MADE.items()]
    beginnings += [(key, f"{row.title}, {row.fund.name}") for key, row in earlier.items()]
    form.offer([(fund.public_id, fund.name) for fund in funds], beginnings)
    if form.validate_on_submit():
        fund_id = next(fund.id for fund in funds if fund.public_id == form.fund.data)
        ready = READY_MADE.get(str(form.begins_from.data))
        plan = write_plan(ready[1]) if ready else dict(earlier[str(form.begins_from.data)].draft)
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                public_id = rounds.start_round(session, fund_id, form.frame, plan, **who).public_id
            return redirect(url_for(".show_round", public_id=public_id), 303)
    page = render_template("officers/rounds/new.html", form=form)
    return (page, form.status) if form.errors else page


@pages.get("/<public_id>")
@officers(Right.SEE_DESK)
def show_round(public_id: str) -> Answer:
    """Show a round: where it stands, its versions, what is written for the next one, and what is missing."""
    row, session = round_of(public_id), db.session()
    plan, versions = written(row), list_plans(session, row.id)
    is_new = not versions or versions[0].plan != row.draft
    counts = {state: count for state, count in count_by_state(session, row.id).items() if count}
    context: dict[str, Any] = {"faults": faults_of(plan), "versions": versions, "is_new": is_new}
    context |= {"counts": counts, "states": WORDS, "may_write": may_write(row), "plan": plan}
    context["may_unseal"] = can_unseal(current_actor(), row.fund.funder_id, row)
    context["is_sealed"] = row.state is RoundState.OPEN and row.unsealed_at is None
    context["sent"] = sum(count for state, count in counts.items() if state is not ApplicationState.DRAFT)
    return show("show", row, **context)


@pages.get("/<public_id>/frame")
@pages.post("/<public_id>/frame")
@officers(Right.SEE_DESK)
def frame(public_id: str) -> Answer:
    """Change a round's name, dates and money."""
    row, form = round_of(public_id, FundRight.EDIT), FrameForm()
    if request.method == "GET":
        form.fill_in(row)

    def change(session: Session, round_id: int, seen: int, **who: Any) -> None:
        rounds.change_frame(session, round_id, form.frame, seen, **who)

    return change_round("frame", public_id, form, change)


@pages.get("/<public_id>/about")
@pages.post("/<public_id>/about")
@officers(Right.SEE_DESK)
def about(public_id: str) -> Answer:
    """Change what a round says of itself."""
    row, form = round_of(public_id, FundRight.EDIT), AboutForm()
    districts = [(one.code, one.name) for one in list_districts(db.session())]
    form.offer(districts, [(one.value, words) for one, words in FORM_WORDS.items()])
    if request.method == "GET":
        form.fill_in(written(row))

    def change(session: Session, round_id: int, seen: int, **who: Any) -> None:
        rounds.save_plan(session, round_id, form.values, seen, **who)

    return change_round("about", public_id, form, change)


@pages.get("/<public_id>/publish")
@pages.post("/<public_id>/publish")
@officers(Right.SEE_DESK, fresh=True)
def publish(public_id: str) -> Answer:
    """Show what was written as the public will read it, and publish it as the next version."""
    row = round_of(public_id, FundRight.EDIT)
    context = {**prospectus_of(db.session(), written(row)), "faults": faults_of(written(row))}
    return change_round("publish", public_id, VersionForm(), rounds.publish_round, **context)


@pages.get("/<public_id>/take-down")
@pages.post("/<public_id>/take-down")
@officers(Right.SEE_DESK, fresh=True)
def take_down(public_id: str) -> Answer:
    """Take a published round down before it opens."""
    round_of(public_id, FundRight.EDIT)

    def permit(row: GrantRound) -> Permit:
        is_coming = row.state is RoundState.SCHEDULED and clock.now() < row.opens_at
        return Permit(is_coming, "" if is_coming else "Only a round that has not opened yet can be taken down.")

    return change_round("take_down", public_id, VersionForm(), rounds.take_down, permit)


@pages.get("/<public_id>/unseal")
@pages.post("/<public_id>/unseal")
@officers(Right.SEE_DESK, fresh=True)
def unseal(public_id: str) -> Answer:
    """Open applications before the round closes; who and why is kept."""
    round_of(public_id, FundRight.DECIDE)
    form = UnsealForm()

    def change(session: Session, round_id: int, seen: int, **who: Any) -> None:
        rounds.unseal_round(session, round_id, form.reason.data or "", seen, **who)

    def permit(row: GrantRound) -> Permit:
        return can_unseal(current_actor(), row.fund.funder_id, row)

    return change_round("unseal", public_id, form, change, permit)


@pages.get("/<public_id>/history")
@officers(Right.SEE_DESK)
def tell_history(public_id: str) -> Answer:
    """Tell what happened to a round."""
    row, session = round_of(public_id), db.session()
    page = Page(
        page_number(request.args), count_history(session, "round", row.id, internal=True), PAGE_SIZE, request.path
    )
    if page.number > page.pages:
        raise NotFound("there is no such page")
    entries = history(session, "round", row.id, internal=True, words=HISTORY_WORDS, offset=page.offset)
    return show("history", row, entries=entries, page=page)


def _own_rounds() -> list[GrantRound]:
    return [row for row in list_rounds(db.session()) if can_see_round(current_actor(), row.fund.funder_id)]


def _own_funds() -> list[Any]:
    listed = (one.fund for one in list_funds(db.session(), clock.now()))
    return [fund for fund in listed if can_edit(current_actor(), fund.funder_id)]
