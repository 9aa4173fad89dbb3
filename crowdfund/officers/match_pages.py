"""What officers' pages about requests to funds share: their blueprint, the gate before each, how a form changes one."""

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
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.queries import get_officers_offer
from crowdfund.matching.rules import WORDS
from crowdfund.projects.distance import Distance, distance_of
from crowdfund.web.forms import Form, LandingOn

pages = Blueprint("matches", __name__, url_prefix="/officers/matches")
Answer = str | BaseResponse | tuple[str, int]
CLEAR = Distance("", has_interest=False)  # where the gate stands before a page


def gate(load: Callable[..., MatchOffer]) -> Callable[[Callable[[MatchOffer], Answer]], Callable[[str], Answer]]:
    """Return what gives a view the offer it is about, once the officer declared to have no interest in its project.

    `load` finds the offer for an officer and raises NotFound for those of another funder. Raises Forbidden for an
    officer who does not stand apart; who declared nothing yet is led to the declaration and back.
    """

    def apart(view: Callable[[MatchOffer], Answer]) -> Callable[[str], Answer]:
        @wraps(view)
        def guarded(public_id: str) -> Answer:
            session, actor = db.session(), current_actor()
            offer = load(session, public_id, actor)
            distance = distance_of(session, offer.project_id, actor.person_id or 0)
            if distance.refusal and request.endpoint != "matches.show":
                raise Forbidden(distance.refusal)
            if not distance.is_clear:
                return redirect(url_for("matches.interest", public_id=public_id, next=request.path), 303)
            return view(offer)

        return guarded

    return apart


apart = gate(get_officers_offer)


def change_offer(
    template: str, offer: MatchOffer, form: Form, change: Callable[..., Any], context: Callable[[MatchOffer], Any]
) -> Answer:
    """Show a form about an offer, or make the change and show the offer. `context` gives the page the rest."""
    offer_id, public_id = offer.id, offer.public_id
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                change(session, offer_id, actor=current_actor(), now=clock.now())
            return redirect(url_for(".show", public_id=public_id), 303)
        offer = get_officers_offer(db.session(), public_id, current_actor())
    page = render_page(template, offer, form=form, **context(offer))
    return (page, form.status) if form.errors else page


def render_page(template: str, offer: MatchOffer, **context: Any) -> str:
    """Render a page about an offer."""
    shared: dict[str, Any] = {"offer": offer, "project": offer.project, "fund": offer.fund, "terms": offer.terms}
    return render_template(f"officers/{template}.html", words=WORDS, now=clock.now(), **shared, **context)
