"""The board of a round: applications by mark, laid somewhere with a click, confirmed, and decided one by one."""

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.grants.access import SEALED, can_confirm_panel, can_place, is_sealed
from crowdfund.grants.board import remarks, stops, sums_of
from crowdfund.grants.models import GrantApplication, GrantRound
from crowdfund.grants.panels import (
    Seen,
    cards_of,
    confirm_panel,
    count_of_panel,
    get_panel,
    left_of,
    list_faults,
    list_panels,
    place_application,
)
from crowdfund.grants.plans import read_plan
from crowdfund.grants.queries import get_officers_application
from crowdfund.grants.rules import OUTCOME_WORDS, Outcome
from crowdfund.officers.application_forms import PanelForm, PlaceForm
from crowdfund.officers.application_pages import Answer, apart, change_application, pages
from crowdfund.officers.round_pages import round_of
from crowdfund.places.queries import list_districts
from crowdfund.projects.fields import typed_pounds
from crowdfund.web.forms import Form, LandingOn
from crowdfund.web.htmx import wants_fragment


@pages.get("/rounds/<public_id>/board")
@officers(Right.SEE_DESK)
def board(public_id: str) -> Answer:
    """Show every application that waits for a decision, the best mark first, and what the board comes to."""
    row = _open_round(public_id)
    context = _board(row) | {"panels": list_panels(db.session(), row.id), "form": Form()}
    return render_template("officers/applications/board.html", round=row, **context)


@pages.get("/applications/<public_id>/place")
@pages.post("/applications/<public_id>/place")
@officers(Right.SEE_DESK)
@apart
def place(application: GrantApplication) -> Answer:
    """Lay an application somewhere on the board, or take it off; from the board its row and the sums answer."""
    plan, form, row = read_plan(application.plan.plan), PlaceForm(), application.round
    form.take_criteria(plan)
    card, seen = _card(row, application)
    if request.method == "GET" and seen.lies:
        form.outcome.data, form.pence.data = seen.lies.outcome.value, typed_pounds(seen.lies.pence)
        form.criterion.data, form.reason.data = seen.lies.criterion, seen.lies.reason
    if form.is_quick:
        _suggest(form, seen)
    change = _placing(form)
    if wants_fragment():
        key, public_id = application.id, application.public_id
        if form.validate_on_submit():
            with LandingOn(form), unit_of_work() as session:
                change(session, key, actor=current_actor(), now=clock.now())
        row = get_officers_application(db.session(), public_id, current_actor()).round
        context = _board(row)
        pair = next(pair for pair in context["pairs"] if pair[0].application_id == key)
        message = " ".join(str(error) for errors in form.errors.values() for error in errors)
        page = render_template(
            "officers/applications/_board_answer.html", pair=pair, message=message, form=form, **context
        )
        return (page, form.status) if form.errors else page
    leads_to = url_for(".board", public_id=row.public_id)

    def context_of(shown: GrantApplication) -> dict[str, Any]:
        return {"permit": can_place(current_actor(), shown.round.fund.funder_id, shown), "card": card}

    answer = change_application("place", application, form, change, context_of)
    return redirect(leads_to, 303) if request.method == "POST" and not form.errors else answer


@pages.get("/rounds/<public_id>/panel")
@pages.post("/rounds/<public_id>/panel")
@officers(Right.SEE_DESK, fresh=True)
def confirm(public_id: str) -> Answer:
    """Show what a fair panel looks at twice, and make the board hold with the minutes of the meeting."""
    row, form = _open_round(public_id), PanelForm()
    permit = can_confirm_panel(current_actor(), row.fund.funder_id)
    if form.validate_on_submit():
        round_id = row.id
        with LandingOn(form):
            with unit_of_work() as session:
                said = (form.reference.data or "", form.minutes.data or "")
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                panel_id = confirm_panel(session, round_id, *said, **who).public_id
            return redirect(url_for(".panel", public_id=panel_id), 303)
        row = _open_round(public_id)
    page = render_template("officers/applications/confirm.html", round=row, permit=permit, form=form, **_board(row))
    return (page, form.status) if form.errors else page


@pages.get("/panels/<public_id>")
@officers(Right.SEE_DESK)
def panel(public_id: str) -> Answer:
    """Show the minutes of a panel, and how far deciding what it confirmed has come."""
    session = db.session()
    found = get_panel(session, public_id)
    row = session.get_one(GrantRound, found.round_id)
    row = round_of(row.public_id)
    total, done, faulty = count_of_panel(session, found.id)
    context: dict[str, Any] = {"panel": found, "total": total, "done": done, "faulty": faulty}
    context["faults"] = list_faults(session, found.id) if faulty else []
    template = "_panel_progress" if wants_fragment() else "panel"
    return render_template(f"officers/applications/{template}.html", round=row, **context)


def _open_round(public_id: str) -> GrantRound:
    row = round_of(public_id)
    if is_sealed(row):
        raise Forbidden(SEALED)
    return row


def _board(row: GrantRound) -> dict[str, Any]:
    session = db.session()
    pairs = cards_of(session, row.id, current_actor().person_id or 0)
    cards, names = [card for card, _ in pairs], {one.code: one.name for one in list_districts(session)}
    sums = sums_of(cards, left_of(session, row.id))
    found = {"pairs": pairs, "sums": sums, "stops": stops(cards, sums), "remarks": remarks(cards, sums)}
    return found | {"districts": names, "outcomes": OUTCOME_WORDS, "quick": QUICK}


def _card(row: GrantRound, application: GrantApplication) -> tuple[Any, Seen]:
    pairs = cards_of(db.session(), row.id, current_actor().person_id or 0)
    pair = next((pair for pair in pairs if pair[0].application_id == application.id), None)
    if pair is None:
        raise NotFound("it does not wait for a decision")
    return pair


QUICK: dict[str, str] = {Outcome.FULL.value: "Fund", Outcome.DEFER.value: "Defer", Outcome.DECLINE.value: "Decline"}


def _suggest(form: PlaceForm, seen: Seen) -> None:
    """Begin with what was said before, or with the assessors' words and their lowest mark; a panel changes them."""
    newest = seen.standing.newest
    form.reason.data = seen.lies.reason if seen.lies else newest[0].assessment.reason if newest else ""
    marks = [(score["score"], key) for one in newest for key, score in one.assessment.scores.items()]
    given = sorted((score, key) for score, key in marks if score is not None)
    form.criterion.data = seen.lies.criterion if seen.lies else given[0][1] if given else ""


def _placing(form: PlaceForm) -> Any:
    def change(session: Session, key: int, **who: Any) -> None:
        place_application(session, key, form.placing, **who)

    return change
