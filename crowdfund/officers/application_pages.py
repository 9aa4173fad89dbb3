"""What officers' pages about applications share: their blueprint, the gate before each, how a form changes one."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.grants.access import can_open
from crowdfund.grants.distance import UNDECLARED, distance_of
from crowdfund.grants.models import GrantApplication
from crowdfund.grants.plans import read_plan
from crowdfund.grants.queries import get_officers_application
from crowdfund.grants.rules import OUTCOME_WORDS, SCORE_WORDS, WORDS
from crowdfund.web.forms import Form, LandingOn

pages = Blueprint("grant_desk", __name__, url_prefix="/officers")
Answer = str | BaseResponse | tuple[str, int]


def apart(view: Callable[[GrantApplication], Answer]) -> Callable[[str], Answer]:
    """Give a view the application it is about, once it is unsealed and the officer declared to have no interest.

    Who declared nothing yet is led to the declaration and back. Raises NotFound for drafts and officers of another
    funder, Forbidden for whoever does not stand apart and while the round is sealed.
    """

    @wraps(view)
    def guarded(public_id: str) -> Answer:
        session, actor = db.session(), current_actor()
        application = get_officers_application(session, public_id, actor)
        distance = distance_of(session, application, actor.person_id or 0)
        permit = can_open(actor, application.round.fund.funder_id, application.round, distance)
        if permit.reason == UNDECLARED:
            return redirect(url_for("grant_desk.interest", public_id=public_id, next=request.path), 303)
        if not permit:
            raise Forbidden(permit.reason)
        return view(application)

    return guarded


def change_application(
    template: str,
    application: GrantApplication,
    form: Form,
    change: Callable[..., Any],
    context: Callable[[GrantApplication], dict[str, Any]],
) -> Answer:
    """Show a form about an application, or make the change and show it; `context` gives the page the rest."""
    application_id, public_id = application.id, application.public_id
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                change(session, application_id, actor=current_actor(), now=clock.now())
            return redirect(url_for("grant_desk.show", public_id=public_id), 303)
        application = get_officers_application(db.session(), public_id, current_actor())
    page = render_page(template, application, form=form, **context(application))
    return (page, form.status) if form.errors else page


def render_page(template: str, application: GrantApplication, **context: Any) -> str:
    """Render a page about an application."""
    plan = read_plan(application.plan.plan)
    shared: dict[str, Any] = {"application": application, "round": application.round, "group": application.group}
    shared |= {"plan": plan, "tier": plan.tier(application.tier), "words": WORDS, "now": clock.now()}
    shared |= {"outcomes": OUTCOME_WORDS, "score_words": SCORE_WORDS}
    return render_template(f"officers/applications/{template}.html", **shared, **context)
