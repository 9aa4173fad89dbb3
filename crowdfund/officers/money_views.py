"""The cash book on the desk: what lies where, the entries behind each sum, and reconciliation with the provider."""

from collections.abc import Iterator
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask import stream_with_context as streamed

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import audit, clock
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.rules import PROGRAMME
from crowdfund.officers import exposure_views, money_queries, reconciliation_queries
from crowdfund.officers.money_csv import csv_lines
from crowdfund.officers.money_pages import PAGE_SIZE, Answer, page_of, pages
from crowdfund.officers.money_words import ACCOUNTS, EVENTS, Account
from crowdfund.payments.differences import KIND_WORDS, WHAT_TO_DO
from crowdfund.payments.reconcile_jobs import ask_reconciliation
from crowdfund.payments.reconciling import find_last
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_checkable_project
from crowdfund.web.forms import Form
from crowdfund.web.htmx import wants_fragment

SCREENS = (exposure_views,)  # imported so that its page belongs to the cash book


@pages.get("")
@officers(Right.SEE_MONEY)
def index() -> Answer:
    """Show what lies where, and how much of it belongs to each project."""
    session, last = db.session(), find_last(db.session())
    page = page_of(money_queries.count_projects(session), {})
    rows = money_queries.list_projects(session, offset=page.offset, limit=PAGE_SIZE)
    context: dict[str, Any] = {"rows": rows, "page": page, "accounts": ACCOUNTS, "last": last}
    context |= {"differences": reconciliation_queries.count_differences(session, last.id) if last else 0}
    return render_template("officers/money_index.html", sums=money_queries.read_sums(session), **context)


@pages.get("/entries")
@officers(Right.SEE_MONEY)
def entries() -> Answer:
    """List the entries of one account, newest first."""
    name, account, project = _asked()
    about = project.id if project else None
    query = {"account": name, "project": project.public_id if project else ""}
    page = page_of(money_queries.count_entries(db.session(), account, about), query)
    rows = money_queries.list_entries(db.session(), account, about, offset=page.offset, limit=PAGE_SIZE)
    context: dict[str, Any] = {"name": name, "account": account, "project": project, "page": page}
    return render_template("officers/money_entries.html", form=Form(), rows=rows, events=EVENTS, **context)


@pages.post("/entries.csv")
@officers(Right.SEE_MONEY)
def download() -> Answer:
    """Send every entry of one account as a file, while it is read; who took it and which period is recorded."""
    name, account, project = _asked()
    about = project.id if project else None
    first, last = money_queries.find_period(db.session(), account, about)
    period: dict[str, Any] = {"since": first and f"{first:%Y-%m-%d}", "until": last and f"{last:%Y-%m-%d}"}
    with unit_of_work() as session:
        who: dict[str, Any] = {"actor": current_actor(), "subject_id": PROGRAMME, "now": clock.now()}
        audit.record(session, Tag.CASH_BOOK_EXPORTED, account=name, project_id=about, **period, **who)

    def lines() -> Iterator[str]:
        yield from csv_lines(money_queries.every_entry(db.session(), account, about))

    response = Response(streamed(lines()), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="cash-book-{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/reconciliation")
@officers(Right.SEE_MONEY)
def reconciliation() -> Answer:
    """Show what a reconciliation found, the last one unless another is asked for, and whether one is under way."""
    session, asked = db.session(), request.args.get("run", "")
    run = reconciliation_queries.get_run(session, _number(asked)) if asked else find_last(session)
    page = page_of(reconciliation_queries.count_differences(session, run.id) if run else 0, {"run": asked})
    rows = reconciliation_queries.list_differences(session, run.id, offset=page.offset, limit=PAGE_SIZE) if run else []
    context: dict[str, Any] = {"run": run, "rows": rows, "page": page, "kinds": KIND_WORDS, "to_do": WHAT_TO_DO}
    live = reconciliation_queries.read_live(session, clock.now())
    return render_template(
        "officers/money_reconciliation.html", live=live, form=Form(), announce=False, done=None, **context
    )


@pages.get("/reconciliation/live")
@officers(Right.SEE_MONEY)
def live() -> Answer:
    """Answer the page's question how far a reconciliation is, and what came of it once it has ended."""
    if not wants_fragment():
        return redirect(url_for(".reconciliation"), 303)
    found, last = reconciliation_queries.read_live(db.session(), clock.now()), None
    if not found.is_on:
        last = find_last(db.session())
    differences = reconciliation_queries.count_differences(db.session(), last.id) if last else 0
    context: dict[str, Any] = {"live": found, "done": last, "differences": differences}
    return render_template("officers/_money_live.html", form=Form(), announce=True, **context)


@pages.post("/reconciliation")
@officers(Right.SEE_MONEY)
def run_again() -> Answer:
    """Have the worker reconcile now."""
    with unit_of_work() as session:
        ask_reconciliation(session, clock.now())
    return redirect(url_for(".reconciliation"), 303)


@pages.get("/reconciliations")
@officers(Right.SEE_MONEY)
def history() -> Answer:
    """List every reconciliation, newest first."""
    session = db.session()
    page = page_of(reconciliation_queries.count_runs(session), {})
    rows = reconciliation_queries.list_runs(session, offset=page.offset, limit=PAGE_SIZE)
    return render_template("officers/money_history.html", rows=rows, page=page)


def _asked() -> tuple[str, Account, Project | None]:
    """Return the account and project that an address asks for. Raises NotFound."""
    name, public_id = request.args.get("account", "held"), request.args.get("project", "")
    if name not in ACCOUNTS:
        raise NotFound(f"account {name}")
    project = get_checkable_project(db.session(), public_id) if public_id else None
    if project and not ACCOUNTS[name].of_projects:
        raise NotFound(f"account {name} of a project")
    return name, ACCOUNTS[name], project


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise NotFound(f"reconciliation {text}")
    return int(text)
