"""A project's news by mail: off with one click from the mail itself, on again on the backer's own page."""

from flask import Blueprint, redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.pledges import queries
from crowdfund.pledges.forms import PlainForm
from crowdfund.pledges.links import turns_off
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.updates import turn_updates_off, turn_updates_on
from crowdfund.pledges.views import OWN_PLEDGE, Answer, own_pledge
from crowdfund.web.guards import checked_inside
from crowdfund.web.security import csrf
from crowdfund.web.signing import app_secret

pages = Blueprint("news", __name__)
OFF_KEY = "the signed key of the link in a mail with news, which turns such mails off and nothing else"


@pages.get("/pledges/<public_id>/updates-off")
@checked_inside(OFF_KEY)
def ask(public_id: str) -> Answer:
    """Show the button that turns the mails off: a link alone changes nothing, as mail scanners follow links."""
    pledge = _pledge_of_key(public_id)
    return _page("pledges/updates_off.html", pledge)


@pages.post("/pledges/<public_id>/updates-off")
@checked_inside(OFF_KEY)
def off(public_id: str) -> Answer:
    """Turn the mails off and say so; no redirect, as mail programs do not follow one."""
    pledge = _pledge_of_key(public_id)
    with unit_of_work() as session:
        turn_updates_off(session, pledge.id, actor=current_actor(), now=clock.now())
    return _page("pledges/updates_are_off.html", _pledge_of_key(public_id))


# Mail programs post here by themselves (RFC 8058) and know no token; the key in the address stands for it.
csrf.exempt(off)


@pages.post("/pledges/<public_id>/updates-on")
@checked_inside(OWN_PLEDGE)
def on(public_id: str) -> Answer:
    """Turn the mails on again, from the backer's own page."""
    pledge = own_pledge(public_id)
    with unit_of_work() as session:
        turn_updates_on(session, pledge.id, actor=current_actor(), now=clock.now())
    return redirect(url_for("backer.show", public_id=public_id), 303)


def _pledge_of_key(public_id: str) -> Pledge:
    pledge = queries.find_pledge(db.session(), public_id)
    if pledge is None or not turns_off(request.args.get("key", ""), pledge, app_secret()):
        raise NotFound("pledge")
    return pledge


def _page(template: str, pledge: Pledge) -> str:
    context = {"project": pledge.project, "public_id": pledge.public_id, "key": request.args.get("key", "")}
    return render_template(template, form=PlainForm(), **context)
