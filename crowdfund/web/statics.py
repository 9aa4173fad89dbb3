"""Static files: cached for good under their hash, compressed once per process."""

import gzip
import mimetypes
from functools import lru_cache

from flask import Flask, Response, request
from werkzeug.security import safe_join

from crowdfund.core.config import ROOT
from crowdfund.core.errors import NotFound
from crowdfund.web.guards import anyone

_TEXT = {"text/css", "text/javascript", "image/svg+xml", "text/plain"}
_FOREVER = "public, max-age=31536000, immutable"
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


def init_app(app: Flask) -> None:
    """Serve /static; a proxy in front may do it instead, from the same folder."""
    app.add_url_rule("/static/<path:path>", "static", serve)


@anyone("public files")
def serve(path: str) -> Response:
    """Answer a static file, gzipped when it is text and the browser takes it. Raises NotFound."""
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    squeeze = kind in _TEXT and "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(_body(path, squeeze), mimetype=kind)
    response.vary.add("Accept-Encoding")
    if squeeze:
        response.headers["Content-Encoding"] = "gzip"
    if kind == "image/svg+xml":
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'none'; sandbox"
    response.headers["Cache-Control"] = _FOREVER if "v" in request.args else "public, max-age=300"
    return response


@lru_cache(maxsize=256)
def _body(path: str, squeeze: bool) -> bytes:
    full = safe_join(str(ROOT / "static"), path)
    if full is None:
        raise NotFound(path)
    try:
        with open(full, "rb") as file:  # noqa: PTH123 - safe_join answers text
            content = file.read()
    except OSError as error:
        raise NotFound(path) from error
    return gzip.compress(content, 9) if squeeze else content
