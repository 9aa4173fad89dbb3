"""How the service runs, in plain words that refresh themselves, and parked work put back in line."""

import hashlib
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.officers.parked import cause_of, name_of, retry_job
from crowdfund.officers.status_queries import list_parked, read_facts
from crowdfund.officers.status_rules import Signal, read_signals
from crowdfund.web.forms import Form, LandingOn
from crowdfund.web.htmx import wants_fragment

pages = Blueprint("status", __name__, url_prefix="/officers/status")
Answer = str | BaseResponse | tuple[str, int]
MOST_PARKED = 25


class RetryForm(Form):
    """Which parked job goes back in line."""

    job = HiddenField()

    @property
    def job_id(self) -> int:
        """The job's id; 0, which no job has, for anything but a number."""
        text = self.job.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


@pages.get("")
@officers(Right.SEE_STATUS)
def show() -> Answer:
    """Show every signal; htmx asks every 15 seconds for those alone, and hears nothing while they are the same."""
    now = clock.now()
    signals = read_signals(read_facts(db.session(), now), now)
    token = _token(signals)
    if not wants_fragment():
        return _page(RetryForm(), signals, now)
    if request.args.get("seen") == token:
        return Response(status=204)
    return render_template("officers/_status.html", signals=signals, token=token, announce=True)


@pages.post("/retry")
@officers(Right.SEE_STATUS)
def retry() -> Answer:
    """Put one parked job back in line."""
    form, now = RetryForm(), clock.now()
    if form.validate_on_submit():
        job_id = form.job_id
        with LandingOn(form):
            with unit_of_work() as session:
                retry_job(session, job_id, actor=current_actor(), now=now)
            return redirect(url_for(".show"), 303)
    return _page(form, read_signals(read_facts(db.session(), now), now), now)


def _page(form: RetryForm, signals: list[Signal], now: datetime) -> Answer:
    parked = [(job, name_of(job.kind), cause_of(job)) for job in list_parked(db.session(), MOST_PARKED)]
    context: dict[str, Any] = {"signals": signals, "token": _token(signals), "parked": parked, "now": now}
    page = render_template("officers/status.html", form=form, announce=False, **context)
    return (page, form.status) if form.errors else page


def _token(signals: list[Signal]) -> str:
    """Return what changes with anything that is shown."""
    return hashlib.sha256(repr(signals).encode()).hexdigest()[:16]
