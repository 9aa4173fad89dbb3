"""What officers, a group's owner and the banks do in a season."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from crowdfund.core.clock import LONDON
from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.db import db
from crowdfund.payments.models import ChargeAttempt, Refund
from crowdfund.payments.rules import AttemptState, RefundState
from crowdfund.payouts.actions import approve_payout, prepare_payout, reject_payout
from crowdfund.payouts.answers import take_answer
from crowdfund.payouts.bank_answer import AnswerLine
from crowdfund.payouts.details import record_call_back
from crowdfund.payouts.files import make_payment_file
from crowdfund.payouts.models import Payout
from crowdfund.payouts.queries import find_details
from crowdfund.payouts.rules import PayoutState
from crowdfund.pledges.releasing import cancel_as_officer
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe.disputes import ASKING, WAITING
from crowdfund.settlement import giving_back
from crowdfund.settlement.bank_details import give_for_group
from crowdfund.settlement.deciding import Consent, PaidIn, decide_shortfall
from crowdfund.settlement.refunding_all import return_top_up
from crowdfund.settlement.ring_fence import free_money, give_up_waiting, hold_money
from crowdfund.settlement.rules import ShortfallChoice
from tests.simulator.season import Season
from tests.support.paying import account

REFUND_ALONE = 5_000
WHO = ("ben", "cat", "approver")


class Offices(Season):
    """A season in which officers decide, pay out and give back."""

    def cancel(self, project: Project) -> None:
        """End a project before its deadline."""
        self.rig.attempt(cancel_as_officer, project.id, "It cannot be done.", **self.by("checker"))

    def decide(self, project: Project, choice: ShortfallChoice) -> None:
        """Decide a shortfall."""
        today = self.rig.clock.now().astimezone(LONDON).date()
        given = {"consent": Consent("Ann", today, "We agree."), "paid_in": PaidIn("Kent", "BACS 7")}
        self.rig.attempt(decide_shortfall, project.id, choice, "So it was decided.", **given, **self.by("approver"))

    def hold(self, project: Project, days: int) -> None:
        """Hold a funded project's money for a permission, to be reviewed after so many days."""
        if self.settlement(project) is None:
            return  # there is no page for it yet
        on = self.rig.clock.now().astimezone(LONDON).date() + timedelta(days=days)
        self.rig.attempt(hold_money, project.id, "A permit", on, "It waits.", **self.by("approver"))

    def free(self, project: Project, *, there: bool) -> None:
        """End the waiting: the permission is there, or will not come."""
        if self.settlement(project) is not None:
            self.rig.attempt(free_money if there else give_up_waiting, project.id, "Known now.", **self.by("approver"))

    # Refunds and disputes

    def attempts(self, *states: AttemptState) -> list[ChargeAttempt]:
        """Return tries to charge, as they are now."""
        db.session.expire_all()
        return list(db.session.scalars(select(ChargeAttempt).where(ChargeAttempt.state.in_(states))))

    def refunds(self, *states: RefundState) -> list[Refund]:
        """Return refunds as they are now."""
        db.session.expire_all()
        return list(db.session.scalars(select(Refund).where(Refund.state.in_(states)).order_by(Refund.id)))

    def ask_refund(self, attempt: ChargeAttempt, pence: int, who: str) -> None:
        """Ask for some of a payment back."""
        why = {"limit_pence": REFUND_ALONE, **self.by(who)}
        self.rig.attempt(giving_back.ask_back, attempt.id, pence, "They asked.", **why)

    def judge_refund(self, refund: Refund, who: str, *, agrees: bool) -> None:
        """Approve or reject what somebody asked for."""
        if agrees:
            self.rig.attempt(giving_back.approve, refund.id, **self.by(who))
        else:
            self.rig.attempt(giving_back.reject, refund.id, "Not this one.", **self.by(who))

    def make_good(self, refund: Refund, who: str) -> None:
        """Pay a backer whose refund came back, or ask anew for one that never left."""
        if refund.refund_ref:
            self.rig.attempt(giving_back.make_good, refund.id, "By bank transfer.", **self.by(who))
        else:
            self.rig.attempt(giving_back.ask_again, refund.id, limit_pence=REFUND_ALONE, **self.by(who))

    def dispute(self, attempt: ChargeAttempt) -> None:
        """Have a card's holder dispute a payment."""
        self.at_provider(self.rig.stripe.open_dispute, attempt.charge_ref)

    def open_disputes(self) -> list[str]:
        """Return the disputes that the bank has not decided yet."""
        with self.rig.stripe.work() as context:
            found = context.store.select("dispute", oldest_first=True)
        return [dispute["id"] for dispute in found if dispute["status"] in WAITING | ASKING]

    def judge_dispute(self, dispute_ref: str, *, won: bool) -> None:
        """Have the bank decide a dispute."""
        self.at_provider(self.rig.stripe.resolve_dispute, dispute_ref, won=won)

    def bounce_refund(self, refund: Refund) -> None:
        """Have the card's bank send a refund back, which it does once at most."""
        with self.rig.stripe.work() as context:
            found = context.store.find("refund", refund.refund_ref or "")
        if found is not None and found["status"] == "succeeded":
            self.at_provider(self.rig.stripe.fail_refund, found["id"])

    # Payouts

    def payouts(self, *states: PayoutState) -> list[Payout]:
        """Return payouts as they are now."""
        db.session.expire_all()
        return list(db.session.scalars(select(Payout).where(Payout.state.in_(states)).order_by(Payout.id)))

    def give_details(self, project: Project) -> None:
        """Have the group's owner give bank details, where there are none yet."""
        if find_details(db.session(), f"group:{project.group_id}") is None:
            owner = self.as_owner(project)
            self.rig.attempt(give_for_group, project.group_id, account(), secret=SANDBOX_SECRET, **owner)

    def call_back(self, project: Project) -> None:
        """Have an officer ring the group about its details."""
        details = find_details(db.session(), f"group:{project.group_id}")
        if details is not None:
            who: dict[str, Any] = {"group_id": project.group_id, **self.by("ben")}
            self.rig.attempt(record_call_back, details.id, "Rang Ann.", **who)

    def prepare(self, project: Project, pence: int, who: str) -> None:
        """Prepare a payout."""
        self.rig.attempt(prepare_payout, f"project:{project.id}", pence, **self.sealed(who))

    def judge_payout(self, payout: Payout, who: str, *, agrees: bool) -> None:
        """Approve or stop a payout."""
        if agrees:
            self.rig.attempt(approve_payout, payout.id, **self.sealed(who))
        else:
            self.rig.attempt(reject_payout, payout.id, "Not now.", **self.by(who))

    def send_file(self) -> None:
        """Make a payment file of what is approved."""
        self.rig.attempt(make_payment_file, **self.sealed("ben"))

    def answer(self, payout: Payout, *, paid: bool) -> None:
        """Take in what the bank says of a payout; the same again changes nothing."""
        lines = [AnswerLine(payout.reference, paid, f"FP{payout.id}", reason="Account closed.")]
        for _ in range(2):
            self.rig.attempt(take_answer, lines, **self.by("ben"))

    def sealed(self, who: str) -> dict[str, Any]:
        """Return who acts, with the service's secret."""
        return {"secret": SANDBOX_SECRET, **self.by(who)}

    # The end

    def decide_everything(self) -> None:
        """Have everybody decide what is theirs: by odd and even numbers, so that each way is taken."""
        for number in range(len(self.project_ids)):
            self._decide_project(self.project(number))
        for refund in self.refunds(RefundState.ASKED):
            asker = self.officers["ben"].id == refund.asked_by_id
            who = "cat" if asker else "ben"
            self.judge_refund(refund, who, agrees=refund.id % 3 != 0)
            self.judge_refund(refund, who, agrees=False)  # what cannot be approved any more
        for refund in self.refunds(RefundState.FAILED):
            if refund.settled_at is None:
                self.make_good(refund, "ben")
        for number, ref in enumerate(self.open_disputes()):
            self.judge_dispute(ref, won=number % 2 == 0)
        for payout in self.payouts(PayoutState.PREPARED):
            who = "cat" if payout.prepared_by_id == self.officers["ben"].id else "ben"
            self.judge_payout(payout, who, agrees=False)
        self.send_file()
        for payout in self.payouts(PayoutState.SENT):
            self.answer(payout, paid=payout.id % 4 != 0)

    def _decide_project(self, project: Project) -> None:
        settlement = self.settlement(project)
        if project.state is ProjectState.PAUSED:
            self.move(project, ProjectState.LIVE)
        elif project.state is ProjectState.SHORTFALL:
            choices = list(ShortfallChoice)
            self.decide(project, choices[project.target_pence // 10_000 % len(choices)])
        elif project.state is ProjectState.RING_FENCED and project.id % 2:
            self.free(project, there=True)
        elif project.state is ProjectState.REFUNDING and settlement and settlement.top_up_pence:
            self.rig.attempt(return_top_up, project.id, "BACS 8", **self.by("ben"))
