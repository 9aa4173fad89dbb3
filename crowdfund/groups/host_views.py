"""A group's host: who it is, naming one, asking again, ending it."""

from typing import Any

from flask import redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.roles import MEMBER_RIGHTS, GroupRight
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups import hosts
from crowdfund.groups.blueprint import HOUR, OF_GROUP, Answer, legal_form_of, link_to, own_group, pages, show_form
from crowdfund.groups.forms import HostForm, PlainForm
from crowdfund.groups.models import Group
from crowdfund.groups.queries import find_host, find_host_invitation, find_last_host, needs_host, role_in
from crowdfund.groups.rules import FORM_HINTS, FORM_WORDS, HostState, LegalForm
from crowdfund.groups.start_forms import SetUpForm
from crowdfund.web.forms import LandingOn
from crowdfund.web.limits import limit

MOST_QUESTIONS = 10  # an hour and person


@pages.get("/apply/groups/<public_id>/host")
@members(OF_GROUP)
def host(public_id: str) -> Answer:
    """Show who takes the money for the group, and what a host is."""
    return _show_host(own_group(public_id), PlainForm())


@pages.get("/apply/groups/<public_id>/host/new")
@pages.post("/apply/groups/<public_id>/host/new")
@members(OF_GROUP)
def name_host(public_id: str) -> Answer:
    """Name the body to ask; first how it is set up, then the rest."""
    group, actor = own_group(public_id, GroupRight.MANAGE), current_actor()
    legal_form = legal_form_of(request.values.get("legal_form"))
    own: dict[str, Any] = {"public_id": public_id}
    if legal_form in {None, LegalForm.INFORMAL}:
        return _ask_set_up(group)
    assert legal_form is not None
    form = HostForm(legal_form=legal_form)
    if form.validate_on_submit():
        group_id = group.id
        texts: dict[str, Any] = {name: form[name].data or "" for name in ("name", "contact_name", "contact_email")}
        named = hosts.HostDetails(legal_form=legal_form, **texts, **form.numbers)
        with LandingOn(form):
            limit("ask-host", str(actor.person_id), times=MOST_QUESTIONS, per=HOUR)
            with unit_of_work() as session:
                hosts.ask_host(session, group_id, named, link_to=link_to, actor=actor, now=clock.now())
            return redirect(url_for(".host", **own), 303)
        group = own_group(public_id, GroupRight.MANAGE)
    addresses = {"action": url_for(".name_host", legal_form=legal_form, **own), "change": url_for(".name_host", **own)}
    return show_form("name_host", form, group=group, set_up=FORM_WORDS[legal_form], **addresses)


@pages.post("/apply/groups/<public_id>/host/again")
@members(OF_GROUP)
def ask_again(public_id: str) -> Answer:
    """Mail the question to the host once more."""
    group, form, actor = own_group(public_id, GroupRight.MANAGE), PlainForm(), current_actor()
    group_id = group.id
    with LandingOn(form):
        limit("ask-host", str(actor.person_id), times=MOST_QUESTIONS, per=HOUR)
        with unit_of_work() as session:
            hosts.ask_host_again(session, group_id, link_to=link_to, actor=actor, now=clock.now())
        return redirect(url_for(".host", public_id=public_id, again=1), 303)
    return _show_host(own_group(public_id, GroupRight.MANAGE), form)


@pages.get("/apply/groups/<public_id>/host/end")
@pages.post("/apply/groups/<public_id>/host/end")
@members(OF_GROUP)
def end_host(public_id: str) -> Answer:
    """End it with the host, after a page that says what that means."""
    group, form = own_group(public_id, GroupRight.MANAGE), PlainForm()
    standing = find_host(db.session(), group.id)
    if standing is None:
        return redirect(url_for(".host", public_id=public_id), 303)
    if form.validate_on_submit():
        group_id = group.id
        with LandingOn(form):
            with unit_of_work() as session:
                hosts.end_host(session, group_id, actor=current_actor(), now=clock.now())
            return redirect(url_for(".host", public_id=public_id), 303)
        return _show_host(own_group(public_id, GroupRight.MANAGE), form)
    return show_form("end_host", form, group=group, host=standing)


def _ask_set_up(group: Group) -> Answer:
    form = SetUpForm(request.args)
    form.leave_out_informal()
    form.legal_form.label.text = "How is the host set up?"
    if "go" in request.args:
        form.validate()
    action, back = (url_for(end, public_id=group.public_id) for end in (".name_host", ".host"))
    hints = {str(one): words for one, words in FORM_HINTS.items()}
    return show_form("set_up", form, action=action, back=back, hints=hints, caption=group.name)


def _show_host(group: Group, form: PlainForm) -> Answer:
    session = db.session()
    own = role_in(session, group.id, current_actor().person_id)
    last = find_host(session, group.id) or find_last_host(session, group.id)
    question = find_host_invitation(session, last.id) if last else None
    context = {
        "group": group,
        "host": last,
        "question": question,
        "needed": needs_host(group),
        "manages": own is not None and GroupRight.MANAGE in MEMBER_RIGHTS[own],
        "again": "again" in request.args,
        "now": clock.now(),
        "state": HostState,
        "form_words": FORM_WORDS,
    }
    page = render_template("groups/host.html", form=form, **context)
    return (page, form.status) if form.errors else page
