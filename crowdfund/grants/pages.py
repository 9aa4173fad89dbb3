"""What a group's pages about an application share: loading it, and showing a form about it or making the change."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.roles import GroupRight, MemberRole
from crowdfund.core import clock
from crowdfund.core.actor import Permit
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.grants.models import GrantApplication
from crowdfund.grants.plans import Plan, Tier, read_plan
from crowdfund.grants.queries import get_own_application
from crowdfund.grants.rules import WORDS
from crowdfund.groups.queries import role_in
from crowdfund.web.forms import Form, LandingOn, VersionForm

pages = Blueprint("applications", __name__, url_prefix="/apply/grants")
Answer = str | BaseResponse | tuple[str, int]
OF_GROUP = "people of the group that applies, through get_own_application"
# What may be done, judged on the application and the role of whoever asks.
May = Callable[[GrantApplication, MemberRole | None], Permit]
# Makes a change to the application of this id, in a unit of work.
Change = Callable[..., Any]


def own(public_id: str, right: GroupRight = GroupRight.SEE) -> tuple[GrantApplication, MemberRole | None]:
    """Return an application and the role of whoever asks. Raises NotFound for strangers, Forbidden without `right`."""
    session, actor = db.session(), current_actor()
    application = get_own_application(session, public_id, actor, right)
    return application, role_in(session, application.group_id, actor.person_id)


def plan_and_tier(application: GrantApplication) -> tuple[Plan, Tier | None]:
    """Return the version that an application was begun under, and its tier once it has one."""
    plan = read_plan(application.plan.plan)
    return plan, plan.tier(application.tier)


def show_page(template: str, application: GrantApplication, **context: Any) -> str:
    """Show a page about an application."""
    return render_template(
        f"grants/{template}.html", application=application, round=application.round, words=WORDS, **context
    )


def change_own(
    template: str, at: tuple[str, GroupRight], form: VersionForm, change: Change, may: May, **context: Any
) -> Answer:
    """Show a form about an application, or make the change and show the application again.

    `at` is its public id, and the right that somebody of its group needs for this.
    """
    public_id, right = at
    application, role = own(public_id, right)
    if form.validate_on_submit():
        key = application.id
        with LandingOn(form):
            with unit_of_work() as session:
                change(session, key, form.seen_version, actor=current_actor(), now=clock.now())
            return redirect(url_for(".show", public_id=public_id), 303)
        application, role = own(public_id, right)
    form.version.data = str(application.version)
    plan, tier = plan_and_tier(application)
    shown = {"permit": may(application, role), "plan": plan, "tier": tier, **context}
    return with_errors(form, show_page(template, application, form=form, **shown))


def with_errors(form: Form, page: str) -> Answer:
    """Return a page with the status of its form."""
    return (page, form.status) if form.errors else page
