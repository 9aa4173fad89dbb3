"""What the demonstration tells on pages that ask for a code: the code, so that nobody has to look for a mail."""

import re

import pyotp
from flask import current_app, request
from sqlalchemy import select

from crowdfund.accounts import second_factor, signing_in
from crowdfund.accounts.current import FRESH_LIFE, current_actor
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.notifications.models import Mail
from crowdfund.pledges.models import Pledge

_DIGITS = re.compile(r"[0-9]{6}")


def demo_hint() -> str:
    """Return the code that this page asks for, '' on every other page."""
    session_id, view = current_actor().session_id, request.view_args or {}
    if request.endpoint == "account.code" and session_id is not None:
        return _newest_code(signing_in.subject_of(session_id))
    if request.endpoint == "pledges.code":
        pledge_id = db.session.scalar(select(Pledge.id).where(Pledge.public_id == view["public_id"]))
        return _newest_code(f"pledge:{pledge_id}") if pledge_id else ""
    if request.endpoint == "factor.second_factor":
        return _app_code()
    return ""


def _newest_code(subject: str) -> str:
    newest = select(Mail.subject).where(Mail.key.like(f"code:{subject}:%")).order_by(Mail.id.desc()).limit(1)
    found = _DIGITS.search(db.session.scalar(newest) or "")
    return f"The mail’s code is {found[0]}" if found else ""


def _app_code() -> str:
    person_id = current_actor().person_id
    row = second_factor.find_authenticator(db.session(), person_id) if person_id else None
    if row is None:
        return ""
    key, fresh = str(current_app.config["SECRET_KEY"]), current_actor().given_within(FRESH_LIFE)
    coming, real = second_factor.secret_to_set_up(row, key, fresh=fresh), clock.real_now()
    if coming is not None:
        return f"The app’s code is {pyotp.TOTP(coming).at(real)}"
    # A code is used once, so straight after the last one the demonstration shows the next.
    step = max(int(real.timestamp()) // second_factor.STEP_SECONDS, row.last_step + 1)
    shared = second_factor.secret_in_use(row, key)
    return f"The app’s code is {pyotp.TOTP(str(shared)).at(step * second_factor.STEP_SECONDS)}"
