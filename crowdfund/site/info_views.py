"""Help and legal pages, health and metrics."""

import hmac

from flask import Blueprint, Response, current_app, render_template, request
from sqlalchemy import func, select, text

from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden
from crowdfund.core.jobs import Job, JobState
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
