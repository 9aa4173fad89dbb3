"""What views do when somebody has proved who they are, or still has to: open sessions, keep forms, lead on."""

from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts import kept
from crowdfund.accounts.actions import sign_in
from crowdfund.accounts.current import current_actor, keep_token, remember
from crowdfund.accounts.models import Person
from crowdfund.accounts.signing_in import known_person, local_path
from crowdfund.core import clock
from crowdfund.core.errors import SignInNeeded
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.web.htmx import wants_fragment
from crowdfund.web.signing import app_secret

_STEPS = {"sign-in": "account.ask", "second-factor": "factor.second_factor", "step-up": "factor.second_factor"}


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
    endpoint = _STEPS[needed.step]
    if wants_fragment():
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        response: Response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for(endpoint, next=local_path(shown.path or "/account"))
        return response
    return redirect(url_for(endpoint, next=keep_request() or local_path(_own_path())), 303)


def keep_request() -> str | None:
    """Keep what was sent with this request; returns the address where its sender finds it, None for a plain GET."""
    if request.method != "POST":
        return None
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    with unit_of_work() as session:
        public_id = kept.keep_form(session, _own_path(), pairs, secret=app_secret(), real=clock.real_now())
        if public_id is None:
            return None
        remember(session, kept.subject_of(public_id))
    return url_for("account.show_kept", public_id=public_id)


def _own_path() -> str:
    return request.full_path.rstrip("?")


def _times() -> dict[str, Any]:
    return {"real": clock.real_now(), "now": clock.now()}


def service_address() -> str:
    """Return the address under which people know the service."""
    return str(current_app.config["PUBLIC_URL"])
