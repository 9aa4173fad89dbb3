"""What funders, their officers and a group that they offer money to do in a season."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crowdfund.accounts.models import OfficerPost, Person
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.budgets import open_line, receive_money
from crowdfund.funds.models import BudgetLine, Fund
from crowdfund.funds.rules import MatchKind, ShareBase
from crowdfund.groups.models import Member
from crowdfund.matching.carrying import carry_year
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.offering import Subsidy, accept_offer, turn_down, withdraw_offer
from crowdfund.matching.paying import pay_through_programme, record_direct
from crowdfund.matching.rules import OfferState
from crowdfund.pledges.matched import quote_match
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.setting_aside import is_set_aside, set_aside
from crowdfund.projects.models import Project
from tests.simulator.officers import Offices
from tests.support.funding import make_fund, make_funder, make_offer
from tests.support.offers import ByMember, ByOfficer
from tests.support.people import make_officer
from tests.support.running import declare

YEAR, NEXT = "2026/27", "2027/28"
# A pot is of two sources in proportions that no sum divides by, so pennies have to go somewhere.
SOURCES = (("Base budget", 7), ("Health grant", 4))
KINDS: dict[str, dict[str, Any]] = {
    "lump": {"percent": 50},
    "tested": {"percent": None, "pay_backers": 3, "joint_percent": 70},
    "per pledge": {"kind": MatchKind.PER_PLEDGE, "percent": None, "per_backer_pence": 5_000},
    "first pounds": {"kind": MatchKind.PER_PLEDGE, "percent": 30, "per_backer_pence": 12_345, "joint_percent": 40},
    "top-up": {"kind": MatchKind.TOP_UP, "percent": None, "crowd_percent": 20},
    "running cost": {"percent": 30, "base": ShareBase.COST},
}


@dataclass(frozen=True)
class Plan:
    """A fund as a season draws it. Pence; `there` is the percentage of the pot that lies in the programme's bank."""

    kind: str
    pot: int
    offered: int
    pays_direct: bool
    there: int
    to_both: bool
    accepted: bool


@dataclass
class Funding(Offices):
    """A season in which funds offer money to the projects."""

    approvers: dict[int, Person] = field(default_factory=dict)  # by fund
    payers: dict[int, Person] = field(default_factory=dict)

    def fund(self, plans: list[Plan]) -> None:
        """Add these funds with their offers; some of the people in front of the projects are tied to the money."""
        for plan in plans:
            fund_id = self._make_fund(plan)
            for project_id in self.project_ids[: 2 if plan.to_both else 1]:
                self._offer(project_id, fund_id, plan)
        if plans:
            member, officer = self.people[4], self.people[1]
            with unit_of_work() as session:
                group_id, funder_id = self.project(0).group_id, session.scalars(select(Fund.funder_id)).first()
                session.add(Member(group_id=group_id, person_id=member.id, role=MemberRole.OWNER))
                post = {"role": OfficerRole.FUNDER_VIEWER, "funder_id": funder_id, "given_at": self.rig.clock.now()}
                session.add(OfficerPost(person_id=officer.id, **post))

    def _make_fund(self, plan: Plan) -> int:
        now, number = self.rig.clock.now(), len(self.approvers) + 1
        with unit_of_work() as session:
            funder = make_funder(session, f"Funder {number}")
            terms = {"most_pence": plan.offered, "pays_direct": plan.pays_direct, **KINDS[plan.kind]}
            fund = make_fund(session, funder, now, f"Fund {number}", **terms)
            fund_id, funder_id = fund.id, funder.id
        for kept, role in ((self.approvers, OfficerRole.FUNDER_APPROVER), (self.payers, OfficerRole.FUNDER_FINANCE)):
            kept[fund_id] = make_officer(role, now, funder_id=funder_id, name=f"Odd Officer {number}")
            for project_id in self.project_ids:
                declare(kept[fund_id], db.session.get_one(Project, project_id), self.rig.clock, has_interest=False)
        whole = sum(parts for _, parts in SOURCES)
        for source, parts in SOURCES:
            pence = plan.pot * parts // whole
            line = self.rig.attempt(open_line, fund_id, source, YEAR, pence, **self.for_fund(fund_id))
            if plan.there:
                self.receive(line.id, pence * plan.there // 100)
        return fund_id

    def _offer(self, project_id: int, fund_id: int, plan: Plan) -> None:
        now, state = self.rig.clock.now(), OfferState.OFFERED
        with unit_of_work() as session:
            project, fund = session.get_one(Project, project_id), session.get_one(Fund, fund_id)
            offer = make_offer(session, project, fund, plan.offered, now, state)
            offer.accepted_by_id = offer.accepted_at = None
            offer.subsidy_words = ""
            offer_id = offer.id
        if plan.accepted:
            self.accept(db.session.get_one(MatchOffer, offer_id))

    def for_fund(self, fund_id: int, *, decides: bool = False) -> dict[str, Any]:
        """Return the officer of a fund who pays, or decides, as whoever acts."""
        role = OfficerRole.FUNDER_APPROVER if decides else OfficerRole.FUNDER_FINANCE
        person = (self.approvers if decides else self.payers)[fund_id]
        funder_id = db.session.get_one(Fund, fund_id).funder_id
        return {"actor": ByOfficer(person, role, funder_id), "now": self.rig.clock.now()}

    # The life of an offer

    def offers(self, *states: OfferState) -> list[MatchOffer]:
        """Return the offers in these states as they are now."""
        db.session.expire_all()
        found = select(MatchOffer).where(MatchOffer.state.in_(states)).options(joinedload(MatchOffer.fund))
        return list(db.session.scalars(found.order_by(MatchOffer.id)))

    def accept(self, offer: MatchOffer) -> None:
        """Have the group's owner accept an offer."""
        self.rig.attempt(accept_offer, offer.id, Subsidy(0), offer.version, **self._as_member(offer))

    def turn_down(self, offer: MatchOffer) -> None:
        """Have the group's owner turn an offer down."""
        self.rig.attempt(turn_down, offer.id, "", offer.version, **self._as_member(offer))

    def take_away(self, offer: MatchOffer) -> None:
        """Have the funder withdraw an offer."""
        who = self.for_fund(offer.fund_id, decides=True)
        self.rig.attempt(withdraw_offer, offer.id, "The budget was cut.", offer.version, **who)

    def pay(self, offer: MatchOffer) -> None:
        """Pay what is due of an offer in whichever way its funder pays."""
        who = self.for_fund(offer.fund_id)
        self.rig.attempt(pay_through_programme, offer.id, **who)
        self.rig.attempt(record_direct, offer.id, "BACS 9", **who)

    def receive(self, line_id: int, pence: int) -> None:
        """Post that money of a budget line arrived; each time under a reference of its own."""
        fund_id = db.session.get_one(BudgetLine, line_id).fund_id
        turn = self.rig.clock.now().isoformat()
        self.rig.attempt(receive_money, line_id, pence, f"{turn} {pence}", **self.for_fund(fund_id))

    def lines(self) -> list[BudgetLine]:
        """Return every budget line."""
        db.session.expire_all()
        return list(db.session.scalars(select(BudgetLine).order_by(BudgetLine.id)))

    def end_year(self, fund_id: int) -> None:
        """Carry what a fund has left of the year into the next one, where it is time for that."""
        self.rig.attempt(carry_year, fund_id, YEAR, "The work goes on.", "Delegated", **self.for_fund(fund_id))

    # Backers

    def pledge(self, number: int, who: int, pence: int, seen: str) -> Pledge | None:
        """Have somebody agree to a pledge and to what the page says that funds add to it."""
        pledge = super().pledge(number, who, pence, seen)
        if pledge is not None and self.approvers:
            with unit_of_work() as session:
                kept = session.get_one(Pledge, pledge.id)
                (quoted,) = quote_match(session, session.get_one(Project, kept.project_id), [pence], kept)
                kept.quoted_match_pence = sum(one.pence for one in quoted)
        return pledge

    def judge_backer(self, pledge: Pledge) -> None:
        """Have an officer set a pledge aside, or take that back."""
        was = is_set_aside(db.session(), pledge.id)
        self.rig.attempt(set_aside, pledge.id, "One card.", is_aside=not was, **self.by("checker"))

    # The end

    def decide_everything(self) -> None:
        """Have funders pay in and pay, too, and nobody leave an offer unanswered."""
        super().decide_everything()
        for offer in self.offers(OfferState.OFFERED):
            (self.accept if offer.id % 2 else self.turn_down)(offer)
        for offer in self.offers(OfferState.PAYABLE):
            if not db.session.get_one(Fund, offer.fund_id).pays_direct:
                for line in self.lines():
                    if line.fund_id == offer.fund_id:
                        self.receive(line.id, offer.confirmed_pence or 0)
            self.pay(offer)

    def _as_member(self, offer: MatchOffer) -> dict[str, Any]:
        return {"actor": ByMember(self.owners[offer.project_id]), "now": self.rig.clock.now()}
