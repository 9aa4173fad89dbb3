"""The officers' desk under load: submitted projects with their checks, and an officer's session."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, MetaData

from bench.data import NOW, Writer
from bench.server import PRODUCTION
from crowdfund.core import ids
from crowdfund.core.clock import real_now
from tests.support.tampering import without_triggers

SUBMITTED = 300
FIRST = 900_000  # ids far from those that the database gives
TOKEN = "an-officer-of-the-benchmark"


def fill_desk(engine: Engine) -> None:
    """Add submitted projects, a third of them assigned, and an officer who is signed in with a second factor."""
    tables = MetaData()
    tables.reflect(engine)
    real = real_now()
    with without_triggers(engine) as connection:
        writer = Writer(connection, tables)
        writer.add("project", _projects())
        writer.add("project_check", _checks())
        post = {"id": FIRST, "person_id": 1, "role": "programme_checker", "given_at": NOW}
        writer.add("officer_post", [post])
        hashed = ids.keyed_hash(PRODUCTION["CROWDFUND_SECRET_KEY"], "session", TOKEN)
        times = {"created_at": real, "expires_at": real + timedelta(days=1), "strong_at": real}
        writer.add("browser_session", [{"id": FIRST, "token_hash": hashed, "person_id": 1} | times])
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def _projects() -> Iterator[dict[str, Any]]:
    words = ("aim", "story", "if_too_little", "if_too_much", "risks", "permissions")
    for n in range(SUBMITTED):
        submitted = NOW - timedelta(hours=n)
        yield {
            "id": FIRST + n,
            "public_id": f"s{n:025d}",
            "slug": f"submitted-{n}",
            "reference": f"CK-{n:09d}",
            "group_id": n % 100 + 1,
            "state": "changes_requested" if n % 5 == 0 else "submitted",
            "title": f"A garden for street number {n}",
            **dict.fromkeys(words, "We say something here."),
            "stretch_use": "",
            "theme": "environment_nature",
            "place": "Ashford",
            "district_code": "E07000105",
            "picture": "images/scenes/allotment.svg",
            "picture_alt": "An allotment",
            "target_pence": 300_000 + n,
            "campaign_days": 42,
            "created_at": submitted,
            "submitted_at": submitted,
        }


def _checks() -> Iterator[dict[str, Any]]:
    for n in range(SUBMITTED):
        due = NOW + timedelta(days=14, hours=-n)
        row = {"project_id": FIRST + n, "officer_id": 1 if n % 3 == 0 else None, "due_at": due}
        yield row | {"version": 0, "changed_at": NOW}
