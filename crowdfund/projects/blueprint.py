"""What the pages of a draft share: their blueprint, the guard's words, loading, and how forms are shown."""

from datetime import date
from typing import Any

from flask import Blueprint, current_app, render_template
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.roles import GroupRight, MemberRole
from crowdfund.core import clock
from crowdfund.core.clock import LONDON
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.groups.links import mailed_address
from crowdfund.groups.models import Invitation
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_own_and_role
from crowdfund.projects.rules import Section
from crowdfund.web.forms import Form
from crowdfund.web.signing import app_secret

pages = Blueprint("projects", __name__, url_prefix="/apply/projects")
Answer = str | BaseResponse | tuple[str, int]
OF_GROUP = "people of the project’s group, through get_own_and_role"


def own(public_id: str, right: GroupRight = GroupRight.SEE) -> tuple[Project, MemberRole | None]:
    """Return the project for somebody of its group, and their role. Raises NotFound and Forbidden."""
    return get_own_and_role(db.session(), public_id, current_actor(), right)


def section_of(text: str) -> Section:
    """Return the section named in an address. Raises NotFound."""
    if text not in set(Section):
        raise NotFound(f"section {text}")
    return Section(text)


def today() -> date:
    """Return the date in Kent."""
    return clock.now().astimezone(LONDON).date()


def link_to(invitation: Invitation) -> str:
    """Return the address for an invitation's mail."""
    return mailed_address(invitation, str(current_app.config["PUBLIC_URL"]), app_secret())


def show_form(template: str, form: Form, **context: Any) -> Answer:
    """Show a form of a draft, with its errors and status."""
    page = render_template(f"projects/{template}.html", form=form, **context)
    return (page, form.status) if form.errors else page
