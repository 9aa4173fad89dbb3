"""Scorecards for everybody: how fairly a round, or all rounds of a funder, gave its money."""

from typing import Any

from flask import Blueprint, render_template
from sqlalchemy.orm import Session

from crowdfund.core.db import db
from crowdfund.core.money import pounds
from crowdfund.funds.queries import get_funder
from crowdfund.grants.queries import get_public_round
from crowdfund.grants.scorecard import FEW_WORDS, Part, Scorecard, percent, scorecard_of
from crowdfund.grants.scorecard_queries import TOLD, list_rows, list_told_rounds
from crowdfund.groups.rules import FORM_WORDS
from crowdfund.places.queries import list_districts
from crowdfund.web.guards import anyone
from crowdfund.web.page_cache import kept_a_moment
from crowdfund.web.templating import plural

pages = Blueprint("scorecards", __name__)
PUBLIC_PAGE = "how public money was given is public; small counts of those who got nothing are not told"


@pages.get("/grants/<slug>/scorecard")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def of_round(slug: str) -> str:
    """Show a decided round's scorecard; before that, when it will be there."""
    session = db.session()
    row, plan = get_public_round(session, slug)
    told = _told(session, [row.id]) if row.state in TOLD else None
    return render_template("grants/scorecard.html", round=row, minutes=plan.minutes, told=told)


@pages.get("/grants/scorecards/<slug>")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def of_funder(slug: str) -> str:
    """Show the scorecard of all decided rounds of a funder, with each of them."""
    session = db.session()
    funder = get_funder(session, slug)
    rounds = list_told_rounds(session, funder.id)
    told = _told(session, [row.id for row in rounds]) if rounds else None
    return render_template("grants/scorecard_funder.html", funder=funder, rounds=rounds, told=told)


def _told(session: Session, round_ids: list[int]) -> dict[str, Any]:
    districts = [one.name for one in list_districts(session)]
    card = scorecard_of(list_rows(session, round_ids), districts, list(FORM_WORDS.values()))
    outcomes = [(one.words, one.count, pounds(one.awarded_pence)) for one in card.outcomes if one.count]
    return {
        "card": card,
        "facts": _facts(card),
        "outcomes": outcomes,
        "left_at": card.left_at,
        "parts": [
            ("Awards by district", "District", _lines(card.districts)),
            ("Awards by kind of group", "Kind of group", _lines(card.legal_forms)),
            ("Awards to first-timers", "Group", _lines(card.first_timers)),
        ],
    }


def _facts(card: Scorecard) -> list[tuple[str, str]]:
    days = "–" if card.median_days is None else plural(card.median_days, "day", "days")
    minutes = "–" if card.median_minutes is None else plural(card.median_minutes, "minute", "minutes")
    return [
        ("From the closing day to the decision (median)", days),
        ("Decided by the day that was promised", _share(card.on_time, card.decided)),
        ("Decisions with a written reason", _share(card.with_reason, card.decided)),
        ("Time to fill in the form (median of those sent)", minutes),
        ("Begun and never sent", _share(card.left, card.begun)),
        ("Asked for", pounds(card.asked_pence)),
        ("Given", pounds(card.given_pence)),
    ]


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({percent(part, whole)} %)" if whole else "–"


def _lines(parts: tuple[Part, ...]) -> list[tuple[str, int, str, str]]:
    return [
        (one.name, one.awards, pounds(one.awarded_pence), FEW_WORDS if one.refused is None else str(one.refused))
        for one in parts
    ]
