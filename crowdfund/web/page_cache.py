"""Public pages kept for a moment, for visitors without any cookie: a crowd that arrives at once is asked for once."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any, TypeVar

from flask import Response, current_app, make_response, request, session

from crowdfund.web.htmx import wants_fragment

MOST_PAGES = 256
View = TypeVar("View", bound=Callable[..., Any])
Key = tuple[str, bool]


@dataclass(frozen=True)
class _Kept:
    until: float
    status: int
    mimetype: str
    body: bytes


class PageCache:
    """The newest pages by address, each for a moment; safe between threads."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._pages: OrderedDict[Key, _Kept] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Key) -> _Kept | None:
        """Return the page while it is fresh."""
        with self._lock:
            kept = self._pages.get(key)
        return kept if kept is not None and kept.until > self._seconds() else None

    def keep(self, key: Key, response: Response, milliseconds: int) -> None:
        """Keep a page; the oldest makes room."""
        until = self._seconds() + milliseconds / 1000
        with self._lock:
            self._pages[key] = _Kept(until, response.status_code, response.mimetype or "", response.get_data())
            self._pages.move_to_end(key)
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)


def kept_a_moment(view: View) -> View:
    """Answer visitors without a cookie from what was answered to the one before; nothing personal may be on it."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        milliseconds = current_app.config["PAGE_CACHE_MS"]
        if not milliseconds or request.method != "GET" or request.cookies:
            return view(*args, **kwargs)
        cache: PageCache = current_app.extensions.setdefault("page_cache", PageCache())
        key = (request.full_path, wants_fragment())
        kept = cache.find(key)
        if kept is not None:
            return Response(kept.body, kept.status, mimetype=kept.mimetype)
        response = make_response(view(*args, **kwargs))
        if response.status_code in {200, 204} and not session.modified:
            cache.keep(key, response, milliseconds)
        return response

    return answered  # type: ignore[return-value]
