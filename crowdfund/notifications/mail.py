"""Rendering a mail from its template: plain text, the subject on the first line."""

from collections.abc import Mapping
from typing import Any

from flask import render_template


def render_mail(template: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Return subject and body of templates/mail/<template>.txt.

    White space in the subject is folded, so no name in it can add a header.
    """
    text = render_template(f"mail/{template}.txt", **context)
    first, _, body = text.strip().partition("\n")
    return " ".join(first.removeprefix("Subject:").split())[:200], body.strip() + "\n"
