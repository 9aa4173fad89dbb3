"""A backup of the whole database that can be put back, as after a disaster: whatever came later is lost."""

import shutil
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

from sqlalchemy import Engine, create_engine, make_url, text

from crowdfund.core.db import db

_COPY = "the_backup"


def back_up() -> None:
    """Copy everything that is committed. Call it inside an application context and outside a unit of work."""
    engine = _let_go()
    if engine.dialect.name == "sqlite":
        with closing(connect(_file(engine))) as source, closing(connect(_copy(engine))) as target:
            source.backup(target)
    else:
        _copy_database(engine, _name(engine), _COPY)


def restore() -> None:
    """Put the copy in the database's place; every session reads anew."""
    engine = _let_go()
    if engine.dialect.name == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            _file(engine).with_name(_file(engine).name + suffix).unlink(missing_ok=True)
        shutil.copyfile(_copy(engine), _file(engine))
    else:
        _copy_database(engine, _COPY, _name(engine))


def _let_go() -> Engine:
    """End every connection; what tests hold of rows is read anew."""
    db.session.rollback()
    db.session.expire_all()
    db.engine.dispose()
    return db.engine


def _file(engine: Engine) -> Path:
    return Path(str(engine.url.database))


def _copy(engine: Engine) -> Path:
    return _file(engine).with_name(_COPY)


def _name(engine: Engine) -> str:
    return str(engine.url.database)


def _copy_database(engine: Engine, source: str, target: str) -> None:
    # A database cannot be dropped or copied from within itself.
    above = create_engine(make_url(engine.url).set(database="template1"), isolation_level="AUTOCOMMIT")
    with above.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)'))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :source"), {"source": source}
        )
        connection.execute(text(f'CREATE DATABASE "{target}" TEMPLATE "{source}"'))
    above.dispose()
