"""A pledge on its way through the real library and the stand-in, without pages."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.payments.checkouts import Checkouts
from crowdfund.payments.gateway import CheckoutRequest
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from crowdfund.sandbox.stripe import StandIn
from crowdfund.wiring import worker_of
from tests.support.factories import start


def request_for(checkout: CardCheckout, wording: str = "I agree.") -> CheckoutRequest:
    """Return what the check page asks the provider for."""
    address = "http://localhost/pledges/x"
    return CheckoutRequest(checkout.public_id, "rosa@example.org", wording, address, address)


@dataclass
class Desk:
    """Opens checkouts, saves cards, and lets the worker work; inside an app context."""

    app: Flask
    stripe: StandIn
    project: Project

    @property
    def checkouts(self) -> Checkouts:
        """The application's own."""
        found = self.app.extensions["checkouts"]
        assert isinstance(found, Checkouts)
        return found

    def start(self, pence: int = 2500) -> Pledge:
        """Return an agreed pledge whose checkout row is written and nothing more."""
        return start(self.project, clock.now(), pence)

    def checkout(self, pledge: Pledge) -> CardCheckout:
        """Return the newest checkout of a pledge as it is now."""
        db.session.expire_all()
        rows = select(CardCheckout).where(CardCheckout.subject == pledge.subject).order_by(CardCheckout.id.desc())
        return db.session.scalars(rows).first()

    def open(self, pledge: Pledge) -> str:
        """Ask for the card page; return its address."""
        checkout = self.checkout(pledge)
        return self.checkouts.open_page(checkout.id, request_for(checkout))

    def save(self, pledge: Pledge, card: str = "4242424242424242") -> None:
        """Type the card on the provider's page."""
        self.stripe.complete_checkout(self.checkout(pledge).session_ref or "", card=card)

    def sync(self, pledge: Pledge) -> None:
        """Look at the provider, as the return page does."""
        self.checkouts.sync(self.checkout(pledge).id, clock.now())

    def reread(self, pledge: Pledge) -> Pledge:
        """Return the pledge as it is now."""
        db.session.expire_all()
        return db.session.get_one(Pledge, pledge.id)

    def work(self, at: datetime | None = None) -> int:
        """Queue what comes round, carry out what is due; return how many jobs ran."""
        worker = worker_of(self.app)
        worker.queue_periodic(at or clock.now())
        return worker.drain()

    def pages(self, pledge: Pledge) -> int:
        """Return how many card pages the provider ever made for the newest checkout."""
        ours = self.checkout(pledge).public_id
        with self.stripe.work() as context:
            made = context.store.select("checkout.session")
        return sum(session["metadata"].get("crowdfund_reference") == ours for session in made)

    def card_is_kept(self, pledge: Pledge) -> bool:
        """Say whether the provider still keeps the pledge's card for us."""
        with self.stripe.work() as context:
            method = context.store.find("payment_method", self.checkout(pledge).payment_method_ref or "")
        return bool(method and method["customer"])
