"""The town's backers, and pledges at every step of the way."""

from datetime import datetime, timedelta

from crowdfund.accounts.actions import issue_code
from crowdfund.core import clock
from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.ids import public_id
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges import setting_up
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import Audience
from crowdfund.pledges.setting_up import BackerDetails
from crowdfund.projects.models import Project
from crowdfund.sandbox.demo import load_people
from tests.support.factories import LIMITS, TESTER, make_person, make_pledge


def make_pledges(projects: dict[str, Project], now: datetime) -> dict[str, Pledge]:
    """Give the projects their backers; return the pledges to look at, by how far they are."""
    for number in range(54):
        person = make_person(now, name=f"Backer Number{number}")
        make_pledge(projects["many"], now, 5_000, person=person, message="Well done!" if number % 9 == 0 else "")
    make_pledge(projects["few"], now, 500, name_audience=Audience.NOBODY, amount_audience=Audience.NOBODY)
    make_pledge(projects["met"], now, 5_000)
    someone = load_people()[0]
    rosa = make_person(now, someone.email, someone.name)
    long_ago = now - timedelta(days=50)
    return {
        "amount": _setup(projects["empty"], now, step=0),
        "code": _setup(projects["empty"], now, step=1),
        "check": _setup(projects["empty"], now, step=2),
        "active": make_pledge(projects["many"], now, 2_500, person=rosa),
        "withdrawn": make_pledge(projects["few"], now, 2_500, person=rosa),
        "ended": make_pledge(projects["ended"], long_ago, 2_500, person=rosa),
        "old card": _with_old_card(projects["few"], now),
        "mailed": make_pledge(projects["met"], now, 2_500, person=rosa),
    }


def _with_old_card(project: Project, now: datetime) -> Pledge:
    """Return a pledge whose card runs out before it may be needed."""
    pledge = make_pledge(project, now, 2_500)
    with unit_of_work() as session:
        checkout = session.get_one(CardCheckout, session.get_one(Pledge, pledge.id).checkout_id)
        checkout.card_exp_month, checkout.card_exp_year = 9, 2026
    return pledge


def _setup(project: Project, now: datetime, step: int) -> Pledge:
    """Return a pledge in set-up: just started (0), described (1) or with its address verified (2)."""
    person = make_person(now)
    everyone = {"name_audience": Audience.EVERYONE, "amount_audience": Audience.EVERYONE}
    with unit_of_work() as session:
        pledge = setting_up.start_pledge(session, project.id, 2_500, public_id(), LIMITS, actor=TESTER, now=now)
        if step >= 1:
            setting_up.describe_backer(
                session, pledge.id, BackerDetails("Rosa Field", person.email or "", **everyone), actor=TESTER, now=now
            )
            issue_code(session, pledge.subject, person.email or "", secret=SANDBOX_SECRET, real=clock.real_now())
        if step >= 2:
            setting_up.claim_for_person(session, pledge.id, person.id, actor=TESTER, now=now)
    return pledge
