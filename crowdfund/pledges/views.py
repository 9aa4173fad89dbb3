"""The resident's journey: amount, you, code, check, card, done."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts import actions as accounts
from crowdfund.accounts.current import current_actor, remember
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Conflict, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.actions import queue_mail
from crowdfund.payments.gateway import CheckoutRequest
from crowdfund.payments.rules import CheckoutState
from crowdfund.payments.views import current_checkouts
from crowdfund.places.queries import find_district
from crowdfund.places.rules import outcode, tidy_postcode
from crowdfund.pledges import actions, queries
from crowdfund.pledges.forms import AgreeForm, AmountForm, BackerForm, CodeForm, PlainForm
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import AMOUNT_AUDIENCE_WORDS, NAME_AUDIENCE_WORDS, PledgeLimits, PledgeState
from crowdfund.pledges.wording import Words, consent_words, version_of
from crowdfund.projects.queries import get_public_project
from crowdfund.projects.rules import takes_pledges
from crowdfund.web.guards import anyone, checked_inside
from crowdfund.web.limits import client_address, limit

pages = Blueprint("pledges", __name__)
Answer = str | BaseResponse | tuple[str, int]
HOUR = timedelta(hours=1)
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
    """Return the page of a form: 422 when something in it has to be put right."""
    page = render_template(f"pledges/{step}.html", form=form, **context)
    return (page, 422) if form.errors else page


@pages.get("/projects/<slug>/pledge")
@pages.post("/projects/<slug>/pledge")
@anyone("residents pledge as guests")
def amount(slug: str) -> Answer:
    """Ask how much."""
    project, now = get_public_project(db.session(), slug), clock.now()
    if not takes_pledges(project.state, project.deadline, now):
        return render_template("pledges/closed.html", project=project), 410
    form = AmountForm()
    if form.validate_on_submit():
        limit("pledge-start", client_address(), times=120, per=HOUR)
        try:
            with unit_of_work() as session:
                pledge = actions.start_pledge(
                    session, project.id, form.pence, form.token.data, limits(), actor=current_actor(), now=now
                )
                remember(session, pledge.subject)
            return redirect(url_for(".you", public_id=pledge.public_id), 303)
        except Refused as refused:
            form.refuse(refused)
    return show_form("amount", form, project=project, limits=limits())


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
        try:
            with unit_of_work() as session:
                actions.set_amount(session, pledge.id, form.pence, limits())
            return _to(pledge, "check")
        except Refused as refused:
            form.refuse(refused)
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
    form = BackerForm(data=_typed(pledge))
    if form.validate_on_submit():
        try:
            return _after_you(pledge, _details(form))
        except Refused as refused:
            form.refuse(refused)
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
        try:
            _verify(pledge, form.code.data)
            return _to(pledge, "check")
        except Refused as refused:
            form.refuse(refused)
    return show_form("code", form, pledge=pledge, again=PlainForm())


@pages.post("/pledges/<public_id>/code/again")
@checked_inside(OWN_PLEDGE)
def code_again(public_id: str) -> Answer:
    """Send a fresh code; the one before stops working."""
    pledge = own_pledge(public_id)
    if pledge.state is not PledgeState.SETUP or pledge.email is None or pledge.person_id is not None:
        return _to(pledge, "show")
    return _send_code(pledge)


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
    if form.validate_on_submit():
        if form.version.data != version_of(wordings):
            raise Conflict("Your pledge changed in another tab. Look at it again, then confirm.")
        limit("card-page", f"{client_address()}", times=30, per=HOUR)
        limit("card-page", f"{pledge.email}", times=10, per=HOUR)
        return _to_card_page(pledge, wordings)
    form.version.data = version_of(wordings)
    context: dict[str, Any] = {"pledge": pledge, "project": pledge.project, "wordings": wordings}
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
        state = current_checkouts().sync(checkout.id, clock.now())
        if state is not CheckoutState.COMPLETE:
            return redirect(url_for(".check", public_id=public_id, card="back"), 303)
    return _to(pledge, "show")


def _to(pledge: Pledge, step: str) -> BaseResponse:
    endpoint = "backer.show" if step == "show" else f".{step}"
    return redirect(url_for(endpoint, public_id=pledge.public_id), 303)


def _typed(pledge: Pledge) -> dict[str, Any]:
    return {
        "name": pledge.backer_name or current_actor().name or "",
        "email": pledge.email or current_actor().email or "",
        "postcode": "",
        "message": pledge.message,
        "name_audience": pledge.name_audience.value,
        "amount_audience": pledge.amount_audience.value,
        "share_with_group": pledge.share_with_group,
        "wants_news": pledge.wants_news,
    }


def _details(form: BackerForm) -> actions.BackerDetails:
    postcode = tidy_postcode(form.postcode.data or "")
    district = find_district(db.session(), postcode) if postcode else None
    return actions.BackerDetails(
        name=form.name.data,
        email=accounts.tidy_email(form.email.data),
        name_audience=form.audiences[0],
        amount_audience=form.audiences[1],
        message=form.message.data or "",
        outcode=outcode(postcode) if postcode else None,
        district_code=district.code if district else None,
        share_with_group=form.share_with_group.data,
        wants_news=form.wants_news.data,
    )


def _after_you(pledge: Pledge, details: actions.BackerDetails) -> BaseResponse:
    """Keep the details; an address that is the signed-in person's own needs no code."""
    with unit_of_work() as session:
        described = actions.describe_backer(session, pledge.id, details)
        mine = current_actor().email == details.email
        if mine and described.person_id is None:
            actions.claim_for_person(session, pledge.id, current_actor().person_id or 0)
        verified = described.person_id is not None
    return _to(pledge, "check") if verified else _send_code(pledge)


def _send_code(pledge: Pledge) -> BaseResponse:
    limit("code-mail", f"{pledge.email}", times=6, per=HOUR)
    limit("code-mail", client_address(), times=60, per=HOUR)
    real = clock.real_now()
    with unit_of_work() as session:
        row = session.get_one(Pledge, pledge.id)
        assert row.email is not None
        digits = accounts.issue_code(session, row.subject, row.email, secret=_secret(), real=real)
        key = f"code:{row.subject}:{real.timestamp()}"
        queue_mail(session, "pledge_code", row.email, key=key, now=clock.now(), code=digits)
    return _to(pledge, "code")


def _verify(pledge: Pledge, digits: str) -> None:
    limit("code-try", client_address(), times=60, per=HOUR)
    # Read once: the address that the code proves is the one whose person gets the pledge.
    email, name, subject = pledge.email, pledge.backer_name, pledge.subject
    assert email is not None
    assert name is not None
    actor, now = current_actor(), clock.now()
    with unit_of_work() as session:
        wrong = accounts.check_code(session, subject, email, digits, secret=_secret(), real=clock.real_now())
    if wrong:
        raise Refused("wrong_code", wrong, "code")
    with unit_of_work() as session:
        person = accounts.find_or_create_person(session, email, name, actor=actor, now=now)
        actions.claim_for_person(session, pledge.id, person.id)
        remember(session, proof_of(person.id))


def proof_of(person_id: int) -> str:
    """Name what a browser holds that proved a person's address with a code."""
    return f"person:{person_id}"


def _to_card_page(pledge: Pledge, wordings: dict[Any, str]) -> BaseResponse:
    now = clock.now()
    with unit_of_work() as session:
        checkout = actions.agree_and_start_checkout(session, pledge.id, wordings, actor=current_actor(), now=now)
    if checkout.state is CheckoutState.COMPLETE:
        current_checkouts().sync(checkout.id, now)
        return _to(pledge, "show")
    assert pledge.email is not None
    base = current_app.config["PUBLIC_URL"].rstrip("/")
    page_request = CheckoutRequest(
        reference=checkout.public_id,
        email=pledge.email,
        wording=next(iter(wordings.values())),
        return_url=base + url_for(".come_back", public_id=pledge.public_id),
        cancel_url=base + url_for(".check", public_id=pledge.public_id, card="back"),
    )
    return redirect(current_checkouts().open_page(checkout.id, page_request), 303)


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])
