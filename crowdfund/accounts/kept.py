"""What somebody sent while they first had to prove who they are: kept sealed, for the browser that sent it."""

import json
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import KeptForm, SessionGrant
from crowdfund.accounts.signing_in import local_path
from crowdfund.core import ids
from crowdfund.core.sealed import seal, unseal

MOST_CHARACTERS = 200_000
KEPT_FOR = timedelta(days=1)
_PURPOSE = "kept-form"
Pairs = list[tuple[str, str]]


def keep_form(session: Session, path: str, pairs: Pairs, *, secret: str, real: datetime) -> str | None:
    """Keep the fields of a form sent to `path`; returns the kept form's id, None when it is too much to keep."""
    text = json.dumps(pairs)
    if len(text) > MOST_CHARACTERS or local_path(path) != path:
        return None
    row = KeptForm(public_id=ids.public_id(), path=path, sealed_fields=seal(secret, _PURPOSE, text), created_at=real)
    session.add(row)
    session.flush()
    return row.public_id


def find_kept(session: Session, public_id: str, *, secret: str, real: datetime) -> tuple[str, Pairs] | None:
    """Return where a kept form goes, and its fields; None once it was sent again or is a day old."""
    young = (KeptForm.public_id == public_id, KeptForm.created_at > real - KEPT_FOR)
    row = session.scalars(select(KeptForm).where(*young)).one_or_none()
    if row is None:
        return None
    return row.path, [(name, value) for name, value in json.loads(unseal(secret, _PURPOSE, row.sealed_fields))]


def drop_kept(session: Session, public_id: str) -> None:
    """Delete a kept form that was sent again, and what its browser holds of it."""
    session.execute(delete(SessionGrant).where(SessionGrant.subject == subject_of(public_id)))
    session.execute(delete(KeptForm).where(KeptForm.public_id == public_id))


def subject_of(public_id: str) -> str:
    """Name what the browser that sent a kept form holds."""
    return f"kept:{public_id}"
