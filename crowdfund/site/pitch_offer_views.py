"""One request to a fund as its group sees it: how it stands, accepting or turning down the offer, taking it back."""

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.history import history
from crowdfund.accounts.roles import GroupRight, MemberRole
from crowdfund.core import clock, failpoints
from crowdfund.core.actor import Permit
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.subsidy import SUBSIDY_LIMIT
from crowdfund.matching.access import can_answer, can_take_back
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.offering import Subsidy, accept_offer, turn_down
from crowdfund.matching.pitching import take_back
from crowdfund.matching.queries import find_work, get_own_offer
from crowdfund.matching.verdicts import criteria_of
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_own_and_role
from crowdfund.settlement.history_words import HISTORY_WORDS
from crowdfund.site.dashboard_queries import member_ids
from crowdfund.site.pitch_forms import AcceptForm, ReasonForm
from crowdfund.site.pitch_views import OF_GROUP, Answer, pages
from crowdfund.site.pitch_words import standing_of
from crowdfund.web.forms import LandingOn, VersionForm

May = Callable[[MatchOffer, Project, MemberRole | None], Permit]


@pages.get("/<offer_id>")
@members(OF_GROUP)
def show(public_id: str, offer_id: str) -> Answer:
    """Show a request: where it stands, what was decided and why, and what can be done."""
    session, now = db.session(), clock.now()
    project, role = get_own_and_role(session, public_id, current_actor())
    offer = get_own_offer(session, project.id, offer_id)
    people = member_ids(session, project.group_id)
    context: dict[str, Any] = {
        "standing": standing_of(offer, now),
        "decision": find_work(session, offer.id).decision,
        "criteria": criteria_of(offer.terms),
        "may_answer": can_answer(offer, project, role, now),
        "may_take_back": can_take_back(offer, role),
        "entries": history(session, "offer", offer.id, internal=False, words=HISTORY_WORDS, members=people),
    }
    return render_template("site/pitch_offer.html", project=project, offer=offer, **context)


@pages.get("/<offer_id>/accept")
@pages.post("/<offer_id>/accept")
@members(OF_GROUP)
def accept(public_id: str, offer_id: str) -> Answer:
    """Accept an offer: its terms, and what the group confirms about subsidies."""
    form = AcceptForm()

    def change(session: Session, key: int, **who: Any) -> None:
        accept_offer(session, key, Subsidy(form.subsidy.pence or 0), form.seen_version, **who)

    return _change("pitch_accept", (public_id, offer_id), form, change, _may_answer)


@pages.get("/<offer_id>/turn-down")
@pages.post("/<offer_id>/turn-down")
@members(OF_GROUP)
def refuse(public_id: str, offer_id: str) -> Answer:
    """Turn an offer down."""
    form = ReasonForm()

    def change(session: Session, key: int, **who: Any) -> None:
        turn_down(session, key, form.reason.data or "", form.seen_version, **who)

    return _change("pitch_turn_down", (public_id, offer_id), form, change, _may_answer)


@pages.get("/<offer_id>/take-back")
@pages.post("/<offer_id>/take-back")
@members(OF_GROUP)
def withdraw(public_id: str, offer_id: str) -> Answer:
    """Take a request back."""
    form = ReasonForm()

    def change(session: Session, key: int, **who: Any) -> None:
        take_back(session, key, form.seen_version, form.reason.data or "", **who)

    def may(offer: MatchOffer, _project: Project, role: MemberRole | None) -> Permit:
        return can_take_back(offer, role)

    return _change("pitch_take_back", (public_id, offer_id), form, change, may)


def _may_answer(offer: MatchOffer, project: Project, role: MemberRole | None) -> Permit:
    return can_answer(offer, project, role, clock.now())


def _change(template: str, ids: tuple[str, str], form: VersionForm, change: Callable[..., None], may: May) -> Answer:
    """Show a form of an owner about an offer, or make the change and show the offer again."""
    project, role, offer = _own(*ids)
    if form.validate_on_submit():
        key = offer.id
        with LandingOn(form):
            with unit_of_work() as session:
                change(session, key, actor=current_actor(), now=clock.now())
            failpoints.reach("match.after_answer")
            return redirect(url_for(".show", public_id=ids[0], offer_id=ids[1]), 303)
        project, role, offer = _own(*ids)
    form.version.data = str(offer.version)
    context: dict[str, Any] = {"permit": may(offer, project, role), "subsidy_limit": SUBSIDY_LIMIT}
    page = render_template(f"site/{template}.html", form=form, project=project, offer=offer, **context)
    return (page, form.status) if form.errors else page


def _own(public_id: str, offer_id: str) -> tuple[Project, MemberRole | None, MatchOffer]:
    session = db.session()
    project, role = get_own_and_role(session, public_id, current_actor(), GroupRight.SUBMIT)
    return project, role, get_own_offer(session, project.id, offer_id)
