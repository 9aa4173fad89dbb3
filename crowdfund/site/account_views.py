"""The account's home: what a signed-in person has here, from pledges to an officer's desk."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import signed_in
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.grants.rules import WORDS as APPLICATION_WORDS
from crowdfund.pledges.claiming import claim_pledges, count_unclaimed
from crowdfund.pledges.queries import list_of_person
from crowdfund.pledges.rules import WORDS as PLEDGE_WORDS
from crowdfund.projects.rules import WORDS as PROJECT_WORDS
from crowdfund.site.account_queries import list_groups_of, list_hosted
from crowdfund.web.forms import Form

pages = Blueprint("mine", __name__)


@pages.get("/account")
@signed_in
def home() -> str:
    """Show a signed-in person their pledges, their groups with projects, and the way to the desk."""
    person_id, session = current_actor().person_id, db.session()
    assert person_id is not None
    return render_template(
        "accounts/home.html",
        pledges=list_of_person(session, person_id),
        unclaimed=count_unclaimed(session, person_id),
        groups=list_groups_of(session, person_id),
        hosted=list_hosted(session, person_id),
        pledge_words=PLEDGE_WORDS,
        project_words=PROJECT_WORDS,
        application_words=APPLICATION_WORDS,
        form=Form(),
    )


@pages.post("/account/claim")
@signed_in
def claim() -> BaseResponse:
    """Take the pledges made as a guest with this address into the account."""
    person_id = current_actor().person_id
    assert person_id is not None
    with unit_of_work() as session:
        claim_pledges(session, person_id, actor=current_actor(), now=clock.now())
    return redirect(url_for(".home"), 303)
