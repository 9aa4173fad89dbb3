"""The match simulator: what a fund would have spent on past projects under other rules, before they are published."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.funds.models import Fund, FundTerms
from crowdfund.funds.publishing import fields_of
from crowdfund.funds.queries import find_draft, find_terms, list_terms
from crowdfund.matching.replaying import Outcome, replay
from crowdfund.officers.fund_pages import fund_of
from crowdfund.officers.simulator_forms import SimulatorForm
from crowdfund.officers.simulator_queries import AREA, PastProject, Scope, budget_pence, list_past
from crowdfund.web.csv_files import csv_file

pages = Blueprint("simulator", __name__, url_prefix="/officers/funds")
HEAD = ("Project", "District", "Theme", "Given (£)", "Under the terms now (£)", "Under these rules (£)")
MOST_SHOWN = 200


@dataclass(frozen=True)
class Row:
    """A project with what it got, and would have got under the terms that hold and the changed rules. Pence."""

    project: PastProject
    given_pence: int
    now: Outcome
    then: Outcome


@dataclass(frozen=True)
class Sum:
    """What a district, a theme or everything adds up to. Pence, and how many projects reach their targets."""

    name: str
    given_pence: int
    now_pence: int
    then_pence: int
    now_reached: int
    then_reached: int


@pages.get("/<public_id>/simulator")
@officers(Right.SEE_DESK)
def simulate(public_id: str) -> str | BaseResponse | tuple[str, int]:
    """Let an officer change a fund's rules and see the spend on past projects beside that of the terms that hold."""
    fund, form, standing = _open(public_id)
    sent = form.is_sent
    context: dict[str, Any] = {"fund": fund, "form": form, "standing": standing, "rows": None}
    if sent and not form.validate():
        return render_template("officers/simulator.html", **context), 422
    if sent:
        rows = _rows(fund, form, standing)
        context |= {"rows": rows[:MOST_SHOWN], "total": _sum("All projects", rows), "count": len(rows)}
        context["tables"] = [
            ("District", _sums(rows, lambda one: one.district)),
            ("Theme", _sums(rows, lambda one: one.theme)),
        ]
        context["file"] = f"{url_for('.download', public_id=public_id)}?{request.query_string.decode('latin-1')}"
    return render_template("officers/simulator.html", **context)


@pages.get("/<public_id>/simulator.csv")
@officers(Right.SEE_DESK)
def download(public_id: str) -> BaseResponse | tuple[str, int]:
    """Send the same as a file, project by project, with the sum below."""
    fund, form, standing = _open(public_id)
    if not (form.is_sent and form.validate()):
        page = render_template("officers/simulator.html", fund=fund, form=form, standing=standing, rows=None)
        return page, 422
    rows = _rows(fund, form, standing)
    total = _sum("All projects", rows)
    lines = [_cells(row.project, row.given_pence, row.now.pence, row.then.pence) for row in rows]
    sums = [total.name, "", "", *map(_plain, (total.given_pence, total.now_pence, total.then_pence))]
    return csv_file("simulator.csv", HEAD, [*lines, sums])


def _open(public_id: str) -> tuple[Fund, SimulatorForm, FundTerms]:
    """Return the fund, the rules in the address (at first those being written, or that hold), and the terms now."""
    session, fund = db.session(), fund_of(public_id)
    standing = find_terms(session, fund.id, clock.now())
    if standing is None:
        raise NotFound("a fund without terms has nothing to compare with")
    form = SimulatorForm(request.args, list(list_terms(session, fund.id)))
    if not form.is_sent:
        draft = find_draft(session, fund.id)
        fields = fields_of(standing) | (dict(draft.fields) if draft else {})
        form.start_with(fields, budget_pence(session, fund.id))
    return fund, form, standing


def _rows(fund: Fund, form: SimulatorForm, standing: FundTerms) -> list[Row]:
    session, is_public = db.session(), fund.funder.is_public
    if form.which.data == AREA:
        scope = Scope(fund, districts=standing.districts)
    else:
        terms_id = next(one.id for one in list_terms(session, fund.id) if str(one.number) == form.which.data)
        scope = Scope(fund, terms_id=terms_id)
    projects = list_past(session, scope)
    pasts, money = [project.past for project in projects], form.money.pence or 0
    now = replay(pasts, standing.values(is_public=is_public), money)
    then = replay(pasts, form.terms(is_public=is_public), money)
    return [
        Row(project, project.past.given_pence, was, would)
        for project, was, would in zip(projects, now, then, strict=True)
    ]


def _sums(rows: Sequence[Row], name_of: Callable[[PastProject], str]) -> list[Sum]:
    names = sorted({name_of(row.project) for row in rows})
    return [_sum(name, [row for row in rows if name_of(row.project) == name]) for name in names]


def _sum(name: str, rows: Sequence[Row]) -> Sum:
    return Sum(
        name=name,
        given_pence=sum(row.given_pence for row in rows),
        now_pence=sum(row.now.pence for row in rows),
        then_pence=sum(row.then.pence for row in rows),
        now_reached=sum(row.now.reached for row in rows),
        then_reached=sum(row.then.reached for row in rows),
    )


def _cells(project: PastProject, *pence: int) -> list[str]:
    return [project.title, project.district, project.theme, *map(_plain, pence)]


def _plain(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02d}"
