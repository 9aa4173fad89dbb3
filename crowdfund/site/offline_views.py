"""The group's page for money collected offline; it becomes a pledge, so it is promised and charged like any other."""

from datetime import timedelta

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField

from crowdfund.accounts.current import current_actor, remember
from crowdfund.accounts.guards import members
from crowdfund.accounts.roles import GroupRight
from crowdfund.core import clock, ids
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.files.cleaning import MEGABYTE
from crowdfund.files.documents import MOST_DOCUMENT_BYTES, clean_document
from crowdfund.pledges.offline import Collection, pledge_collection
from crowdfund.pledges.rules import PledgeLimits
from crowdfund.projects.queries import get_own_project
from crowdfund.web.forms import Form, LandingOn, MoneyField, TextField
from crowdfund.web.limits import limit
from crowdfund.web.uploads import LARGEST_UPLOAD, UploadField, uploads_up_to

pages = Blueprint("offline", __name__, url_prefix="/apply/projects/<public_id>")
OF_GROUP = "people of the project’s group, through get_own_project"
MOST_WHAT = 200


class CollectionForm(Form):
    """How much, from where, and the evidence."""

    amount = MoneyField("How much did you collect?", missing="Enter how much you collected.")
    what = TextField("Where does it come from?", most=MOST_WHAT, missing="Say where the money comes from.")
    evidence = UploadField("Evidence", missing="Choose a file that shows what was collected.")
    token = HiddenField()


@pages.get("/collected")
@pages.post("/collected")
@uploads_up_to(LARGEST_UPLOAD)
@members(OF_GROUP)
def enter(public_id: str) -> str | BaseResponse | tuple[str, int]:
    """Take an amount collected offline and lead to the check of its pledge."""
    project = get_own_project(db.session(), public_id, current_actor(), GroupRight.EDIT)
    form = CollectionForm()
    if form.validate_on_submit():
        with LandingOn(form):
            return redirect(url_for("pledges.check", public_id=_start(project.id, form)), 303)
        project = get_own_project(db.session(), public_id, current_actor(), GroupRight.EDIT)
    form.token.data = form.token.data or ids.public_id()
    page = render_template(
        "site/collected.html", form=form, project=project, most=MOST_DOCUMENT_BYTES // MEGABYTE, most_what=MOST_WHAT
    )
    return (page, form.status) if form.errors else page


def _start(project_id: int, form: CollectionForm) -> str:
    actor = current_actor()
    limit("upload", str(actor.person_id), times=60, per=timedelta(hours=1))
    evidence = clean_document(form.evidence.stream, form.evidence.sent_name, "evidence")
    collection = Collection(form.amount.pence or 0, form.what.data or "", evidence)
    bounds = PledgeLimits(current_app.config["PLEDGE_MIN_PENCE"], current_app.config["PLEDGE_MAX_PENCE"])
    token = str(form.token.data or "")[:26] or ids.public_id()
    with unit_of_work() as session:
        pledge = pledge_collection(session, project_id, collection, token, bounds, actor=actor, now=clock.now())
        remember(session, pledge.subject)
        return pledge.public_id
