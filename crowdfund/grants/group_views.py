"""What a group asked for in grants, for its own people: where each stands, and what is open to it."""

from flask import Blueprint, render_template

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.grants.access import takes_applications
from crowdfund.grants.queries import list_of_group, list_public_rounds
from crowdfund.grants.rules import WORDS
from crowdfund.groups.queries import get_own_group

pages = Blueprint("group_grants", __name__)
OF_GROUP = "people of the group, through get_own_group"


@pages.get("/apply/groups/<public_id>/grants")
@members(OF_GROUP)
def of_group(public_id: str) -> str:
    """List a group's applications with where each stands, and the rounds that are open to it."""
    session, now = db.session(), clock.now()
    group = get_own_group(session, public_id, current_actor())
    mine = list_of_group(session, group.id)
    begun = {one.round_id for one in mine}
    open_ = [row for row in list_public_rounds(session) if takes_applications(row, now) and row.id not in begun]
    return render_template("grants/of_group.html", group=group, mine=mine, rounds=open_, words=WORDS)
