"""Signing in and out: mail with code and link, name, kept forms, open sessions."""

from datetime import timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts import actions, entering, kept, signing_in
from crowdfund.accounts.current import current_actor, keep_token, remember
from crowdfund.accounts.forms import CodeForm, LinkForm, NameForm, SignInForm
from crowdfund.accounts.guards import signed_in
from crowdfund.core import audit, clock
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound, Refused, SignInNeeded
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.web.errors import answer
from crowdfund.web.forms import Form, LandingOn
from crowdfund.web.guards import anyone, checked_inside
from crowdfund.web.limits import client_address, limit
from crowdfund.web.signing import app_secret

pages = Blueprint("account", __name__)
Answer = str | BaseResponse | tuple[str, int]
HOUR = timedelta(hours=1)


@pages.app_errorhandler(SignInNeeded)
def need_sign_in(needed: SignInNeeded) -> BaseResponse:
    """Lead whoever must prove who they are to the right page."""
    return entering.lead_to_step(needed)


@pages.app_errorhandler(CSRFError)
def form_too_old(error: CSRFError) -> BaseResponse:  # noqa: ARG001 - Flask passes it
    """Keep a form that was open for too long; its sender presses a button to send it again."""
    if not request.cookies:
        return answer(400, "Your browser keeps no cookies for this site, so forms cannot be sent. Allow them first.")
    address = entering.keep_request()
    return entering.go(address) if address else answer(400, "This page was open for too long. Reload it.")


@pages.after_app_request
def drop_resent(response: Response) -> Response:
    """Delete a kept form once the page that it belongs to has it."""
    taken = response.status_code < 400 or response.status_code == 422
    if request.method == "POST" and taken and entering.KEPT_FIELD in request.form:
        entering.forget_resent()
    return response


@pages.get("/account/sign-in")
@pages.post("/account/sign-in")
@anyone("signing in")
def ask() -> Answer:
    """Ask for the e-mail address and mail a code and a link to it, whether it is known or not."""
    leads_to = signing_in.local_path(request.args.get("next", signing_in.HOME))
    email = request.args.get("email", "")
    if request.method == "GET" and current_actor().signed_in and email in {"", current_actor().email}:
        return redirect(leads_to, 303)
    form = SignInForm(data={"email": email})
    if form.validate_on_submit():
        with LandingOn(form):
            _send(form.email.data, leads_to)
            return redirect(url_for(".code"), 303)
    page = render_template("accounts/ask.html", form=form, leads_to=leads_to)
    return (page, form.status) if form.errors else page


@pages.get("/account/code")
@pages.post("/account/code")
@checked_inside("the browser session that asked for the code")
def code() -> Answer:
    """Ask for the six digits from the mail; they work only in the browser that asked."""
    session_id = current_actor().session_id
    asked = signing_in.find_asked(db.session(), session_id) if session_id else None
    if session_id is None or asked is None or asked.used_at is not None:
        return redirect(url_for(".ask"), 303)
    email, leads_to, form = asked.email, asked.leads_to, CodeForm()
    if form.validate_on_submit():
        with LandingOn(form):
            limit("code-try", client_address(), times=60, per=HOUR)
            with unit_of_work() as session:
                given = (signing_in.subject_of(session_id), email, form.code.data)
                wrong = actions.check_code(session, *given, secret=app_secret(), real=clock.real_now())
            if wrong:
                raise Refused("wrong_code", wrong, "code")
            return entering.enter(email, "code", leads_to)
    page = render_template("accounts/code.html", form=form, email=email, again=Form(formdata=None))
    return (page, form.status) if form.errors else page


@pages.post("/account/code/again")
@checked_inside("the browser session that asked for the code")
def code_again() -> Answer:
    """Mail a new code and link to the same address; those before stop working."""
    session_id = current_actor().session_id
    asked = signing_in.find_asked(db.session(), session_id) if session_id else None
    if asked is None:
        return redirect(url_for(".ask"), 303)
    _send(asked.email, asked.leads_to)
    return redirect(url_for(".code"), 303)


@pages.get("/account/link")
@pages.post("/account/link")
@checked_inside("the key of the mailed link")
def link() -> Answer:
    """Sign in with the mailed link: looking shows a button, pressing it uses the link up."""
    form = LinkForm(data={"key": request.args.get("key", "")})
    if form.validate_on_submit():
        with LandingOn(form):
            limit("open-link", client_address(), times=60, per=HOUR)
            with unit_of_work() as session:
                row = signing_in.use_link(session, form.key.data, secret=app_secret(), real=clock.real_now())
                email, leads_to = row.email, row.leads_to
            return entering.enter(email, "link", leads_to)
    real = clock.real_now()
    found = signing_in.find_link(db.session(), form.key.data or "", secret=app_secret(), real=real)
    page = render_template("accounts/link.html", form=form, email=found.email if found else None)
    return (page, form.status) if form.errors else page


@pages.get("/account/name")
@pages.post("/account/name")
@signed_in
def name() -> Answer:
    """Ask a new person for their name."""
    leads_to = signing_in.local_path(request.args.get("next", signing_in.HOME))
    person_id, form = current_actor().person_id, NameForm(data={"name": current_actor().name})
    assert person_id is not None
    if form.validate_on_submit():
        with unit_of_work() as session:
            signing_in.name_person(session, person_id, form.name.data, actor=current_actor(), now=clock.now())
        return redirect(leads_to, 303)
    page = render_template("accounts/name.html", form=form, leads_to=leads_to)
    return (page, 422) if form.errors else page


@pages.get("/account/kept/<public_id>")
@checked_inside("the browser session that sent it")
def show_kept(public_id: str) -> Answer:
    """Show that what was typed is still there, with a button that sends it again."""
    is_own = current_actor().holds(kept.subject_of(public_id))
    found = kept.find_kept(db.session(), public_id, secret=app_secret(), real=clock.real_now()) if is_own else None
    if found is None:
        raise NotFound("kept form")
    path, pairs = found
    pairs.append((entering.KEPT_FIELD, public_id))
    return render_template("accounts/kept.html", path=path, pairs=pairs, form=Form(formdata=None))


@pages.get("/account/sessions")
@signed_in
def sessions() -> Answer:
    """List the browsers in which the person is signed in."""
    actor = current_actor()
    assert actor.person_id is not None
    rows = actions.list_sessions(db.session(), actor.person_id, clock.real_now())
    return render_template("accounts/sessions.html", rows=rows, own=actor.session_id, form=Form())


@pages.post("/account/sessions/end")
@signed_in
def end_sessions() -> Answer:
    """Sign out everywhere, here too."""
    actor = current_actor()
    assert actor.person_id is not None
    with unit_of_work() as session:
        actions.end_all_sessions(session, actor.person_id, actor=actor, now=clock.now())
    keep_token(None)
    return redirect(url_for("site.home"), 303)


@pages.post("/account/sign-out")
@anyone("signing out; whose session ended already is out")
def sign_out() -> Answer:
    """End this session on the server and clear its cookie."""
    actor = current_actor()
    if actor.session_id is None or actor.person_id is None:
        return redirect(url_for("site.home"), 303)
    with unit_of_work() as session:
        audit.record(session, Tag.SESSION_SIGNED_OUT, actor=actor, subject_id=actor.person_id, now=clock.now())
        actions.end_session(session, actor.session_id)
    keep_token(None)
    return redirect(url_for("site.home"), 303)


def _send(email: str, leads_to: str) -> None:
    limit("code-mail", email.lower(), times=6, per=HOUR)
    limit("code-mail", client_address(), times=60, per=HOUR)
    with unit_of_work() as session:
        remember(session, "sign-in")
        session_id = current_actor().session_id
        assert session_id is not None
        times = {"real": clock.real_now(), "now": clock.now()}
        base = entering.service_address()
        signing_in.send_sign_in_mail(session, session_id, email, leads_to, base=base, secret=app_secret(), **times)
