"""A test client that holds every reply to the house: valid page, safe headers, no write left open, few queries."""

from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crowdfund.core.db import db
from crowdfund.core.unit_of_work import is_open
from tests.support.form_filling import fill, find_form
from tests.support.house import check_page
from tests.support.house_page import OWN_HOSTS
from tests.support.markup import parse
from tests.support.queries import Queries, count_queries

SAFE_HEADERS = {
    "Content-Security-Policy": ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action"),
    "X-Content-Type-Options": ("nosniff",),
    "Referrer-Policy": ("",),
}
UNSAFE_SOURCES = ("'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:")


class HouseClient(FlaskClient):
    """Flask's client, with house rules; `queries` holds the SQL of the last request."""

    queries: Queries

    def open(
        self, *args: Any, max_queries: int | None = None, defect_expected: bool = False, **kwargs: Any
    ) -> TestResponse:
        """Send a request and check the reply.

        Raises AssertionError for a broken house rule, for more than `max_queries`, and for an answer of 500
        unless that is what the test is about.
        """
        # A context of its own, as in production: rows that the test holds cannot hide a missing write.
        with self.application.app_context():
            engine = self.application.extensions["sqlalchemy"].engine
            with count_queries(engine) as self.queries:
                reply = super().open(*args, **{**kwargs, "buffered": True})
            refuse_open_write()
        forget_what_was_read()
        if reply.status_code == 500 and not defect_expected:
            raise AssertionError(f"{where(reply)}: a defect, see the log")
        check_reply(reply)
        if max_queries is not None:
            self.queries.refuse_over(max_queries, where(reply))
        return reply

    def submit(
        self, page: TestResponse, form: str | None = None, button: str | None = None, **changes: Any
    ) -> TestResponse:
        """Fill the page's form ('#id', action, or the only posting one) and press its button (or the first).

        Hidden fields and the token go along; a field or choice that the page lacks is an AssertionError.
        """
        filled = fill(find_form(parse(page.text), form), changes, button)
        address = urljoin(page.request.path, filled.action)
        if filled.method == "get":
            return self.get(f"{address.partition('?')[0]}?{urlencode(filled.data, doseq=True)}")
        return self.post(address, data=filled.data)

    def follow(self, reply: TestResponse) -> TestResponse:
        """Go where a reply redirects to, within this service."""
        if reply.status_code not in {302, 303}:
            raise AssertionError(f"{where(reply)} is no redirect")
        target = urlsplit(urljoin(reply.request.url, reply.location))
        if target.hostname not in OWN_HOSTS:
            raise AssertionError(f"{where(reply)} leads to another host: {reply.location}")
        return self.get(f"{target.path}?{target.query}" if target.query else target.path)


def check_reply(reply: TestResponse) -> None:
    """Raise AssertionError when the reply breaks a house rule of pages or of headers."""
    _check_headers(reply)
    if reply.mimetype != "text/html" or not reply.data or reply.request.method == "HEAD":
        return
    if 300 <= reply.status_code < 400:
        return
    asked_by_htmx = "HX-Request" in reply.request.headers
    if asked_by_htmx and reply.request.method == "GET" and "HX-Request" not in reply.headers.get("Vary", ""):
        raise AssertionError(f"{where(reply)}: an answer to htmx needs 'Vary: HX-Request'")
    full_page = reply.text.lstrip().lower().startswith("<!doctype")
    if not full_page and not asked_by_htmx:
        raise AssertionError(f"{where(reply)}: a fragment was sent to a browser that wanted a page")
    check_page(reply.text, reply.request.path, reply.status_code, full_page=full_page)


def _check_headers(reply: TestResponse) -> None:
    for name, wanted in SAFE_HEADERS.items():
        value = reply.headers.get(name)
        if value is None or not all(part in value for part in wanted):
            raise AssertionError(f"{where(reply)}: the header {name} wants {' and '.join(wanted)}, it is {value!r}")
    policy = reply.headers["Content-Security-Policy"].replace(";", " ").split()
    if unsafe := [source for source in UNSAFE_SOURCES if source in policy]:
        raise AssertionError(f"{where(reply)}: the content security policy allows {unsafe}")
    for cookie in reply.headers.getlist("Set-Cookie"):
        if "httponly" not in cookie.lower() or "samesite" not in cookie.lower():
            raise AssertionError(f"{where(reply)}: a cookie without HttpOnly or SameSite: {cookie.partition('=')[0]}")


def forget_what_was_read() -> None:
    """Make the test's own session read again: the request may have changed what it holds."""
    if has_app_context():
        db.session.expire_all()


def refuse_open_write() -> None:
    """Raise AssertionError when the current context's session holds changes that nobody will commit."""
    session = db.session()
    pending = [*session.new, *session.dirty, *session.deleted]
    if pending or is_open(session):
        raise AssertionError(f"the request ended with a write left open: {pending}")


def where(reply: TestResponse) -> str:
    """Return the reply's method, address and status, for messages."""
    return f"{reply.request.method} {reply.request.path} ({reply.status_code})"
