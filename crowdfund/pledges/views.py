"""The resident's journey: amount, you, code, check, card, done."""

from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor, remember
from crowdfund.core import clock, failpoints
from crowdfund.core.db import db
from crowdfund.core.errors import Conflict, GatewayDown
from crowdfund.core.ids import keyed_hash
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.rules import CheckoutState
from crowdfund.payments.views import current_checkouts
from crowdfund.pledges import queries, setting_up
from crowdfund.pledges.forms import AgreeForm, AmountForm, BackerForm, CodeForm, PlainForm
from crowdfund.pledges.journey import (
    HOUR,
    card_page,
    details_from,
    keep_details,
    lead_to_own_pledge,
    send_code,
    typed_before,
    verify,
)
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.quoting import agreed_pence, choice_hints, is_still_so, keep_shown, quote_one, sum_words
from crowdfund.pledges.rules import AMOUNT_AUDIENCE_WORDS, CHANGED, NAME_AUDIENCE_WORDS, PledgeLimits, PledgeState
from crowdfund.pledges.setting_up import Agreed
from crowdfund.pledges.wording import Words, consent_words, version_of
from crowdfund.projects.queries import get_public_project
from crowdfund.projects.rules import takes_pledges
from crowdfund.web.forms import LandingOn
from crowdfund.web.guards import anyone, checked_inside
from crowdfund.web.htmx import wants_fragment
from crowdfund.web.limits import client_address, limit
from crowdfund.web.signing import app_secret

pages = Blueprint("pledges", __name__)
Answer = str | BaseResponse | tuple[str, int]
OWN_PLEDGE = "the browser that was handed this pledge, or its signed-in backer"


def limits() -> PledgeLimits:
    """Return the programme's limits for one pledge, in pence."""
    return PledgeLimits(current_app.config["PLEDGE_MIN_PENCE"], current_app.config["PLEDGE_MAX_PENCE"])


def words() -> Words:
    """Return the names that consents carry."""
    return Words(current_app.config["COUNCIL_NAME"], current_app.config["SERVICE_NAME"])


def own_pledge(public_id: str) -> Pledge:
    """Return the asker's own pledge. Raises NotFound for anybody else."""
    return queries.get_visible_pledge(db.session(), public_id, current_actor())


def show_form(step: str, form: Any, **context: Any) -> Answer:
    """Return the page of a form; its status says when something in it has to be put right."""
    page = render_template(f"pledges/{step}.html", form=form, **context)
    return (page, form.status) if form.errors else page


@pages.get("/projects/<slug>/pledge")
@pages.post("/projects/<slug>/pledge")
@anyone("residents pledge as guests")
def amount(slug: str) -> Answer:
    """Ask how much."""
    project, now = get_public_project(db.session(), slug), clock.now()
    if not takes_pledges(project.state, project.deadline, now):
        is_over = project.deadline is not None and now >= project.deadline
        return render_template("pledges/closed.html", project=project, is_over=is_over), 410
    form = AmountForm()
    if form.validate_on_submit():
        with LandingOn(form):
            return _to(_start(project.id, form, now), "you")
        project = get_public_project(db.session(), slug)
    hints = choice_hints(db.session(), project)
    return show_form("amount", form, project=project, limits=limits(), hints=hints)


@pages.get("/projects/<slug>/pledge/match")
@anyone("what funders would add to a pledge is public")
def match(slug: str) -> Answer:
    """Say what funders would add to an amount that is being typed; nothing is held for it."""
    project, form = get_public_project(db.session(), slug), AmountForm(request.args, meta={"csrf": False})
    asked, words = bool(request.args), ""
    pence = form.pence if asked and form.validate() else 0
    if limits().min_pence <= pence <= limits().max_pence:
        words = sum_words(pence, quote_one(db.session(), project, pence))
    template = "pledges/_match.html" if wants_fragment() else "pledges/match.html"
    return render_template(template, project=project, words=words, asked=asked, form=form)


@pages.get("/pledges/<public_id>/setup-amount")
@pages.post("/pledges/<public_id>/setup-amount")
@checked_inside(OWN_PLEDGE)
def setup_amount(public_id: str) -> Answer:
    """Change the amount before the pledge is made."""
    pledge = own_pledge(public_id)
    if pledge.state is not PledgeState.SETUP:
        return _to(pledge, "show")
    form = AmountForm()
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                setting_up.set_amount(session, pledge.id, form.pence, limits(), **who)
            return _to(pledge, "check")
        pledge = own_pledge(public_id)
    addresses = {name: url_for(f".{name}", public_id=public_id) for name in ("setup_amount", "check")}
    context = {"action": addresses["setup_amount"], "back": addresses["check"], "limits": limits()}
    return show_form("change_amount", form, pledge=pledge, **context)


@pages.get("/pledges/<public_id>/you")
@pages.post("/pledges/<public_id>/you")
@checked_inside(OWN_PLEDGE)
def you(public_id: str) -> Answer:
    """Ask who the backer is."""
    pledge = own_pledge(public_id)
    if pledge.state is not PledgeState.SETUP:
        return _to(pledge, "show")
    form = BackerForm(data=typed_before(pledge))
    if form.validate_on_submit():
        with LandingOn(form):
            details = details_from(form, pledge)
            if keep_details(pledge.id, details):
                return _to(pledge, "check")
            send_code(pledge.id, details.email)
            return _to(pledge, "code")
        pledge = own_pledge(public_id)
    return show_form("you", form, pledge=pledge, project=pledge.project)


@pages.get("/pledges/<public_id>/code")
@pages.post("/pledges/<public_id>/code")
@checked_inside(OWN_PLEDGE)
def code(public_id: str) -> Answer:
    """Verify the e-mail address with the code from the mail."""
    pledge = own_pledge(public_id)
    if pledge.state is not PledgeState.SETUP or pledge.email is None:
        return _to(pledge, "show" if pledge.state is not PledgeState.SETUP else "you")
    if pledge.person_id is not None:
        return _to(pledge, "check")
    form = CodeForm()
    if form.validate_on_submit():
        with LandingOn(form):
            verify(pledge, form.code.data)
            return _to(pledge, "check")
        pledge = own_pledge(public_id)
        if (standing := lead_to_own_pledge(pledge)) is not None:
            return redirect(url_for("backer.show", public_id=standing.public_id, already=1), 303)
        pledge = own_pledge(public_id)
    return show_form("code", form, pledge=pledge, again=PlainForm())


@pages.post("/pledges/<public_id>/code/again")
@checked_inside(OWN_PLEDGE)
def code_again(public_id: str) -> Answer:
    """Send a fresh code; the one before stops working."""
    pledge = own_pledge(public_id)
    if pledge.state is not PledgeState.SETUP or pledge.email is None or pledge.person_id is not None:
        return _to(pledge, "show")
    send_code(pledge.id, pledge.email)
    return _to(pledge, "code")


@pages.get("/pledges/<public_id>/check")
@pages.post("/pledges/<public_id>/check")
@checked_inside(OWN_PLEDGE)
def check(public_id: str) -> Answer:
    """Show everything once more, record the consent and go to the card page."""
    pledge = own_pledge(public_id)
    if pledge.state is not PledgeState.SETUP:
        return _to(pledge, "show")
    if pledge.person_id is None:
        return _to(pledge, "you")
    form, wordings = AgreeForm(), consent_words(pledge, words())
    quoted = quote_one(db.session(), pledge.project, pledge.amount_pence, pledge)
    if form.validate_on_submit() and form.version.data != version_of(wordings):
        raise Conflict(CHANGED)
    if form.validate_on_submit() and is_still_so(form, quoted):
        agreed = Agreed(pledge.amount_pence, wordings, agreed_pence(form))
        with LandingOn(form):
            limit("card-page", client_address(), times=30, per=HOUR)
            limit("card-page", pledge.email or "", times=10, per=HOUR)
            address = card_page(pledge, agreed)
            return redirect(address, 303) if address else _to(pledge, "show")
        pledge = own_pledge(public_id)
    form.version.data = version_of(wordings)
    keep_shown(form, quoted)
    context: dict[str, Any] = {"pledge": pledge, "project": pledge.project, "wordings": wordings}
    context["with_match"] = sum_words(pledge.amount_pence, quoted)
    context["threshold"] = current_app.config["SETTLE_THRESHOLD_PERCENT"]
    context["statement"] = current_app.config["STATEMENT_TEXT"]
    context["audience_words"] = NAME_AUDIENCE_WORDS[pledge.name_audience], AMOUNT_AUDIENCE_WORDS[pledge.amount_audience]
    return show_form("check", form, came_back=request.args.get("card") == "back", **context)


@pages.get("/pledges/<public_id>/return")
@checked_inside(OWN_PLEDGE)
def come_back(public_id: str) -> Answer:
    """Back from the card page: ask the provider what is true; the webhook and the sweeper do the same."""
    pledge = own_pledge(public_id)
    checkout = queries.get_checkout(db.session(), pledge)
    if pledge.state is PledgeState.SETUP and checkout is not None:
        try:
            state = current_checkouts().sync(checkout.id, clock.now())
        except GatewayDown:
            return render_template("pledges/confirming.html", pledge=pledge, project=pledge.project)
        if state is not CheckoutState.COMPLETE:
            return redirect(url_for(".check", public_id=public_id, card="back"), 303)
    return _to(pledge, "show")


def _start(project_id: int, form: AmountForm, now: datetime) -> Pledge:
    limit("pledge-start", client_address(), times=120, per=HOUR)
    # Bound to the browser that got the form: the token alone, read over a shoulder, starts another pledge.
    token = keyed_hash(app_secret(), "start", f"{browser['csrf_token']}:{form.token.data}")[:26]
    with unit_of_work() as session:
        pledge = setting_up.start_pledge(
            session, project_id, form.pence, token, limits(), actor=current_actor(), now=now
        )
        remember(session, pledge.subject)
    failpoints.reach("pledge.after_start")
    return pledge


def _to(pledge: Pledge, step: str) -> BaseResponse:
    endpoint = "backer.show" if step == "show" else f".{step}"
    return redirect(url_for(endpoint, public_id=pledge.public_id), 303)
