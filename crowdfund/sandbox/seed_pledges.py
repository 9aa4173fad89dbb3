"""Demonstration pledges: every one set up, agreed to, its card saved at the local Stripe, and made to count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from crowdfund.accounts.actions import find_or_create_person
from crowdfund.core.actor import SystemActor
from crowdfund.core.clock import real_now
from crowdfund.core.ids import public_id
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.checkouts import record_page, record_result
from crowdfund.payments.gateway import CheckoutPage, CheckoutResult, CheckoutStatus, SavedCard
from crowdfund.payments.stripe_gateway import REFERENCE
from crowdfund.places.queries import find_district
from crowdfund.places.rules import outcode, tidy_postcode
from crowdfund.pledges import actions, setting_up
from crowdfund.pledges.queries import get_pledge
from crowdfund.pledges.rules import Audience, PledgeLimits
from crowdfund.pledges.setting_up import Agreed, BackerDetails
from crowdfund.pledges.wording import Words, consent_words
from crowdfund.sandbox.stripe import StandIn, made_up_card

SEEDER = SystemActor("seed")
STRIPE_FILE = "stripe.sqlite3"
API_KEY = "sk_test_seeding"
_DECLINING = "4000000000000341"  # saved, then declined whenever it is charged
LIMITS = PledgeLimits(200, 1_000_000)


@dataclass(frozen=True)
class Backing:
    """One demonstration backer at one moment. Pence, UTC."""

    at: datetime
    name: str
    email: str
    amount_pence: int
    name_audience: Audience
    amount_audience: Audience
    message: str
    postcode: str | None
    shares_card: str = ""  # backers with the same word here pay with one card
    card_declines: bool = False  # whenever it is charged


@dataclass(frozen=True)
class _Started:
    pledge_id: int
    checkout_id: int
    reference: str
    at: datetime
    email: str
    shares_card: str
    card_declines: bool


class CardDesk:
    """Saves made-up cards at the local Stripe, each with a number of its own, at the time of the pledge.

    It goes straight to the stand-in, without HTTP: a crowd of thousands is there in seconds.
    """

    def __init__(self, state: Path) -> None:
        self._time, self._cards = real_now(), 0
        self._shared: dict[str, int] = {}
        self._stand_in = StandIn(state, None, "", API_KEY, lambda: self._time)

    def save_card(self, started: _Started) -> tuple[CheckoutPage, CheckoutResult]:
        """Save the next card for a pledge, as its backer would have on the hosted page."""
        self._time = started.at
        self._cards += 1
        number = self._shared.setdefault(started.shares_card, self._cards) if started.shares_card else self._cards
        ours = {REFERENCE: started.reference}
        session, method = self._stand_in.save_card(
            started.email, ours, _DECLINING if started.card_declines else made_up_card(number)
        )
        card = method["card"]
        saved = SavedCard(
            session["customer"],
            method["id"],
            card["brand"],
            card["last4"],
            card["exp_month"],
            card["exp_year"],
            card["fingerprint"],
        )
        page = CheckoutPage(session["id"], session["url"], datetime.fromtimestamp(session["expires_at"], UTC))
        return page, CheckoutResult(started.reference, CheckoutStatus.COMPLETE, saved, live=False)

    def serve(self) -> str:
        """Serve the stand-in on loopback until it is closed; return its address."""
        return self._stand_in.start()

    def set_time(self, moment: datetime) -> None:
        """Have the stand-in believe that it is `moment` (UTC)."""
        self._time = moment

    def close(self) -> None:
        """Close the stand-in's file."""
        self._stand_in.stop()


def pledge_all(project_id: int, backings: Iterable[Backing], desk: CardDesk, secret: str, words: Words) -> int:
    """Make a project's demonstration pledges in the order of their times; return how many."""
    ordered = sorted(backings, key=lambda backing: backing.at)
    with unit_of_work() as session:
        started = [_start(session, project_id, backing, words) for backing in ordered]
    saved = [(item, *desk.save_card(item)) for item in started]
    with unit_of_work() as session:
        for item, page, result in saved:
            record_page(session, item.checkout_id, page)
            record_result(session, item.checkout_id, result, secret, item.at)
            actions.activate_pledge(session, item.pledge_id, item.checkout_id, actor=SEEDER, now=item.at)
    return len(saved)


def _start(session: Session, project_id: int, backing: Backing, words: Words) -> _Started:
    at = backing.at
    pledge = setting_up.start_pledge(
        session, project_id, backing.amount_pence, public_id(), LIMITS, actor=SEEDER, now=at
    )
    setting_up.describe_backer(session, pledge.id, _details(session, backing), actor=SEEDER, now=at)
    person = find_or_create_person(session, backing.email, backing.name, actor=SEEDER, now=at)
    setting_up.claim_for_person(session, pledge.id, person.id, actor=SEEDER, now=at)
    wordings = consent_words(get_pledge(session, pledge.id), words)
    checkout = setting_up.agree_and_start_checkout(
        session, pledge.id, Agreed(backing.amount_pence, wordings), actor=SEEDER, now=at
    )
    return _Started(
        pledge.id, checkout.id, checkout.public_id, at, backing.email, backing.shares_card, backing.card_declines
    )


def _details(session: Session, backing: Backing) -> BackerDetails:
    postcode = tidy_postcode(backing.postcode) if backing.postcode else None
    district = find_district(session, postcode) if postcode else None
    return BackerDetails(
        name=backing.name,
        email=backing.email,
        name_audience=backing.name_audience,
        amount_audience=backing.amount_audience,
        message=backing.message,
        outcode=outcode(postcode) if postcode else None,
        district_code=district.code if district else None,
    )
