"""An officer's second factor: codes of an authenticator app, each used once, and recovery codes for a lost phone."""

import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Authenticator, Person, RecoveryCode
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.core.sealed import seal, unseal
from crowdfund.notifications.actions import queue_mail

STEP_SECONDS = 30
RECOVERY_CODES = 10
_PURPOSE = "authenticator"
_DRIFT = (-1, 0, 1)  # a phone's clock may be half a minute off


def find_authenticator(session: Session, person_id: int) -> Authenticator | None:
    """Return a person's app, confirmed or just being set up."""
    return session.get(Authenticator, person_id, populate_existing=True)


def begin(session: Session, person_id: int, *, secret: str, real: datetime) -> None:
    """Start setting an app up with a fresh secret; the app in use works until the new one has given a code."""
    fresh, row = pyotp.random_base32(), find_authenticator(session, person_id)
    if row is None:
        row = Authenticator(person_id=person_id, created_at=real)
        session.add(row)
    in_use = secret_in_use(row, secret)
    row.sealed_secret = seal(secret, _PURPOSE, f"{in_use} {fresh}" if in_use else fresh)
    session.flush()


def secret_in_use(row: Authenticator, secret: str) -> str | None:
    """Return the secret that service and app share, in base 32; None while the first app is being set up."""
    return _secrets(row, secret)[0] if row.confirmed_at is not None else None


def secret_to_set_up(row: Authenticator, secret: str, *, fresh: bool) -> str | None:
    """Return the secret of an app that has not given its first code yet, in base 32, if there is one.

    That of another app than the first is for whoever gave their second factor just now (`fresh`).
    """
    both = _secrets(row, secret)
    return both[-1] if row.confirmed_at is None or (fresh and len(both) > 1) else None


def setup_address(shared: str, email: str, issuer: str) -> str:
    """Return the otpauth:// address that an app reads from the QR picture."""
    return pyotp.TOTP(shared).provisioning_uri(name=email, issuer_name=issuer)


def check_app_code(session: Session, person_id: int, code: str, *, secret: str, real: datetime) -> None:
    """Use up a code of the app in use. Raises Refused on the field `code` when it is wrong or was used."""
    row = _locked(session, person_id)
    _use_step(row, secret_in_use(row, secret), row.last_step, code, real)
    session.flush()


def _use_step(row: Authenticator, shared: str | None, last_step: int, code: str, real: datetime) -> None:
    if shared is None:
        raise Refused("no_app", "Set up your authenticator app first.")
    totp, now_step = pyotp.TOTP(shared), int(real.timestamp()) // STEP_SECONDS
    for step in (now_step + drift for drift in _DRIFT):
        if step > last_step and secrets.compare_digest(totp.at(step * STEP_SECONDS), code):
            row.last_step = step
            return
    raise Refused(
        "wrong_code",
        "That is not the code your app shows now. Wait for the next one; if it is refused too, set your phone’s "
        "clock to automatic.",
        "code",
    )


def confirm(
    session: Session, person_id: int, code: str, *, secret: str, actor: Actor, real: datetime, now: datetime
) -> list[str]:
    """Take a new app into use by its first code; the one before stops working.

    Returns the recovery codes, shown only once. Raises Refused on the field `code` when it is wrong.
    """
    row = _locked(session, person_id)
    shared = secret_to_set_up(row, secret, fresh=True)
    _use_step(row, shared, 0, code, real)
    row.sealed_secret, row.confirmed_at = seal(secret, _PURPOSE, str(shared)), real
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(person_id=person_id, code_hash=_hashed(secret, code)) for code in codes)
    session.flush()
    audit.record(session, Tag.AUTHENTICATOR_SET, actor=actor, subject_id=person_id, now=now)
    _tell(session, person_id, "A new authenticator app was set up.", real=real, now=now)
    return codes


def use_recovery_code(
    session: Session, person_id: int, code: str, *, secret: str, real: datetime, now: datetime
) -> None:
    """Use up a recovery code; its person is told by mail. Raises Refused on the field `code`."""
    hashed = _hashed(secret, code.replace(" ", "").replace("-", "").lower())
    found = select(RecoveryCode.id).where(RecoveryCode.person_id == person_id, RecoveryCode.code_hash == hashed)
    row_id = session.scalar(found)
    row = lock(session, RecoveryCode, row_id) if row_id is not None else None
    if row is None or row.used_at is not None:
        raise Refused("wrong_code", "That is not one of your recovery codes, or it was used already.", "code")
    row.used_at = real
    session.flush()
    _tell(session, person_id, "A recovery code was used to sign in.", real=real, now=now)


def _secrets(row: Authenticator, secret: str) -> list[str]:
    """Return the sealed secrets: of the app in use, then of one being set up; while it is the first, only that."""
    return unseal(secret, _PURPOSE, row.sealed_secret).split()


def _locked(session: Session, person_id: int) -> Authenticator:
    row = session.scalars(
        select(Authenticator)
        .where(Authenticator.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise Refused("no_app", "Set up your authenticator app first.")
    return row


def _recovery_code() -> str:
    return "".join(secrets.choice(ids.ALPHABET) for _ in range(12))


def _hashed(secret: str, code: str) -> str:
    return ids.keyed_hash(secret, "recovery", code)


def _tell(session: Session, person_id: int, what: str, *, real: datetime, now: datetime) -> None:
    person = session.get_one(Person, person_id)
    if person.email:
        key = f"second-factor:{person_id}:{real.timestamp()}"
        queue_mail(session, "second_factor_changed", person.email, key=key, now=now, what=what)
