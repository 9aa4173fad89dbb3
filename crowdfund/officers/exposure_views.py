"""What the programme lost over a project, on the desk: how it stands, and the decision that settles it."""

from typing import Any

from flask import redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.officers.blueprint import first_declare
from crowdfund.officers.money_pages import Answer, pages
from crowdfund.projects.queries import get_checkable_project
from crowdfund.projects.running import LONG_REASON, MOST_REASON, NO_REASON
from crowdfund.settlement.exposure import MOST_BANK_REFERENCE, read_exposure, settle_exposure
from crowdfund.settlement.rules import EXPOSURE_WORDS, ExposureChoice
from crowdfund.web.choices import Radios
from crowdfund.web.forms import Form, LandingOn, MoneyField, TextField


class ExposureForm(Form):
    """What becomes of a loss, and how much of it."""

    choice = Radios(
        "What becomes of it?",
        choices=[(choice.value, words) for choice, words in EXPOSURE_WORDS.items()],
        missing="Choose what becomes of it.",
    )
    amount = MoneyField("How much of it?", missing="Enter how much of it.")
    bank_reference = TextField("The payment’s reference on our bank statement", most=MOST_BANK_REFERENCE)
    reason = TextField("Why?", most=MOST_REASON, missing=NO_REASON, long=LONG_REASON, lines=True)


@pages.get("/projects/<public_id>/exposure")
@pages.post("/projects/<public_id>/exposure")
@officers(Right.APPROVE_MONEY, fresh=True)
def exposure(public_id: str) -> Answer:
    """Show what the programme lost over a project, and settle it by a decision."""
    project, form = get_checkable_project(db.session(), public_id), ExposureForm()
    if leads_off := first_declare(project):
        return leads_off
    project_id, stands = project.id, read_exposure(db.session(), project.id)
    if request.method == "GET":
        form.amount.data = f"{stands.settleable_pence / 100:.2f}"
    if form.validate_on_submit():
        given = ExposureChoice(form.choice.data or ""), form.amount.pence or 0, form.reason.data or ""
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                settle_exposure(session, project_id, *given, bank_reference=form.bank_reference.data or "", **who)
            return redirect(url_for(".entries", account="exposure", project=public_id), 303)
        project = get_checkable_project(db.session(), public_id)
    context: dict[str, Any] = {"project": project, "stands": read_exposure(db.session(), project_id)}
    page = render_template("officers/money_exposure.html", form=form, **context)
    return (page, form.status) if form.errors else page
