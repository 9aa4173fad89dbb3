"""The terms of a fund: written page by page, previewed in words, published by version; old ones stay."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crowdfund.accounts.current import BrowserActor
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds import publishing
from crowdfund.funds.models import FundTerms, TermsDraft
from crowdfund.funds.queries import find_terms
from crowdfund.funds.rules import MatchKind, ShareBase
from crowdfund.funds.sections import FIELDS, TermsSection
from crowdfund.matching.models import MatchOffer
from tests.support.acting import By
from tests.support.client import HouseClient
from tests.support.factories import make_project
from tests.support.fund_desk import FundDesk, make_fund_desk
from tests.support.funding import make_offer

S = TermsSection
# What each page of the terms is sent, and what then stands in the terms.
PAGES: dict[TermsSection, tuple[dict[str, Any], dict[str, Any]]] = {
    S.HOW: (
        {"kind": "per_pledge", "per_backer": "20", "crowd_percent": "7"},
        {"kind": MatchKind.PER_PLEDGE, "per_backer_pence": 2_000, "crowd_percent": None},
    ),
    S.LIMITS: (
        {"most": "5,000.50", "percent": "40", "base": "revenue", "joint": "65", "may_exceed": "In deprived places."},
        {
            "most_pence": 500_050,
            "percent": 40,
            "base": ShareBase.REVENUE,
            "joint_percent": 65,
            "may_exceed": "In deprived places.",
        },
    ),
    S.CROWD: (
        {"show_backers": "5", "show_percent": "10", "pay_backers": "20", "pay_percent": "25", "several_gifts": "6"},
        {"show_backers": 5, "show_percent": 10, "pay_backers": 20, "pay_percent": 25, "several_gifts": 6},
    ),
    S.WHO: (
        {
            "districts": ["E07000105", "E07000112"],
            "objectives": ["isolation"],
            "legal_forms": ["charity", "cio"],
            "allows_capital": "no",
            "repeat_months": "12",
        },
        {
            "districts": ["E07000105", "E07000112"],
            "objectives": ["isolation"],
            "legal_forms": ["charity", "cio"],
            "allows_capital": False,
            "repeat_months": 12,
        },
    ),
    S.EXCLUSIONS: (
        {"exclusions": "Private gain\n\n Parties \nPrivate gain"},
        {"exclusions": ["Private gain", "Parties"]},
    ),
    S.CRITERIA: (
        {"criteria": "It answers a local need\nIt lasts. It lasts!"},
        {
            "criteria": [
                {"key": "need", "words": "It answers a local need"},
                {"key": "it_lasts_it_lasts", "words": "It lasts. It lasts!"},
            ]
        },
    ),
    S.QUESTIONS: (
        {"label_1": "Who will it reach?", "words_1": "50", "label_3": "When?", "hint_3": "A month"},
        {
            "questions": [
                {"key": "who", "label": "Who will it reach?", "hint": "", "most_words": 50},
                {"key": "when", "label": "When?", "hint": "A month", "most_words": 100},
            ]
        },
    ),
    S.AGREEMENT: ({"agreement": "Spend it well.\nReport once."}, {"agreement": "Spend it well.\nReport once."}),
    S.OFFERS: ({"offer_days": "14", "call_in_days": "5"}, {"offer_days": 14, "call_in_days": 5}),
    S.DATES: (
        {"opens_on": "1 4 2027", "closes_on": "30 June 2027", "decides_on": "2027-07-31"},
        {"opens_on": date(2027, 4, 1), "closes_on": date(2027, 6, 30), "decides_on": date(2027, 7, 31)},
    ),
    S.CONFIDENCE: ({"confidence": "Made up."}, {"confidence": "Made up."}),
}


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Iterator[FundDesk]:
    with app.app_context():
        yield make_fund_desk(app, clock)


def save(desk: FundDesk, browser: HouseClient, section: TermsSection, **typed: Any) -> Any:
    page = browser.get(desk.address(f"/terms/next/{section}"), max_queries=12)
    return browser.submit(page, **(typed or PAGES[section][0]))


def versions(desk: FundDesk) -> list[FundTerms]:
    return list(db.session.scalars(select(FundTerms).order_by(FundTerms.number)))


def test_every_field_is_written_previewed_and_published(desk: FundDesk) -> None:
    assert set(PAGES) == set(S)
    ada, first = desk.browser("ada"), versions(desk)[0]
    offer_of = make_offer_under_first(desk)
    for section in S:
        assert save(desk, ada, section).status_code == 303, section
    assert len(versions(desk)) == 1
    preview = ada.get(desk.address("/terms/publish"), max_queries=12)
    for words in (
        "<strong>No longer:</strong> Officers decide one sum for each project.",
        "<strong>New:</strong> It adds £1 to each £1 that a qualifying backer gives, up to £20 for one backer",
        "<strong>No longer:</strong> It gives one project £20,000 at most.",
        "<strong>New:</strong> It gives one project £5,000.50 at most.",
        "Against version 1, which holds now.",
    ):
        assert words in preview.text
    listed = ada.follow(ada.submit(preview))
    assert "Holds now" in listed.text
    second = versions(desk)[1]
    for _, wanted in PAGES.values():
        assert {name: getattr(second, name) for name in wanted} == wanted
    assert (second.number, second.saved_by_id) == (2, desk.officers["ada"].id)
    assert db.session.get_one(MatchOffer, offer_of).terms_id == first.id
    old = ada.get(desk.address("/terms/1"), max_queries=12).text
    assert "It gives one project £20,000 at most." in old
    assert "What it changed" in ada.get(desk.address("/terms/2"), max_queries=12).text
    assert db.session.scalar(select(func.count()).select_from(TermsDraft)) == 0
    tags = db.session.scalars(select(AuditEvent.tag).where(AuditEvent.tag == "fund:terms_saved")).all()
    assert len(tags) == 1
    assert "published version 2 of the terms" in ada.get(desk.address("/history")).text


def make_offer_under_first(desk: FundDesk) -> int:
    project = make_project(desk.clock.now())
    with unit_of_work() as session:
        return make_offer(session, project, desk.fund, 5_00, desk.clock.now()).id


@pytest.mark.parametrize(
    ("section", "changes", "sentence"),
    [
        (S.HOW, {"kind": "per_pledge", "per_backer": ""}, "Enter the most that is added for one backer."),
        (S.HOW, {"kind": "top_up", "crowd_percent": ""}, "Enter how much of the target the crowd gives first."),
        (S.HOW, {"kind": "top_up", "crowd_percent": "100"}, "Enter a whole number from 1 to 99."),
        (S.LIMITS, {"most": "0"}, "Enter an amount above £0 that a fund can have."),
        (S.LIMITS, {"most": ""}, "Enter the most that one project can get."),
        (S.LIMITS, {"percent": "101"}, "Enter a whole number from 1 to 100."),
        (S.LIMITS, {"joint": "half"}, "Enter a whole number from 1 to 100."),
        (S.CROWD, {"several_gifts": "0"}, "Enter a whole number from 1 to 1000."),
        (S.CRITERIA, {"criteria": " \n "}, "Enter at least one criterion."),
        (S.EXCLUSIONS, {"exclusions": "x" * 201}, "Keep every line to 200 characters or fewer."),
        (S.EXCLUSIONS, {"exclusions": "\n".join(map(str, range(21)))}, "Enter 20 lines at most."),
        (S.AGREEMENT, {"agreement": ""}, "Enter what a group agrees to."),
        (S.OFFERS, {"offer_days": "0"}, "Enter a whole number from 1 to 365."),
        (S.OFFERS, {"call_in_days": "61"}, "Enter a whole number from 0 to 60."),
        (S.DATES, {"closes_on": "31 3 2027"}, "It cannot close before it opens, on 1 April 2027."),
        (S.DATES, {"decides_on": "29 6 2027"}, "It cannot decide before it closes, on 30 June 2027."),
        (S.DATES, {"opens_on": "31 2 2027"}, "Enter a date that exists, such as 27 3 2027."),
    ],
)
def test_what_does_not_go_together_is_said_and_kept(
    desk: FundDesk, section: TermsSection, changes: dict[str, str], sentence: str
) -> None:
    reply = save(desk, desk.browser("ada"), section, **(PAGES[section][0] | changes))
    assert reply.status_code == 422
    assert sentence in reply.text
    assert db.session.scalar(select(func.count()).select_from(TermsDraft)) == 0


def test_terms_that_start_later_hold_from_that_day(desk: FundDesk) -> None:
    ada, now = desk.browser("ada"), desk.clock.now()
    save(desk, ada, S.LIMITS)
    page = ada.get(desk.address("/terms/publish"))
    late = ada.submit(page, from_on="1 1 2020")
    assert late.status_code == 422
    assert "Terms cannot hold from a day that is over." in late.text
    assert ada.submit(late, from_on="1 6 2027").status_code == 303
    starts = datetime(2027, 5, 31, 23, tzinfo=UTC)
    assert versions(desk)[1].from_at == starts
    for at, number in ((now, 1), (starts - timedelta(seconds=1), 1), (starts, 2)):
        terms = find_terms(db.session(), desk.fund.id, at)
        assert terms is not None
        assert terms.number == number
    assert "Planned" in ada.get(desk.address("/terms")).text
    save(desk, ada, S.OFFERS)
    assert "Version 2 was to hold from" in ada.get(desk.address("/terms/publish")).text


def test_what_a_colleague_changed_meanwhile_is_looked_at_again(desk: FundDesk) -> None:
    ada = desk.browser("ada")
    save(desk, ada, S.LIMITS)
    page = ada.get(desk.address("/terms/publish"))
    save(desk, desk.browser("ada"), S.OFFERS)
    stale = ada.submit(page)
    assert stale.status_code == 422
    assert "A colleague changed the terms meanwhile." in stale.text
    assert len(versions(desk)) == 1
    assert ada.submit(stale).status_code == 303
    assert versions(desk)[1].offer_days == 14


def test_a_version_that_changes_nothing_is_not_published(desk: FundDesk) -> None:
    ada = desk.browser("ada")
    assert "Nothing to publish yet" in ada.get(desk.address("/terms/publish")).text
    page = ada.get(desk.address("/terms/next/limits"))
    assert ada.submit(page).status_code == 303
    reply = ada.submit(ada.get(desk.address("/terms/publish")))
    assert reply.status_code == 422
    assert "Nothing differs from the newest version." in reply.text


def test_what_was_written_can_be_thrown_away(desk: FundDesk) -> None:
    ada = desk.browser("ada")
    save(desk, ada, S.LIMITS)
    assert "Changed" in ada.get(desk.address("/terms/next"), max_queries=12).text
    assert ada.submit(ada.get(desk.address("/terms/drop"))).status_code == 303
    assert "Changed" not in ada.get(desk.address("/terms/next")).text


def test_a_new_fund_says_which_pages_are_missing(desk: FundDesk) -> None:
    ada = desk.browser("ada")
    page = ada.get("/officers/funds/new")
    made = ada.submit(page, name="New match", about="For all.", pays_direct="no").location.rpartition("/")[2]
    tasks = ada.get(f"/officers/funds/{made}/terms/next").text
    assert tasks.count("To do") == 5
    assert "Preview what changes" not in tasks
    for section in (S.HOW, S.LIMITS, S.CRITERIA, S.AGREEMENT, S.DATES):
        assert "Nothing to publish yet" in ada.get(f"/officers/funds/{made}/terms/publish").text
        form = ada.get(f"/officers/funds/{made}/terms/next/{section}")
        assert ada.submit(form, **PAGES[section][0]).status_code == 303
    preview = ada.get(f"/officers/funds/{made}/terms/publish")
    assert "These are the first terms" in preview.text
    assert ada.submit(preview).status_code == 303
    assert ada.get("/funds/new-match").status_code == 200


def test_only_who_may_edit_writes_and_publishes(desk: FundDesk) -> None:
    stranger, now = BrowserActor(person_id=desk.officers["vi"].id), desk.clock.now()
    values = dict.fromkeys(FIELDS[S.CONFIDENCE])
    with pytest.raises(Forbidden), unit_of_work() as session:
        publishing.keep_section(session, desk.fund.id, S.CONFIDENCE, values, actor=stranger, now=now)
    with pytest.raises(Forbidden), unit_of_work() as session:
        publishing.publish_terms(session, desk.fund.id, 1, None, actor=stranger, now=now)
    with pytest.raises(Forbidden), unit_of_work() as session:
        publishing.drop_draft(session, desk.fund.id, actor=stranger)
    with pytest.raises(Refused, match="A colleague changed"), unit_of_work() as session:
        publishing.publish_terms(session, desk.fund.id, 1, None, actor=By(desk.officers["ada"]), now=now)


def test_pages_that_are_not_there(desk: FundDesk) -> None:
    ada = desk.browser("ada")
    for page in ("/terms/2", "/terms/9999999", "/terms/next/treasure"):
        assert ada.get(desk.address(page)).status_code == 404
