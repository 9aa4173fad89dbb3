"""The sandbox: demo people, a mailbox, a movable clock and a local Stripe. Only cli and wiring import it."""

import re

from flask import Flask
from markupsafe import Markup, escape

_ADDRESS = re.compile(r"https?://[^\s<]+")


def mount(app: Flask) -> None:
    """Add the sandbox's pages to the app."""
    from crowdfund.sandbox.hints import demo_hint  # noqa: PLC0415 - the Stripe stand-in runs without Flask's app
    from crowdfund.sandbox.views import pages  # noqa: PLC0415 - the same

    app.jinja_env.globals["demo_hint"] = demo_hint
    app.jinja_env.filters["mail_html"] = mail_html
    app.register_blueprint(pages)


def mail_html(body: str) -> Markup:
    """Return a plain-text mail as paragraphs whose addresses can be followed."""
    paragraphs = (str(escape(part)).replace("\n", "<br>") for part in body.strip().split("\n\n"))
    linked = (
        _ADDRESS.sub(lambda found: f'<a class="govuk-link" href="{found[0]}">{found[0]}</a>', p) for p in paragraphs
    )
    return Markup("".join(f"<p>{part}</p>" for part in linked))  # noqa: S704 - escaped two lines above
