"""Files that people sent, on their way to others: never run, never framed, never guessed at."""

import unicodedata
from urllib.parse import quote

from flask import Response

FOREVER = "public, max-age=31536000, immutable"
_SANDBOX = "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox"


def attached_safely(response: Response, name: str | None = None) -> Response:
    """Return the answer under a policy that lets nothing in it act; with a name it is saved, not opened."""
    response.headers["Content-Security-Policy"] = _SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    if name is not None:
        response.headers["Content-Disposition"] = f"attachment; {_named(name)}"
    return response


def _named(name: str) -> str:
    """Return a file's name for the header: in ASCII, and whole for browsers that read more than that."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace('"', "").replace("\\", "")
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
