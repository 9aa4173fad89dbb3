"""Before anybody signs in: six questions, and what to have ready."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from crowdfund.core.db import db
from crowdfund.groups.blueprint import Answer, pages, show_form
from crowdfund.groups.eligibility import (
    ACCOUNT_WORDS,
    AMOUNT_WORDS,
    BENEFIT_WORDS,
    SET_UP_WORDS,
    WHEN_WORDS,
    Answers,
    SetUp,
    Where,
    hints,
    readiness,
    stops,
)
from crowdfund.groups.placing import outside_words
from crowdfund.groups.rules import LegalForm
from crowdfund.groups.start_forms import StartForm
from crowdfund.places.queries import find_district
from crowdfund.web.guards import anyone

_LEADS_TO = {SetUp.INFORMAL: LegalForm.INFORMAL, SetUp.ASSOCIATION: LegalForm.ASSOCIATION}
_WORDS: dict[str, Mapping[Any, str]] = {
    "benefit": BENEFIT_WORDS,
    "set_up": SET_UP_WORDS,
    "account": ACCOUNT_WORDS,
    "amount": AMOUNT_WORDS,
    "when": WHEN_WORDS,
}


@pages.get("/start")
@anyone("finding out whether this service can help needs no account")
def start() -> Answer:
    """Ask six questions; the answers stand in the address and lead to what is ready and what is missing."""
    form = StartForm(request.args)
    if "go" not in request.args or not form.validate():
        return show_form("start", form)
    said = _answers(form)
    rows = [{"key": form.postcode.label.text, "value": form.postcode.data}]
    rows += [{"key": form[name].label.text, "value": words[form.choices[name]]} for name, words in _WORDS.items()]
    again = request.query_string.decode("ascii", "replace").replace("go=", "was=")
    told = {"stops": stops(said), "hints": hints(said), "points": readiness(said), "rows": rows, "again": again}
    return render_template("groups/start_result.html", leads_to=_LEADS_TO.get(said.set_up), **told)


def _answers(form: StartForm) -> Answers:
    district = find_district(db.session(), form.postcode.data or "")
    if district is None:
        return Answers(where=Where.UNKNOWN, **form.choices)
    where = Where.IN_AREA if district.in_area else Where.OUTSIDE
    return Answers(where=where, outside="" if district.in_area else outside_words(district), **form.choices)
