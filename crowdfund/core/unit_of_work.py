"""One change, one transaction: begins, commits or undoes; on SQLite behind one fair writer lock."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session

from crowdfund.core.db import db
from crowdfund.core.errors import Busy

_OPEN = "unit_of_work"
_READ_ONLY = "25006"  # PostgreSQL's: a standby, or a server set to refuse writes


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Run one change and commit it whole, or undo it whole.

    Decide on rows from `lock()`: those are read anew; what a view read before may be older than the lock.
    Raises Busy when the database cannot be written (full, read-only, locked, no connection free).
    """
    session = db.session()
    if session.info.get(_OPEN):
        raise RuntimeError("a unit of work is open already: one change, one transaction")
    session.rollback()
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    try:
        with _writer(engine):
            _begin(session, engine)
            session.info[_OPEN] = True
            yield session
            session.commit()
    except BaseException as error:
        session.rollback()
        if _cannot_write(error):
            raise Busy("the database cannot be written just now") from error
        raise
    finally:
        session.info.pop(_OPEN, None)


def _cannot_write(error: BaseException) -> bool:
    if isinstance(error, InternalError):
        return getattr(error.orig, "sqlstate", None) == _READ_ONLY
    return isinstance(error, (OperationalError, NoConnectionFree))


def is_open(session: Session) -> bool:
    """Say whether a unit of work is open on this session."""
    return bool(session.info.get(_OPEN))


def _begin(session: Session, engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        session.connection().exec_driver_sql("BEGIN IMMEDIATE")
    else:
        session.connection(execution_options={"isolation_level": "READ COMMITTED"})


def _writer(engine: Engine) -> Any:
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        return nullcontext()
    return _queue_for(Path(f"{path}.writer"))


@contextmanager
def _queue_for(path: Path) -> Iterator[None]:
    # SQLite's own busy handler is unfair (a writer can starve for seconds); the kernel queues this lock
    # in order, between threads and processes alike, and frees it when a process dies.
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Busy("the database's folder cannot be written just now") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def refuse_stray_writes() -> None:
    """Make every session refuse to flush outside a unit of work: such a write would never be committed."""
    if not event.contains(Session, "before_flush", _guard):
        event.listen(Session, "before_flush", _guard)


def _guard(session: Session, _context: Any, _instances: Any) -> None:
    if not is_open(session) and (session.new or session.dirty or session.deleted):
        raise RuntimeError("a write outside a unit of work")
