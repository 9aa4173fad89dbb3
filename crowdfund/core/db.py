"""The database: typed columns, naming, engine settings and what must differ between SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import Enum as PyEnum
from typing import Annotated, Any, ClassVar, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Enum,
    ForeignKey,
    Integer,
    MetaData,
    ScalarSelect,
    String,
    Table,
    TypeDecorator,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from crowdfund.core.errors import NotFound
from crowdfund.core.whole_numbers import WholeNumber

# Filled by migrations or imports, not by use; tests keep them between runs.
REFERENCE_TABLES = frozenset({"alembic_version", "state_edge", "district", "electoral_division", "postcode"})


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; naive values are refused, and SQLite's naive answers are marked UTC again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigInt = BigInteger().with_variant(Integer, "sqlite")
BigId = Annotated[int, mapped_column(BigInt, primary_key=True, autoincrement=True)]
Pence = Annotated[int, mapped_column(BigInteger)]
PublicId = Annotated[str, mapped_column(String(26), unique=True)]
Short = Annotated[str, mapped_column(String(200))]


class Base(DeclarativeBase):
    """The parent of every model."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime(), int: BigInt}


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})

M = TypeVar("M", bound=Base)
E = TypeVar("E", bound=PyEnum)


def choice(kind: type[E], name: str) -> Enum:
    """Return a text column type that holds the enum's values and is checked by the database."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [m.value for m in members],
    )


def reference_to(target: str, **options: Any) -> Mapped[Any]:
    """Return an indexed foreign key column; rows with money or audit behind them are never cascaded."""
    return mapped_column(BigInt, ForeignKey(target), index=True, **options)


def engine_options(url: str) -> dict[str, Any]:
    """Return engine settings: reads run without a transaction, a unit of work opens its own."""
    # Parameters hold names and addresses, which have no place in a log or in a job's last error.
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "hide_parameters": True}
    if url.startswith("postgresql"):
        limits = "-c lock_timeout=3s -c statement_timeout=15s -c idle_in_transaction_session_timeout=10s"
        options |= {"pool_size": 4, "max_overflow": 4, "pool_timeout": 10, "pool_pre_ping": True}
        options["connect_args"] = {"options": limits}
    else:
        options |= {"pool_size": 8, "max_overflow": 64, "connect_args": {"timeout": 15, "check_same_thread": False}}
    return options


def prepare_engine(engine: Engine) -> None:
    """Give every connection what money needs: whole sums from PostgreSQL, careful settings on SQLite."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _read_whole_sums)
    else:
        event.listen(engine, "connect", _set_sqlite_up)


def _read_whole_sums(connection: Any, _record: Any) -> None:
    """Have sums of pence come back as whole numbers, as they do on SQLite: PostgreSQL sums them as NUMERIC."""
    connection.adapters.register_loader("numeric", WholeNumber)


def _set_sqlite_up(connection: Any, _record: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "cache_size=-65536",
        "mmap_size=268435456",
    ):
        connection.execute(f"PRAGMA {pragma}")


def lock(session: Session, model: type[M], row_id: int | ScalarSelect[int]) -> M:
    """Lock one row, named by its key or a query for it, until the unit of work ends. Raises NotFound.

    FOR NO KEY UPDATE: readers of the key (foreign keys of new rows) need not wait.
    """
    statement = (
        select(model)
        .where(model.__mapper__.primary_key[0] == row_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound(f"{model.__name__} {row_id}" if isinstance(row_id, int) else model.__name__)
    return found


def table_of(model: type[Base]) -> Table:
    """Return a model's table, for statements that go straight to the connection."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def insert_ignore(session: Session, table: Table, **values: Any) -> bool:
    """Insert a row unless a unique constraint has it already; return whether it was inserted."""
    connection = session.connection()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).on_conflict_do_nothing()
    # Asked for by its key: drivers do not agree on how many rows an insert that was ignored has touched.
    return connection.execute(statement.returning(*table.primary_key), values).first() is not None


def one_at_a_time(session: Session, name: str) -> None:
    """Wait until no other transaction holds `name`; SQLite's unit of work is alone already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
