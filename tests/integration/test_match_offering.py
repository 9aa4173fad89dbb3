"""An offer in the group’s hands: announced, run out, accepted, withdrawn; the local member is told."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.core.clock import LONDON, FixedClock
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds import pots
from crowdfund.funds.rules import MatchKind
from crowdfund.funds.subsidy import SUBSIDY_LIMIT
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.deciding import decide_offer
from crowdfund.matching.jobs import sweep
from crowdfund.matching.listening import OFFERS_CHANGED
from crowdfund.matching.offering import (
    Subsidy,
    accept_offer,
    turn_down,
    withdraw_offer,
)
from crowdfund.matching.rules import OfferState, Recommendation
from crowdfund.matching.telling import tell_member
from crowdfund.projects.actions import move_project
from crowdfund.projects.rules import ProjectState
from tests.support.factories import TESTER
from tests.support.offer_path import decisions, held, refused
from tests.support.offers import ASKED, FULL, ByMember, Case, make_case
from tests.support.threads import failures, together

S, R = OfferState, Recommendation


@pytest.fixture
def case(app: Flask, clock: FixedClock) -> Case:
    return make_case(app, clock)


def test_an_offer_is_announced_reminded_of_twice_and_runs_out(case: Case) -> None:
    offer = case.offered()
    assert offer.expires_at is not None
    end = offer.expires_at
    assert end.astimezone(LONDON).hour == 17
    case.clock.at = end - timedelta(days=7, seconds=1)
    assert case.mails("match_reminder") == []
    case.forward(seconds=1)
    assert len(case.mails("match_reminder")) == 1
    case.forward(days=6)
    assert [mail.subject[:8] for mail in case.mails("match_reminder")] == ["In a wee", "Tomorrow"]
    case.clock.at = end - timedelta(seconds=1)
    case.work()
    assert case.offer().state is S.OFFERED
    case.forward(seconds=1)
    assert (case.offer().state, case.offer().ended_at) == (S.EXPIRED, end)
    assert len(case.mails("match_expired")) == 1
    refused(case, "not_now", accept_offer, offer.id, Subsidy(0), case.offer().version, actor=ByMember(case.owner))


def test_an_offer_that_ran_out_cannot_be_accepted_though_nobody_ended_it(case: Case) -> None:
    offer = case.offered()
    assert offer.expires_at is not None
    case.clock.at = offer.expires_at
    error = refused(case, "not_now", accept_offer, offer.id, Subsidy(0), offer.version, actor=ByMember(case.owner))
    assert "ran out" in error.message


def test_the_sweep_does_what_lost_jobs_would_have(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, call_in_days=2)
    case.pitch()
    case.assess()
    case.decide()

    def swept() -> OfferState:
        with app.app_context():
            sweep({}, clock.now())
        return case.offer().state

    clock.forward(timedelta(days=9))
    assert swept() is S.OFFERED
    clock.forward(timedelta(days=22))
    assert swept() is S.OFFERED
    assert swept() is S.OFFERED
    assert case.offer().reminded_at == clock.now()
    clock.forward(timedelta(days=7))
    assert swept() is S.EXPIRED


def test_what_a_project_leaves_behind_is_ended(case: Case) -> None:
    case.pitch()
    with case.app.app_context():
        with unit_of_work() as session:
            moved = {"reason": "x", "actor": TESTER, "now": case.clock.now()}
            move_project(session, case.project.id, ProjectState.CANCELLED, **moved)
        sweep({}, case.clock.now())
    assert case.offer().state is S.WITHDRAWN
    assert "no longer takes match" in case.mails("match_withdrawn")[0].body


def test_a_project_that_is_taken_back_loses_what_was_pledged_to_it(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, ProjectState.READY)
    case.offered()
    case.accept()
    with app.app_context():
        with unit_of_work() as session:
            move_project(session, case.project.id, ProjectState.WITHDRAWN, actor=TESTER, now=clock.now())
        sweep({}, clock.now())
    assert case.offer().state is S.WITHDRAWN
    assert held(case, AccountKind.MATCH_RESERVED) == 0
    assert held(case, AccountKind.POT_AVAILABLE) == 500_000


def test_a_short_pot_refuses_the_acceptance_in_plain_words(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, money=ASKED)
    case.offered()
    with app.app_context(), unit_of_work() as session:
        posting = Posting(session, "spent elsewhere", TESTER, clock.now())
        assert pots.reserve(posting, case.fund.id, 999, 1) == 1
    offer = case.offer()
    error = refused(case, "pot_short", accept_offer, offer.id, Subsidy(0), offer.version, actor=ByMember(case.owner))
    assert "The fund has only £399.99 left, less than the £400" in error.message
    assert case.offer().state is S.OFFERED
    assert held(case, AccountKind.MATCH_RESERVED) == 0
    assert case.mails("match_accepted") == []


@pytest.mark.parametrize(("had", "ok"), [(SUBSIDY_LIMIT - ASKED, True), (SUBSIDY_LIMIT - ASKED + 1, False)])
def test_subsidies_are_confirmed_to_the_penny(case: Case, had: int, ok: bool) -> None:
    offer = case.offered()
    if ok:
        case.accept(had)
        assert case.offer().state is S.ACCEPTED
    else:
        refused(case, "subsidy", accept_offer, offer.id, Subsidy(had), offer.version, actor=ByMember(case.owner))


def test_per_pledge_nothing_is_set_aside_before_the_crowd_gives(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, kind=MatchKind.PER_PLEDGE, per_backer_pence=2000)
    case.offered()
    told: list[str] = []

    def listener(session: Session, project: Any, cause: str, **who: Any) -> None:
        told.append(cause)

    OFFERS_CHANGED.add(listener)
    try:
        case.accept()
    finally:
        OFFERS_CHANGED.discard(listener)
    assert held(case, AccountKind.MATCH_RESERVED) == 0
    assert told == [f"offer:{case.offer().id}:accepted"]
    assert "adds to pledges as they come in" in case.mails("match_accepted")[0].body


def test_a_group_turns_an_offer_down(case: Case) -> None:
    offer = case.offered()
    case.do(turn_down, offer.id, "We found the money.", offer.version, actor=ByMember(case.owner))
    assert (case.offer().state, case.offer().end_reason) == (S.REFUSED, "We found the money.")
    assert held(case, AccountKind.POT_AVAILABLE) == 500_000


@pytest.mark.parametrize("accepted", [True, False])
def test_a_funder_withdraws_with_a_reason_and_the_money_is_free(case: Case, accepted: bool) -> None:
    case.offered()
    if accepted:
        case.accept()
    offer = case.offer()
    refused(case, "no_reason", withdraw_offer, offer.id, "", offer.version, actor=case.by("approver"))
    case.declare("assessor")
    refused(case, "not_now", withdraw_offer, offer.id, "x", offer.version, actor=case.by("assessor"))
    case.do(withdraw_offer, offer.id, "The budget was cut.", offer.version, actor=case.by("approver"))
    assert (case.offer().state, case.offer().end_reason) == (S.WITHDRAWN, "The budget was cut.")
    assert held(case, AccountKind.MATCH_RESERVED) == 0
    assert held(case, AccountKind.POT_AVAILABLE) == 500_000
    assert "The budget was cut." in case.mails("match_withdrawn")[0].body


def test_money_that_settles_a_project_is_not_withdrawn(case: Case) -> None:
    case.offered()
    case.accept()
    with case.app.app_context(), unit_of_work() as session:
        move_project(session, case.project.id, ProjectState.COLLECTING, actor=TESTER, now=case.clock.now())
    offer = case.offer()
    error = refused(case, "not_now", withdraw_offer, offer.id, "x", offer.version, actor=case.by("approver"))
    assert "settled" in error.message


@pytest.mark.parametrize(
    ("email", "how", "on", "field"),
    [
        ("", "", None, "how"),
        ("", "By phone", None, "on"),
        ("", "By phone", date(2099, 1, 1), "on"),
    ],
)
def test_how_and_when_the_member_was_told_is_needed(
    case: Case, email: str, how: str, on: date | None, field: str
) -> None:
    case.pitch()
    case.assess()
    by = case.by("assessor")
    with pytest.raises(Refused) as raised:
        case.do(tell_member, case.offer().id, email, how, on, actor=by)
    assert raised.value.field == field


def test_the_local_member_is_told_by_mail_or_otherwise(case: Case) -> None:
    case.pitch()
    case.assess()
    by, today = case.by("assessor"), case.clock.now().date()
    case.do(tell_member, case.offer().id, "cllr@example.org", "", None, actor=by)
    assert case.offer().member_told_on == today
    [mail] = case.mails("match_member")
    assert mail.recipient == "cllr@example.org"
    assert "Olu" not in mail.body
    day = today - timedelta(days=2)
    case.do(tell_member, case.offer().id, "", "By phone", day, actor=by)
    assert case.offer().member_told_on == day


def test_two_approvers_at_once_decide_once(case: Case) -> None:
    case.pitch()
    case.assess()
    for name in ("approver", "second"):
        case.declare(name)
    offer = case.offer()

    def decide_as(name: str) -> Any:
        by = case.by(name)

        def decide() -> Any:
            with unit_of_work() as session:
                return decide_offer(session, offer.id, FULL, offer.version, actor=by, now=case.clock.now())

        return decide

    results = together(case.app, [decide_as("approver"), decide_as("second")])
    assert failures(results, Refused) == []
    assert sum(isinstance(result, Refused) for result in results) == 1
    assert len(decisions(case)) == 1
    assert len(case.mails("match_offered")) == 1


def test_an_offer_accepted_twice_at_once_sets_money_aside_once(case: Case) -> None:
    offer = case.offered()

    def accept() -> Any:
        with unit_of_work() as session:
            by, now = ByMember(case.owner), case.clock.now()
            return accept_offer(session, offer.id, Subsidy(0), offer.version, actor=by, now=now)

    results = together(case.app, [accept, accept])
    assert failures(results, Refused) == []
    assert held(case, AccountKind.MATCH_RESERVED) == ASKED
    assert held(case, AccountKind.POT_AVAILABLE) == 500_000 - ASKED
