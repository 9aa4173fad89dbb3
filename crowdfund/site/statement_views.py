"""The statement of a project for its group: on a page that prints well, and as CSV."""

from typing import Any

from flask import Blueprint, Response, render_template

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_own_project
from crowdfund.projects.rules import PUBLIC, WORDS
from crowdfund.site.statement import CSV_HEAD, PAYOUT_WORDS, csv_rows, in_words, make_statement, payout_date
from crowdfund.web.csv_files import csv_file

pages = Blueprint("statement", __name__, url_prefix="/apply/projects/<public_id>")
OF_GROUP = "people of the project’s group, through get_own_project"


@pages.get("/statement")
@members(OF_GROUP)
def show(public_id: str) -> str:
    """Show what was pledged, collected, given back and paid out."""
    project = _launched(public_id)
    statement = make_statement(db.session(), project)
    context: dict[str, Any] = {"project": project, "statement": statement, "sums": in_words(statement)}
    context |= {"words": PAYOUT_WORDS, "date": payout_date, "now": clock.now(), "state": WORDS[project.state]}
    return render_template("site/statement.html", **context)


@pages.get("/statement.csv")
@members(OF_GROUP)
def download(public_id: str) -> Response:
    """Send the same statement as a file."""
    project = _launched(public_id)
    rows = csv_rows(make_statement(db.session(), project))
    return csv_file(f"statement-{project.slug}.csv", CSV_HEAD, rows)


def _launched(public_id: str) -> Project:
    project = get_own_project(db.session(), public_id, current_actor())
    if project.state not in PUBLIC:
        raise NotFound("a project that is not launched")
    return project
