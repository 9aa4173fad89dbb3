"""Every error is answered here, once: as a page, or as a fragment when htmx asks."""

import logging
import secrets
from typing import Any

from flask import Flask, Response, g, make_response, render_template
from werkzeug.exceptions import HTTPException

from crowdfund.core import errors
from crowdfund.core.db import db
from crowdfund.web.htmx import wants_fragment

log = logging.getLogger("crowdfund.web")

PAGES: dict[int, tuple[str, str]] = {
    400: ("Something in that request was not right", "Go back and try again."),
    403: ("You cannot do that", "Go back to the project and try again."),
    404: ("Page not found", "If you typed the address, check it. If you followed a link, the page may have moved."),
    405: ("That does not work here", "Go back and use the buttons on the page."),
    409: ("Someone changed this in the meantime", "Look at the newest version and try again."),
    410: ("This link has run out", "Ask for a new one on the page it came from."),
    413: ("That is too large", "Send less, or a smaller file. If you were signed out meanwhile, sign in first."),
    429: ("That was tried too often", "Wait a few minutes and try again."),
    500: ("Sorry, something went wrong on our side", "Nothing was charged. Please try again in a few minutes."),
    503: ("We cannot reach a service we need", "Nothing was charged and nothing was lost. Try again in a few minutes."),
}

_CODES: dict[type[Exception], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.TooMany: 429,
    errors.GatewayDown: 503,
    errors.Busy: 503,
}
_SAYS_WHY = (errors.Forbidden, errors.Conflict, errors.TooMany)


def init_app(app: Flask) -> None:
    """Answer domain errors, HTTP errors and defects."""
    for kind, code in _CODES.items():
        app.register_error_handler(kind, lambda error, code=code: _answer_domain(error, code))
    app.register_error_handler(errors.Refused, lambda error: answer(400, message=error.message))
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_defect)

    @app.before_request
    def number_request() -> None:
        g.request_id = secrets.token_hex(6)


def answer(code: int, message: str | None = None) -> Response:
    """Return the error page or fragment for this status."""
    title, standard = PAGES.get(code, PAGES[400 if code < 500 else 500])
    context: dict[str, Any] = {"code": code, "title": title, "message": message or standard}
    context["request_id"] = g.get("request_id", "")
    template = "errors/_fragment.html" if wants_fragment() else "errors/page.html"
    response = make_response(render_template(template, **context), code)
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer_domain(error: Exception, code: int) -> Response:
    db.session.rollback()
    if code == 503:
        log.error("request %s: %s", g.get("request_id"), error)
    return answer(code, message=str(error) if isinstance(error, _SAYS_WHY) and str(error) else None)


def _answer_http(error: HTTPException) -> Response:
    response = error.get_response()
    if error.code is None or error.code < 400:
        assert isinstance(response, Response)
        return response
    return answer(error.code)


def _answer_defect(error: Exception) -> Response:
    db.session.rollback()
    log.error("request %s failed", g.get("request_id"), exc_info=error)
    return answer(500)
