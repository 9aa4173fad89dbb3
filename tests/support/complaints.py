"""Listens to a browser and writes down what it complains about."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

# An answer that refuses is part of some journeys; a file that is missing never is.
_MAY_REFUSE = frozenset({"document", "xhr", "fetch"})


def watch(context: BrowserContext, base_url: str) -> list[str]:
    """Return a list that fills with refusals of the policy, script errors, missing and foreign files."""
    complaints: list[str] = []
    home = urlsplit(base_url).hostname

    def on_console(message: Any) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            complaints.append(f"console: {message.text}")

    def on_response(response: Any) -> None:
        if response.status >= 400 and response.request.resource_type not in _MAY_REFUSE:
            complaints.append(f"{response.status}: {response.url}")

    def on_request(request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme.startswith("http") and address.hostname != home:
            complaints.append(f"foreign: {request.url}")

    context.on("console", on_console)
    context.on("weberror", lambda error: complaints.append(f"script: {error.error}"))
    context.on("response", on_response)
    context.on("request", on_request)
    return complaints
