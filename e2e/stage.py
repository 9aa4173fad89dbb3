"""The served application and what its database holds: nothing, or the town. Built once, shared by tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask

from crowdfund.core.config import SANDBOX_SECRET, Settings
from crowdfund.core.db import db
from crowdfund.sandbox.stripe import StandIn
from e2e.town import Town, build_town
from tests.support.database import Database
from tests.support.live_server import serve
from tests.support.stand_in import API_KEY, WEBHOOK_SECRET, Post, stand_in, start_anew


@dataclass
class Stage:
    """Where tests play: empty for a journey, the town for looking around."""

    address: str
    app: Flask
    stripe: StandIn
    database: Database
    town: Town | None = None

    def clear(self) -> Flask:
        """Empty the database for a test of its own, and the provider beside it."""
        start_anew(self.stripe)
        with self.app.app_context():
            self.database.reset(db.engine)
        self.town = None
        return self.app

    def build(self) -> Town:
        """Return the town, which stands until a test wants the stage empty."""
        if self.town is None:
            self.clear()
            self.town = build_town(self.app)
        return self.town

    def cookie(self, token: str) -> Any:
        """Return the cookie that makes a browser the holder of a session."""
        return {"name": "visit", "value": token, "url": self.address, "httpOnly": True, "sameSite": "Lax"}


@contextmanager
def open_stage(database: Database) -> Iterator[Stage]:
    """Serve the application beside the stand-in for Stripe."""
    from crowdfund.app import create_app

    apps: list[Flask] = []
    post = Post()
    with stand_in(post) as (stripe, provider):

        def build(address: str) -> Flask:
            settings = Settings(
                sandbox=True,
                secret_key=SANDBOX_SECRET,
                database_url=database.url,
                public_url=address,
                page_cache_ms=0,
                stripe_api_key=API_KEY,
                stripe_api_base=provider,
                checkout_origin=provider,
                stripe_webhook_secrets=WEBHOOK_SECRET,
            )
            apps.append(create_app(settings))
            return apps[0]

        with serve(build) as address:
            post.into = apps[0]
            yield Stage(address, apps[0], stripe, database)
    with apps[0].app_context():
        db.engine.dispose()
