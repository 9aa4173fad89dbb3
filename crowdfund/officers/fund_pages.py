"""What the officers' pages about funds share: their blueprint, and loading what an officer may look at."""

from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.roles import FUND_RIGHTS, ROLE_WORDS, FundRight
from crowdfund.core.actor import Permit
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.funds.access import can_edit, can_pay, can_see, demand
from crowdfund.funds.models import Fund
from crowdfund.funds.queries import get_fund_by_id
from crowdfund.web.forms import Form

pages = Blueprint("fund_desk", __name__, url_prefix="/officers/funds")
Answer = str | BaseResponse | tuple[str, int]
_PERMITS = {FundRight.EDIT: can_edit, FundRight.PAY: can_pay}


def fund_of(public_id: str, right: FundRight = FundRight.SEE) -> Fund:
    """Return a fund, with its funder, to an officer who has this right over it.

    Raises NotFound for officers of other funders, and Forbidden without the right.
    """
    fund, actor = get_fund_by_id(db.session(), public_id), current_actor()
    if not can_see(actor, fund.funder_id):
        raise NotFound(f"fund {public_id}")
    if right in _PERMITS:
        demand(_PERMITS[right](actor, fund.funder_id))
    return fund


def rights_at(fund: Fund) -> dict[str, Permit]:
    """Return what the officer who asks may do with a fund, for its buttons."""
    actor = current_actor()
    return {"may_edit": can_edit(actor, fund.funder_id), "may_pay": can_pay(actor, fund.funder_id)}


def fund_links() -> list[tuple[str, str]]:
    """Return the pages about funds that the officer who asks has to do with: the words and the endpoint of each."""
    rights = {right for post in current_actor().posts for right in FUND_RIGHTS.get(post.role, ())}
    links = (
        [("Requests to funds", "matches.index"), ("Funds", "fund_desk.index"), ("Grant rounds", "rounds.index")]
        if rights
        else []
    )
    return [*links, ("Match to pay", "match_due.index")] if FundRight.PAY in rights else links


def authority_of(fund: Fund, right: FundRight) -> str:
    """Return the role under which the officer who asks has a right over a fund, in words."""
    posts = sorted(current_actor().posts, key=lambda post: (post.role.of_programme, post.role.value))
    held = [
        post.role
        for post in posts
        if right in FUND_RIGHTS.get(post.role, ()) and (post.role.of_programme or post.funder_id == fund.funder_id)
    ]
    return ROLE_WORDS[held[0]] if held else ""


def show(template: str, form: Form | None = None, **context: Any) -> Answer:
    """Show an officers' page about funds, with the errors and status of its form."""
    page = render_template(f"officers/funds/{template}.html", form=form or Form(), **context)
    return (page, form.status) if form is not None and form.errors else page
