"""Too little was collected: an approver decides once, with a reason and evidence, and who is concerned is told."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import MemberRole, OfficerRole, Right
from crowdfund.core.actor import SystemActor
from crowdfund.core.clock import LONDON, FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Decision
from crowdfund.groups.models import Member
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.projects.fields import typed_day
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.checks import breaches
from crowdfund.settlement.deciding import Consent, PaidIn, decide_shortfall
from crowdfund.settlement.rules import ShortfallChoice
from tests.support.people import browser_of, make_officer
from tests.support.running import declare
from tests.support.settling import Settling, make_short

WHY = "The parish council stands behind it."
PAID_IN = PaidIn("Ashford Borough Council", "ABC 4711")
C = ShortfallChoice


@pytest.fixture
def short(app: Flask, db_session: Session, clock: FixedClock) -> Settling:
    return make_short(app, clock)


def today(short: Settling) -> date:
    return short.clock.now().astimezone(LONDON).date()


def consent(short: Settling, **changes: Any) -> Consent:
    given: dict[str, Any] = {"who": "Ann Owner", "on": today(short), "text": "We build a smaller bench."}
    return Consent(**(given | changes))


def decide(short: Settling, choice: ShortfallChoice, reason: str = WHY, **evidence: Any) -> Decision:
    who = {"actor": evidence.pop("actor")} if "actor" in evidence else {}
    with unit_of_work() as session:
        about = short.by(short.approver) | who | evidence
        return decide_shortfall(session, short.project.id, choice, reason, **about)


def test_a_top_up_books_what_is_missing_and_funds_the_project(short: Settling) -> None:
    decision = decide(short, C.TOP_UP, paid_in=PAID_IN)
    assert short.state() is ProjectState.FUNDED
    assert short.held() == 90_000
    assert balance_pence(db.session(), AccountKind.BANK, PROGRAMME) == -10_000
    assert short.settlement().top_up_pence == 10_000
    assert short.settlement().decision_id == decision.id
    assert (decision.outcome, decision.amount_pence, decision.decided_by_id) == ("top_up", 10_000, short.approver.id)
    assert decision.authority == "Approver for the programme"
    assert all(words in decision.reason for words in (WHY, "£100", "Ashford Borough Council", "ABC 4711"))
    [mail] = short.mails("settlement_funded")
    assert all(words in mail.body for words in ("A funder paid £100", "We hold £900", "£800 came in"))
    assert short.mails("settlement_less") == []
    assert list(breaches(db.session())) == list(ledger_breaches(db.session())) == short.parked() == []


def test_accepting_less_keeps_the_consent_and_tells_everyone_who_paid(short: Settling) -> None:
    decision = decide(short, C.ACCEPT_LESS, consent=consent(short))
    assert short.state() is ProjectState.FUNDED
    assert short.held() == 80_000
    assert decision.amount_pence == 80_000
    assert all(words in decision.reason for words in (WHY, "Ann Owner", "We build a smaller bench."))
    assert "Ann Owner" in decision.criterion
    told = short.mails("settlement_less")
    assert len(told) == 2
    assert all("£800 came in" in mail.body and "Nobody is charged." in mail.body for mail in told)
    assert list(breaches(db.session())) == short.parked() == []


def test_refunding_everyone_starts_at_once(short: Settling) -> None:
    decision = decide(short, C.REFUND_ALL, "The field was sold.")
    assert short.state() is ProjectState.REFUNDING
    assert (decision.outcome, decision.amount_pence) == ("refund_all", 80_000)


@pytest.mark.parametrize(
    ("choice", "evidence", "code"),
    [
        (C.TOP_UP, {}, "no_funder"),
        (C.TOP_UP, {"paid_in": PaidIn(" ", "x")}, "no_funder"),
        (C.TOP_UP, {"paid_in": PaidIn("x", "")}, "no_bank_reference"),
        (C.ACCEPT_LESS, {}, "no_who"),
        (C.ACCEPT_LESS, {"who": " "}, "no_who"),
        (C.ACCEPT_LESS, {"text": ""}, "no_text"),
        (C.ACCEPT_LESS, {"on": timedelta(days=1)}, "odd_day"),
        (C.ACCEPT_LESS, {"on": timedelta(days=-9)}, "odd_day"),
        (C.REFUND_ALL, {"reason": " "}, "no_reason"),
        (C.REFUND_ALL, {"reason": "x" * 1001}, "long_reason"),
    ],
)
def test_nothing_is_decided_without_what_it_rests_on(
    short: Settling, choice: ShortfallChoice, evidence: dict[str, Any], code: str
) -> None:
    if choice is C.ACCEPT_LESS and evidence:
        shift = {"on": today(short) + evidence["on"]} if "on" in evidence else evidence
        evidence = {"consent": consent(short, **shift)}
    with pytest.raises(Refused) as refused:
        decide(short, choice, **evidence)
    assert refused.value.code == code
    assert short.state() is ProjectState.SHORTFALL
    assert short.held() == 80_000
    assert db.session.scalar(select(func.count()).select_from(Decision)) == 0


def test_it_is_decided_once(short: Settling) -> None:
    decide(short, C.TOP_UP, paid_in=PAID_IN)
    with pytest.raises(Refused) as refused:
        decide(short, C.REFUND_ALL)
    assert refused.value.code == "not_short"
    assert short.state() is ProjectState.FUNDED


def test_only_an_approver_who_stands_apart_decides(short: Settling) -> None:
    refused: list[Any] = [
        short.by(short.finance, Right.SEE_MONEY)["actor"],
        short.by(short.owner)["actor"],
        SystemActor("worker"),
    ]
    for actor in refused:
        with pytest.raises(Forbidden):
            decide(short, C.REFUND_ALL, actor=actor)
    with unit_of_work() as session:
        group_id = short.project.group_id
        session.add(Member(group_id=group_id, person_id=short.approver.id, role=MemberRole.READER))
    with pytest.raises(Forbidden, match="belong to this project"):
        decide(short, C.REFUND_ALL)
    assert short.state() is ProjectState.SHORTFALL


def test_the_pages_lead_to_a_recorded_decision(short: Settling) -> None:
    browser = short.browser()
    page = browser.get(short.address("decide"), max_queries=12)
    assert "£800 is held. £100 of the target is missing." in page.text
    assert browser.submit(page).status_code == 422
    asked = browser.submit(page, choice="accept_less")
    assert asked.status_code == 303
    form = browser.follow(asked)
    typed = {"who": "Ann Owner", "on": "31 2 2027", "text": "Smaller.", "reason": WHY}
    wrong = browser.submit(form, **typed)
    assert wrong.status_code == 422
    assert all(words in wrong.text for words in ("Enter a date that exists", "31 2 2027", "Smaller.", WHY))
    done = browser.submit(form, **{**typed, "on": typed_day(today(short))})
    shown = browser.follow(done)
    assert short.state() is ProjectState.FUNDED
    assert all(words in shown.text for words in ("The group accepts less", "Dee Approver", "Smaller.", WHY))
    again = browser.get(short.address("decide"))
    assert "This cannot be done as the project stands" in again.text


def test_a_top_up_by_page(short: Settling) -> None:
    browser = short.browser()
    page = browser.get(short.address("top-up"), max_queries=12)
    assert "£100 is missing of the target" in page.text
    assert browser.submit(page, funder="", bank_reference="", reason="").status_code == 422
    typed = {"funder": PAID_IN.funder, "bank_reference": PAID_IN.bank_reference, "reason": WHY}
    assert browser.submit(page, **typed).status_code == 303
    assert short.held() == 90_000
    late = browser.submit(page, **typed)
    assert late.status_code == 422
    assert "decided already" in late.text
    assert PAID_IN.bank_reference in late.text
    assert short.held() == 90_000


@pytest.mark.parametrize("page", ["decide", "top-up", "accept-less", "refund-all", "hold", "free"])
def test_finance_without_the_right_and_a_factor_that_is_old_are_kept_out(short: Settling, page: str) -> None:
    assert short.browser(short.finance).get(short.address(page)).status_code == 403
    tired = short.browser(strong=False).get(short.address(page))
    assert tired.status_code == 303
    assert "/officers/settlements" not in tired.location.partition("?")[0]


def test_an_approver_with_an_interest_is_kept_out(short: Settling) -> None:
    friend = make_officer(OfficerRole.PROGRAMME_APPROVER, short.clock.now())
    declare(friend, short.project, short.clock, has_interest=True)
    assert browser_of(short.app, friend, strong=True).get(short.address("decide")).status_code == 403


def test_a_project_without_a_settlement_is_not_found(app: Flask, short: Settling, clock: FixedClock) -> None:
    assert short.browser().get("/officers/settlements/nothing").status_code == 404
