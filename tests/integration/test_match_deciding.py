"""Assessing and deciding about a request: who may, within which limits, and the call-in, by the clock."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from crowdfund.accounts.models import OfficerPost
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import LONDON, FixedClock
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.actions import record_interest
from crowdfund.funds.rules import FunderKind
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.assessing import Advice, Finding, assess_offer, give_back, take_offer
from crowdfund.matching.deciding import decide_offer, stop_decision
from crowdfund.matching.models import Assessment, MatchOffer
from crowdfund.matching.offering import (
    Subsidy,
    accept_offer,
    take_effect,
    turn_down,
    withdraw_offer,
)
from crowdfund.matching.rules import OfferState, Recommendation
from crowdfund.matching.telling import tell_member
from crowdfund.matching.verdicts import Authority, Verdict
from crowdfund.projects.actions import move_project
from crowdfund.projects.rules import ProjectState
from tests.support.factories import TESTER
from tests.support.funding import make_funder
from tests.support.offer_path import decisions, held, refused, refused_by, try_to_decide
from tests.support.offers import ASKED, FULL, ByMember, Case, make_case

S, R = OfferState, Recommendation


@pytest.fixture
def case(app: Flask, clock: FixedClock) -> Case:
    return make_case(app, clock)


def test_nothing_is_done_before_an_interest_is_declared(case: Case) -> None:
    offer = case.pitch()
    with pytest.raises(Forbidden, match="Declare first"):
        case.do(take_offer, offer.id, None, actor=case.by("assessor"))
    case.assess()
    with pytest.raises(Forbidden, match="Declare first"):
        case.do(decide_offer, offer.id, FULL, case.offer().version, actor=case.by("approver"))
    with pytest.raises(Forbidden, match="Declare first"):
        case.do(tell_member, offer.id, "m@example.org", "", None, actor=case.by("approver"))


def test_whoever_declares_an_interest_gives_the_assessment_back_and_does_no_more(case: Case) -> None:
    case.pitch()
    case.assess()
    assert case.offer().taken_by_id == case.people["assessor"].id
    case.declare("assessor", interest=True)
    assert case.offer().taken_by_id is None
    with pytest.raises(Forbidden, match="declared an interest"):
        case.do(take_offer, case.offer().id, None, actor=case.by("assessor"))
    case.declare("approver", interest=True)
    assert isinstance(refused_by(case, FULL, "approver"), Forbidden)


def test_the_database_refuses_a_decision_with_an_interest_and_by_the_assessor(case: Case) -> None:
    case.pitch()
    case.assess()
    for name in ("approver", "assessor"):
        with case.app.app_context():
            if name == "approver":
                with unit_of_work() as session:
                    subject = f"project:{case.project.id}"
                    record_interest(session, subject, True, "x", actor=case.by(name), now=case.clock.now())
            with pytest.raises(DatabaseError, match="does not decide"), unit_of_work() as session:
                session.execute(update(MatchOffer).values(decided_by_id=case.people[name].id))


def test_the_database_refuses_an_assessment_by_the_decider_and_with_an_interest(case: Case) -> None:
    case.offered()
    row = {"offer_id": case.offer().id, "number": 9, "findings": {}, "recommendation": R.DEFER, "reason": "x"}
    case.declare("second", interest=True)
    for name in ("approver", "second"):
        with case.app.app_context():
            person = case.people[name].id
            with pytest.raises(DatabaseError, match="does not assess"), unit_of_work() as session:
                session.add(Assessment(**row, assessor_id=person, assessed_at=case.clock.now()))


def test_the_assessor_does_not_decide(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock)
    with app.app_context(), unit_of_work() as session:
        post = OfficerPost(person_id=case.people["assessor"].id, role=OfficerRole.FUNDER_APPROVER)
        post.funder_id, post.given_at = case.funder.id, clock.now()
        session.add(post)
    case.pitch()
    case.assess()
    case.roles["assessor"] = (OfficerRole.FUNDER_APPROVER, case.funder.id, None)
    error = refused_by(case, FULL, "assessor")
    assert "You assessed this" in str(error)


def test_officers_of_another_funder_find_nothing(case: Case) -> None:
    with case.app.app_context(), unit_of_work() as session:
        other = make_funder(session, "NHS Kent and Medway", FunderKind.NHS).id
    case.add_officer("stranger", OfficerRole.FUNDER_APPROVER, other)
    case.add_officer("foreign", OfficerRole.FUNDER_ASSESSOR, other)
    case.pitch()
    for name, action, args in (
        ("foreign", take_offer, [None]),
        ("stranger", decide_offer, [FULL, 1]),
        ("stranger", withdraw_offer, ["Why", 1]),
        ("stranger", stop_decision, ["Why", 1]),
        ("stranger", tell_member, ["m@example.org", "", None]),
    ):
        with pytest.raises(NotFound):
            case.do(action, case.offer().id, *args, actor=case.by(name))
    with pytest.raises(NotFound):
        case.declare("stranger")


@pytest.mark.parametrize("role", [r for r in OfficerRole if r.of_programme and "checker" not in r])
def test_officers_of_the_programme_see_but_neither_assess_nor_decide(case: Case, role: OfficerRole) -> None:
    case.add_officer("programme", role)
    case.pitch()
    case.declare("programme")
    refused(case, "not_now", take_offer, case.offer().id, None, actor=case.by("programme"))
    case.assess()
    case.declare("programme")
    assert isinstance(refused_by(case, FULL, "programme"), Refused)


def test_two_assessors_do_not_take_the_same_request(case: Case) -> None:
    case.add_officer("another", OfficerRole.FUNDER_ASSESSOR)
    case.pitch()
    for name in ("assessor", "another"):
        case.declare(name)
    case.do(take_offer, case.offer().id, None, actor=case.by("assessor"))
    refused(case, "taken", take_offer, case.offer().id, None, actor=case.by("another"))
    refused(case, "not_now", give_back, case.offer().id, actor=case.by("another"))
    case.do(give_back, case.offer().id, actor=case.by("assessor"))
    case.do(take_offer, case.offer().id, None, actor=case.by("another"))
    assert case.offer().taken_by_id == case.people["another"].id


@pytest.mark.parametrize(
    ("findings", "advice", "field"),
    [
        ({}, Advice(R.FULL, None, "x"), "met_need"),
        ({"need": Finding("maybe", "x")}, Advice(R.FULL, None, "x"), "met_need"),
        ({"need": Finding("yes", " ")}, Advice(R.FULL, None, "x"), "note_need"),
        ({"need": Finding("yes", "x")}, Advice(R.FULL, None, " "), "reason"),
        ({"need": Finding("yes", "x")}, Advice(R.UP_TO, None, "x"), "pence"),
        ({"need": Finding("yes", "x")}, Advice(R.UP_TO, ASKED, "x"), "pence"),
    ],
)
def test_an_assessment_says_everything(case: Case, findings: dict[str, Finding], advice: Advice, field: str) -> None:
    case.pitch()
    case.declare("assessor")
    by = case.by("assessor")
    case.do(take_offer, case.offer().id, None, actor=by)
    with pytest.raises(Refused) as raised:
        case.do(assess_offer, case.offer().id, findings, advice, case.offer().version, actor=by)
    assert raised.value.field == field


def test_nothing_is_decided_before_it_is_assessed(case: Case) -> None:
    case.pitch()
    assert try_to_decide(case, FULL).code == "not_now"
    case.declare("assessor")
    case.do(take_offer, case.offer().id, None, actor=case.by("assessor"))
    assert refused_by(case, FULL, "approver").code == "unassessed"


@pytest.mark.parametrize(
    ("verdict", "code", "field"),
    [
        (Verdict(R.DECLINE, "", "No."), "no_criterion", "criterion"),
        (Verdict(R.DEFER, "invented", "No."), "no_criterion", "criterion"),
        (Verdict(R.UP_TO, "", "Less.", 100), "no_criterion", "criterion"),
        (Verdict(R.DECLINE, "need", " "), "no_reason", "reason"),
        (Verdict(R.FULL, "", ""), "no_reason", "reason"),
        (Verdict(R.UP_TO, "need", "Less."), "amount", "pence"),
        (Verdict(R.UP_TO, "need", "More?", ASKED), "amount", "pence"),
        (Verdict(R.FULL, "", "Yes.", authority=Authority.PANEL), "no_reference", "reference"),
        (Verdict(R.FULL, "", "Yes.", authority=Authority.CABINET_MEMBER, reference=" "), "no_reference", "reference"),
    ],
)
def test_a_decision_names_criterion_reason_sum_and_reference(
    case: Case, verdict: Verdict, code: str, field: str
) -> None:
    case.pitch()
    case.assess()
    error = try_to_decide(case, verdict)
    assert (error.code, error.field) == (code, field)


@pytest.mark.parametrize(("limit", "ok"), [(ASKED, True), (ASKED - 1, False), (None, True), (0, False)])
def test_an_approver_decides_up_to_their_limit_to_the_penny(
    app: Flask, clock: FixedClock, limit: int | None, ok: bool
) -> None:
    case = make_case(app, clock, limit=limit)
    case.pitch()
    case.assess()
    if ok:
        case.decide()
        assert case.offer().offered_pence == ASKED
        return
    assert try_to_decide(case, FULL).code == "above_limit"
    case.decide(Verdict(R.FULL, "", "Yes.", authority=Authority.CABINET_MEMBER, reference="21/00055"))
    [decision] = decisions(case)
    assert (decision.authority, decision.reference) == ("Cabinet Member", "21/00055")


def test_whoever_has_no_limit_for_money_may_still_say_no(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, limit=0)
    case.pitch()
    case.assess()
    case.decide(Verdict(R.DECLINE, "excluded", "It supports a party."))
    offer = case.offer()
    assert (offer.state, offer.end_reason, offer.offered_pence) == (S.DECLINED, "It supports a party.", None)
    [mail] = case.mails("match_declined")
    assert "It supports a party." in mail.body
    assert "The fund does not pay for this kind of project" in mail.body
    assert "What you can do" in mail.body


def test_less_than_was_asked_is_offered_with_conditions(case: Case) -> None:
    case.pitch()
    case.assess(R.UP_TO, 12_345)
    case.decide(Verdict(R.UP_TO, "need", "Half is enough.", 12_345, conditions="Plant a tree."))
    assert case.offer().offered_pence == 12_345
    [mail] = case.mails("match_offered")
    assert "£123.45" in mail.body
    assert "Plant a tree." in mail.body
    case.accept()
    assert held(case, AccountKind.MATCH_RESERVED) == 12_345


@pytest.mark.parametrize(("because", "code"), [("", "no_exceeding"), ("Very poor place.", None)])
def test_more_than_the_limits_needs_a_policy_and_a_reason(
    app: Flask, clock: FixedClock, because: str, code: str | None
) -> None:
    case = make_case(app, clock, may_exceed="Deprived areas may have more.")
    case.pitch(45_001)
    case.assess()
    verdict = Verdict(R.FULL, "", "Yes.", exceeds_because=because)
    if code:
        assert try_to_decide(case, verdict).code == code
        return
    case.decide(verdict)
    assert (case.offer().exceeds, case.offer().exceeds_because) == (True, because)


def test_without_a_policy_nothing_goes_above_the_limits(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock)
    case.pitch(45_000)
    case.assess()
    with app.app_context(), unit_of_work() as session:
        offer = session.scalars(select(MatchOffer)).one()
        offer.asked_pence = 45_001
    error = try_to_decide(case, Verdict(R.FULL, "", "Yes.", exceeds_because="Very poor place."))
    assert error.code == "above_cap"


def test_no_policy_goes_above_the_target(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, may_exceed="Deprived areas may have more.")
    with pytest.raises(Refused) as raised:
        case.pitch(90_001)
    assert raised.value.code == "too_much"


def test_public_money_together_stays_within_its_share(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, joint_percent=40)
    case.pitch(36_001)  # 40 % of £900 is £360
    case.assess()
    error = try_to_decide(case, FULL)
    assert error.code == "joint_cap"
    case.decide(Verdict(R.UP_TO, "limits", "The rest would be too much public money.", 36_000))
    assert case.offer().offered_pence == 36_000


def test_nobody_offers_what_the_fund_does_not_have(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, money=ASKED - 1)
    case.pitch()
    case.assess()
    error = try_to_decide(case, FULL)
    assert (error.code, "£399.99" in error.message) == ("pot_short", True)


def test_a_stale_page_changes_nothing(case: Case) -> None:
    case.pitch()
    case.assess()
    case.declare("approver")
    old = case.offer().version - 1
    refused(case, "changed", decide_offer, case.offer().id, FULL, old, actor=case.by("approver"))
    case.decide()
    old = case.offer().version - 1
    refused(case, "changed", accept_offer, case.offer().id, Subsidy(0), old, actor=ByMember(case.owner))
    refused(case, "changed", turn_down, case.offer().id, "", old, actor=ByMember(case.owner))
    refused(case, "changed", withdraw_offer, case.offer().id, "x", old, actor=case.by("approver"))


def test_call_in_waits_for_working_days_over_christmas(app: Flask, clock: FixedClock) -> None:
    clock.at = datetime(2026, 12, 22, 10, tzinfo=UTC)  # a Tuesday
    case = make_case(app, clock, call_in_days=5)
    case.pitch()
    case.assess()
    case.decide()
    offer = case.offer()
    # 23 and 24; 25 is Christmas Day, 28 the substitute for Boxing Day; 29, 30, 31.
    assert offer.effective_at == datetime(2026, 12, 31, 17, tzinfo=LONDON)
    assert (offer.state, offer.expires_at) == (S.ASSESSING, None)
    assert decisions(case)[0].effective_at == offer.effective_at
    [mail] = case.mails("match_decided")
    assert "Thursday 31 December 2026, 5pm" in mail.body
    refused(case, "not_now", accept_offer, offer.id, Subsidy(0), offer.version, actor=ByMember(case.owner))
    clock.at = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)
    case.work()
    assert case.offer().state is S.ASSESSING
    case.forward(minutes=1)
    assert case.offer().state is S.OFFERED
    assert case.offer().expires_at == datetime(2027, 1, 28, 17, tzinfo=UTC)
    assert len(case.mails("match_offered")) == 1
    assert not case.do(take_effect, case.offer().id, actor=TESTER)
    assert len(case.mails("match_offered")) == 1


def test_a_decision_that_is_called_in_is_made_again(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, call_in_days=3)
    case.pitch()
    case.assess()
    case.decide()
    offer = case.offer()
    refused(case, "no_reason", stop_decision, offer.id, " ", offer.version, actor=case.by("approver"))
    case.do(stop_decision, offer.id, "Councillors called it in.", offer.version, actor=case.by("approver"))
    case.forward(days=10)
    assert case.offer().state is S.ASSESSING
    assert case.mails("match_offered") == []
    assert "Councillors called it in." in case.mails("match_stopped")[0].body
    case.decide(name="second")
    case.forward(days=10)
    assert case.offer().state is S.OFFERED
    assert len(decisions(case)) == 2


def test_a_project_that_is_over_when_the_decision_takes_effect_gets_no_offer(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, call_in_days=3)
    case.pitch()
    case.assess()
    case.decide()
    with app.app_context(), unit_of_work() as session:
        move_project(session, case.project.id, ProjectState.CANCELLED, reason="x", actor=TESTER, now=clock.now())
    case.forward(days=10)
    assert case.offer().state is S.WITHDRAWN
    assert case.mails("match_offered") == []
