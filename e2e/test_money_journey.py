"""Promises become money: cards fail and are fixed, a group is paid, a backer gets some back, and every sum agrees."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.payouts.rules import HOLD
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import CARD_ASKED_BEFORE
from crowdfund.projects.actions import Line
from crowdfund.projects.models import Project
from crowdfund.projects.rules import LineKind
from crowdfund.sandbox.stripe import StandIn
from crowdfund.sandbox.time_travel import travel
from crowdfund.settlement.rules import FIX_WINDOW
from crowdfund.wiring import worker_of
from e2e.checks import breaches, lost_when_narrow
from e2e.conftest import serious
from e2e.mailbox import Mailbox
from e2e.pages.backer import Backer
from e2e.pages.card_page import ALWAYS_ASKS_BANK, DECLINED_LATER, GOOD
from e2e.pages.finance import FinanceOfficer, Payee
from e2e.stage import Stage
from tests.support.complaints import watch
from tests.support.factories import make_project
from tests.support.payments import Desk
from tests.support.people import make_member, make_officer
from tests.support.sampling import is_thorough

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
WINDOWS = {
    "with scripts, 390": (True, PHONE),
    "with scripts, 1280": (True, DESK),
    "without, 390": (False, PHONE),
    "without, 1280": (False, DESK),
}
TITLE, GROUP, COST_PENCE = "A boat for the rowing club", "Stour Rowers", 33_000
MINUTE = timedelta(minutes=1)
OpenBrowser = Callable[[], Page]


# With scripts the match journey goes the same way in the short run; `make proof` goes every way.
@pytest.fixture(params=WINDOWS if is_thorough() else ("without, 1280",))
def open_browser(
    request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext], stage: Stage
) -> Iterator[OpenBrowser]:
    """`open_browser()` is a page of one more person's browser; its complaints fail the test."""
    heard: list[list[str]] = []
    has_scripts, size = WINDOWS[request.param]

    def open_one() -> Page:
        context = new_context(java_script_enabled=has_scripts, viewport=size)
        context.set_default_timeout(10_000)
        heard.append(watch(context, stage.address))
        return context.new_page()

    yield open_one
    assert [serious(complaints) for complaints in heard if serious(complaints)] == []


@dataclass
class Campaign:
    """A project whose backers, group and officers sit at browsers of their own."""

    app: Flask
    stripe: StandIn
    project: Project
    has_scripts: bool
    rosa: Backer
    will: Backer
    grant: Backer
    ann: Payee
    ben: FinanceOfficer
    cat: FinanceOfficer

    @property
    def deadline(self) -> datetime:
        """When the pledges are judged."""
        assert self.project.deadline is not None
        return self.project.deadline

    def goes_on_to(self, moment: datetime) -> None:
        """Move the clock; the worker does everything that falls due on the way."""
        with self.app.app_context():
            travel(worker_of(self.app), moment)
            db.session.remove()

    def passes(self, time: timedelta) -> None:
        """Let some time pass."""
        self.goes_on_to(clock.now() + time)

    def quietly_backs(self, pence: int, card: str) -> Pledge:
        """Have somebody pledge whom nobody watches."""
        with self.app.app_context():
            desk = Desk(self.app, self.stripe, self.project)
            pledge = desk.start(pence)
            desk.open(pledge)
            desk.save(pledge, card.replace(" ", ""))
            desk.sync(pledge)
            found = desk.reread(pledge)
            db.session.expunge(found)
            db.session.remove()
        return found


@pytest.fixture
def campaign(
    request: pytest.FixtureRequest, app: Flask, stage: Stage, stripe: StandIn, open_browser: OpenBrowser, base_url: str
) -> Campaign:
    """A project that needs £330, with nobody behind it yet."""
    mailbox = Mailbox(app)
    with app.app_context():
        now = clock.now()
        lines = (Line(LineKind.COST, "A boat", COST_PENCE),)
        project = make_project(now, title=TITLE, lines=lines, group={"name": GROUP})
        make_member(project.group_id, MemberRole.OWNER, now, name="Ann Owner", email="ann@example.org")
        for name in ("ben", "cat"):
            post = OfficerRole.PROGRAMME_FINANCE
            make_officer(post, now, email=f"{name}@example.org", name=f"{name.title()} Finance")
        db.session.expunge_all()
        db.session.remove()
    address = f"{base_url}/projects/{project.slug}"
    where = (TITLE, address)
    return Campaign(
        app,
        stripe,
        project,
        WINDOWS[request.node.callspec.params["open_browser"]][0],
        Backer(open_browser(), mailbox, "Rosa", "rosa@example.org", *where),
        Backer(open_browser(), mailbox, "Will", "will@example.org", *where),
        Backer(open_browser(), mailbox, "Grant", "", *where),
        Payee(open_browser(), mailbox, "Ann Owner", "ann@example.org"),
        FinanceOfficer(open_browser(), mailbox, "Ben Finance", "ben@example.org"),
        FinanceOfficer(open_browser(), mailbox, "Cat Finance", "cat@example.org"),
    )


def test_from_promises_to_money_and_some_of_it_back(campaign: Campaign, tmp_path: Path) -> None:
    _four_back_it(campaign)
    _one_replaces_a_card(campaign)
    _the_deadline_comes(campaign)
    _one_pays_with_the_bank_s_consent(campaign)
    _one_lapses(campaign)
    _the_group_says_where_to_pay(campaign)
    _some_is_given_back(campaign)
    _the_group_is_paid(campaign, tmp_path)
    _all_sums_agree(campaign)


def _four_back_it(campaign: Campaign) -> None:
    today = clock.now()
    campaign.rosa.pledges("£25", DECLINED_LATER)
    campaign.will.pledges("£25", GOOD, expiry=f"{today.month:02d} / {today.year % 100:02d}")
    campaign.grant.email = campaign.quietly_backs(30_000, GOOD).email or ""
    campaign.quietly_backs(500, DECLINED_LATER)
    campaign.rosa.sees_progress("£355 pledged of £330")


def _one_replaces_a_card(campaign: Campaign) -> None:
    will = campaign.will
    campaign.goes_on_to(campaign.deadline - CARD_ASKED_BEFORE + MINUTE)
    will.opens_pledge("pledge_card_runs_out")
    will.reads("Your card runs out before we may need it")
    will.follows("Save another card")
    will.sees("Use another card for your pledge")
    will.presses("Agree and enter a card")
    will.card.cancels()
    will.reads("Your card was not changed")
    will.follows("Save another card")
    will.presses("Agree and enter a card")
    will.card.saves(GOOD)
    will.reads("Your card is saved")
    will.does_not_read("runs out")


def _the_deadline_comes(campaign: Campaign) -> None:
    campaign.goes_on_to(campaign.deadline + 5 * MINUTE)
    campaign.will.sees_progress("the pledges are being collected: £325 so far")
    campaign.will.page.goto(campaign.will.pledge_address)
    campaign.will.reads("You paid £25")


def _one_pays_with_the_bank_s_consent(campaign: Campaign) -> None:
    rosa = campaign.rosa
    rosa.opens_pledge("pledge_fix")
    rosa.follows("Pay £25")
    rosa.sees("Your card could not be charged")
    rosa.reads("Your bank declined the payment")
    rosa.presses("Use another card")
    rosa.card.cancels()
    rosa.sees("Your payment is not finished")
    rosa.presses("Use another card")
    campaign.stripe.set_mode("down", method="GET")
    rosa.card.pays("£25.00", ALWAYS_ASKS_BANK)
    rosa.card.answers_the_bank("Complete")
    rosa.sees("We are checking your payment")
    if campaign.has_scripts:  # what looks at a page is a script too
        assert breaches(rosa.page) == ""
        assert lost_when_narrow(rosa.page) == []
    campaign.stripe.clear_modes()
    rosa.follows("Look again")
    rosa.reads("You paid £25")
    rosa.sees_progress("£350 so far")


def _one_lapses(campaign: Campaign) -> None:
    campaign.passes(FIX_WINDOW)
    campaign.rosa.sees_progress("£350 was collected from backers and is held for the group")


def _the_group_says_where_to_pay(campaign: Campaign) -> None:
    campaign.ann.gives_bank_details(GROUP)
    campaign.passes(HOLD)


def _some_is_given_back(campaign: Campaign) -> None:
    ben, cat, grant = campaign.ben, campaign.cat, campaign.grant
    ben.comes_to_the_desk()
    cat.comes_to_the_desk()
    grant.opens_pledge("pledge_paid")
    reference = grant.listed("Reference")
    ben.asks_for_refund(reference, "120.40", "The boat is smaller.")
    ben.reads("waits for a second person")
    cat.approves_refund(reference)
    campaign.passes(MINUTE)
    grant.opens_pledge("refund_sent")
    grant.reads("£120.40 given back to that card")
    assert grant.listed("Paid").startswith("£300 on ")


def _the_group_is_paid(campaign: Campaign, folder: Path) -> None:
    ben, cat = campaign.ben, campaign.cat
    ben.records_a_call(TITLE)
    ben.prepares_payout(TITLE, "229.60")
    cat.approves_payout(TITLE)
    content = ben.makes_the_file(folder)
    assert "229.60" in content
    assert "38290008" in content
    ben.confirms_payout(TITLE, "FP-7001")


def _all_sums_agree(campaign: Campaign) -> None:
    ann = campaign.ann
    ann.opens_statement(TITLE)
    ann.reads("At the deadline £355 was pledged by 4 backers")
    sums = {"Collected from backers’ cards": "£350", "Given back to backers": "−£120.40"}
    sums |= {"Paid out to you": "−£229.60", "Still held for you": "£0"}
    for words, amount in sums.items():
        assert ann.listed(words) == amount
    ann.reads("FP-7001")
    campaign.rosa.sees_progress("£350 was collected from backers")
    for backer, paid in ((campaign.rosa, "£25"), (campaign.will, "£25"), (campaign.grant, "£300")):
        backer.page.goto(backer.pledge_address)
        assert backer.listed("Paid").startswith(f"{paid} on ")
        assert backer.listed("Fee to you") == "£0"
    campaign.passes(timedelta(hours=2))
    campaign.ben.asks_for_a_comparison()
    campaign.passes(MINUTE)
    campaign.ben.sees_the_books_agree()
