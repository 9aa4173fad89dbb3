"""A second factor, for officers and before bank details: set the app up, give its code, or use a recovery code."""

from datetime import timedelta
from io import BytesIO

import segno
from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts import second_factor as factor
from crowdfund.accounts.current import FRESH_LIFE, current_actor
from crowdfund.accounts.entering import grow_strong
from crowdfund.accounts.forms import CodeForm, RecoveryForm
from crowdfund.accounts.guards import signed_in
from crowdfund.accounts.models import Authenticator
from crowdfund.accounts.signing_in import HOME, local_path
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound, SignInNeeded
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.web.forms import Form, LandingOn
from crowdfund.web.limits import limit
from crowdfund.web.signing import app_secret

pages = Blueprint("factor", __name__)
Answer = str | BaseResponse | tuple[str, int]
TRIES, PER = 10, timedelta(minutes=15)


@pages.app_template_filter()
def fours(text: str) -> list[str]:
    """Cut a key or code into groups of four, which people can type and a phone's screen can hold."""
    return [text[start : start + 4] for start in range(0, len(text), 4)]


@pages.get("/account/second-factor")
@pages.post("/account/second-factor")
@signed_in
def second_factor() -> Answer:
    """Ask for the app's code; whoever has no app sets one up first."""
    person_id, leads_to = _person(), _leads_to()
    row = factor.find_authenticator(db.session(), person_id)
    if row is None:
        return render_template("accounts/begin_app.html", form=Form(), leads_to=leads_to)
    shown, form = _being_set_up(row), CodeForm()
    if form.validate_on_submit():
        with LandingOn(form):
            codes = _take_code(person_id, form.code.data, is_new=shown is not None)
            grow_strong("app")
            if codes:
                return render_template("accounts/recovery_codes.html", codes=codes, leads_to=leads_to)
            return redirect(leads_to, 303)
    page = render_template("accounts/app_code.html", form=form, secret=shown, leads_to=leads_to, again=Form())
    return (page, form.status) if form.errors else page


@pages.post("/account/second-factor/begin")
@signed_in
def begin_app() -> Answer:
    """Make a secret for a new app; whoever has one gives its code first. Raises SignInNeeded."""
    person_id = _person()
    row = factor.find_authenticator(db.session(), person_id)
    if row is not None and row.confirmed_at is not None and not current_actor().given_within(FRESH_LIFE):
        raise SignInNeeded("step-up")
    with unit_of_work() as session:
        factor.begin(session, person_id, secret=app_secret(), real=clock.real_now())
    return redirect(url_for(".second_factor", next=_leads_to()), 303)


@pages.get("/account/second-factor/qr.svg")
@signed_in
def qr() -> Answer:
    """Draw the secret of an app that is being set up. Raises NotFound once it is in use."""
    person_id = _person()
    row = factor.find_authenticator(db.session(), person_id)
    shown = _being_set_up(row) if row is not None else None
    if shown is None:
        raise NotFound("no app is being set up")
    address = factor.setup_address(shown, current_actor().email or "", str(current_app.config["SERVICE_NAME"]))
    picture = BytesIO()
    segno.make(address, error="m").save(picture, kind="svg", scale=4, border=4, svgclass=None, lineclass=None)
    return Response(picture.getvalue(), mimetype="image/svg+xml")


@pages.get("/account/recovery")
@pages.post("/account/recovery")
@signed_in
def recovery() -> Answer:
    """Take a recovery code instead of the app's; then a new app can be set up. Raises NotFound without one."""
    person_id, form, leads_to = _person(), RecoveryForm(), _leads_to()
    if factor.find_authenticator(db.session(), person_id) is None:
        raise NotFound("no app")
    if form.validate_on_submit():
        with LandingOn(form):
            limit("second-factor", str(person_id), times=TRIES, per=PER)
            with unit_of_work() as session:
                times = {"real": clock.real_now(), "now": clock.now()}
                factor.use_recovery_code(session, person_id, form.code.data, secret=app_secret(), **times)
            grow_strong("recovery")
            return redirect(leads_to, 303)
    page = render_template("accounts/recovery.html", form=form, leads_to=leads_to)
    return (page, form.status) if form.errors else page


def _take_code(person_id: int, code: str, *, is_new: bool) -> list[str]:
    """Use the code up; returns the recovery codes where it was the first of a new app."""
    limit("second-factor", str(person_id), times=TRIES, per=PER)
    real, now = clock.real_now(), clock.now()
    with unit_of_work() as session:
        if is_new:
            times = {"real": real, "now": now}
            return factor.confirm(session, person_id, code, secret=app_secret(), actor=current_actor(), **times)
        factor.check_app_code(session, person_id, code, secret=app_secret(), real=real)
    return []


def _being_set_up(row: Authenticator) -> str | None:
    return factor.secret_to_set_up(row, app_secret(), fresh=current_actor().given_within(FRESH_LIFE))


def _person() -> int:
    person_id = current_actor().person_id
    assert person_id is not None, "the guard asked for it"
    return person_id


def _leads_to() -> str:
    return local_path(request.args.get("next", HOME))
