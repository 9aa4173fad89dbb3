"""A group's own pages: begin one, its task list, details, readiness and history."""

from typing import Any

from flask import redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members, signed_in
from crowdfund.accounts.history import PAGE_SIZE, count_history, history
from crowdfund.accounts.roles import MEMBER_RIGHTS, GroupRight
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups import host_views, invitation_views, people_views, start_views
from crowdfund.groups.actions import GroupDetails, Readiness, change_details, say_readiness, start_group
from crowdfund.groups.blueprint import OF_GROUP, Answer, legal_form_of, own_group, pages, show_form
from crowdfund.groups.forms import DetailsForm, ReadinessForm
from crowdfund.groups.models import Group
from crowdfund.groups.placing import district_for
from crowdfund.groups.queries import (
    find_host,
    find_last_host,
    list_members,
    list_open_invitations,
    needs_host,
    role_in,
)
from crowdfund.groups.rules import FIELD_WORDS, FORM_HINTS, FORM_WORDS, HOST_WORDS, LegalForm
from crowdfund.groups.start_forms import SetUpForm
from crowdfund.groups.tasks import Standing, tasks_of
from crowdfund.places.queries import find_district, list_districts
from crowdfund.places.rules import tidy_postcode
from crowdfund.web.forms import LandingOn
from crowdfund.web.paging import Page, page_number

__all__ = ["host_views", "invitation_views", "pages", "people_views", "start_views"]

_WORDS = {"legal_form": FORM_WORDS, "host_state": HOST_WORDS, "group_field": FIELD_WORDS}
_TEXTS = ("name", "about", "town", "contact_email")


@pages.get("/apply/groups/new")
@pages.post("/apply/groups/new")
@signed_in
def new() -> Answer:
    """Ask how the group is set up, then for its details; whoever begins it is its owner."""
    legal_form = legal_form_of(request.values.get("legal_form"))
    if legal_form is None:
        return _ask_set_up(url_for(".new"), "How is your group set up?", "/start", None)
    actor = current_actor()
    form = DetailsForm(legal_form=legal_form, data={"contact_email": actor.email})
    if _listed(form).validate_on_submit():
        with LandingOn(form):
            details = _details(form)
            with unit_of_work() as session:
                group = start_group(session, details, actor=actor, now=clock.now())
                public_id = group.public_id
            return redirect(url_for(".show", public_id=public_id), 303)
    addresses = {"action": url_for(".new", legal_form=legal_form), "change": url_for(".new"), "back": url_for(".new")}
    return show_form("details", form, group=None, set_up=FORM_WORDS[legal_form], **addresses)


@pages.get("/apply/groups/<public_id>")
@members(OF_GROUP)
def show(public_id: str) -> Answer:
    """Show the group's task list to its people."""
    session, group = db.session(), own_group(public_id)
    role = role_in(session, group.id, current_actor().person_id)
    assert role is not None
    rights = MEMBER_RIGHTS[role]
    places = {"details": ".details", "readiness": ".readiness", "people": ".people", "host": ".host"}
    items = []
    for task in tasks_of(_standing(group)):
        item = {"title": task.title, "status": task.status}
        item |= {"hint": task.hint} if task.hint else {}
        item |= {"tone": "bad"} if task.status == "There is a problem" else {}
        if task.status != "Cannot start yet" and (GroupRight.MANAGE in rights or task.key in {"people", "host"}):
            item["url"] = url_for(places[task.key], public_id=public_id)
        items.append(item)
    context = {"manages": GroupRight.MANAGE in rights, "writes": GroupRight.EDIT in rights}
    return render_template("groups/show.html", group=group, items=items, set_up=FORM_WORDS[group.legal_form], **context)


@pages.get("/apply/groups/<public_id>/set-up")
@members(OF_GROUP)
def set_up(public_id: str) -> Answer:
    """Ask how the group is set up now; the details page asks for the numbers that go with it."""
    group = own_group(public_id, GroupRight.MANAGE)
    legal_form = legal_form_of(request.args.get("legal_form"))
    if legal_form is not None:
        return redirect(url_for(".details", public_id=public_id, legal_form=legal_form), 303)
    back = url_for(".details", public_id=public_id)
    return _ask_set_up(url_for(".set_up", public_id=public_id), "How is your group set up now?", back, group)


@pages.get("/apply/groups/<public_id>/details")
@pages.post("/apply/groups/<public_id>/details")
@members(OF_GROUP)
def details(public_id: str) -> Answer:
    """Change what the group tells about itself."""
    group = own_group(public_id, GroupRight.MANAGE)
    legal_form = legal_form_of(request.values.get("legal_form")) or group.legal_form
    form = DetailsForm(legal_form=legal_form, data=_typed_before(group))
    if _listed(form).validate_on_submit():
        group_id = group.id
        with LandingOn(form):
            changed = _details(form)
            with unit_of_work() as session:
                change_details(session, group_id, changed, actor=current_actor(), now=clock.now())
            return redirect(url_for(".show", public_id=public_id), 303)
        group = own_group(public_id, GroupRight.MANAGE)
    own: dict[str, Any] = {"public_id": public_id}
    addresses = {"action": url_for(".details", legal_form=legal_form, **own), "change": url_for(".set_up", **own)}
    addresses["back"] = url_for(".show", **own)
    return show_form("details", form, group=group, set_up=FORM_WORDS[legal_form], **addresses)


@pages.get("/apply/groups/<public_id>/readiness")
@pages.post("/apply/groups/<public_id>/readiness")
@members(OF_GROUP)
def readiness(public_id: str) -> Answer:
    """Ask for rules, bank account, signatories and safeguarding."""
    group = own_group(public_id, GroupRight.MANAGE)
    form = ReadinessForm(data={name: getattr(group, name) for name in Readiness.__dataclass_fields__})
    if form.validate_on_submit():
        group_id = group.id
        with unit_of_work() as session:
            say_readiness(session, group_id, Readiness(**form.said), actor=current_actor(), now=clock.now())
        return redirect(url_for(".show", public_id=public_id), 303)
    return show_form("readiness", form, group=group)


@pages.get("/apply/groups/<public_id>/history")
@members(OF_GROUP)
def tell_history(public_id: str) -> Answer:
    """Tell what happened with the group so far."""
    session, group = db.session(), own_group(public_id)
    total = count_history(session, "group", group.id, internal=False)
    page = Page(page_number(request.args), total, PAGE_SIZE, request.path)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    people = {place.person_id for place in list_members(session, group.id)}
    told: dict[str, Any] = {"internal": False, "words": _WORDS, "members": people, "offset": page.offset}
    entries = history(session, "group", group.id, **told)
    return render_template("groups/history.html", group=group, entries=entries, page=page)


def _ask_set_up(action: str, question: str, back: str, group: Group | None) -> Answer:
    form = SetUpForm(request.args, legal_form=group.legal_form if group else None)
    form.legal_form.label.text = question
    if "go" in request.args:
        form.validate()
    hints = {str(one): words for one, words in FORM_HINTS.items()}
    return show_form("set_up", form, action=action, back=back, hints=hints, caption=group.name if group else "")


def _listed(form: DetailsForm) -> DetailsForm:
    districts = [(district.code, district.name) for district in list_districts(db.session())]
    form.district_code.choices = [("", "Choose the district"), *districts]
    return form


def _details(form: DetailsForm) -> GroupDetails:
    """Return what the form says. Raises Refused for a place that is not ours or not known."""
    district = district_for(db.session(), form.postcode.data or "", form.district_code.data or "")
    facts: dict[str, Any] = {name: form[name].data or "" for name in _TEXTS}
    facts |= {
        "website": form.web_address,
        "postcode": tidy_postcode(form.postcode.data or ""),
        "district_code": district,
    }
    return GroupDetails(legal_form=LegalForm(form.legal_form), **facts, **form.numbers)


def _typed_before(group: Group) -> dict[str, Any]:
    before = {name: getattr(group, name) or "" for name in FIELD_WORDS}
    if group.postcode and find_district(db.session(), group.postcode) is not None:
        before["district_code"] = ""
    return before


def _standing(group: Group) -> Standing:
    session = db.session()
    host = find_host(session, group.id) or find_last_host(session, group.id)
    unsaid = group.has_bank_account is None and not needs_host(group)
    facts = ("has_rules", "has_bank_account", "has_two_signatories", "safeguarding")
    return Standing(
        **{name: getattr(group, name) for name in facts},
        host_needed=None if unsaid else needs_host(group),
        host_state=host.state if host else None,
        host_name=host.name if host else "",
        people=len(list_members(session, group.id)),
        invited=len(list_open_invitations(session, group.id)),
    )
