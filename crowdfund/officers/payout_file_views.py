"""Payment files out to the bank, and the bank's answer in."""

from typing import Any

from flask import Response, redirect, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import clock, failpoints
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.officers.payout_forms import AnswerForm, PlainForm
from crowdfund.officers.payout_pages import PAGE_SIZE, Answer, pages, show
from crowdfund.payouts.access import can_prepare
from crowdfund.payouts.answers import Told, take_answer
from crowdfund.payouts.bank_answer import COLUMNS, MOST_BYTES, read_answer
from crowdfund.payouts.files import file_name, make_payment_file, take_file
from crowdfund.payouts.queries import count_by_state, get_file, list_files, list_in_file
from crowdfund.payouts.rules import PayoutState
from crowdfund.web.forms import LandingOn
from crowdfund.web.signing import app_secret

AT_ONCE = 50  # lines of the bank's answer in one transaction


@pages.get("/files")
@officers(Right.SEE_MONEY)
def files() -> Answer:
    """List the newest payment files."""
    session = db.session()
    waiting = count_by_state(session).get(PayoutState.APPROVED, (0, 0))
    listed = list_files(session, limit=4 * PAGE_SIZE)
    return show("files", files=listed, waiting=waiting, may_move=can_prepare(current_actor()), name=file_name)


@pages.get("/files/new")
@pages.post("/files/new")
@officers(Right.MOVE_MONEY, fresh=True)
def new_file() -> Answer:
    """Send what is approved: one file, kept as it is."""
    form = PlainForm()
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"secret": app_secret(), "actor": current_actor(), "now": clock.now()}
                made = make_payment_file(session, **who)
                leads_to = url_for(".file", public_id=made.file.public_id, left=made.left_behind or None)
            failpoints.reach("payout.after_send")
            return redirect(leads_to, 303)
    return show("file_new", form, waiting=count_by_state(db.session()).get(PayoutState.APPROVED, (0, 0)))


@pages.get("/files/<public_id>")
@officers(Right.SEE_MONEY)
def file(public_id: str) -> Answer:
    """Show what is in a payment file, numbers masked."""
    row = get_file(db.session(), public_id)
    listed = list_in_file(db.session(), row.id)
    context: dict[str, Any] = {"file": row, "payouts": listed, "name": file_name(row.number)}
    return show("file", left="left" in request.args, may_move=can_prepare(current_actor()), **context)


@pages.post("/files/<public_id>/download")
@officers(Right.MOVE_MONEY, fresh=True)
def download(public_id: str) -> Answer:
    """Send a payment file, the same bytes each time; who took it and when is recorded."""
    row = get_file(db.session(), public_id)
    number = row.number
    with unit_of_work() as session:
        who: dict[str, Any] = {"secret": app_secret(), "actor": current_actor(), "now": clock.now()}
        content = take_file(session, get_file(session, public_id), **who)
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(number)}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/answer")
@pages.post("/answer")
@officers(Right.MOVE_MONEY, fresh=True)
def answer() -> Answer:
    """Read the bank's answer from a file and show what came of each line."""
    form = AnswerForm()
    told: list[Told] | None = None
    if form.validate_on_submit():
        with LandingOn(form):
            lines = read_answer(form.answer.stream.read(MOST_BYTES + 1), "answer")
            taken: list[Told] = []
            # A part at a time, so that a long answer does not keep others waiting; read again it changes nothing.
            for start in range(0, len(lines), AT_ONCE):
                with unit_of_work() as session:
                    part = lines[start : start + AT_ONCE]
                    taken += take_answer(session, part, actor=current_actor(), now=clock.now())
            told = taken
    return show("answer", form, told=told, columns=COLUMNS)
