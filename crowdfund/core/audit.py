"""The audit trail: one row per change, sealed into a hash chain after commit."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import KEYS, Tag
from crowdfund.core.db import Base, BigId, BigInt, one_at_a_time, table_of

GENESIS = "0" * 64
_BATCH = 1000
OUT_OF_ORDER = 10_000  # ids that a slow transaction may still commit behind the last sealed one


class AuditEvent(Base):
    """One change: who, what, to which thing, when. `data` is canonical JSON text, hashed as stored."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "subject_kind", "subject_id"),)

    id: Mapped[BigId]
    at: Mapped[datetime]
    tag: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    data: Mapped[str] = mapped_column(Text)


class AuditSeal(Base):
    """A link of the chain: hash of the link before and of the event's stored text."""

    __tablename__ = "audit_seal"

    id: Mapped[BigId]
    event_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit_event.id"), unique=True)
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Break:
    """Where the chain no longer holds."""

    event_id: int
    what: str


def record(session: Session, tag: Tag, *, actor: Actor, subject_id: int, now: datetime, **data: Any) -> None:
    """Write the audit row of this change. Raises ValueError when its keys are not the tag's own."""
    if frozenset(data) != KEYS[tag]:
        raise ValueError(f"{tag} needs {sorted(KEYS[tag])}, got {sorted(data)}")
    row = {
        "at": now,
        "tag": tag.value,
        "actor": f"{actor.kind.value}:{actor.ref}",
        "subject_kind": tag.value.split(":")[0],
        "subject_id": subject_id,
        "data": json.dumps(data, sort_keys=True, separators=(",", ":"), default=str),
    }
    session.connection().execute(insert(table_of(AuditEvent)), row)


def seal(session: Session, limit: int = 1000) -> int:
    """Append the events that are not sealed yet to the chain; return how many.

    Runs in the worker, one at a time, so that writers of events never wait for it.
    """
    one_at_a_time(session, "audit-seal")
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).first()
    previous = last.hash if last else GENESIS
    waiting = (
        select(AuditEvent)
        .outerjoin(AuditSeal, AuditSeal.event_id == AuditEvent.id)
        .where(AuditSeal.id.is_(None), AuditEvent.id > (last.event_id if last else 0) - OUT_OF_ORDER)
        .order_by(AuditEvent.id)
        .limit(limit)
    )
    rows = []
    for item in session.scalars(waiting):
        previous = link_hash(previous, item)
        rows.append({"event_id": item.id, "hash": previous})
    if rows:
        session.execute(insert(AuditSeal), rows)
    return len(rows)


def verify(session: Session) -> Iterator[Break]:
    """Walk the chain and yield the first event whose text no longer fits its seal, if any."""
    previous = GENESIS
    for item, stored in _links(session):
        previous = link_hash(previous, item)
        if previous != stored:
            yield Break(item.id, "the event or a link before it was changed")
            return


def _links(session: Session) -> Iterator[tuple[AuditEvent, str]]:
    # Batch by batch: reads run without a transaction, so no cursor on the server can stay open between them.
    last = 0
    pairs = select(AuditEvent, AuditSeal.hash, AuditSeal.id).join(AuditSeal, AuditSeal.event_id == AuditEvent.id)
    while rows := session.execute(pairs.where(AuditSeal.id > last).order_by(AuditSeal.id).limit(_BATCH)).all():
        for item, stored, last in rows:  # noqa: B007 - the next batch starts behind the last
            yield item, stored


def count_unsealed(session: Session) -> int:
    """Return how many events have no seal yet."""
    events = session.scalar(select(func.count()).select_from(AuditEvent)) or 0
    return events - (session.scalar(select(func.count()).select_from(AuditSeal)) or 0)


def link_hash(previous: str, item: AuditEvent) -> str:
    """Return the hash of one link over the stored values, never over re-made JSON."""
    at = item.at.isoformat(timespec="microseconds")
    text = "\x1f".join((previous, str(item.id), at, item.tag, item.actor, item.subject_kind, str(item.subject_id)))
    return hashlib.sha256(f"{text}\x1f{item.data}".encode()).hexdigest()
