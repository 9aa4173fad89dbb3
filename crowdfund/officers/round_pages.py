"""What officers' pages about grant rounds share: their blueprint, loading a round, and how a form changes one."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.roles import FundRight
from crowdfund.core import clock
from crowdfund.core.actor import Permit
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.access import can_edit
from crowdfund.grants.access import can_see_round, can_write_round
from crowdfund.grants.models import GrantRound
from crowdfund.grants.plans import Plan, read_plan
from crowdfund.grants.queries import find_round
from crowdfund.grants.rules import ROUND_WORDS
from crowdfund.web.forms import Form, LandingOn, VersionForm

pages = Blueprint("rounds", __name__, url_prefix="/officers/rounds")
Answer = str | BaseResponse | tuple[str, int]


def round_of(public_id: str, right: FundRight = FundRight.SEE) -> GrantRound:
    """Return a round, with its fund and funder, to an officer who has this right over it.

    Raises NotFound for officers of other funders, and Forbidden without the right.
    """
    row, actor = find_round(db.session(), public_id), current_actor()
    if row is None or not can_see_round(actor, row.fund.funder_id):
        raise NotFound(f"round {public_id}")
    if not actor.may_at(right, row.fund.funder_id):
        raise Forbidden(f"Your role does not let you {right}.")
    return row


def may_write(row: GrantRound) -> Permit:
    """Say whether the officer who asks may change a round."""
    permit = can_edit(current_actor(), row.fund.funder_id)
    return can_write_round(current_actor(), row.fund.funder_id, row) if permit else permit


def change_round(
    template: str,
    public_id: str,
    form: VersionForm,
    change: Callable[..., Any],
    permit: Callable[[GrantRound], Permit] = may_write,
    **context: Any,
) -> Answer:
    """Show a form about a round, or make the change and show the round; `change` takes session, id and version."""
    row = round_of(public_id)
    if form.validate_on_submit():
        round_id = row.id
        with LandingOn(form):
            with unit_of_work() as session:
                change(session, round_id, form.seen_version, actor=current_actor(), now=clock.now())
            return redirect(url_for(".show_round", public_id=public_id), 303)
        row = round_of(public_id)
    form.version.data = str(row.version)
    return show(template, row, form, permit=permit(row), **context)


def show(template: str, row: GrantRound, form: Form | None = None, **context: Any) -> Answer:
    """Show an officers' page about a round, with the errors and status of its form."""
    shared: dict[str, Any] = {"round": row, "form": form or VersionForm(), "words": ROUND_WORDS, "now": clock.now()}
    page = render_template(f"officers/rounds/{template}.html", **shared, **context)
    return (page, form.status) if form is not None and form.errors else page


def written(row: GrantRound) -> Plan:
    """Return the next version of a round's plan as it is written now."""
    return read_plan(row.draft)
