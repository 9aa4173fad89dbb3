"""Asking funds for match: one way through to the money, when and what may be asked, taking it back, asking again."""

from datetime import timedelta

import pytest
from flask import Flask

from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.assessing import Advice, Finding, assess_offer, take_offer
from crowdfund.matching.deciding import decide_offer
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.pitching import take_back
from crowdfund.matching.rules import OfferState, Recommendation
from crowdfund.matching.verdicts import Verdict
from crowdfund.projects.rules import ProjectState
from tests.support.factories import PATHS, make_group
from tests.support.funding import make_terms
from tests.support.offer_path import decisions, held, refused
from tests.support.offers import ASKED, FULL, ByMember, Case, make_case
from tests.support.people import make_member

S, R = OfferState, Recommendation


@pytest.fixture
def case(app: Flask, clock: FixedClock) -> Case:
    return make_case(app, clock)


def test_an_offer_from_the_request_to_money_that_is_set_aside(case: Case) -> None:
    offer = case.pitch()
    assert (offer.state, offer.asked_pence, offer.answers) == (S.PITCHED, ASKED, {"who": "Everybody"})
    assert "You asked Kent County Council for £400" in case.mails("match_pitched")[0].subject
    case.assess()
    assert case.offer().state is S.ASSESSING
    case.decide()
    offer = case.offer()
    assert (offer.state, offer.offered_pence, offer.decided_by_id) == (S.OFFERED, ASKED, case.people["approver"].id)
    [decision] = decisions(case)
    assert (decision.outcome, decision.criterion, decision.amount_pence) == ("full", "need", ASKED)
    assert decision.authority == "Approver for a funder, up to £500"
    [mail] = case.mails("match_offered")
    assert "answer by" in mail.subject
    assert "The money is spent on what the project says." in mail.body
    case.accept(120_00)
    offer = case.offer()
    assert (offer.state, offer.accepted_by_id) == (S.ACCEPTED, case.owner.id)
    assert "£120" in offer.subsidy_words
    assert held(case, AccountKind.MATCH_RESERVED) == ASKED
    assert held(case, AccountKind.POT_AVAILABLE) == 500_000 - ASKED
    assert len(case.mails("match_accepted")) == 1


@pytest.mark.parametrize("state", [one for one in (*PATHS, ProjectState.PAUSED) if one is not ProjectState.READY])
def test_funds_are_asked_only_once_a_project_is_ready(app: Flask, clock: FixedClock, state: ProjectState) -> None:
    case = make_case(app, clock, state)
    with pytest.raises(Refused) as raised:
        case.pitch()
    assert raised.value.code == "not_now"


def test_a_project_that_is_ready_asks_before_it_is_launched(app: Flask, clock: FixedClock) -> None:
    assert make_case(app, clock, ProjectState.READY).offered().state is S.OFFERED


def test_a_fund_is_asked_once_at_a_time_and_while_it_is_open(case: Case) -> None:
    case.pitch()
    with pytest.raises(Refused) as raised:
        case.pitch()
    assert raised.value.code == "barred"
    assert "asked this fund already" in raised.value.message


@pytest.mark.parametrize("days", [-1, 31])
def test_a_fund_that_is_not_open_is_not_asked(app: Flask, clock: FixedClock, days: int) -> None:
    today = clock.now().date()
    dates = {"opens_on": today, "closes_on": today + timedelta(days=30), "decides_on": today + timedelta(days=40)}
    case = make_case(app, clock, **dates)
    clock.forward(timedelta(days=days))
    if days < 0:
        with app.app_context(), unit_of_work() as session:
            make_terms(session, case.fund, clock.now(), **dates)
    with pytest.raises(Refused) as raised:
        case.pitch()
    assert raised.value.code == ("barred" if days < 0 else "gone")
    assert "requests" in raised.value.message


@pytest.mark.parametrize(("pence", "ok"), [(45_000, True), (45_001, False), (0, False)])
def test_a_group_asks_for_no_more_than_the_fund_gives(case: Case, pence: int, ok: bool) -> None:
    if ok:  # half of a target of £900
        assert case.pitch(pence).asked_pence == pence
    else:
        with pytest.raises(Refused) as raised:
            case.pitch(pence)
        assert raised.value.field == f"sum_{case.fund.id}"


def test_answers_keep_to_the_funds_length(case: Case) -> None:
    with pytest.raises(Refused) as raised:
        case.pitch(who="word " * 101)
    assert "101 words" in raised.value.message
    assert raised.value.field == "q_who"
    assert case.pitch(who="word " * 100).answers["who"].count("word") == 100


def test_strangers_and_writers_do_not_send(case: Case) -> None:
    with case.app.app_context():
        writer = make_member(case.project.group_id, MemberRole.MEMBER, case.clock.now())
        stranger = make_member(make_other(case), MemberRole.OWNER, case.clock.now())
    owner = case.owner
    for person, error in ((writer, Forbidden), (stranger, NotFound)):
        case.owner = person
        with pytest.raises(error):
            case.pitch()
    case.owner = owner
    offer = case.pitch()
    for person, error in ((writer, Forbidden), (stranger, NotFound)):
        with pytest.raises(error):
            case.do(take_back, offer.id, offer.version, actor=ByMember(person))


def make_other(case: Case) -> int:
    with unit_of_work() as session:
        return make_group(session, case.clock.now()).id


def test_a_request_is_taken_back_until_it_is_offered(case: Case) -> None:
    offer = case.pitch()
    case.do(take_back, offer.id, offer.version, actor=ByMember(case.owner))
    assert case.offer().state is S.WITHDRAWN
    case.offered()
    offer = case.offer()
    refused(case, "not_now", take_back, offer.id, offer.version, actor=ByMember(case.owner))


def test_a_request_that_was_put_off_is_asked_again(case: Case) -> None:
    first = case.pitch()
    case.assess(R.DEFER)
    case.decide(Verdict(R.DEFER, "more_support", "Ask when thirty people back it."))
    assert case.offer().state is S.DEFERRED
    assert "Ask when thirty people back it." in case.mails("match_deferred")[0].body
    case.clock.forward(timedelta(minutes=1))
    again = case.pitch(30_000, who="More people")
    assert (again.id, again.state, again.asked_pence) == (first.id, S.PITCHED, 30_000)
    assert (again.taken_by_id, again.decision_id, again.decided_by_id) == (None, None, None)
    case.declare("assessor")
    case.do(take_offer, again.id, None, actor=case.by("assessor"))
    assert refused_by_again(case).code == "unassessed"
    case.declare("assessor")
    findings = {"need": Finding("yes", "Now yes.")}
    case.do(
        assess_offer, again.id, findings, Advice(R.FULL, None, "x"), case.offer().version, actor=case.by("assessor")
    )
    case.decide()
    assert case.offer().offered_pence == 30_000


def refused_by_again(case: Case) -> Refused:
    case.declare("approver")
    offer = case.offer()
    with pytest.raises(Refused) as raised:
        case.do(decide_offer, offer.id, FULL, offer.version, actor=case.by("approver"))
    return raised.value


def test_asked_again_in_a_newer_round_it_is_a_new_request(case: Case) -> None:
    first = case.pitch()
    case.assess(R.DEFER)
    case.decide(Verdict(R.DEFER, "more_support", "Later."))
    with case.app.app_context(), unit_of_work() as session:
        newer = make_terms(session, case.fund, case.clock.now(), most_pence=10_000).id
    again = case.pitch(10_000)
    assert (again.id != first.id, again.terms_id, again.state) == (True, newer, S.PITCHED)
    with case.app.app_context():
        db.session.remove()
        assert db.session.get_one(MatchOffer, first.id).state is S.WITHDRAWN
