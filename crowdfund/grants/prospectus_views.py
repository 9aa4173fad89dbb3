"""Grants for everybody to read: the rounds that are open, coming and past, and what each one asks and promises."""

from flask import Blueprint, render_template

from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.grants.access import takes_applications
from crowdfund.grants.models import GrantRound
from crowdfund.grants.prospectus import prospectus_of
from crowdfund.grants.queries import get_public_round, list_public_rounds
from crowdfund.web.guards import anyone
from crowdfund.web.page_cache import kept_a_moment

pages = Blueprint("grants", __name__)
PUBLIC_PAGE = "a public page"


@pages.get("/grants")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def index() -> str:
    """List the rounds that are open, to come, and over."""
    now = clock.now()
    open_, coming, past = list[GrantRound](), list[GrantRound](), list[GrantRound]()
    for row in list_public_rounds(db.session()):
        part = open_ if takes_applications(row, now) else coming if now < row.opens_at else past
        part.append(row)
    parts = [
        ("Open now", "No round is open today.", open_),
        ("Coming", "No round is announced.", coming),
        ("Past", "No round is over yet.", past[::-1]),
    ]
    return render_template("grants/list.html", parts=parts)


@pages.get("/grants/<slug>")
@anyone(PUBLIC_PAGE)
@kept_a_moment
def show(slug: str) -> str:
    """Show a round: who can apply for what, how it is decided and when, and what the form asks."""
    session, now = db.session(), clock.now()
    row, plan = get_public_round(session, slug)
    takes = takes_applications(row, now)
    return render_template("grants/show.html", round=row, takes=takes, now=now, **prospectus_of(session, plan))
