"""What the pages about payouts share: their blueprint, and what stands around a project's money."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.current import current_actor
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.payouts.actions import find_obstacle, left_pence, thing_of
from crowdfund.payouts.listening import Payable, listener_of
from crowdfund.payouts.models import BankDetails, Payout
from crowdfund.payouts.numbers import masked, names_differ
from crowdfund.payouts.queries import Facts, find_details, get_payout, read_facts
from crowdfund.payouts.rules import WORDS
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_checkable_project, get_project
from crowdfund.web.forms import Form
from crowdfund.web.signing import app_secret

pages = Blueprint("payouts", __name__, url_prefix="/officers/payouts")
Answer = str | BaseResponse | tuple[str, int]
PAGE_SIZE = 25


@dataclass(frozen=True)
class Money:
    """A project's money as an officer sees it. Pence."""

    project: Project
    payable: Payable
    details: BankDetails | None
    facts: Facts
    obstacle: str
    left_pence: int

    @property
    def account(self) -> str:
        """The account, masked."""
        return masked(self.details.account_end) if self.details else "None yet"

    @property
    def is_named_otherwise(self) -> bool:
        """Whether the account is in another name than the payee's."""
        return self.details is not None and names_differ(self.details.account_name, self.payable.payee_name)


def money_of_project(public_id: str) -> Money:
    """Return the money of a project to an officer who stands apart from it. Raises NotFound and Forbidden."""
    project = get_checkable_project(db.session(), public_id)
    return _money(project, f"project:{project.id}", None)


def payout_and_money(public_id: str) -> tuple[Payout, Money]:
    """Return a payout and what stands around it, judged for the details that it goes to. Raises as above."""
    payout = get_payout(db.session(), public_id)
    project = get_project(db.session(), thing_of(payout.purpose))
    return payout, _money(project, payout.purpose, payout)


def _money(project: Project, purpose: str, payout: Payout | None) -> Money:
    session, (listener, subject_id) = db.session(), listener_of(purpose)
    listener.demand_apart(session, subject_id, current_actor())
    payable = listener.payable(session, subject_id)
    details = payout.details if payout else find_details(session, payable.payee)
    facts = read_facts(session, purpose, details.id if details else None, payout.id if payout else None)
    obstacle = find_obstacle(payable, details, facts, secret=app_secret(), now=clock.now())
    return Money(project, payable, details, facts, obstacle, left_pence(payable, facts))


def show(template: str, form: Form | None = None, status: int = 200, **context: Any) -> Answer:
    """Show a page about payouts, with the errors and status of its form."""
    page = render_template(f"officers/payouts_{template}.html", form=form or Form(), words=WORDS, **context)
    return (page, form.status) if form is not None and form.errors else (page, status)
