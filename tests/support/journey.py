"""The resident's journey through the real pages, for tests that start somewhere along it."""

import re
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from crowdfund.core.db import db
from crowdfund.notifications.models import Mail
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from crowdfund.sandbox.stripe import StandIn
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient

YOU = {"name": "Rosa Field", "email": "rosa@example.org"}


@dataclass
class Journey:
    """One browser on its way to a pledge; every step answers the page it arrives at."""

    app: Flask
    client: HouseClient
    stripe: StandIn
    project: Project

    def amount(self, **typed: str) -> TestResponse:
        """Choose an amount and arrive at 'you'."""
        page = self.client.get(f"/projects/{self.project.slug}/pledge")
        return self._on(self.client.submit(page, button="Continue", **(typed or {"choice": "2500"})))

    def you(self, page: TestResponse, **typed: str) -> TestResponse:
        """Say who one is and arrive at 'code'."""
        return self._on(self.client.submit(page, button="Continue", **(YOU | typed)))

    def code(self, page: TestResponse, code: str | None = None) -> TestResponse:
        """Type the code from the mail and arrive at 'check'."""
        return self._on(self.client.submit(page, page.request.path, code=code or self.newest_code()))

    def check(self, page: TestResponse) -> str:
        """Agree and answer the session id of the hosted page that one is sent to."""
        reply = self.client.submit(page)
        assert reply.status_code == 303
        assert reply.location.startswith(self.app.config["CHECKOUT_ORIGIN"])
        return self.newest_checkout().session_ref or ""

    def to_card_page(self, **you: str) -> str:
        """Go all the way to the card page; answers its session id."""
        return self.check(self.code(self.you(self.amount(), **you)))

    def pledge(self, card: str = "4242424242424242", **you: str) -> TestResponse:
        """Go all the way, save a card and come back; answers the page one arrives at."""
        self.stripe.complete_checkout(self.to_card_page(**you), card=card)
        return self.come_back()

    def come_back(self) -> TestResponse:
        """Come back from the card page."""
        return self._on(self.client.get(f"/pledges/{self.newest_pledge().public_id}/return"))

    def work(self) -> None:
        """Let the worker carry out what is due."""
        with self.app.app_context():
            worker_of(self.app).drain()
            db.session.remove()

    def newest_code(self) -> str:
        """Return the code in the newest mail."""
        self.work()
        with self.app.app_context():
            subject = db.session.scalars(
                select(Mail.subject).where(Mail.template == "pledge_code").order_by(Mail.id.desc())
            ).first()
        found = re.search(r"\d{6}", subject or "")
        assert found, "no mail with a code"
        return found[0]

    def newest_pledge(self) -> Pledge:
        """Return the newest pledge."""
        with self.app.app_context():
            return db.session.scalars(select(Pledge).order_by(Pledge.id.desc())).first()

    def newest_checkout(self) -> CardCheckout:
        """Return the newest checkout."""
        with self.app.app_context():
            return db.session.scalars(select(CardCheckout).order_by(CardCheckout.id.desc())).first()

    def card_is_kept(self) -> bool:
        """Say whether the provider still keeps the newest pledge's card."""
        self.work()
        with self.stripe.work() as context:
            method = context.store.find("payment_method", self.newest_checkout().payment_method_ref or "")
        return bool(method and method["customer"])

    def mails(self, template: str) -> list[Mail]:
        """Return the mails of a template that were sent."""
        self.work()
        with self.app.app_context():
            return list(db.session.scalars(select(Mail).where(Mail.template == template).order_by(Mail.id)))

    def _on(self, reply: TestResponse) -> TestResponse:
        while reply.status_code in {302, 303}:
            reply = self.client.follow(reply)
        return reply
