"""Funds beside the crowd: how a season draws them, and what happens to their money while it goes on."""

from hypothesis import strategies as st

from crowdfund.matching.rules import OfferState
from crowdfund.pledges.rules import COUNTING
from tests.simulator.backing import PENCE, PICK, step
from tests.simulator.funders import KINDS, Plan
from tests.simulator.surroundings import Surroundings

# Small beside the targets, so that pots run dry; odd, so that pennies are left over.
POTS = st.sampled_from([60_000, 20_001, 90_001])
PLANS = st.lists(
    st.builds(
        Plan,
        kind=st.sampled_from(sorted(KINDS)),
        pot=POTS,
        offered=st.sampled_from([40_000, 20_001, 10_007]),
        pays_direct=st.booleans(),
        there=st.sampled_from([100, 100, 50, 0]),
        to_both=st.booleans(),
        accepted=st.sampled_from([True, True, True, False]),
    ),
    max_size=3,
)


class Funded(Surroundings):
    """What funders, and officers with their money, do meanwhile."""

    @step(pick=PICK, accepts=st.sampled_from([True, True, False]))
    def answer_offer(self, pick: int, accepts: bool) -> None:
        if (offer := self.one(self.season.offers(OfferState.OFFERED), pick)) is not None:
            (self.season.accept if accepts else self.season.turn_down)(offer)

    @step(pick=PICK, sure=st.integers(0, 2))
    def withdraw_offer(self, pick: int, sure: int) -> None:
        if not sure and (offer := self.one(self.season.offers(*OfferState), pick)) is not None:
            self.season.take_away(offer)

    @step(pick=PICK)
    def set_aside(self, pick: int) -> None:
        if self.season.approvers and (pledge := self.one(self.season.pledges(*COUNTING), pick)) is not None:
            self.season.judge_backer(pledge)

    @step(pick=PICK)
    def pay_match(self, pick: int) -> None:
        if (offer := self.one(self.season.offers(*OfferState), pick)) is not None:
            self.season.pay(offer)

    @step(pick=PICK, pence=PENCE)
    def funder_pays_in(self, pick: int, pence: int) -> None:
        if (line := self.one(self.season.lines(), pick)) is not None:
            self.season.receive(line.id, pence)

    @step(pick=PICK)
    def year_ends(self, pick: int) -> None:
        if (fund_id := self.one(sorted(self.season.approvers), pick)) is not None:
            self.season.end_year(fund_id)
