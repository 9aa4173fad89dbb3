"""Whole campaigns in any order, with every fault there is: a Hypothesis state machine over the real service."""

import sys

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant

from crowdfund.core.db import db
from crowdfund.payments.reconciling import reconcile
from crowdfund.payments.rules import AttemptState, RefundState
from crowdfund.payouts.rules import HOLD, PayoutState
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.rules import ShortfallChoice
from tests.simulator.backing import CARD, PENCE, PICK, step
from tests.simulator.chance import seed_luck
from tests.simulator.funded import PLANS, Funded
from tests.simulator.funders import Plan
from tests.simulator.invariants import demand_all
from tests.simulator.officers import WHO
from tests.simulator.rest import drive_to_rest

TARGETS = st.tuples(*[st.sampled_from([20_000, 50_000, 90_000])] * 2)
CROWD = st.lists(st.tuples(PENCE, CARD), max_size=6)
STAGES = st.sampled_from(["early", "deadline", "collected", "collected"])
PEOPLE = st.sampled_from(WHO)


class Campaigns(Funded):
    """Two projects, six backers, funds, officers, a bank, a provider that fails, and a worker that dies."""

    @initialize(seed=st.integers(0, 2**32 - 1), wanted=TARGETS, plans=PLANS, crowd=CROWD, at=STAGES)
    def launch(
        self, seed: int, wanted: tuple[int, int], plans: list[Plan], crowd: list[tuple[int, str]], at: str
    ) -> None:
        if not seed:  # Hypothesis always begins with the simplest season there is: in that one nothing happens
            return
        self.luck = seed_luck(seed)
        self.season.begin(*wanted)
        self.season.fund(plans)
        self.begun = True
        # Beside funds the crowd stops short, so that match is what the target takes.
        most = wanted[0] // 20 if plans and at != "early" else wanted[0]
        for who, (pence, card) in enumerate(crowd):
            self.back(0, who, min(pence, most), card, "open", True)
        if at != "early":
            for who, share in zip((3, 5, 4), (4, 5, 6) if plans else (2, 3, 4), strict=True):
                self.back(0, who, wanted[0] // share, "good", "open", True)
            self.wait_for(0, "before deadline")
        if at == "collected":
            self.work_steadily()
            self.bank_details(0)
            self.rig.clock.forward(HOLD)

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
