"""A grant from its round to the accepted award: who may do what when, what it does to the fund, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core.clock import LONDON, FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.funds.rules import Headroom
from crowdfund.grants.applying import begin_application, confirm, declare, save_answer, take_back, withdraw
from crowdfund.grants.assessing import answer_officer, ask_group, give_back, take_application
from crowdfund.grants.deciding import GrantVerdict
from crowdfund.grants.offering import turn_down
from crowdfund.grants.plans import Tier, write_plan
from crowdfund.grants.queries import list_questions
from crowdfund.grants.ready_made import INNOVATION, MICRO
from crowdfund.grants.rounds import (
    RoundFrame,
    change_frame,
    publish_round,
    save_plan,
    start_round,
    take_down,
    unseal_round,
)
from crowdfund.grants.rules import ApplicationState, Outcome, RoundState
from crowdfund.matching.headroom import headroom_of_fund
from tests.support.clock import START
from tests.support.granting import ANSWERS, ASKED, BUDGET, FULL, TWO_SIGN, Granting, make_granting

_S, _R = ApplicationState, RoundState
MONEY = 500_000


@pytest.fixture
def granting(app: Flask, clock: FixedClock) -> Granting:
    return make_granting(app, clock, money=MONEY)


def headroom(granting: Granting) -> Headroom:
    with granting.app.app_context():
        db.session.remove()
        return headroom_of_fund(db.session(), granting.fund.id).headroom


def refusal(code: str, act: Callable[..., Any], *args: Any, **kw: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        act(*args, **kw)
    assert refused.value.code == code
    return refused.value


def test_a_micro_grant_goes_from_the_round_to_the_accepted_award(granting: Granting) -> None:
    assert granting.open_round().state is _R.OPEN
    application = granting.sent()
    assert (application.state, application.tier, application.is_first) == (_S.SUBMITTED, "micro", True)
    granting.close()
    assert granting.round().state is _R.ASSESSING
    granting.assess()
    granting.decide()
    assert granting.application().state is _S.OFFERED
    assert granting.round().state is _R.DECIDED
    assert headroom(granting) == Headroom(MONEY, ASKED, 0, 0, MONEY - ASKED)
    assert granting.sign().state is _S.ACCEPTED
    told = ("grant_received", "grant_offered", "grant_accepted")
    assert [len(granting.mails(template)) for template in told] == [1, 1, 1]


def test_two_people_confirm_and_sign_where_the_tier_asks_for_it(granting: Granting) -> None:
    granting.open_round(TWO_SIGN)
    granting.add_member("mia", MemberRole.READER)
    granting.begin()
    granting.fill()
    assert granting.send().state is _S.DRAFT
    waiting = granting.application()
    refusal("not_now", granting.do, confirm, waiting.id, waiting.version)
    refusal("not_now", granting.do, save_answer, waiting.id, "what", "Else", 1)
    granting.do(confirm, waiting.id, waiting.version, by="mia")
    assert granting.application().state is _S.SUBMITTED
    granting.close()
    granting.assess("ann")
    refusal("unassessed", granting.decide)
    granting.assess("ben")
    granting.decide()
    assert granting.sign().state is _S.OFFERED
    assert granting.mails("grant_countersign")
    refusal("not_now", granting.sign, second="owner")
    assert granting.sign(second="mia").state is _S.ACCEPTED


def test_a_submit_counts_until_the_minute_the_round_closes(granting: Granting) -> None:
    granting.open_round()
    granting.begin()
    granting.fill()
    closes = granting.round().closes_at
    granting.clock.at = closes
    late = granting.application()
    refusal("not_now", granting.do, declare, late.id, late.version)
    assert granting.application().state is _S.DRAFT
    granting.clock.at = closes - timedelta(seconds=1)
    assert granting.send().state is _S.SUBMITTED


@pytest.mark.parametrize(("month", "day"), [(3, 28), (10, 31)])
def test_rounds_open_and_close_on_the_minute_over_a_change_of_the_clocks(
    granting: Granting, month: int, day: int
) -> None:
    """The clocks go forward on 28 March 2027 and back on 31 October 2027."""
    before = datetime(2027, month, day, tzinfo=LONDON) - timedelta(days=2)
    granting.clock.at = before.astimezone(UTC)
    opens = (before + timedelta(days=1)).replace(hour=9).astimezone(UTC)
    closes = (before + timedelta(days=4)).replace(hour=17).astimezone(UTC)
    assert (closes - opens) != timedelta(days=3, hours=8)  # an hour is missing or twice there
    frame = RoundFrame("Over the change", opens, closes, (before + timedelta(days=30)).date(), BUDGET)
    row = granting.do(start_round, granting.fund.id, frame, write_plan(MICRO), by="admin")
    granting.do(publish_round, row.id, 0, by="admin")
    for at, state in (
        (opens - timedelta(minutes=1), _R.SCHEDULED),
        (opens, _R.OPEN),
        (closes - timedelta(minutes=1), _R.OPEN),
        (closes, _R.DECIDED),
    ):
        granting.clock.at = at
        granting.work()
        assert granting.round().state is state
    assert (closes.astimezone(LONDON).hour, opens.astimezone(LONDON).hour) == (17, 9)


def test_whoever_comes_too_early_is_refused_though_the_worker_is_late(granting: Granting) -> None:
    granting.open_round()
    granting.clock.at = granting.round().closes_at
    refusal("not_open", granting.begin)


def test_a_group_has_one_application_in_a_round_until_it_withdraws_it(granting: Granting) -> None:
    granting.open_round()
    first = granting.begin()
    refusal("already", granting.begin)
    granting.do(withdraw, first.id, "We changed our mind.", first.version)
    assert granting.begin().id != first.id


def test_an_application_can_be_taken_back_while_the_round_is_open(granting: Granting) -> None:
    granting.open_round()
    sent = granting.sent()
    granting.do(take_back, sent.id, sent.version)
    assert granting.application().state is _S.DRAFT
    granting.do(save_answer, sent.id, "what", "Something better.", 1)
    assert granting.send().state is _S.SUBMITTED
    granting.close()
    refusal("not_now", granting.do, take_back, sent.id, granting.application().version)


def test_two_people_editing_one_answer_are_both_told_and_nothing_is_lost(granting: Granting) -> None:
    granting.open_round()
    application = granting.begin()
    granting.add_member("mia")
    granting.do(save_answer, application.id, "what", "Mine", 0)
    told = refusal("changed", granting.do, save_answer, application.id, "what", "Hers", 0, by="mia")
    assert "Olu Owner" in told.message
    kept = granting.do(save_answer, application.id, "what", "Hers", 1, by="mia")
    assert (kept.value, kept.version) == ("Hers", 2)


def test_the_same_answer_sent_twice_is_one(granting: Granting) -> None:
    granting.open_round()
    application = granting.begin()
    first = granting.do(save_answer, application.id, "what", "Once", 0)
    again = granting.do(save_answer, application.id, "what", "Once", 0)
    assert (first.id, again.version) == (again.id, 1)


def test_writing_time_leaves_pauses_out(granting: Granting) -> None:
    granting.open_round()
    application = granting.begin()
    for number, minutes in enumerate((5, 10, 60)):
        granting.clock.forward(timedelta(minutes=minutes))
        granting.do(save_answer, application.id, "what", f"Try {number}", number)
    assert granting.application().spent_seconds == 15 * 60


def test_a_version_that_is_published_later_does_not_reach_whoever_began_before(granting: Granting) -> None:
    row = granting.open_round()
    before = granting.begin()
    more = write_plan(replace(MICRO, minutes=30))
    refusal("same", granting.do, publish_round, row.id, granting.round().version, by="admin")
    granting.do(save_plan, row.id, more, granting.round().version, by="admin")
    granting.do(publish_round, row.id, granting.round().version, by="admin")
    assert granting.round().plan_number == 2
    assert granting.application().plan_id == before.plan_id


def test_a_public_round_never_closes_earlier_and_has_never_less(granting: Granting) -> None:
    row = granting.open_round()
    frame = RoundFrame(row.title, row.opens_at, row.closes_at - timedelta(days=1), row.decides_on, BUDGET)
    refusal("public", granting.do, change_frame, row.id, frame, row.version, by="admin")
    less = replace(frame, closes_at=row.closes_at, budget_pence=1)
    refusal("public", granting.do, change_frame, row.id, less, row.version, by="admin")
    later = replace(frame, closes_at=row.closes_at + timedelta(days=1), budget_pence=BUDGET + 1)
    granting.do(change_frame, row.id, later, row.version, by="admin")
    assert granting.round().budget_pence == BUDGET + 1
    refusal("opened", granting.do, take_down, row.id, granting.round().version, by="admin")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": " "}, "no_title"),
        ({"budget_pence": 0}, "no_budget"),
        ({"closes_at": START}, "dates"),
        ({"decides_on": START.date()}, "dates"),
    ],
)
def test_a_round_without_sound_dates_or_money_is_refused(granting: Granting, change: dict[str, Any], code: str) -> None:
    now = granting.clock.now()
    frame = RoundFrame("Small grants", now, now + timedelta(days=3), (now + timedelta(days=9)).date(), BUDGET)
    bad = replace(frame, **change)
    refusal(code, granting.do, start_round, granting.fund.id, bad, write_plan(MICRO), by="admin")


def test_a_plan_that_is_not_whole_is_never_published(granting: Granting) -> None:
    now = granting.clock.now()
    frame = RoundFrame("Small grants", now, now + timedelta(days=3), (now + timedelta(days=9)).date(), BUDGET)
    row = granting.do(start_round, granting.fund.id, frame, write_plan(replace(MICRO, criteria=())), by="admin")
    assert "criterion" in refusal("not_whole", granting.do, publish_round, row.id, 0, by="admin").message


def test_applications_are_sealed_until_the_round_closes_and_opening_them_early_is_kept(granting: Granting) -> None:
    row = granting.open_round()
    application = granting.sent()
    granting.clear("ann")
    with pytest.raises(Forbidden, match="sealed"):
        granting.do(take_application, application.id, by="ann")
    refusal("no_reason", granting.do, unseal_round, row.id, " ", granting.round().version, by="dan")
    granting.do(unseal_round, row.id, "The panel meets early.", granting.round().version, by="dan")
    assert granting.round().unsealed_by_id == granting.people["dan"].id
    refusal("not_closed", granting.do, take_application, application.id, by="ann")


def test_officers_of_another_funder_and_undeclared_ones_learn_nothing(granting: Granting) -> None:
    granting.open_round()
    application = granting.sent()
    granting.close()
    with pytest.raises(Forbidden, match="Declare first"):
        granting.do(take_application, application.id, by="ann")
    with granting.app.app_context():
        granting.add_officer("checker", OfficerRole.PROGRAMME_CHECKER)
    with pytest.raises(NotFound):
        granting.do(take_application, application.id, by="checker")


def test_an_interest_ends_an_assessment_and_its_scores_do_not_count(granting: Granting) -> None:
    granting.open_round()
    granting.sent()
    granting.close()
    granting.assess("ann")
    granting.clear("ann", interest=True)
    refusal("unassessed", granting.decide)
    granting.assess("ben")
    granting.decide()
    assert granting.application().state is _S.OFFERED


def test_whoever_assessed_never_decides_and_an_officer_of_the_group_does_neither(granting: Granting) -> None:
    granting.open_round()
    granting.sent()
    granting.close()
    granting.assess("ann")
    granting.roles["ann"] = (OfficerRole.FUNDER_APPROVER, granting.funder.id, None)
    refusal("not_now", granting.decide, by="ann")
    granting.people["olu"], granting.roles["olu"] = granting.owner, granting.roles["dan"]
    with pytest.raises(Forbidden, match="belong to the group"):
        granting.clear("olu")


def test_only_as_many_take_an_application_as_its_tier_asks_for(granting: Granting) -> None:
    granting.open_round()
    application = granting.sent()
    granting.close()
    granting.clear("ann", "ben")
    granting.do(take_application, application.id, by="ann")
    refusal("enough", granting.do, take_application, application.id, by="ben")
    granting.do(give_back, application.id, by="ann")
    granting.do(take_application, application.id, by="ben")


def test_a_question_waits_for_the_group_and_its_answer_goes_on(granting: Granting) -> None:
    granting.open_round()
    application = granting.sent()
    granting.close()
    granting.clear("ann")
    granting.do(take_application, application.id, by="ann")
    question = granting.do(ask_group, application.id, "Who owns the shed?", by="ann")
    assert granting.application().state is _S.CLARIFICATION
    granting.do(answer_officer, question.id, "The parish.")
    assert granting.application().state is _S.IN_ASSESSMENT
    refusal("not_now", granting.do, answer_officer, question.id, "The parish!")
    with granting.app.app_context():
        assert list_questions(db.session(), application.id)[0].answered_by == "Olu Owner"


def test_awards_stay_within_the_round_the_fund_and_the_officers_limit(granting: Granting) -> None:
    granting.open_round(replace(MICRO, tiers=(Tier("big", "Big", 900_000, assessors=1),)), budget=600_000)
    granting.sent(150_000)
    granting.close()
    granting.assess()
    assert refusal("above_limit", granting.decide).field == "reference"
    granting.decide(replace(FULL, reference="21/00055"))
    assert headroom(granting).reserved_pence == 150_000


@pytest.mark.parametrize(
    ("budget", "money", "code"), [(ASKED - 1, MONEY, "budget_short"), (ASKED, ASKED - 1, "pot_short")]
)
def test_no_award_is_above_what_is_left(app: Flask, clock: FixedClock, budget: int, money: int, code: str) -> None:
    granting = make_granting(app, clock, money=money)
    granting.open_round(budget=budget)
    granting.sent()
    granting.close()
    granting.assess()
    refusal(code, granting.decide)
    assert granting.application().state is _S.IN_ASSESSMENT
    assert headroom(granting) == Headroom(money, 0, 0, 0, money)


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (GrantVerdict(Outcome.DEFER, "later", "After the budget."), _S.DEFERRED),
        (GrantVerdict(Outcome.DECLINE, "budget", "Others came first."), _S.DECLINED),
        (GrantVerdict(Outcome.INELIGIBLE, "not_eligible", "It is elsewhere."), _S.INELIGIBLE),
    ],
)
def test_whoever_gets_nothing_reads_the_criterion_and_the_reason(
    granting: Granting, verdict: GrantVerdict, state: ApplicationState
) -> None:
    granting.open_round()
    granting.sent()
    granting.close()
    granting.assess(outcome=Outcome.DECLINE)
    refusal("no_criterion", granting.decide, replace(verdict, criterion="weather"))
    refusal("no_reason", granting.decide, replace(verdict, reason=" "))
    granting.decide(verdict)
    assert granting.application().state is state
    assert verdict.reason in granting.mails("grant_not_awarded")[0].body
    assert headroom(granting).reserved_pence == 0


def test_a_part_is_awarded_and_turned_down_its_money_is_back(granting: Granting) -> None:
    granting.open_round()
    granting.sent()
    granting.close()
    granting.assess(outcome=Outcome.UP_TO, pence=10_000)
    refusal("amount", granting.decide, GrantVerdict(Outcome.UP_TO, "need", "A part.", ASKED))
    granting.decide(GrantVerdict(Outcome.UP_TO, "need", "A part.", 10_000))
    assert headroom(granting).reserved_pence == 10_000
    offered = granting.application()
    granting.do(turn_down, offered.id, "Too little.", offered.version)
    assert granting.application().state is _S.REFUSED
    assert headroom(granting) == Headroom(MONEY, 0, 0, 0, MONEY)


def test_an_offer_runs_out_after_two_reminders_and_its_money_is_back(granting: Granting) -> None:
    granting.open_round()
    offered = granting.offered()
    assert offered.expires_at is not None
    for before in (timedelta(days=7), timedelta(days=1), timedelta(0)):
        granting.clock.at = offered.expires_at - before
        granting.work()
    assert granting.application().state is _S.EXPIRED
    assert (len(granting.mails("grant_reminder")), len(granting.mails("grant_expired"))) == (2, 1)
    assert headroom(granting).left_pence == MONEY
    refusal("not_now", granting.sign)


def test_a_tier_asks_for_what_its_group_lacks_before_anything_is_sent(granting: Granting) -> None:
    granting.open_round(INNOVATION)
    granting.begin()
    granting.fill(300_000, works_at_risk=True)
    assert granting.application().tier == "full"
    draft = granting.application()
    assert "safeguarding" in refusal("not_whole", granting.do, declare, draft.id, draft.version).message
    granting.fill(300_000, works_at_risk=False)
    granting.add_member("mia")
    assert granting.send(confirmed_by="mia").state is _S.SUBMITTED


def test_a_group_that_is_not_of_the_wanted_kind_cannot_begin(granting: Granting) -> None:
    granting.open_round(replace(MICRO, legal_forms=("parish_council",)))
    refusal("does_not_fit", granting.begin)


def test_strangers_find_nothing_and_readers_do_not_write(granting: Granting) -> None:
    row = granting.open_round()
    application = granting.begin()
    granting.add_member("rea", MemberRole.READER)
    with pytest.raises(NotFound):
        granting.do(save_answer, application.id, "what", ANSWERS["what"], 0, by="ann")
    with pytest.raises(Forbidden):
        granting.do(save_answer, application.id, "what", ANSWERS["what"], 0, by="rea")
    with pytest.raises(NotFound):
        granting.do(begin_application, row.id, granting.group.id, by="ann")


def test_a_round_in_which_nothing_is_left_to_assess_is_decided(granting: Granting) -> None:
    granting.open_round()
    granting.close()
    assert granting.round().state is RoundState.DECIDED
    granting.open_round()
    application = granting.sent()
    granting.close()
    assert granting.round().state is RoundState.ASSESSING
    granting.do(withdraw, application.id, "We moved.", granting.application().version)
    granting.clock.at += timedelta(minutes=1)
    granting.work()
    assert granting.round().state is RoundState.DECIDED
