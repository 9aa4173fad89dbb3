"""Projects of the town whose deadline is over: being collected, fallen short and funded; and who decides on them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask

from crowdfund.accounts.models import Person
from crowdfund.core.clock import FixedClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.postings import Posting, open_dispute
from crowdfund.payments.charging import prepare_attempt
from crowdfund.payments.rules import AttemptState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project, move_pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from tests.support.factories import TESTER
from tests.support.running import declare
from tests.support.settling import Settling, make_funded, make_settling, make_short

_SINCE_LAUNCH = timedelta(days=44)  # a campaign of six weeks ended a day or two ago


@dataclass(frozen=True)
class Deciding:
    """The approver of a shortfall, pages of settlements, projects and pledges by how far they are."""

    approver: Person
    addresses: dict[str, str]
    projects: dict[str, Project]
    pledges: dict[str, Pledge]


def make_deciding(app: Flask, now: datetime) -> Deciding:
    """Return the people and pages of settlements; call it outside a unit of work."""
    short, funded = (make(app, FixedClock(now - _SINCE_LAUNCH)) for make in (make_short, make_funded))
    coming = make_settling(app, FixedClock(now - _SINCE_LAUNCH), 50_000, 30_000, 20_000, 5_000, 2_500)
    coming.judge()
    paid, fixing, lapsed, collecting, unfinished = coming.pledges
    coming.pay(paid)
    coming.lapse(lapsed)
    with unit_of_work() as session:
        project, row = lock_with_project(session, fixing.id)
        move_pledge(session, project, row, PledgeState.FIXING, "declined", actor=TESTER, now=coming.clock.now())
    _leave_open(coming, unfinished)
    everyone = {"collecting": coming, "short": short, "funded": funded}
    lost = _lose(make_funded(app, FixedClock(now - _SINCE_LAUNCH)), short.approver)
    return Deciding(
        approver=short.approver,
        addresses={f"settlement {name}": one.address() for name, one in everyone.items()} | {"exposure": lost},
        projects={name: one.project for name, one in everyone.items()},
        pledges={"paid": paid, "fixing": fixing, "lapsed": lapsed, "collecting": collecting, "unfinished": unfinished},
    )


def _leave_open(coming: Settling, pledge: Pledge) -> None:
    """Have the backer of a pledge open the page on which it is paid, and leave it."""
    with unit_of_work() as session:
        about, when = f"project:{coming.project.id}", coming.clock.now()
        until = when + timedelta(hours=23)
        page = prepare_attempt(session, pledge.subject, about, 2_500, card=None, until=until, now=when)
        page.session_ref, page.url, page.sent_at = "cs_left_open", "https://pay.example.org/left-open", when
        page.state = AttemptState.WAITING


def _lose(funded: Settling, approver: Person) -> str:
    """Book a dispute that takes more than what is held; return the address where an approver settles it."""
    with unit_of_work() as session:
        posting = Posting(session, "town:lost", TESTER, funded.clock.now())
        open_dispute(posting, funded.project.id, 90_000, 35_000, 2_000)
    declare(approver, funded.project, funded.clock, has_interest=False)
    return f"/officers/money/projects/{funded.project.public_id}/exposure"
