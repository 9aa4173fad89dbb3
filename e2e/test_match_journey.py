"""Three funders and a crowd carry one project from the pitch to the payment; every page tells the same pennies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.rules import FunderKind, MatchKind
from crowdfund.payouts.rules import HOLD
from crowdfund.projects.actions import Line
from crowdfund.projects.models import Project
from crowdfund.projects.rules import LineKind
from crowdfund.sandbox.stripe import StandIn, made_up_card
from crowdfund.sandbox.time_travel import travel
from crowdfund.wiring import worker_of
from e2e.checks import breaches, lost_when_narrow
from e2e.conftest import serious
from e2e.mailbox import Mailbox
from e2e.pages.backer import Backer
from e2e.pages.finance import FinanceOfficer
from e2e.pages.funding import CABINET_MEMBER, DELEGATED, Approver, Assessor, FundFinance
from e2e.pages.pitching import Pitcher
from e2e.stage import Stage
from e2e.test_money_journey import WINDOWS
from tests.support.complaints import watch
from tests.support.factories import make_project
from tests.support.funding import fill_fund, make_fund, make_funder
from tests.support.payments import Desk
from tests.support.people import make_member, make_officer
from tests.support.sampling import is_thorough

TITLE, GROUP, COST_PENCE = "A kitchen for the village hall", "Friends of the Hall", 100_000
MINUTE = timedelta(minutes=1)
NEED, QUESTION = "It answers a local need", "Who will it reach?"
OpenBrowser = Callable[[], Page]


@dataclass(frozen=True)
class Asked:
    """A fund of the journey: what it is asked for and what it comes to, in pounds as pages write them."""

    funder: str
    fund: str
    asked: str
    confirmed: str


# The crowd gives £350.37: £25, £25 and £300.37.
COUNTY = Asked("Kent County Council", "County match", "400.10", "400.10")
NHS = Asked("NHS Kent and Medway", "Wellbeing match", "100.05", "60")
DISTRICT = Asked("Ashford Borough Council", "Borough top-up", "300.25", "189.53")
FUNDS = (COUNTY, NHS, DISTRICT)
CROWD, MATCH, HELD = "350.37", "649.63", "810.47"
KINDS = {COUNTY: FunderKind.COUNTY, NHS: FunderKind.NHS, DISTRICT: FunderKind.DISTRICT}
TERMS: dict[Asked, dict[str, Any]] = {
    COUNTY: {},
    NHS: {"kind": MatchKind.PER_PLEDGE, "percent": None, "per_backer_pence": 2_000},
    DISTRICT: {"kind": MatchKind.TOP_UP, "crowd_percent": 30, "pays_direct": True},
}


# Without scripts the money journey goes the same way in the short run; `make proof` goes every way.
@pytest.fixture(params=WINDOWS if is_thorough() else ("with scripts, 390",))
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
class Office:
    """The officers of one funder."""

    assessor: Assessor
    approver: Approver
    finance: FundFinance


@dataclass
class Round:
    """A project, its owner and backers, and the officers of three funders and of the programme."""

    app: Flask
    stripe: StandIn
    project: Project
    has_scripts: bool
    olu: Pitcher
    rosa: Backer
    will: Backer
    ben: FinanceOfficer
    cat: FinanceOfficer
    offices: dict[Asked, Office]

    def goes_on_to(self, moment: datetime) -> None:
        """Move the clock; the worker does everything that falls due on the way."""
        with self.app.app_context():
            travel(worker_of(self.app), moment)
            db.session.remove()

    def quietly_backs(self, pence: int, card: str) -> None:
        """Have somebody pledge whom nobody watches."""
        with self.app.app_context():
            desk = Desk(self.app, self.stripe, self.project)
            pledge = desk.start(pence)
            desk.open(pledge)
            desk.save(pledge, card)
            desk.sync(pledge)
            db.session.remove()

    def looks_well(self, page: Page) -> None:
        """Nothing on the page bars anybody or is lost when it is narrow; what looks at it is a script too."""
        if self.has_scripts:
            assert breaches(page) == ""
            assert lost_when_narrow(page) == []


@pytest.fixture
def season(
    request: pytest.FixtureRequest, app: Flask, stripe: StandIn, open_browser: OpenBrowser, base_url: str
) -> Round:
    """A live project that needs £1,000, and three funds; the second has no money yet."""
    mailbox = Mailbox(app)
    offices: dict[Asked, Office] = {}
    with app.app_context():
        now = clock.now()
        lines = (Line(LineKind.COST, "A kitchen", COST_PENCE),)
        project = make_project(now, title=TITLE, lines=lines, group={"name": GROUP})
        make_member(project.group_id, MemberRole.OWNER, now, name="Olu Owner", email="olu@example.org")
        for name in ("ben", "cat"):
            post = OfficerRole.PROGRAMME_FINANCE
            make_officer(post, now, email=f"{name}@example.org", name=f"{name.title()} Finance")
        for asked in FUNDS:
            with unit_of_work() as session:
                funder = make_funder(session, asked.funder, KINDS[asked])
                fund = make_fund(session, funder, now, asked.fund, **TERMS[asked])
                if asked is not NHS:
                    fill_fund(session, fund, 100_000, now)
            offices[asked] = _staff(asked, funder.id, open_browser, mailbox, now)
        db.session.expire_all()
        slug = project.slug
        db.session.refresh(project)
        db.session.expunge_all()
        db.session.remove()
    where = (TITLE, f"{base_url}/projects/{slug}")
    return Round(
        app,
        stripe,
        project,
        WINDOWS[request.node.callspec.params["open_browser"]][0],
        Pitcher(open_browser(), mailbox, "Olu Owner", "olu@example.org"),
        Backer(open_browser(), mailbox, "Rosa", "rosa@example.org", *where),
        Backer(open_browser(), mailbox, "Will", "will@example.org", *where),
        FinanceOfficer(open_browser(), mailbox, "Ben Finance", "ben@example.org"),
        FinanceOfficer(open_browser(), mailbox, "Cat Finance", "cat@example.org"),
        offices,
    )


def _staff(asked: Asked, funder_id: int, open_browser: OpenBrowser, mailbox: Mailbox, now: datetime) -> Office:
    """Appoint an assessor, an approver (of the county: up to £250) and finance, each at a browser of their own."""
    short, limit = asked.fund.split()[0], 25_000 if asked is COUNTY else 50_000

    def appoint(role: OfficerRole, kind: str, **more: int) -> tuple[Page, Mailbox, str, str]:
        name, email = f"{kind} {short}", f"{kind}.{short}@example.org".lower()
        make_officer(role, now, funder_id=funder_id, name=name, email=email, **more)
        return open_browser(), mailbox, name, email

    return Office(
        Assessor(*appoint(OfficerRole.FUNDER_ASSESSOR, "Asa")),
        Approver(*appoint(OfficerRole.FUNDER_APPROVER, "Ada", limit_pence=limit)),
        FundFinance(*appoint(OfficerRole.FUNDER_FINANCE, "Fay")),
    )


def test_three_funders_and_the_crowd_from_pitch_to_paid(season: Round, tmp_path: Path) -> None:
    _the_nhs_promises_money(season)
    _the_group_asks_three_funds(season)
    _each_is_assessed_and_decided(season)
    _two_pledge_and_see_their_match(season)
    _the_top_up_unlocks(season)
    _the_match_is_confirmed(season)
    _finance_pays(season)
    _the_group_is_paid(season, tmp_path)
    _all_sums_agree(season)


def _the_nhs_promises_money(season: Round) -> None:
    fay = season.offices[NHS].finance
    fay.comes_to_the_desk()
    fay.promises(NHS.fund, "Wellbeing grant", "2026/27", "500")


def _the_group_asks_three_funds(season: Round) -> None:
    olu = season.olu
    olu.comes()
    olu.pitches(TITLE, {asked.fund: asked.asked for asked in FUNDS}, "Nobody can cook there.", QUESTION)
    season.looks_well(olu.page)
    for asked in FUNDS:
        olu.sees_standing(asked.fund, asked.asked, "Asked for")


def _each_is_assessed_and_decided(season: Round) -> None:
    for asked, office in season.offices.items():
        office.assessor.comes_to_the_desk()
        office.assessor.assesses(TITLE, NEED, f"{asked.funder} has nothing like it.")
        season.looks_well(office.assessor.page)
        _decides(asked, office.approver)
        season.olu.accepts_offer(asked.fund, asked.asked)
    office = season.offices[COUNTY]
    office.approver.page.reload()
    office.approver.shows_fund("Reserved for projects", COUNTY.asked)


def _decides(asked: Asked, approver: Approver) -> None:
    reason = f"{asked.funder} wants kitchens."
    approver.comes_to_the_desk()
    approver.opens_decision(TITLE)
    if asked is COUNTY:
        approver.decides(reason, DELEGATED)
        approver.reads("£250")
        approver.sees(f"Decide about {TITLE}")
        approver.decides(reason, CABINET_MEMBER, "21/00055")
        approver.reads("reference 21/00055")
    else:
        approver.decides(reason)
    approver.sees(TITLE)
    approver.reads(f"{reason}")
    approver.reads("Offered: the group answers")


def _two_pledge_and_see_their_match(season: Round) -> None:
    for number, backer in enumerate((season.rosa, season.will)):
        backer.reaches_check("£25")
        backer.reads(f"£25 from you + £20 from {NHS.funder}")
        season.looks_well(backer.page)
        backer.agrees(made_up_card(number + 1))
        backer.sees("Thank you. You pledged £25")
        backer.pledge_address = backer.page.url
    season.rosa.sees_progress("£50 pledged of £1,000")
    season.rosa.sees_row(COUNTY.funder, "£400.10")
    season.rosa.sees_row(NHS.funder, "£40")


def _the_top_up_unlocks(season: Round) -> None:
    season.quietly_backs(30_037, made_up_card(9))
    _public_pages_agree(season)
    _group_s_page_agrees(season, "Pledged, if the project reaches its target")


def _public_pages_agree(season: Round) -> None:
    rosa = season.rosa
    rosa.sees_progress(f"£{CROWD}")
    for asked in FUNDS:
        rosa.sees_row(asked.funder, f"£{asked.confirmed}")
    rosa.sees_row("Together", "£1,000")
    season.looks_well(rosa.page)
    rosa.page.goto("/projects?status=all")
    rosa.reads(f"£{CROWD} from the crowd + £{MATCH} match of £1,000")


def _group_s_page_agrees(season: Round, words: str) -> None:
    olu = season.olu
    olu.opens_dashboard(TITLE)
    for asked in FUNDS:
        olu.sees_standing(asked.fund, "", words)
    for asked in FUNDS:
        assert olu.listed(asked.funder) == f"£{asked.confirmed}"
    assert olu.listed("Together") == "£1,000"


def _the_match_is_confirmed(season: Round) -> None:
    assert season.project.deadline is not None
    season.goes_on_to(season.project.deadline + 5 * MINUTE)
    _public_pages_agree(season)
    season.rosa.page.goto(season.rosa.pledge_address)
    season.rosa.reads("You paid £25")
    olu = season.olu
    olu.opens_dashboard(TITLE)
    olu.sees_standing(COUNTY.fund, "", "Paid")  # its money was in the programme's bank
    for asked in (NHS, DISTRICT):
        olu.sees_standing(asked.fund, "", "Being paid")


def _finance_pays(season: Round) -> None:
    nhs, district = season.offices[NHS].finance, season.offices[DISTRICT].finance
    nhs.opens_due(TITLE, NHS.confirmed)
    nhs.tries_to_pass_on(TITLE, NHS.confirmed)
    nhs.posts(NHS.fund, "Wellbeing grant, 2026/27", NHS.confirmed, "NHS-0147")
    nhs.passes_on(TITLE, NHS.confirmed)
    district.comes_to_the_desk()
    district.opens_due(TITLE, DISTRICT.confirmed)
    season.looks_well(district.page)
    district.records("BACS 4711, to the group’s account", DISTRICT.confirmed)
    for finance in (nhs, district):
        finance.sees_nothing_due()
    _funds_agree(season)
    _group_s_page_agrees(season, "Paid")


def _funds_agree(season: Round) -> None:
    """Each funder reads what its fund paid, and that nothing is reserved or due any more."""
    for asked in FUNDS:
        finance = season.offices[asked].finance
        if asked is COUNTY:
            finance.comes_to_the_desk()
        finance.opens_fund(asked.fund)
        for words, pounds in (("Reserved for projects", "0"), ("Confirmed, to be paid", "0")):
            finance.shows_fund(words, pounds)
        finance.shows_fund("Paid", asked.confirmed)


def _the_group_is_paid(season: Round, folder: Path) -> None:
    ben, cat = season.ben, season.cat
    season.olu.gives_bank_details(GROUP)
    season.goes_on_to(clock.now() + HOLD)
    ben.comes_to_the_desk()
    cat.comes_to_the_desk()
    ben.records_a_call(TITLE)
    ben.prepares_payout(TITLE, HELD)
    cat.approves_payout(TITLE, declares=True)
    assert HELD in ben.makes_the_file(folder)
    ben.confirms_payout(TITLE, "FP-7002")


def _all_sums_agree(season: Round) -> None:
    olu, ben = season.olu, season.ben
    olu.opens_statement(TITLE)
    assert olu.listed("Collected from backers’ cards") == f"£{CROWD}"
    assert olu.listed("Match from funders") == "£460.10"
    olu.reads(f"{DISTRICT.funder} paid you £{DISTRICT.confirmed} itself")
    assert olu.listed("Paid out to you") == f"−£{HELD}"
    assert olu.listed("Still held for you") == "£0"
    _public_pages_agree(season)
    _decisions_agree(season)
    season.goes_on_to(clock.now() + timedelta(hours=2))
    ben.asks_for_a_comparison()
    season.goes_on_to(clock.now() + MINUTE)
    ben.sees_the_books_agree()


def _decisions_agree(season: Round) -> None:
    rosa = season.rosa
    rosa.page.goto("/decisions")
    for asked in FUNDS:
        row = rosa.page.get_by_role("row").filter(has_text=asked.fund)
        expect(row).to_contain_text(TITLE)
        expect(row).to_contain_text(f"£{asked.asked}")
        expect(row).to_contain_text(f"£{asked.confirmed} confirmed on")
        expect(row).to_contain_text(f"{asked.funder} wants kitchens.")
    county = rosa.page.get_by_role("row").filter(has_text=COUNTY.fund)
    expect(county).to_contain_text("Reference 21/00055")
    season.looks_well(rosa.page)
