"""Match at the deadline and after: judged on what was collected, confirmed, paid, lapsed or given back."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import FundRight, OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.rules import Headroom, MatchKind
from crowdfund.ledger import match_postings
from crowdfund.ledger.match_postings import Part
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.paying import pay_through_programme, record_direct
from crowdfund.matching.rules import OfferState
from crowdfund.payments.models import ChargeAttempt
from crowdfund.pledges.releasing import cancel_as_officer
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.checks import breaches
from crowdfund.settlement.deciding import Consent, PaidIn, decide_shortfall
from crowdfund.settlement.giving_back import exposed_pence
from crowdfund.settlement.match_checks import breaches as match_breaches
from crowdfund.settlement.models import Verdict
from crowdfund.settlement.overview import read_sums
from crowdfund.settlement.rules import ShortfallChoice
from crowdfund.settlement.verdict import write_verdict
from tests.support.acting import By
from tests.support.crowds import PER_PLEDGE
from tests.support.factories import TESTER
from tests.support.matched_settling import MatchedSettling, make_matched_settling
from tests.support.people import make_officer
from tests.support.running import declare

S, P = OfferState, ProjectState


class Payer(By):
    """An officer who pays for one funder."""

    def may_at(self, right: str, funder_id: int) -> bool:
        return right is FundRight.PAY and funder_id in self.rights


@pytest.fixture
def made(app: Flask, db_session: Session, clock: FixedClock) -> MatchedSettling:
    return make_matched_settling(app, clock)


@pytest.fixture(autouse=True)
def _books_hold(db_session: Session) -> Iterator[None]:
    yield
    db.session.rollback()
    db.session.expire_all()
    assert list(ledger_breaches(db.session())) == list(breaches(db.session())) == []


def offer_now(offer: MatchOffer) -> MatchOffer:
    db.session.expire_all()
    return db.session.get_one(MatchOffer, offer.id)


def verdict(made: MatchedSettling) -> Verdict:
    db.session.expire_all()
    return db.session.get_one(Verdict, made.settling.project.id)


def test_pledges_and_their_match_reach_the_target(made: MatchedSettling) -> None:
    made.offer(30_000, **PER_PLEDGE | {"per_backer_pence": 10_000})
    made.back(30_000, 20_000, 10_000)
    made.settling.judge()
    found = verdict(made)
    assert (found.reached, found.pledged_pence, found.match_pence) == (True, 60_000, 30_000)
    assert made.settling.settlement().match_pence == 30_000
    assert made.settling.state() is P.COLLECTING


def test_a_pence_too_little_and_everything_is_the_funds_again(made: MatchedSettling) -> None:
    lump, per_pledge = made.offer(20_000, percent=None), made.offer(30_000, **PER_PLEDGE)
    made.back(65_999, 1000)
    deadline = made.settling.project.deadline
    assert deadline is not None
    with unit_of_work() as session:
        write_verdict(session, made.settling.project.id, threshold_percent=95, actor=TESTER, now=deadline)
    found = verdict(made)
    assert (found.reached, found.match_pence) == (False, 23_000)
    assert [offer_now(one).state for one in (lump, per_pledge)] == [S.LAPSED, S.LAPSED]
    assert [made.matched.headroom(n) for n in (0, 1)] == [
        Headroom(20_000, 0, 0, 0, 20_000),
        Headroom(30_000, 0, 0, 0, 30_000),
    ]


def test_all_is_collected_and_paid_through_the_programme(made: MatchedSettling) -> None:
    lump = made.offer(20_000, percent=None)
    top_up = made.offer(30_000, kind=MatchKind.TOP_UP, percent=None, crowd_percent=50)
    made.back(30_000, 20_000)
    assert made.collect() is P.FUNDED
    rows = [offer_now(one) for one in (lump, top_up)]
    assert [(one.state, one.confirmed_pence) for one in rows] == [(S.PAID, 20_000), (S.PAID, 20_000)]
    assert made.matched.headroom(1) == Headroom(30_000, 0, 0, 20_000, 10_000)
    assert made.settling.held() == 90_000
    sums = read_sums(db.session(), made.settling.project.id)
    assert (sums.match_pence, sums.there_pence, sums.missing_pence) == (40_000, 90_000, 0)


def test_what_lapses_takes_its_match_along_and_the_rest_goes_back(made: MatchedSettling) -> None:
    offer = made.offer(40_000, **PER_PLEDGE | {"per_backer_pence": 10_000})
    first, *_ = made.back(1000, 30_000, 25_000, 15_000)
    assert made.matched.counted() == [19_000]  # all that is missing
    assert made.collect(first) is P.FUNDED
    row = offer_now(offer)
    assert (row.state, row.confirmed_pence) == (S.PAID, 20_000)
    assert made.matched.headroom() == Headroom(40_000, 0, 0, 20_000, 20_000)


def test_conditions_to_pay_are_judged_on_what_was_collected(made: MatchedSettling) -> None:
    kept = made.offer(10_000, percent=None)
    offer = made.offer(20_000, percent=None, pay_backers=4)
    *_, last = made.back(25_000, 20_000, 20_000, 1000)
    assert made.matched.counted() == [10_000, 14_000]
    assert made.collect(last) is P.SHORTFALL
    assert (offer_now(kept).confirmed_pence, offer_now(offer).state) == (10_000, S.LAPSED)
    assert "Too few qualifying backers" in offer_now(offer).end_reason
    assert made.matched.headroom(1) == Headroom(20_000, 0, 0, 0, 20_000)


def shortfall(made: MatchedSettling, **terms: Any) -> MatchOffer:
    offer = made.offer(20_000, **{"percent": None, **terms})
    *_, last = made.back(40_000, 10_000, 20_000)
    assert made.collect(last) is P.SHORTFALL
    return offer


def test_a_shortfall_counts_what_is_due_and_a_top_up_fills_the_rest(made: MatchedSettling) -> None:
    offer = shortfall(made)
    assert (offer_now(offer).state, made.settling.settlement().match_pence) == (S.CONFIRMED, 20_000)
    sums = read_sums(db.session(), made.settling.project.id)
    assert (sums.held_pence, sums.there_pence, sums.missing_pence) == (50_000, 70_000, 20_000)
    who = made.settling.by(made.settling.approver)
    with unit_of_work() as session:
        paid_in = PaidIn("A firm", "4711")
        decide_shortfall(session, made.settling.project.id, ShortfallChoice.TOP_UP, "They pay.", paid_in=paid_in, **who)
    assert (offer_now(offer).state, made.settling.held()) == (S.PAID, 90_000)


def test_a_group_that_accepts_less_still_gets_its_match(made: MatchedSettling, clock: FixedClock) -> None:
    offer = shortfall(made, pays_direct=True)
    consent = Consent("Ann Owner", clock.now().date(), "We go ahead.")
    who = made.settling.by(made.settling.approver)
    with unit_of_work() as session:
        decision = decide_shortfall(
            session, made.settling.project.id, ShortfallChoice.ACCEPT_LESS, "They can.", consent=consent, **who
        )
        assert decision.amount_pence == 70_000
    assert (offer_now(offer).state, made.settling.held()) == (S.PAYABLE, 50_000)


def test_when_everyone_is_refunded_the_funds_have_their_money_again(made: MatchedSettling) -> None:
    offer = shortfall(made)
    who = made.settling.by(made.settling.approver)
    with unit_of_work() as session:
        decide_shortfall(session, made.settling.project.id, ShortfallChoice.REFUND_ALL, "Too little.", **who)
    assert offer_now(offer).state is S.LAPSED
    assert made.matched.headroom() == Headroom(20_000, 0, 0, 0, 20_000)
    assert balance_pence(db.session(), AccountKind.POT_CASH, made.matched.funds[0].id) == 20_000


def test_a_cancelled_project_frees_what_was_set_aside(made: MatchedSettling) -> None:
    offers = [made.offer(20_000, percent=None), made.offer(30_000, **PER_PLEDGE)]
    made.back(1000)
    with unit_of_work() as session:
        cancel_as_officer(session, made.settling.project.id, "A test.", **made.settling.by(made.settling.approver))
    assert [offer_now(one).state for one in offers] == [S.LAPSED, S.LAPSED]
    assert [made.matched.headroom(n).left_pence for n in (0, 1)] == [20_000, 30_000]


def test_a_dispute_or_refund_never_takes_match(made: MatchedSettling) -> None:
    made.offer(50_000, percent=None)
    made.back(30_000, 10_000)
    assert made.collect() is P.FUNDED
    assert made.settling.held() == 90_000
    assert exposed_pence(db.session(), made.settling.project.id, 40_000) == 0
    assert exposed_pence(db.session(), made.settling.project.id, 45_000) == 5000
    assert db.session.query(ChargeAttempt).count() == 2


def payable(made: MatchedSettling, **terms: Any) -> MatchOffer:
    offer = made.offer(50_000, **{"percent": None, **terms})
    made.back(30_000, 10_000)
    with unit_of_work() as session:  # the funder takes its money out of the bank again
        fund_id, now = made.matched.funds[0].id, made.matched.clock.now()
        part = Part("Base budget", "2026/27", -50_000)
        match_postings.receive_from_funder(Posting(session, "test out", TESTER, now), fund_id, part)
    assert made.collect() is P.FUNDED
    assert offer_now(offer).state is S.PAYABLE
    return offer


def test_money_that_is_not_in_the_bank_waits_and_is_passed_on_later(made: MatchedSettling, clock: FixedClock) -> None:
    offer = payable(made)
    fund = made.matched.funds[0]
    who: dict[str, Any] = {"actor": Payer(made.settling.finance, fund.funder_id), "now": clock.now()}
    with pytest.raises(Refused, match="has not paid in"), unit_of_work() as session:
        pay_through_programme(session, offer.id, **who)
    with unit_of_work() as session:
        part = Part("Base budget", "2026/27", 50_000)
        match_postings.receive_from_funder(Posting(session, "test in", TESTER, clock.now()), fund.id, part)
    with unit_of_work() as session:
        assert pay_through_programme(session, offer.id, **who) == 50_000
    assert (offer_now(offer).state, made.settling.held()) == (S.PAID, 90_000)
    with pytest.raises(Refused), unit_of_work() as session:
        pay_through_programme(session, offer.id, **who)


def test_a_funder_that_pays_direct_records_it_with_evidence(made: MatchedSettling, clock: FixedClock) -> None:
    offer = payable(made, pays_direct=True)
    fund = made.matched.funds[0]
    who: dict[str, Any] = {"actor": Payer(made.settling.finance, fund.funder_id), "now": clock.now()}
    with pytest.raises(Refused, match="what shows the payment"), unit_of_work() as session:
        record_direct(session, offer.id, "  ", **who)
    with pytest.raises(Refused, match="pays groups itself"), unit_of_work() as session:
        pay_through_programme(session, offer.id, **who)
    with unit_of_work() as session:
        assert record_direct(session, offer.id, "BACS 17, 3 May", **who) == 50_000
    row = offer_now(offer)
    assert (row.state, row.paid_evidence, made.settling.held()) == (S.PAID, "BACS 17, 3 May", 40_000)
    assert made.matched.headroom() == Headroom(50_000, 0, 0, 50_000, 0)


def test_only_finance_of_the_funder_apart_from_the_project_pays(made: MatchedSettling, clock: FixedClock) -> None:
    offer = payable(made, pays_direct=True)
    funder_id, now = made.matched.funds[0].funder_id, clock.now()
    with pytest.raises(NotFound), unit_of_work() as session:
        record_direct(session, offer.id, "x", actor=Payer(made.settling.finance, funder_id + 1), now=now)
    officer = make_officer(OfficerRole.FUNDER_FINANCE, now, funder_id=funder_id)
    declare(officer, made.settling.project, clock, has_interest=True)
    with pytest.raises(Forbidden), unit_of_work() as session:
        record_direct(session, offer.id, "x", actor=Payer(officer, funder_id), now=now)


def test_the_check_finds_money_in_wrong_places(made: MatchedSettling) -> None:
    offer = made.offer(20_000, percent=None)
    other = made.offer(20_000, **PER_PLEDGE)
    made.back(2000)
    assert list(match_breaches(db.session())) == []
    before = offer.offered_pence, 2000
    for wrong, sums in ((True, (20_001, 1999)), (False, before)):
        with unit_of_work() as session:
            session.get_one(MatchOffer, offer.id).offered_pence = sums[0]
            session.get_one(MatchOffer, other.id).counted_pence = sums[1]
        said = [
            f"offer {offer.id} has not its whole sum set aside",
            f"offer {other.id} has another sum set aside than it comes to",
        ]
        assert list(match_breaches(db.session())) == (said if wrong else [])
