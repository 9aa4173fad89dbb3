"""Help and legal pages, health, metrics, and the account page of a signed-in backer."""

import hmac

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy import func, select, text
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.actions import end_session
from crowdfund.accounts.current import current_actor, keep_token
from crowdfund.accounts.guards import signed_in
from crowdfund.core import audit, clock
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.pledges.queries import list_of_person
from crowdfund.pledges.rules import WORDS
from crowdfund.web.forms import Form
from crowdfund.web.guards import anyone

pages = Blueprint("info", __name__)


def _info_page(name: str) -> str:
    return render_template(f"site/{name}.html", settings=current_app.config)


@pages.get("/help")
@anyone("a public page")
def help_page() -> str:
    """Say how it works and where to get help."""
    return _info_page("help")


@pages.get("/privacy")
@anyone("a public page")
def privacy() -> str:
    """Say what we keep about people and why."""
    return _info_page("privacy")


@pages.get("/accessibility")
@anyone("a public page")
def accessibility() -> str:
    """State how accessible the service is."""
    return _info_page("accessibility")


@pages.get("/complaints")
@anyone("a public page")
def complaints() -> str:
    """Say how to complain."""
    return _info_page("complaints")


@pages.get("/account")
@signed_in
def account() -> str:
    """Show a signed-in backer their pledges."""
    person_id = current_actor().person_id
    assert person_id is not None
    pledges = list_of_person(db.session(), person_id)
    return render_template("site/account.html", pledges=pledges, state_words=WORDS, form=Form())


@pages.post("/account/sign-out")
@signed_in
def sign_out() -> BaseResponse:
    """End the session on the server and clear its cookie."""
    actor = current_actor()
    assert actor.session_id is not None
    assert actor.person_id is not None
    with unit_of_work() as session:
        audit.record(session, Tag.SESSION_SIGNED_OUT, actor=actor, subject_id=actor.person_id, now=clock.now())
        end_session(session, actor.session_id)
    keep_token(None)
    return redirect(url_for("site.home"), 303)


@pages.get("/healthz")
@anyone("a probe; says nothing but that the process answers")
def healthz() -> Response:
    """Answer that the process is alive."""
    return Response("ok", mimetype="text/plain")


@pages.get("/readyz")
@anyone("a probe; says nothing but yes or no")
def readyz() -> Response:
    """Answer whether the database can be read and holds the schema."""
    try:
        db.session.execute(text("SELECT version_num FROM alembic_version")).one()
    except Exception:
        current_app.logger.exception("not ready")
        return Response("not ready", 503, mimetype="text/plain")
    return Response("ready", mimetype="text/plain")


@pages.get("/metrics")
@anyone("numbers only, and only for loopback or the token's holder; checked in the view")
def metrics() -> Response:
    """Give the queue's figures to a monitor. Raises Forbidden for everyone else."""
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    direct = "X-Forwarded-For" not in request.headers and request.remote_addr in {"127.0.0.1", "::1"}
    if not (direct and not token) and not (token and hmac.compare_digest(token.encode(), given.encode())):
        raise Forbidden("Only the monitor may read this.")
    grouped = db.session.execute(select(Job.state, func.count()).group_by(Job.state))
    counts = {state: count for state, count in grouped}  # noqa: C416 - rows are not pairs to the type checker
    lines = [f'crowdfund_jobs{{state="{state.value}"}} {counts.get(state, 0)}' for state in JobState]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
