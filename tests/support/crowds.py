"""Projects with match: funds with money, accepted offers, and backers with cards of their own."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds import pots
from crowdfund.funds.models import Fund
from crowdfund.funds.rules import Headroom, MatchKind
from crowdfund.ledger.postings import Posting
from crowdfund.matching.headroom import headroom_of_fund
from crowdfund.matching.models import MatchOffer
from crowdfund.pledges import actions
from crowdfund.pledges.matched import count_match
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from tests.support.factories import LIMITS, TESTER, make_project, save_card, start
from tests.support.funding import fill_fund, make_fund, make_funder, make_offer

_numbers = count(1)
# Up to £20 a backer and £3,000 a project, as long as the fund lasts.
PER_PLEDGE: dict[str, Any] = {
    "kind": MatchKind.PER_PLEDGE,
    "most_pence": 300_000,
    "percent": None,
    "per_backer_pence": 2_000,
}


class PotShort(Exception):
    """A fund has less left than was offered, so nothing was accepted."""


def card_of(number: int) -> str:
    """Return the hash of a card of its own."""
    return f"{number:064d}"


def back(project: Project, clock: FixedClock, pence: int = 2000, card: str = "", **changes: Any) -> Pledge:
    """Return an active pledge, with a card of its own unless one is named; `quoted` is what its page said."""
    quoted = changes.pop("quoted", 0)
    pledge = start(project, clock.now(), pence, **changes)
    activate(pledge, clock, card, quoted)
    return pledge


def activate(pledge: Pledge, clock: FixedClock, card: str = "", quoted: int = 0) -> None:
    """Save a card for a pledge that waits for one."""
    with unit_of_work() as session:
        session.get_one(Pledge, pledge.id).quoted_match_pence = quoted
        checkout = save_card(session, pledge, clock.now())
        checkout.card_hash = card or card_of(10_000 + next(_numbers))
        session.flush()
        actions.activate_pledge(session, pledge.id, checkout.id, actor=TESTER, now=clock.now())


@dataclass
class Matched:
    """A live project with a target of £900, or another one, and what funds offer it."""

    clock: FixedClock
    project: Project
    offers: list[MatchOffer] = field(default_factory=list)
    funds: list[Fund] = field(default_factory=list)

    def offer(self, pence: int, pot: int | None = None, fund: Fund | None = None, **terms: Any) -> MatchOffer:
        """Have a new fund with `pot` pence, or a given one, offer `pence`; the group accepted."""
        with unit_of_work() as session:
            chosen = fund or self.fund(session, pence if pot is None else pot, **terms)
            offer = accept(session, self.project, chosen, pence, self.clock)
        self.offers.append(offer)
        return offer

    def fund(self, session: Session, pot: int, **terms: Any) -> Fund:
        """Add a fund with `pot` pence that has offered nothing yet; inside a unit of work."""
        name = str(terms.pop("funder", f"Funder {next(_numbers)}"))
        funder = make_funder(session, name)
        fund = make_fund(session, funder, self.clock.now(), f"Fund of {name}", **terms)
        if pot:
            fill_fund(session, fund, pot, self.clock.now())
        self.funds.append(fund)
        return fund

    def back(self, pence: int = 2000, card: str = "", **changes: Any) -> Pledge:
        """Add an active pledge."""
        return back(self.project, self.clock, pence, card, **changes)

    def counted(self) -> list[int]:
        """Return what each offer comes to, in pence."""
        db.session.expire_all()
        return [db.session.get_one(MatchOffer, offer.id).counted_pence for offer in self.offers]

    def headroom(self, number: int = 0) -> Headroom:
        """Return how a fund's money stands."""
        db.session.expire_all()
        return headroom_of_fund(db.session(), self.funds[number].id).headroom

    def withdraw(self, pledge: Pledge) -> None:
        """Have a backer take their pledge back."""
        with unit_of_work() as session:
            actions.withdraw_pledge(session, pledge.id, actor=TESTER, now=self.clock.now())

    def change(self, pledge: Pledge, pence: int) -> None:
        """Have a backer change their pledge."""
        with unit_of_work() as session:
            words = f"I agree to {pence}."
            actions.change_amount(session, pledge.id, pence, words, LIMITS, actor=TESTER, now=self.clock.now())


def accept(session: Session, project: Project, fund: Fund, pence: int, clock: FixedClock) -> MatchOffer:
    """Add an accepted offer with its money set aside, as accepting it does."""
    offer = make_offer(session, project, fund, pence, clock.now())
    session.refresh(offer, ["terms"])
    if offer.terms.kind is not MatchKind.PER_PLEDGE:
        posting = Posting(session, f"test offer {offer.id}", TESTER, clock.now())
        if pots.reserve(posting, fund.id, offer.id, pence) < pence:
            raise PotShort
    count_match(session, project, f"test offer {offer.id}", actor=TESTER, now=clock.now())
    return offer


def make_matched(clock: FixedClock, **changes: Any) -> Matched:
    """Return a live project without an offer yet; call it inside an application context."""
    return Matched(clock, make_project(clock.now(), **changes))


def person_of(pledge: Pledge) -> Person:
    """Return who pledged."""
    db.session.expire_all()
    return db.session.get_one(Person, db.session.get_one(Pledge, pledge.id).person_id)
