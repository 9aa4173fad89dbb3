"""Whole campaigns in any order, with every fault there is: a Hypothesis state machine over the real service."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from crowdfund.core.db import db
from crowdfund.core.failpoints import POINTS
from crowdfund.core.jobs import Job, JobState
from crowdfund.payments.reconciling import reconcile
from crowdfund.payments.rules import AttemptState, RefundState
from crowdfund.payouts.rules import HOLD, PayoutState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.rules import ShortfallChoice
from tests.simulator import faults
from tests.simulator.chance import seed_luck
from tests.simulator.invariants import Memory, demand_all, demand_none
from tests.simulator.officers import WHO, Offices
from tests.simulator.public_side import seen_by_the_public
from tests.simulator.rest import drive_to_rest
from tests.simulator.rig import Rig
from tests.simulator.season import AUDIENCES, CARDS, NEVER_SAVED

PICK = st.integers(0, 30)
TARGETS = st.sampled_from([20_000, 50_000, 90_000])
PENCE = st.one_of(st.sampled_from([10_000, 25_000, 45_000]), st.integers(200, 50_000))
CARD = st.sampled_from(["good", "good", *CARDS])
SEEN = st.sampled_from(sorted(AUDIENCES))
CROWD = st.lists(st.tuples(PENCE, CARD), max_size=6)
STAGES = st.sampled_from(["early", "deadline", "collected", "collected"])
FIXES = st.sampled_from(["good", "asks every time", "disputed", "never", "leave"])
EDGES = st.sampled_from(["before deadline", "deadline", "before window", "window", "after window", "next job"])
PEOPLE = st.sampled_from(WHO)
SECOND = timedelta(seconds=1)


def step(**drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """Return a decorator for a rule that does nothing before the season has begun."""

    def decorate(do: Callable[..., None]) -> Any:
        @wraps(do)
        def guarded(self: "Campaigns", *given: Any, **chosen: Any) -> None:
            if self.begun:
                do(self, *given, **chosen)

        return rule(**drawn)(guarded)

    return decorate


class Campaigns(RuleBasedStateMachine):
    """Two projects, six backers, officers, a bank, a provider that fails, and a worker that dies."""

    def __init__(self, rig: Rig) -> None:
        super().__init__()
        self.rig, self.season, self.memory = rig, Offices(rig), Memory()
        self.luck, self.begun = Random(0), False

    @initialize(seed=st.integers(0, 2**32 - 1), first=TARGETS, second=TARGETS, crowd=CROWD, at=STAGES)
    def launch(self, seed: int, first: int, second: int, crowd: list[tuple[int, str]], at: str) -> None:
        if not seed:  # Hypothesis always begins with the simplest season there is: in that one nothing happens
            return
        self.luck = seed_luck(seed)
        self.season.begin(first, second)
        self.begun = True
        for who, (pence, card) in enumerate(crowd):
            self.back(0, who, pence, card, "open", True)
        if at != "early":
            for who, share in ((3, 2), (4, 3), (5, 4)):
                self.back(0, who, first // share, "good", "open", True)
            self.wait_for(0, "before deadline")
        if at == "collected":
            self.work_steadily()
            self.bank_details(0)
            self.rig.clock.forward(HOLD)

    @staticmethod
    def one(of: list[Any], pick: int) -> Any:
        """Choose one of some things; None where there is none."""
        return of[pick % len(of)] if of else None

    # Backers

    @step(number=PICK, who=PICK, pence=PENCE, card=CARD, seen=SEEN, returns=st.booleans())
    def back(self, number: int, who: int, pence: int, card: str, seen: str, returns: bool) -> None:
        if (pledge := self.season.pledge(number, who, pence, seen)) is not None:
            self.season.open_page(pledge)
            self.season.type_card(pledge, CARDS[card])
            if returns:
                self.season.come_back(pledge)

    @step(number=PICK, pence=PENCE)
    def crowd(self, number: int, pence: int) -> None:
        for who in range(4):
            self.back(number, who, pence + who, "good", "open", True)

    @step(number=PICK, who=PICK, pence=PENCE)
    def look_only(self, number: int, who: int, pence: int) -> None:
        if (pledge := self.season.pledge(number, who, pence, "open")) is not None:
            self.season.open_page(pledge)

    @step(pick=PICK, card=CARD, passes=st.booleans(), first=st.booleans(), returns=st.booleans())
    def finish_page(self, pick: int, card: str, passes: bool, first: bool, returns: bool) -> None:
        if (pledge := self.one(self.season.pledges(PledgeState.SETUP), pick)) is not None:
            self.season.open_page(pledge)
            if first:
                self.season.type_card(pledge, NEVER_SAVED)
            self.season.type_card(pledge, CARDS[card], passes=passes)
            if returns:
                self.season.come_back(pledge)

    @step(pick=PICK, pence=PENCE)
    def change(self, pick: int, pence: int) -> None:
        if (pledge := self.one(self.season.pledges(), pick)) is not None:
            self.season.change(pledge, pence)

    @step(pick=PICK)
    def withdraw(self, pick: int) -> None:
        if (pledge := self.one(self.season.pledges(), pick)) is not None:
            self.season.withdraw(pledge)

    @step(pick=PICK, tabs=st.lists(FIXES, min_size=1, max_size=3), returns=st.booleans())
    def fix(self, pick: int, tabs: list[str], returns: bool) -> None:
        unpaid = (PledgeState.FIXING, PledgeState.COLLECTING)
        if (pledge := self.one(self.season.pledges(*unpaid), pick)) is None:
            return
        pages = [self.season.fix(pledge) for _ in tabs]
        for page, card in zip(pages, tabs, strict=True):
            if page and card != "leave":
                self.season.pay(page, CARDS.get(card, NEVER_SAVED))
            if page and returns:
                self.season.come_back_from_paying(page)

    @step(pick=PICK, hours=st.integers(1, 30))
    def fix_late(self, pick: int, hours: int) -> None:
        if (pledge := self.one(self.season.pledges(PledgeState.FIXING), pick)) is None:
            return
        page = self.season.fix(pledge)
        self.rig.clock.forward(timedelta(hours=hours))
        if page:
            self.season.pay(page, CARDS["good"])

    @step(number=PICK)
    def somebody_looks(self, number: int) -> None:
        demand_none(seen_by_the_public(self.season, self.season.project(number)))

    # Time and the worker

    @step(minutes=st.integers(1, 90))
    def minutes_pass(self, minutes: int) -> None:
        self.rig.clock.forward(timedelta(minutes=minutes))

    @step(hours=st.integers(2, 30))
    def hours_pass(self, hours: int) -> None:
        self.rig.clock.forward(timedelta(hours=hours))

    @step(days=st.integers(1, 12))
    def days_pass(self, days: int) -> None:
        self.rig.clock.forward(timedelta(days=days))

    @step(number=PICK, edge=EDGES)
    def wait_for(self, number: int, edge: str) -> None:
        moments = {"next job": self.rig.clock.now() + self.rig.next_moment()}
        project = self.season.project(number)
        settlement = self.season.settlement(project)
        for name, moment in (("deadline", project.deadline), ("window", settlement and settlement.fix_until)):
            if isinstance(moment, datetime):
                moments |= {f"before {name}": moment - SECOND, name: moment, f"after {name}": moment + SECOND}
        self.rig.clock.at = max(self.rig.clock.at, moments.get(edge, self.rig.clock.at))

    @step(most=st.sampled_from([1, 2, 5, 20, 1000]), sweeps=st.booleans())
    def work(self, most: int, sweeps: bool) -> None:
        if sweeps:
            self.rig.come_round()
        self.rig.work(most)

    @step()
    def work_steadily(self) -> None:
        for _ in range(12):
            self.rig.come_round()
            self.rig.work()
            self.rig.deliver_all()
            self.rig.clock.forward(min(self.rig.next_moment(), timedelta(hours=4)))

    @step(point=st.sampled_from(sorted(POINTS)))
    def power_cut(self, point: str) -> None:
        self.rig.doom = point
        self.rig.work()
        self.rig.doom = ""

    @step(pick=PICK)
    def second_worker(self, pick: int) -> None:
        done = select(Job).where(Job.state == JobState.DONE, Job.kind != "mail:send").order_by(Job.id)
        if (job := self.one(list(db.session.scalars(done)), pick)) is not None:
            self.rig.repeat(job)

    # The provider

    @step(name=st.sampled_from(sorted(faults.API)), times=st.integers(1, 4), path=st.sampled_from(faults.PATHS))
    def fault(self, name: str, times: int, path: str) -> None:
        self.rig.stripe.set_mode(name, times=times, path=path, **faults.API[name])

    @step(name=st.sampled_from(["down", "429", "refuse"]))
    def outage(self, name: str) -> None:
        self.rig.stripe.set_mode(name)

    @step()
    def calm(self) -> None:
        self.rig.stripe.clear_modes()

    @step(fates=st.lists(st.sampled_from(["deliver", "deliver", "twice", "lose", "later"]), max_size=12))
    def post(self, fates: list[str]) -> None:
        self.rig.collect_post()
        self.luck.shuffle(self.rig.bag.waiting)
        for fate in fates:
            if self.rig.bag.waiting and fate != "later":
                webhook = self.rig.bag.waiting.pop()
                if fate != "lose":
                    self.rig.deliver(webhook, 2 if fate == "twice" else 1)

    @step(pick=PICK)
    def post_again(self, pick: int) -> None:
        if (webhook := self.one(self.rig.bag.delivered, pick)) is not None:
            self.rig.deliver(webhook)

    # Officers and banks

    @step(number=PICK)
    def pause_or_resume(self, number: int) -> None:
        project = self.season.project(number)
        self.season.move(project, ProjectState.LIVE if project.state is ProjectState.PAUSED else ProjectState.PAUSED)

    @step(number=PICK, sure=st.integers(0, 3))
    def cancel(self, number: int, sure: int) -> None:
        if not sure:
            self.season.cancel(self.season.project(number))

    @step(number=PICK, choice=st.sampled_from(list(ShortfallChoice)))
    def decide_shortfall(self, number: int, choice: ShortfallChoice) -> None:
        self.season.decide(self.season.project(number), choice)

    @step(number=PICK, days=st.integers(0, 20))
    def hold_money(self, number: int, days: int) -> None:
        self.season.hold(self.season.project(number), days)

    @step(number=PICK, there=st.booleans())
    def end_waiting(self, number: int, there: bool) -> None:
        self.season.free(self.season.project(number), there=there)

    @step(pick=PICK, pence=PENCE, who=PEOPLE, whole=st.booleans())
    def ask_refund(self, pick: int, pence: int, who: str, whole: bool) -> None:
        if (attempt := self.one(self.season.attempts(*AttemptState), pick)) is not None:
            self.season.ask_refund(attempt, attempt.amount_pence if whole else pence, who)

    @step(pick=PICK, who=PEOPLE, agrees=st.booleans())
    def judge_refund(self, pick: int, who: str, agrees: bool) -> None:
        if (refund := self.one(self.season.refunds(*RefundState), pick)) is not None:
            self.season.judge_refund(refund, who, agrees=agrees)
            self.season.make_good(refund, who)

    @step(pick=PICK)
    def refund_bounces(self, pick: int) -> None:
        if (refund := self.one(self.season.refunds(RefundState.SUCCEEDED), pick)) is not None:
            self.season.bounce_refund(refund)

    @step(pick=PICK)
    def open_dispute(self, pick: int) -> None:
        if (attempt := self.one(self.season.attempts(AttemptState.SUCCEEDED), pick)) is not None:
            self.season.dispute(attempt)

    @step(pick=PICK, won=st.booleans())
    def end_dispute(self, pick: int, won: bool) -> None:
        if (ref := self.one(self.season.open_disputes(), pick)) is not None:
            self.season.judge_dispute(ref, won=won)

    @step(number=PICK)
    def bank_details(self, number: int) -> None:
        self.season.give_details(self.season.project(number))
        self.season.call_back(self.season.project(number))

    @step(number=PICK, pence=PENCE, who=PEOPLE, other=PEOPLE, agrees=st.booleans())
    def pay_out(self, number: int, pence: int, who: str, other: str, agrees: bool) -> None:
        self.season.prepare(self.season.project(number), pence, who)
        for payout in self.season.payouts(PayoutState.PREPARED):
            self.season.judge_payout(payout, other, agrees=agrees)

    @step(pick=PICK, paid=st.booleans())
    def bank_file(self, pick: int, paid: bool) -> None:
        self.season.send_file()
        if (payout := self.one(self.season.payouts(*PayoutState), pick)) is not None:
            self.season.answer(payout, paid=paid)

    @step()
    def reconcile(self) -> None:
        self.rig.ask(reconcile, self.season.charges().gateway, self.rig.clock.now())

    @step(fails=st.integers(0, 4))
    def provider_pays_out(self, fails: int) -> None:
        made = self.rig.stripe.pay_out()
        if made is not None and not fails:
            self.rig.stripe.fail_payout(made["id"])

    @invariant()
    def everything_holds(self) -> None:
        if self.begun and self.rig.has_changed():
            demand_all(self.season, self.memory)

    def teardown(self) -> None:
        """Drive everything to rest, unless something is broken already."""
        if self.begun and sys.exc_info()[0] is None:
            drive_to_rest(self.season, self.memory)
        db.session.remove()

    def picked(self, pick: int, *states: PledgeState) -> Pledge | None:
        """Choose a pledge in one of some states."""
        found: Pledge | None = self.one(self.season.pledges(*states), pick)
        return found
