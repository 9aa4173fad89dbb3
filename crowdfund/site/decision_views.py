"""The public record of decisions: a page that can be narrowed, and the same as a file."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.core import clock
from crowdfund.core.clock import LONDON
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.places.queries import list_districts
from crowdfund.site.decision_grants import count_grant_refusals
from crowdfund.site.decision_queries import (
    PAGE_SIZE,
    count_declined,
    count_entries,
    count_refusals,
    list_entries,
    list_fund_names,
    list_years,
)
from crowdfund.site.decision_words import KINDS, Chosen, Entry, read_chosen
from crowdfund.web.csv_files import csv_file
from crowdfund.web.guards import anyone
from crowdfund.web.page_cache import kept_a_moment
from crowdfund.web.paging import Page, page_number

pages = Blueprint("decisions", __name__)
HEAD = (
    "What",
    "Project, plan or fund",
    "Group",
    "District",
    "Funder",
    "Fund",
    "Round",
    "Amount (£)",
    "Confirmed (£)",
    "Where it stands",
    "Decided by",
    "Reference",
    "Decided and published",
    "Takes effect",
    "Confirmed",
    "Criterion",
    "Reason",
)


@pages.get("/decisions")
@anyone("approvals are public")
@kept_a_moment
def register() -> str | BaseResponse:
    """Publish every approval and award, and refusals as counts by criterion; the address says which."""
    session = db.session()
    chosen, choices = _choose()
    page = Page(page_number(request.args), count_entries(session, chosen), PAGE_SIZE, request.path, vars(chosen))
    if page.number > page.pages:
        raise NotFound("there is no such page")
    context: dict[str, Any] = {"entries": list_entries(session, chosen, offset=page.offset, limit=PAGE_SIZE)}
    context |= {"declined": count_declined(session, chosen), "refusals": count_refusals(session, chosen)}
    context["grant_refusals"] = count_grant_refusals(session, chosen)
    context |= {"file": url_for(".download", **{k: v for k, v in vars(chosen).items() if v})}
    return render_template("site/decisions.html", page=page, chosen=chosen, kinds=KINDS, **choices, **context)


@pages.get("/decisions.csv")
@anyone("approvals are public")
def download() -> BaseResponse:
    """Send the record as a file: the same filters and order as on the page, every row of it."""
    chosen, _ = _choose()
    return csv_file("decisions.csv", HEAD, [_cells(entry) for entry in list_entries(db.session(), chosen)])


def _choose() -> tuple[Chosen, dict[str, Any]]:
    session = db.session()
    funds, districts = list_fund_names(session), list_districts(session)
    years = list_years(session, clock.now())
    funders = list(dict.fromkeys((fund.funder_slug, fund.funder) for fund in funds))
    choices = {"funds": funds, "funders": funders, "districts": districts, "years": years}
    return read_chosen(request.args, funds, districts, years), choices


def _cells(entry: Entry) -> list[str]:
    return [
        entry.kind_words,
        entry.title,
        entry.group,
        entry.district,
        entry.funder,
        entry.fund,
        entry.round,
        _plain(entry.pence),
        _plain(entry.confirmed_pence),
        entry.stands,
        entry.authority,
        entry.reference,
        _day(entry.decided_at),
        _day(entry.effective_at),
        _day(entry.confirmed_at),
        entry.criterion,
        entry.reason,
    ]


def _plain(pence: int | None) -> str:
    return "" if pence is None else f"{pence // 100}.{pence % 100:02d}"


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone(LONDON):%Y-%m-%d}" if moment else ""
