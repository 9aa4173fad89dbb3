"""The application's secret, for whoever signs or hashes in a request."""

from flask import current_app


def app_secret() -> str:
    """Return the secret that signs links and keys hashes."""
    return str(current_app.config["SECRET_KEY"])
