"""The season that is rehearsed: what goes well, what goes wrong, and what people decide about it."""

from dataclasses import dataclass, field
from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from crowdfund.accounts.current import BrowserActor
from crowdfund.core import clock
from crowdfund.core.clock import LONDON
from crowdfund.core.db import db
from crowdfund.core.money import pounds
from crowdfund.payments.charging import Charges
from crowdfund.payments.gateway import PaymentPageRequest
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.rules import AttemptState, RefundState
from crowdfund.payouts.actions import approve_payout, prepare_payout
from crowdfund.payouts.answers import take_answer
from crowdfund.payouts.bank_answer import AnswerLine
from crowdfund.payouts.details import Account, record_call_back
from crowdfund.payouts.files import make_payment_file
from crowdfund.payouts.models import Payout
from crowdfund.payouts.rules import HOLD
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from crowdfund.projects.rules import WORDS
from crowdfund.sandbox.rehearsal import cast
from crowdfund.sandbox.rehearsal.cast import Officers
from crowdfund.sandbox.rehearsal.funders import ask_funds, pay_direct
from crowdfund.sandbox.rehearsal.stage import Stage
from crowdfund.sandbox.stripe import made_up_card
from crowdfund.settlement import giving_back
from crowdfund.settlement.bank_details import give_for_group
from crowdfund.settlement.deciding import PaidIn, decide_shortfall
from crowdfund.settlement.fixing import start_fix
from crowdfund.settlement.ring_fence import free_money, hold_money
from crowdfund.settlement.rules import ShortfallChoice

SEATS, KILN, PAINT, SHED, BULBS, CHOIR = (
    "Seats in the churchyard", "A kiln for the hall", "Paint for the pavilion", "A boat shed", "Bulbs for the green",
    "A choir for the square",
)  # fmt: skip


@dataclass
class Play:
    """One season; inside an app context."""

    stage: Stage
    officers: Officers
    projects: dict[str, Project] = field(default_factory=dict)
    owners: dict[str, BrowserActor] = field(default_factory=dict)
    pledges: dict[str, list[Pledge]] = field(default_factory=dict)

    def play(self) -> None:
        """Play it from the first pledge to the last penny."""
        self.open()
        deadline = max(project.deadline for project in self.projects.values() if project.deadline)
        self.stage.travel(deadline + timedelta(hours=1))
        self.tell_states("The deadlines have passed")
        self.fix_cards()
        self.stage.travel(deadline + timedelta(days=8))
        self.tell_states("Cards that were declined had a week")
        self.decide()
        self.pay_out()
        self.bank_disputes()
        self.give_back()
        self.stage.tell(f"{pounds(pay_direct())} of match is paid to a group by its funder.")
        self.stage.travel(clock.now() + timedelta(days=40))
        self.tell_states("The season is over")

    def open(self) -> None:
        """Open six projects and let residents pledge; funds stand behind two of them."""
        self._open(SEATS, 60_000, (15_000, cast.GOOD), (15_000, cast.GOOD), (15_000, cast.GOOD), (15_000, cast.GOOD))
        self._open(KILN, 50_000, (30_000, cast.GOOD), (12_000, cast.GOOD), (8_000, cast.DECLINED),
                   (2_000, cast.NO_FUNDS), (3_000, cast.DISPUTED))  # fmt: skip
        self._open(PAINT, 40_000, (15_000, cast.GOOD), (15_000, cast.BOUNCING), (10_000, cast.DECLINED))
        self._open(SHED, 90_000, (10_000, cast.GOOD), (2_500, cast.GOOD))
        self._open(BULBS, 20_000, (15_000, cast.GOOD), (5_000, cast.NO_FUNDS))
        # A card counts once for match, so each of these backers has one of their own.
        self._open(CHOIR, 60_000, *((11_000, made_up_card(number)) for number in range(1, 5)))
        projects = {title: (project.id, self.owners[title]) for title, project in self.projects.items()}
        given = ask_funds(self.stage, projects, CHOIR, SHED)
        self.stage.tell(f"Three funds offer {pounds(given)} for “{CHOIR}” and “{SHED}”, and the groups accept.")

    def _open(self, title: str, target_pence: int, *backings: tuple[int, str]) -> None:
        self.projects[title], self.owners[title] = cast.launch(self.stage, self.officers, title, target_pence)
        self.pledges[title] = [cast.back(self.stage, self.projects[title], pence, card) for pence, card in backings]
        total = sum(pence for pence, _ in backings)
        self.stage.tell(f"{len(backings)} residents pledge {pounds(total)} of {pounds(target_pence)}.")

    def fix_cards(self) -> None:
        """Let one backer whose card was declined pay with another card, on the day after."""
        self.stage.travel(clock.now() + timedelta(days=1))
        pledge = self.pledges[KILN][2]
        attempt: ChargeAttempt = self.stage.do(start_fix, pledge.id, actor=cast.DIRECTOR)
        charges = current_app.extensions["charges"]
        assert isinstance(charges, Charges)
        assert attempt.expires_at is not None
        attempt_id, pence = attempt.id, attempt.amount_pence
        request = PaymentPageRequest(
            reference=attempt.public_id,
            amount_pence=pence,
            email="backer@example.org",
            title=KILN,
            wording="You pay what you pledged.",
            return_url="http://localhost/",
            cancel_url="http://localhost/",
            expires_at=attempt.expires_at,
        )
        charges.open_page(attempt_id, request, clock.now())
        opened = select(ChargeAttempt.session_ref).where(ChargeAttempt.id == attempt_id)
        self.stage.stand_in.complete_checkout(str(db.session.scalars(opened).one()), cast.GOOD)
        self.stage.work()
        self.stage.tell(f"A backer of “{KILN}” pays {pounds(pence)} with another card.")

    def decide(self) -> None:
        """Decide the two shortfalls: one is topped up, the other is refunded; one project waits for a permission."""
        paid_in = PaidIn("Ashford Borough Council", "BACS 4471")
        for title, choice in ((BULBS, ShortfallChoice.TOP_UP), (PAINT, ShortfallChoice.REFUND_ALL)):
            why = "What is missing was found." if choice is ShortfallChoice.TOP_UP else "It cannot be done for less."
            decided = {"paid_in": paid_in, "actor": self.officers.approver}
            self.stage.do(decide_shortfall, self.projects[title].id, choice, why, **decided)
            self.stage.tell(f"“{title}” fell short: {choice.value.replace('_', ' ')}.")
        waits = (self.projects[BULBS].id, "The county’s leave to plant")
        review = (clock.now() + timedelta(days=21)).astimezone(LONDON).date()
        self.stage.do(hold_money, *waits, review, "The verge is the county’s.", actor=self.officers.approver)
        self.stage.travel(clock.now() + timedelta(days=3))
        self.stage.do(free_money, waits[0], "The letter is here.", actor=self.officers.approver)
        self.stage.tell(f"“{BULBS}” waited for a permission and has it.")

    def pay_out(self) -> None:
        """Pay what is held for the first project to its group, under two people’s eyes."""
        project, secret = self.projects[SEATS], str(current_app.config["SECRET_KEY"])
        given = Account("Friends of the churchyard", "200415", "38290008", is_personal=False)
        details = self.stage.do(give_for_group, project.group_id, given, secret=secret, actor=self.owners[SEATS])
        self.stage.travel(clock.now() + HOLD)
        rung = {"group_id": project.group_id, "actor": self.officers.ben}
        self.stage.do(record_call_back, details.id, "Rang Ann, who confirmed it.", **rung)
        ben = {"secret": secret, "actor": self.officers.ben}
        payout: Payout = self.stage.do(prepare_payout, f"project:{project.id}", 60_000, **ben)
        self.stage.do(approve_payout, payout.id, secret=secret, actor=self.officers.cat)
        self.stage.do(make_payment_file, **ben)
        paid = [AnswerLine(payout.reference, is_paid=True, bank_reference="FP 1")]
        self.stage.do(take_answer, paid, actor=self.officers.ben)
        self.stage.tell(f"{pounds(60_000)} is paid to the group of “{SEATS}”.")

    def bank_disputes(self) -> None:
        """One payment is disputed after it was paid out, and lost; one that was disputed at once is won."""
        late = self._paid(self.pledges[SEATS][0])
        lost = self.stage.stand_in.open_dispute(str(late.charge_ref))
        self.stage.work()
        self.stage.tell(f"A payment of {pounds(late.amount_pence)} is disputed after it was paid out.")
        self.stage.travel(clock.now() + timedelta(days=5))
        self.stage.stand_in.resolve_dispute(lost["id"], won=False)
        won = db.session.scalars(select(Dispute.dispute_ref).where(Dispute.dispute_ref != lost["id"])).one()
        self.stage.stand_in.resolve_dispute(won, won=True)
        self.stage.work()
        self.stage.tell("The bank decides: one dispute is lost and is the programme’s exposure, one is won.")

    def give_back(self) -> None:
        """Refund one payment, agreed by two people, and make good one whose card sent the money back."""
        paid = self._paid(self.pledges[KILN][1])
        asked = {"limit_pence": current_app.config["REFUND_ALONE_PENCE"], "actor": self.officers.ben}
        refund: Refund = self.stage.do(giving_back.ask_back, paid.id, paid.amount_pence, "Paid by mistake.", **asked)
        if refund.state is RefundState.ASKED:
            self.stage.do(giving_back.approve, refund.id, actor=self.officers.cat)
        self.stage.work()
        self.stage.tell(f"{pounds(paid.amount_pence)} is given back to a backer of “{KILN}”.")
        failed = select(Refund).where(Refund.state == RefundState.FAILED, Refund.settled_at.is_(None))
        for row in db.session.scalars(failed).all():
            self.stage.do(giving_back.make_good, row.id, "By bank transfer.", actor=self.officers.ben)
            self.stage.tell(f"A refund of {pounds(row.amount_pence)} came back and is paid by bank transfer.")

    def tell_states(self, words: str) -> None:
        """Say where every project is."""
        db.session.expire_all()
        self.stage.tell(f"{words}:")
        for project in db.session.scalars(select(Project).order_by(Project.id)):
            self.stage.say(f"    {project.title}: {WORDS[project.state]}")

    def _paid(self, pledge: Pledge) -> ChargeAttempt:
        db.session.expire_all()
        paid = ChargeAttempt.subject == f"pledge:{pledge.id}", ChargeAttempt.state == AttemptState.SUCCEEDED
        return db.session.scalars(select(ChargeAttempt).where(*paid)).one()
