"""A request for match from the pitch to the money: every step, every refusal, to the penny and by the clock."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from crowdfund.accounts.models import OfficerPost
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core.clock import LONDON, FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.actions import record_interest
from crowdfund.decisions.models import Decision
from crowdfund.funds import pots
from crowdfund.funds.rules import FunderKind, MatchKind
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.assessing import Advice, Finding, assess_offer, give_back, take_offer
from crowdfund.matching.deciding import decide_offer, stop_decision
from crowdfund.matching.jobs import sweep
from crowdfund.matching.listening import OFFERS_CHANGED
from crowdfund.matching.models import Assessment, MatchOffer
from crowdfund.matching.offering import (
    SUBSIDY_LIMIT,
    Subsidy,
    accept_offer,
    take_effect,
    turn_down,
    withdraw_offer,
)
from crowdfund.matching.pitching import take_back
from crowdfund.matching.rules import OfferState, Recommendation
from crowdfund.matching.telling import tell_member
from crowdfund.matching.verdicts import Authority, Verdict
from crowdfund.projects.actions import move_project
from crowdfund.projects.rules import ProjectState
from tests.support.factories import PATHS, TESTER, make_group
from tests.support.funding import make_funder, make_terms
from tests.support.offers import ASKED, FULL, ByMember, Case, make_case
from tests.support.people import make_member
from tests.support.threads import failures, together

S, R = OfferState, Recommendation


@pytest.fixture
def case(app: Flask, clock: FixedClock) -> Case:
    return make_case(app, clock)


def refused(case: Case, code: str, action: Any, *args: Any, actor: Any, **kw: Any) -> Refused:
    """Expect a refusal with this code; nothing changed."""
    before = case.offer().version
    with pytest.raises(Refused) as raised:
        case.do(action, *args, actor=actor, **kw)
    assert raised.value.code == code
    assert case.offer().version == before
    return raised.value


def held(case: Case, kind: AccountKind) -> int:
    owner = case.fund.id if kind is AccountKind.POT_AVAILABLE else case.offer().id
    with case.app.app_context():
        return sum(part.pence for part in pots.parts_of(db.session(), kind, owner))


def decisions(case: Case) -> list[Decision]:
    with case.app.app_context():
        found = select(Decision).where(Decision.subject == case.offer().subject).order_by(Decision.id)
        return list(db.session.scalars(found))


def try_to_decide(case: Case, verdict: Verdict, name: str = "approver") -> Any:
    case.declare(name)
    return refused_by(case, verdict, name)


def refused_by(case: Case, verdict: Verdict, name: str) -> Any:
    offer = case.offer()
    with pytest.raises((Refused, Forbidden, NotFound)) as raised:
        case.do(decide_offer, offer.id, verdict, offer.version, actor=case.by(name))
    assert case.offer().decision_id is None
    assert decisions(case) == []
    return raised.value


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
