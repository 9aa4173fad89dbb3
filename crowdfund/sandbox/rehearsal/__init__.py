"""A rehearsal: a whole season on a database and a local Stripe of its own, and whether it adds up to the penny."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from crowdfund.core.config import Settings
from crowdfund.core.db import db
from crowdfund.projects.models import Project
from crowdfund.sandbox.rehearsal.cast import hire
from crowdfund.sandbox.rehearsal.figures import all_checks, as_json, sums_of
from crowdfund.sandbox.rehearsal.funders import fund_figures
from crowdfund.sandbox.rehearsal.play import Play
from crowdfund.sandbox.rehearsal.stage import set_up


def rehearse(
    settings: Settings,
    make_app: Callable[[Settings], Flask],
    out: Path | None,
    breaches: Callable[[], Iterable[str]],
    say: Callable[[str], None] = print,
) -> int:
    """Play a season in the sandbox's folder, write its figures as JSON and return 0 when they add up, else 1.

    `breaches` are the service's own checks. What was there of an earlier rehearsal is thrown away.
    """
    folder = Path(settings.instance) / "rehearsal"
    with set_up(settings, make_app, folder, say) as stage:
        Play(stage, hire(stage)).play()
        sums = [sums_of(project) for project in db.session.scalars(select(Project).order_by(Project.id))]
        found = as_json(sums, all_checks(sums, stage.stand_in), list(breaches()), fund_figures())
    return conclude(found, out or folder / "rehearsal.json", say)


def conclude(found: dict[str, Any], target: Path, say: Callable[[str], None]) -> int:
    """Write the figures as JSON, say what differs, and return 0 when they add up, else 1."""
    target.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _report(found, target, say)
    return 0 if found["adds_up"] else 1


def _report(found: dict[str, Any], target: Path, say: Callable[[str], None]) -> None:
    for check in found["checks"]:
        if not check["same"]:
            say(f"DIFFERS: {check['what']}: {check['one']} and {check['other']} pence")
    for breach in found["breaches"]:
        say(f"BREACH: {breach}")
    say(
        f"{len(found['checks'])} comparisons, {'all the same to the penny' if found['adds_up'] else 'NOT all the same'}"
    )
    say(f"Written to {target}")
