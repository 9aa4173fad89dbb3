"""A project with match that goes through its deadline: each pledge with a card of its own, charged by real steps."""

from dataclasses import dataclass
from typing import Any

from flask import Flask

from crowdfund.core.clock import FixedClock
from crowdfund.matching.models import MatchOffer
from crowdfund.pledges.models import Pledge
from crowdfund.projects.rules import ProjectState
from tests.support.crowds import Matched
from tests.support.settling import Settling, make_settling


@dataclass
class MatchedSettling:
    """A project with a target of £900, what funds offer it, and its settlement."""

    settling: Settling
    matched: Matched

    def back(self, *amounts: int) -> list[Pledge]:
        """Add active pledges, each with a card of its own."""
        made = [self.matched.back(pence) for pence in amounts]
        self.settling.pledges += made
        return made

    def offer(self, pence: int, **terms: Any) -> MatchOffer:
        """Have a fund offer this much, accepted by the group."""
        return self.matched.offer(pence, **terms)

    def collect(self, *lapsed: Pledge) -> ProjectState:
        """Judge the project, have these pledges lapse and every other one paid; return where that led."""
        self.settling.judge()
        ids = {pledge.id for pledge in lapsed}
        paid = [pledge for pledge in self.settling.pledges if pledge.id not in ids]
        self.settling.lapse(*lapsed)
        self.settling.pay(*paid)
        return self.settling.state()


def make_matched_settling(app: Flask, clock: FixedClock) -> MatchedSettling:
    """Return a live project without pledges and offers; call it inside an application context."""
    settling = make_settling(app, clock)
    return MatchedSettling(settling, Matched(clock, settling.project))
