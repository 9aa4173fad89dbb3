"""The page behind the link in an invitation's mail: what is asked, and the answer."""

from typing import Any

from flask import redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import signed_in
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.blueprint import Answer, pages
from crowdfund.groups.forms import AnswerForm
from crowdfund.groups.invitations import INVITATION_PAGES
from crowdfund.groups.invitations import answer as record_answer
from crowdfund.groups.links import opens
from crowdfund.groups.models import Invitation
from crowdfund.groups.queries import find_invitation
from crowdfund.groups.rules import InvitationState
from crowdfund.web.forms import LandingOn
from crowdfund.web.guards import checked_inside
from crowdfund.web.signing import app_secret

GONE = 410


@pages.get("/invitations/<public_id>")
@checked_inside("the signed key of the mailed link")
def invitation(public_id: str) -> Answer:
    """Show what is asked, with buttons; opening the link changes nothing."""
    key = request.args.get("key", "")
    asked = _opened(public_id, key)
    form = AnswerForm(data={"key": key})
    return _show(asked, form)


@pages.post("/invitations/<public_id>")
@signed_in
def answer(public_id: str) -> Answer:
    """Take the answer of whoever opened the link and is signed in; the mailed key is what counts."""
    form = AnswerForm()
    key = form.key.data or ""
    asked = _opened(public_id, key)
    chosen = request.form.get("answer")
    if chosen not in {"yes", "no"}:
        form.stop(422, "Press one of the buttons below.")
    elif form.validate_on_submit():
        invitation_id, reason = asked.id, form.reason.data or ""
        with LandingOn(form):
            with unit_of_work() as session:
                given: dict[str, Any] = {"accepts": chosen == "yes", "reason": reason}
                record_answer(session, invitation_id, **given, actor=current_actor(), now=clock.now())
            return redirect(url_for(".invitation", public_id=public_id, key=key, thanks=1), 303)
        asked = _opened(public_id, key)
    return _show(asked, form)


def _opened(public_id: str, key: str) -> Invitation:
    """Return the invitation whose key this is. Raises NotFound."""
    found = find_invitation(db.session(), public_id)
    if found is None or not opens(key, found, app_secret()) or found.kind not in INVITATION_PAGES:
        raise NotFound("invitation")
    return found


def _show(asked: Invitation, form: AnswerForm) -> Answer:
    page = INVITATION_PAGES[asked.kind]
    words: dict[str, Any] = {"refuse": None, "after": None, **page.describe(db.session(), asked)}
    words |= {"invitation": asked, "state": InvitationState, "reason_wanted": page.reason_wanted}
    if asked.state is InvitationState.OPEN and clock.now() < asked.expires_at:
        shown = render_template(page.template, form=form, **words)
        return (shown, form.status) if form.errors else shown
    mine = "thanks" in request.args and asked.answered_by_id == current_actor().person_id is not None
    over = render_template("groups/invitation_over.html", mine=mine, **words)
    return over if asked.answered_at else (over, GONE)
