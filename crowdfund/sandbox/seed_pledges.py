"""Demonstration pledges: every one set up, agreed to, its card saved at the local Stripe, and made to count."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from crowdfund.accounts.actions import find_or_create_person
from crowdfund.accounts.models import ConsentKind
from crowdfund.core.actor import SystemActor
from crowdfund.core.clock import real_now
from crowdfund.core.ids import public_id
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.checkouts import record_page, record_result
from crowdfund.payments.gateway import CheckoutPage, CheckoutRequest, CheckoutResult
from crowdfund.payments.stripe_gateway import StripeGateway
from crowdfund.places.queries import find_district
from crowdfund.places.rules import outcode, tidy_postcode
from crowdfund.pledges import actions
from crowdfund.pledges.actions import Agreed, BackerDetails
from crowdfund.pledges.queries import get_pledge
from crowdfund.pledges.rules import Audience, PledgeLimits
from crowdfund.pledges.wording import Words, consent_words
from crowdfund.sandbox.stripe import StandIn, made_up_card

SEEDER = SystemActor("seed")
STRIPE_FILE = "stripe.sqlite3"
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


@dataclass(frozen=True)
class _Started:
    pledge_id: int
    checkout_id: int
    reference: str
    at: datetime
    email: str
    wording: str


class CardDesk:
    """Saves made-up cards at the local Stripe, each with a number of its own, at the time of the pledge."""

    def __init__(self, stand_in: StandIn, gateway: StripeGateway, time: list[datetime]) -> None:
        self._stand_in, self._gateway, self._time, self._cards = stand_in, gateway, time, 0

    def save_card(self, started: _Started) -> tuple[CheckoutPage, CheckoutResult]:
        """Go through the hosted page as a payer would."""
        self._time[0] = started.at
        self._cards += 1
        request = CheckoutRequest(
            started.reference, started.email, started.wording, "http://127.0.0.1/", "http://127.0.0.1/"
        )
        page = self._gateway.open_checkout(request)
        self._stand_in.complete_checkout(page.session_ref, card=made_up_card(self._cards))
        return page, self._gateway.read_checkout(page.session_ref)


@contextmanager
def card_desk(state: Path, api_key: str) -> Iterator[CardDesk]:
    """Run the local Stripe on its own file while seeding, sending no webhooks."""
    time = [real_now()]
    stand_in = StandIn(state, None, "", api_key, lambda: time[0])
    try:
        yield CardDesk(stand_in, StripeGateway(api_key, stand_in.start(), ()), time)
    finally:
        stand_in.stop()


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
    pledge = actions.start_pledge(session, project_id, backing.amount_pence, public_id(), LIMITS, actor=SEEDER, now=at)
    actions.describe_backer(session, pledge.id, _details(session, backing), actor=SEEDER, now=at)
    person = find_or_create_person(session, backing.email, backing.name, actor=SEEDER, now=at)
    actions.claim_for_person(session, pledge.id, person.id, actor=SEEDER, now=at)
    wordings = consent_words(get_pledge(session, pledge.id), words)
    checkout = actions.agree_and_start_checkout(
        session, pledge.id, Agreed(backing.amount_pence, wordings), actor=SEEDER, now=at
    )
    wording = wordings[ConsentKind.CHARGE_LATER]
    return _Started(pledge.id, checkout.id, checkout.public_id, at, backing.email, wording)


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
