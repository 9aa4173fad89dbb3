"""What views do when somebody has proved who they are, or still has to: open sessions, keep forms, lead on."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts import kept
from crowdfund.accounts.actions import sign_in
from crowdfund.accounts.current import current_actor, keep_token, remember
from crowdfund.accounts.models import Person
from crowdfund.accounts.signing_in import known_person, local_path
from crowdfund.core import clock
from crowdfund.core.errors import Busy, SignInNeeded, TooMany
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.web.htmx import wants_fragment
from crowdfund.web.limits import client_address, limit
from crowdfund.web.signing import app_secret

_STEPS = {"sign-in": "account.ask", "second-factor": "factor.second_factor", "step-up": "factor.second_factor"}
KEPT_FIELD = "kept_form"  # which kept form is sent again, so that it can be deleted
_NOT_TYPED = ("csrf_token", KEPT_FIELD)


def enter(email: str, how: str, leads_to: str) -> BaseResponse:
    """Sign the person with a proved address in under a new session, and lead on; a new person says their name first."""
    actor, times = current_actor(), _times()
    with unit_of_work() as session:
        person = known_person(session, email, actor=actor, now=times["now"])
        token = sign_in(session, actor.session_id, person, how, actor=actor, secret=app_secret(), **times)
        named = bool(person.name)
    keep_token(token)
    return redirect(local_path(leads_to) if named else url_for("account.name", next=local_path(leads_to)), 303)


def grow_strong(how: str) -> None:
    """Open a new session in which the second factor was given just now; the one before dies."""
    actor = current_actor()
    with unit_of_work() as session:
        person = session.get_one(Person, actor.person_id)
        strong: dict[str, Any] = {"actor": actor, "secret": app_secret(), "strong": True}
        token = sign_in(session, actor.session_id, person, how, **strong, **_times())
    keep_token(token)


def lead_to_step(needed: SignInNeeded) -> BaseResponse:
    """Answer a request whose sender must first prove who they are; what was sent is kept for afterwards."""
    shown = _shown_path() if wants_fragment() else _own_path()
    return go(url_for(_STEPS[needed.step], next=keep_request() or local_path(shown)))


def go(address: str) -> BaseResponse:
    """Send the whole page to an address on this site, also when only a part of it asked."""
    if not wants_fragment():
        return redirect(address, 303)
    response = make_response("", 401)
    response.headers["HX-Redirect"] = address
    return response


def keep_request() -> str | None:
    """Keep what was sent with this request; returns the address where its sender finds it.

    None for a plain GET, and for what cannot be kept: too much, too often, no database to write to.
    """
    if request.method != "POST":
        return None
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_TYPED]
    try:
        public_id = _keep(pairs)
    except (Busy, TooMany):
        return None
    return public_id and url_for("account.show_kept", public_id=public_id)


def _keep(pairs: kept.Pairs) -> str | None:
    limit("keep-form", client_address(), times=60, per=timedelta(hours=1))
    with unit_of_work() as session:
        public_id = kept.keep_form(session, _own_path(), pairs, secret=app_secret(), real=clock.real_now())
        if public_id is not None:
            remember(session, kept.subject_of(public_id))
    return public_id


def forget_resent() -> None:
    """Delete the kept form that this request sent again; only the browser that it was kept for can."""
    public_id = request.form.get(KEPT_FIELD, "")
    if public_id and current_actor().holds(kept.subject_of(public_id)):
        with suppress(Busy), unit_of_work() as session:  # what was sent is saved; the rest goes tomorrow
            kept.drop_kept(session, public_id)
        g.pop("actor", None)


def _own_path() -> str:
    return request.full_path.rstrip("?")


def _shown_path() -> str:
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    return f"{shown.path}?{shown.query}" if shown.query else shown.path


def _times() -> dict[str, Any]:
    return {"real": clock.real_now(), "now": clock.now()}


def service_address() -> str:
    """Return the address under which people know the service."""
    return str(current_app.config["PUBLIC_URL"])
