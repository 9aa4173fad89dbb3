"""What templates know: filters for money and time, hashed static addresses, the service and who is asking."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

from crowdfund.core.clock import LONDON
from crowdfund.core.config import ROOT, Settings
from crowdfund.core.money import pounds
from crowdfund.web.markdown import story_html

log = logging.getLogger("crowdfund.web")


@dataclass(frozen=True)
class Service:
    """What every page says about who runs it and how to get help."""

    name: str
    council: str
    email: str
    phone: str
    hours: str
    demo: bool


def init_app(app: Flask, settings: Settings, actor: Callable[[], Any]) -> None:
    """Set Jinja up; `actor` is called by templates that show who is signed in."""
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.filters.update(pounds=pounds, when=when, day=day, plural=plural, story=story_html)
    app.jinja_env.globals.update(
        static=static_url,
        service=Service(
            settings.service_name,
            settings.council_name,
            settings.help_email,
            settings.help_phone,
            settings.help_hours,
            settings.sandbox,
        ),
    )

    @app.context_processor
    def who() -> dict[str, Any]:
        return {"actor": _Lazy(actor)}


class _Lazy:
    """Asks who is signed in only when a template wants to know."""

    def __init__(self, find: Callable[[], Any]) -> None:
        self._find = find

    def __getattr__(self, name: str) -> Any:
        return getattr(self._find(), name)


def when(moment: datetime) -> str:
    """Write a UTC time for people in Kent: 'Tuesday 1 December 2026, 5pm'."""
    local = moment.astimezone(LONDON)
    hour = local.hour % 12 or 12
    minute = f":{local.minute:02d}" if local.minute else ""
    return f"{local:%A} {local.day} {local:%B %Y}, {hour}{minute}{'am' if local.hour < 12 else 'pm'}"


def day(moment: datetime | date) -> str:
    """Write a date for people in Kent: '1 December 2026'."""
    local = moment.astimezone(LONDON) if isinstance(moment, datetime) else moment
    return f"{local.day} {local:%B %Y}"


def plural(count: int, one: str, many: str) -> str:
    """Write a count with its noun: '1 backer', '1,204 backers'."""
    return f"{count:,} {one if count == 1 else many}"


def static_url(path: str) -> str:
    """Return the address of a static file with its content's hash, so that it can be cached for good.

    A picture that is gone must not take its page with it: its address stays, without a hash.
    """
    try:
        return f"/static/{path}?v={_digest(path)}"
    except OSError:
        log.warning("the static file %s is missing", path)
        return f"/static/{path}"


@lru_cache(maxsize=1024)
def _digest(path: str) -> str:
    return hashlib.sha256(Path(ROOT / "static" / path).read_bytes()).hexdigest()[:12]
