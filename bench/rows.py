"""The rows of made-up projects with crowds of very different sizes, in ledger, pledges and crowds alike."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
FAR = timedelta(days=365 * 20)
LINES = (("cost", "Timber", 200_000), ("cost", "Tools", 100_000), ("money_use", "a plank", 1_000))


def people(count: int) -> Iterator[dict[str, Any]]:
    """Yield so many people with a verified address."""
    for n in range(1, count + 1):
        yield {
            "id": n,
            "public_id": f"p{n:025d}",
            "email": f"p{n}@example.com",
            "name": f"Person {n}",
            "created_at": NOW,
        }


def groups() -> Iterator[dict[str, Any]]:
    """Yield a hundred groups."""
    for n in range(1, 101):
        yield {
            "id": n,
            "public_id": f"g{n:025d}",
            "slug": f"group-{n}",
            "name": f"Group {n}",
            "legal_form": "association",
            "about": "We meet on Tuesdays.",
            "town": "Ashford",
            "district_code": "E07000105",
            "contact_email": "group@example.org",
            "created_at": NOW,
        }


def accounts(crowds: list[int]) -> Iterator[dict[str, Any]]:
    """Yield both promise accounts of every project with their balances in pence."""
    common = {"book": "promise", "source": "", "year": "", "lock_rank": 0}
    for index, crowd in enumerate(crowds):
        total = sum(_amount(k) for k in range(crowd))
        for side, (kind, balance, floor) in enumerate((("backers", -total, None), ("pledged", total, 0))):
            row = {"id": 2 * index + side + 1, "kind": kind, "subject_id": index + 1}
            yield common | row | {"balance_pence": balance, "floor_pence": floor}


def projects(count: int) -> Iterator[dict[str, Any]]:
    """Yield so many live projects, the first launched last."""
    draw = random.Random(1)
    for n in range(1, count + 1):
        launched = NOW - timedelta(minutes=n)
        yield {
            "id": n,
            "public_id": f"j{n:025d}",
            "slug": f"project-{n}",
            "group_id": n % 100 + 1,
            "state": "live",
            "title": f"A bench for street number {n}",
            "aim": "A bench where people can rest on the way to the shops.",
            "story": "## What we want to do\n\n" + "We put up a bench and look after it. " * 40,
            "theme": draw.choice(("community_spaces", "arts_heritage", "sport_play")),
            "place": "Ashford",
            "district_code": f"E070001{draw.randrange(5, 17):02d}",
            "picture": "images/scenes/allotment.svg",
            "picture_alt": "An allotment",
            "target_pence": 300_000,
            "stretch_use": "",
            "if_too_little": "Nobody is charged.",
            "if_too_much": "We plant a tree.",
            "risks": "Rain.",
            "permissions": "The parish agreed.",
            "campaign_days": 42,
            "backers_account_id": 2 * n - 1,
            "pledged_account_id": 2 * n,
            "created_at": launched,
            "checked_at": launched,
            "launched_at": launched,
            "deadline": launched + FAR,
        }


def lines(count: int) -> Iterator[dict[str, Any]]:
    """Yield what each project's money is for."""
    flags = {"is_capital": False, "is_public": False, "is_confirmed": False}
    for n in range(1, count + 1):
        for position, (kind, label, pence) in enumerate(LINES):
            row = {"project_id": n, "kind": kind, "position": position, "label": label, "amount_pence": pence}
            yield {"id": n * len(LINES) + position} | row | flags


def _each(crowds: list[int]) -> Iterator[tuple[int, int, int]]:
    number = 0
    for index, crowd in enumerate(crowds):
        for k in range(crowd):
            number += 1
            yield number, index + 1, k


def crowd_sizes(crowds: list[int]) -> Iterator[dict[str, Any]]:
    """Yield how many people back each project."""
    for index, backers in enumerate(crowds):
        if backers:
            yield {"project_id": index + 1, "backers": backers, "version": backers}


def checkouts(crowds: list[int]) -> Iterator[dict[str, Any]]:
    """Yield the saved card of every pledge."""
    for n, _, _ in _each(crowds):
        known = {"id": n, "public_id": f"c{n:025d}", "subject": f"pledge:{n}", "state": "complete"}
        yield known | {"payment_method_ref": f"pm_{n}", "created_at": NOW}


def pledges(crowds: list[int]) -> Iterator[dict[str, Any]]:
    """Yield every project's pledges, all of different people."""
    flags = {"message": "", "share_with_group": False, "wants_news": False, "changes": 0}
    shown = {"name_audience": "everyone", "amount_audience": "everyone", "state": "active", "created_at": NOW}
    for n, project, k in _each(crowds):
        ids = {"id": n, "public_id": f"l{n:025d}", "reference": f"P-{n:08d}", "start_token": f"t{n:025d}"}
        links = {"project_id": project, "person_id": k + 1, "checkout_id": n, "backer_name": f"Person {k + 1}"}
        money = {"amount_pence": _amount(k), "consented_pence": _amount(k), "active_at": NOW - timedelta(seconds=n)}
        yield ids | links | money | shown | flags


def entries(crowds: list[int]) -> Iterator[dict[str, Any]]:
    """Yield the ledger entry of every pledge."""
    for n, _, _ in _each(crowds):
        row = {"id": n, "book": "promise", "event": "pledge_made", "key": f"pledge:{n}:made"}
        yield row | {"actor": "system:bench", "at": NOW, "sealed": True}


def ledger_lines(crowds: list[int]) -> Iterator[dict[str, Any]]:
    """Yield both lines of every entry."""
    for n, project, k in _each(crowds):
        yield {"id": 2 * n - 1, "entry_id": n, "account_id": 2 * project - 1, "amount_pence": -_amount(k)}
        yield {"id": 2 * n, "entry_id": n, "account_id": 2 * project, "amount_pence": _amount(k)}


def _amount(k: int) -> int:
    return (500, 1000, 2500, 5000)[k % 4]
