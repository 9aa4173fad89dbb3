"""What the pages of groups share: their blueprint, the guard's words, and how forms are shown."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, render_template
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.roles import GroupRight
from crowdfund.core.db import db
from crowdfund.groups.links import mailed_address
from crowdfund.groups.models import Group, Invitation
from crowdfund.groups.queries import get_own_group
from crowdfund.groups.rules import LegalForm
from crowdfund.web.forms import Form
from crowdfund.web.signing import app_secret

pages = Blueprint("groups", __name__)
Answer = str | BaseResponse | tuple[str, int]
OF_GROUP = "people of the group, through get_own_group"
HOUR = timedelta(hours=1)


def own_group(public_id: str, right: GroupRight = GroupRight.SEE) -> Group:
    """Return the group for somebody who is of it. Raises NotFound and Forbidden."""
    return get_own_group(db.session(), public_id, current_actor(), right)


def show_form(template: str, form: Form, **context: Any) -> Answer:
    """Show a form of groups, with its errors and status."""
    page = render_template(f"groups/{template}.html", form=form, **context)
    return (page, form.status) if form.errors else page


def link_to(invitation: Invitation) -> str:
    """Return the address for an invitation's mail."""
    return mailed_address(invitation, str(current_app.config["PUBLIC_URL"]), app_secret())


def legal_form_of(text: str | None) -> LegalForm | None:
    """Return the legal form in an address or a form, None for anything else."""
    return LegalForm(text) if text in set(LegalForm) else None
