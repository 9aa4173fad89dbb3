"""The backer's own page: see the pledge, change amount or visibility, withdraw, until the deadline."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from crowdfund.accounts.actions import sign_in
from crowdfund.accounts.current import current_actor, keep_token, remember
from crowdfund.accounts.models import Person
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Conflict, Forbidden, NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.pledges import access, actions, queries
from crowdfund.pledges.another_card import is_card_wanted
from crowdfund.pledges.backer_rows import CardNews, card_news, paid_rows, pledge_rows
from crowdfund.pledges.claiming import claim_pledges
from crowdfund.pledges.forms import AgreeForm, AmountForm, AudienceForm, PlainForm
from crowdfund.pledges.journey import HOUR, proof_of, typed_before
from crowdfund.pledges.links import off_key, opens
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.quoting import agreed_pence, is_still_so, keep_shown, quote_raised, sum_words
from crowdfund.pledges.receipts import find_receipt
from crowdfund.pledges.rules import CHANGED, COUNTING, EXPLAINED, PledgeState
from crowdfund.pledges.views import OWN_PLEDGE, Answer, limits, own_pledge, show_form, words
from crowdfund.pledges.wording import consent_words, version_of, wish_words
from crowdfund.projects.queries import list_lines
from crowdfund.projects.rules import LineKind
from crowdfund.web.forms import LandingOn
from crowdfund.web.guards import checked_inside
from crowdfund.web.limits import client_address, limit
from crowdfund.web.signing import app_secret

pages = Blueprint("backer", __name__)


@pages.get("/pledges/<public_id>")
@checked_inside(f"{OWN_PLEDGE}; a mailed link shows only a button")
def show(public_id: str) -> Answer:
    """Show the pledge to its backer; to somebody with the mailed link, the button that opens it."""
    pledge = queries.find_pledge(db.session(), public_id)
    if pledge is None:
        raise NotFound("pledge")
    if not access.can_see(current_actor(), pledge):
        return _offer_to_open(pledge)
    if pledge.state is PledgeState.SETUP:
        return redirect(url_for("pledges.check", public_id=public_id), 303)
    permit = access.can_change(current_actor(), pledge, clock.now())
    card, receipt = queries.get_card(db.session(), pledge), find_receipt(db.session(), pledge)
    rows = pledge_rows(pledge, card, changeable=bool(permit)) + paid_rows(receipt)
    context: dict[str, Any] = {"permit": permit, "rows": rows, "card": card, "receipt": receipt}
    context["card_runs_out"] = card is not None and is_card_wanted(pledge, card, clock.now())
    context["less_match"] = pledge.state is PledgeState.ACTIVE and pledge.match_pence < pledge.quoted_match_pence
    newest = queries.get_checkout(db.session(), pledge) if "card" in request.args else None
    context["card_news"] = card_news(pledge, newest) if newest else CardNews.NONE
    context["already"] = "already" in request.args
    context["ended_words"] = EXPLAINED.get(pledge.end_reason or "", "")
    proved = pledge.person_id is not None and current_actor().holds(proof_of(pledge.person_id))
    context["offers_account"] = proved and not current_actor().signed_in
    context["help_wanted"] = list_lines(db.session(), pledge.project_id)[LineKind.HELP_WANTED]
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    context["off_key"] = off_key(pledge, app_secret()) if pledge.state in COUNTING else ""
    context["share_url"] = base + url_for("site.project", slug=pledge.project.slug)
    return render_template("pledges/show.html", form=PlainForm(), pledge=pledge, project=pledge.project, **context)


@pages.post("/pledges/<public_id>/open")
@checked_inside("the signed key of the mailed link")
def open_link(public_id: str) -> Answer:
    """Exchange the mailed link for a session of this browser."""
    limit("open-link", client_address(), times=60, per=HOUR)
    pledge = queries.find_pledge(db.session(), public_id)
    if pledge is None or not opens(request.form.get("key", ""), pledge, app_secret()):
        raise NotFound("pledge")
    with unit_of_work() as session:
        remember(session, pledge.subject)
    return redirect(url_for(".show", public_id=public_id), 303)


@pages.post("/pledges/<public_id>/account")
@checked_inside(f"{OWN_PLEDGE}, where the code from the mail was typed in this browser")
def open_account(public_id: str) -> Answer:
    """Sign in the backer who proved the address in this browser, to see all their pledges. Raises Forbidden."""
    pledge, actor = own_pledge(public_id), current_actor()
    if pledge.person_id is None or not actor.holds(proof_of(pledge.person_id)):
        raise Forbidden("Only the browser in which you typed the code from your mail can do this.")
    with unit_of_work() as session:
        person = session.get_one(Person, pledge.person_id)
        times: dict[str, Any] = {"real": clock.real_now(), "now": clock.now()}
        claim_pledges(session, person.id, actor=actor, now=times["now"])
        token = sign_in(session, actor.session_id, person, "code", actor=actor, secret=app_secret(), **times)
    keep_token(token)
    return redirect(url_for("mine.home"), 303)


@pages.get("/pledges/<public_id>/amount")
@pages.post("/pledges/<public_id>/amount")
@checked_inside(OWN_PLEDGE)
def amount(public_id: str) -> Answer:
    """Ask for the new amount; a lower one is taken at once, a higher one needs consent again."""
    pledge = _changeable(public_id)
    form = AmountForm()
    if form.validate_on_submit():
        with LandingOn(form):
            limits().check(form.pence)
            if form.pence > pledge.amount_pence:
                return redirect(url_for(".agree", public_id=public_id, pence=form.pence), 303)
            with unit_of_work() as session:
                actions.change_amount(
                    session, pledge.id, form.pence, "", limits(), actor=current_actor(), now=clock.now()
                )
            return redirect(url_for(".show", public_id=public_id), 303)
        pledge = own_pledge(public_id)
    addresses = {"action": url_for(".amount", public_id=public_id), "back": url_for(".show", public_id=public_id)}
    return show_form("change_amount", form, pledge=pledge, limits=limits(), **addresses)


@pages.get("/pledges/<public_id>/amount/<int:pence>")
@pages.post("/pledges/<public_id>/amount/<int:pence>")
@checked_inside(OWN_PLEDGE)
def agree(public_id: str, pence: int) -> Answer:
    """Ask for consent to the higher amount."""
    pledge = _changeable(public_id)
    if pence <= pledge.amount_pence:
        return redirect(url_for(".show", public_id=public_id), 303)
    limits().check(pence)
    form, wordings = AgreeForm(), consent_words(pledge, words(), pence)
    wording = next(iter(wordings.values()))
    quoted = quote_raised(db.session(), pledge, pence)
    if form.validate_on_submit() and form.version.data != version_of(wordings):
        raise Conflict(CHANGED)
    if form.validate_on_submit() and is_still_so(form, quoted):
        changed: dict[str, Any] = {"quoted_match_pence": agreed_pence(form), "actor": current_actor()}
        with unit_of_work() as session:
            actions.change_amount(session, pledge.id, pence, wording, limits(), now=clock.now(), **changed)
        return redirect(url_for(".show", public_id=public_id), 303)
    form.version.data = version_of(wordings)
    keep_shown(form, quoted)
    with_match = sum_words(pence, quoted)
    return show_form("agree_amount", form, pledge=pledge, pence=pence, wording=wording, with_match=with_match)


@pages.get("/pledges/<public_id>/visibility")
@pages.post("/pledges/<public_id>/visibility")
@checked_inside(OWN_PLEDGE)
def visibility(public_id: str) -> Answer:
    """Change who may see the name and the amount."""
    pledge = _changeable(public_id)
    form = AudienceForm(data=typed_before(pledge))
    if form.validate_on_submit():
        wishes = wish_words(pledge, words(), share=form.share_with_group.data, news=form.wants_news.data)
        with unit_of_work() as session:
            actions.change_audience(session, pledge.id, *form.audiences, wishes, actor=current_actor(), now=clock.now())
        return redirect(url_for(".show", public_id=public_id), 303)
    return show_form("visibility", form, pledge=pledge)


@pages.get("/pledges/<public_id>/withdraw")
@pages.post("/pledges/<public_id>/withdraw")
@checked_inside(OWN_PLEDGE)
def withdraw(public_id: str) -> Answer:
    """Take the pledge back, after one page that says what that means."""
    if own_pledge(public_id).state is PledgeState.WITHDRAWN:
        return redirect(url_for(".show", public_id=public_id), 303)
    pledge = _changeable(public_id)
    form = PlainForm()
    if form.validate_on_submit():
        with unit_of_work() as session:
            actions.withdraw_pledge(session, pledge.id, actor=current_actor(), now=clock.now())
        return redirect(url_for(".show", public_id=public_id), 303)
    return show_form("withdraw", form, pledge=pledge)


def _changeable(public_id: str) -> Pledge:
    pledge = own_pledge(public_id)
    permit = access.can_change(current_actor(), pledge, clock.now())
    if not permit:
        raise Forbidden(permit.reason)
    return pledge


def _offer_to_open(pledge: Pledge) -> Answer:
    key = request.args.get("key", "")
    if not opens(key, pledge, app_secret()):
        raise NotFound("pledge")
    return render_template("pledges/open.html", public_id=pledge.public_id, key=key, form=PlainForm())
