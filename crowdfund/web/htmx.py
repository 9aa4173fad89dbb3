"""htmx, wrapped once: what a request is, and answers that vary by it."""

from flask import Flask, Response, request
from htmx_flask import Htmx


def init_app(app: Flask) -> None:
    """Make `request.htmx` known, and tell caches that answers differ by it."""
    Htmx(app)

    @app.after_request
    def vary(response: Response) -> Response:
        if response.mimetype == "text/html" or response.status_code in {204, 304}:
            response.vary.add("HX-Request")
        return response


def wants_fragment() -> bool:
    """Say whether htmx asks for a part of a page."""
    return bool(request.htmx)  # type: ignore[attr-defined]
