"""The people of a group: who is in it, inviting, roles, leaving."""

from flask import redirect, render_template, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members
from crowdfund.accounts.roles import MEMBER_RIGHTS, MEMBER_WORDS, GroupRight, MemberRole
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups import people as actions
from crowdfund.groups.blueprint import HOUR, OF_GROUP, Answer, link_to, own_group, pages, show_form
from crowdfund.groups.forms import InviteForm, PlainForm, RoleForm
from crowdfund.groups.models import Group
from crowdfund.groups.queries import Place, get_place, list_members, list_open_invitations, role_in
from crowdfund.web.forms import LandingOn
from crowdfund.web.limits import limit

MOST_INVITATIONS = 20  # an hour and person: it sends mail to addresses that somebody typed


@pages.get("/apply/groups/<public_id>/people")
@members(OF_GROUP)
def people(public_id: str) -> Answer:
    """List the people of the group and who is invited."""
    group = own_group(public_id)
    return _show_people(group, PlainForm())


@pages.get("/apply/groups/<public_id>/people/invite")
@pages.post("/apply/groups/<public_id>/people/invite")
@members(OF_GROUP)
def invite(public_id: str) -> Answer:
    """Invite somebody by mail."""
    group, form, actor = own_group(public_id, GroupRight.MANAGE), InviteForm(), current_actor()
    if form.validate_on_submit():
        group_id, invited = group.id, (form.email.data or "", form.name.data or "", form.chosen)
        with LandingOn(form):
            limit("invite", str(actor.person_id), times=MOST_INVITATIONS, per=HOUR)
            with unit_of_work() as session:
                actions.invite_member(session, group_id, *invited, link_to=link_to, actor=actor, now=clock.now())
            return redirect(url_for(".people", public_id=public_id), 303)
        group = own_group(public_id, GroupRight.MANAGE)
    return show_form("invite", form, group=group)


@pages.post("/apply/groups/<public_id>/people/invitations/<invitation_id>/cancel")
@members(OF_GROUP)
def cancel_invitation(public_id: str, invitation_id: str) -> Answer:
    """Take an invitation back."""
    group, form = own_group(public_id, GroupRight.MANAGE), PlainForm()
    group_id = group.id
    with LandingOn(form):
        with unit_of_work() as session:
            actions.cancel_invitation(session, group_id, invitation_id, actor=current_actor(), now=clock.now())
        return redirect(url_for(".people", public_id=public_id), 303)
    return _show_people(own_group(public_id, GroupRight.MANAGE), form)


@pages.get("/apply/groups/<public_id>/people/<int:member_id>/role")
@pages.post("/apply/groups/<public_id>/people/<int:member_id>/role")
@members(OF_GROUP)
def role(public_id: str, member_id: int) -> Answer:
    """Change what a member may do."""
    group = own_group(public_id, GroupRight.MANAGE)
    group_id, place = group.id, get_place(db.session(), group.id, member_id)
    form = RoleForm(data={"role": place.role.value})
    form.role.label.text = f"What may {place.name or 'this person'} do?"
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                actions.change_role(session, group_id, member_id, form.chosen, actor=current_actor(), now=clock.now())
            return redirect(url_for(".people", public_id=public_id), 303)
        group = own_group(public_id, GroupRight.MANAGE)
    return show_form("role", form, group=group, place=place)


@pages.get("/apply/groups/<public_id>/people/<int:member_id>/remove")
@pages.post("/apply/groups/<public_id>/people/<int:member_id>/remove")
@members(f"{OF_GROUP}; oneself, or an owner")
def end_place(public_id: str, member_id: int) -> Answer:
    """Leave the group, or remove somebody, after a page that says what that means."""
    group, form, actor = own_group(public_id), PlainForm(), current_actor()
    group_id, place = group.id, get_place(db.session(), group.id, member_id)
    is_self = place.person_id == actor.person_id
    _demand_owner(group, is_self=is_self)
    if form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as session:
                actions.end_place(session, group_id, member_id, actor=actor, now=clock.now())
            return redirect("/account" if is_self else url_for(".people", public_id=public_id), 303)
        group = own_group(public_id)
    return show_form("end_place", form, group=group, place=place, is_self=is_self)


def _demand_owner(group: Group, *, is_self: bool) -> None:
    own = role_in(db.session(), group.id, current_actor().person_id)
    if not is_self and (own is None or GroupRight.MANAGE not in MEMBER_RIGHTS[own]):
        raise Forbidden("Only an owner of the group can remove somebody.")


def _show_people(group: Group, form: PlainForm) -> Answer:
    session, person_id = db.session(), current_actor().person_id
    listed = list_members(session, group.id)
    own = next(place for place in listed if place.person_id == person_id)
    manages = GroupRight.MANAGE in MEMBER_RIGHTS[own.role]
    rows = [_row(group, place, own, manages=manages) for place in listed]
    open_ones = list_open_invitations(session, group.id) if manages else []
    context = {"group": group, "own": own, "manages": manages, "now": clock.now(), "role_words": MEMBER_WORDS}
    page = render_template("groups/people.html", form=form, rows=rows, invitations=open_ones, **context)
    return (page, form.status) if form.errors else page


def _row(group: Group, place: Place, own: Place, *, manages: bool) -> dict[str, str]:
    name = place.name or "Somebody without a name yet"
    you = " (you)" if place.id == own.id else ""
    row = {"key": f"{name}{you}", "value": MEMBER_WORDS[MemberRole(place.role)]}
    if manages and place.email:
        row["value"] += f". {place.email}"
        if place.invited_as and place.invited_as != place.email:
            row["value"] += f", invited as {place.invited_as}"
    if manages:
        row["change_url"] = url_for(".role", public_id=group.public_id, member_id=place.id)
        row["change_hidden"] = f"what {name} may do"
    return row
