"""The sandbox's business clock: an offset in a database row that every process reads."""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Engine, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crowdfund.core.clock import real_now
from crowdfund.core.db import Base, insert_ignore, lock, table_of


class ClockOffset(Base):
    """How far the business clock is ahead of the real one, in seconds. One row; none means not at all."""

    __tablename__ = "clock_offset"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seconds: Mapped[int] = mapped_column(default=0)


class MovableClock:
    """Reads the offset anew each time, on a connection of its own, so that every process agrees."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def now(self) -> datetime:
        """Return the business time in UTC."""
        with self._engine.connect() as connection:
            seconds = connection.scalar(select(ClockOffset.seconds).where(ClockOffset.id == 1))
        return real_now() + timedelta(seconds=seconds or 0)


def set_business_time(session: Session, to: datetime) -> int:
    """Move the business clock to `to` (UTC) or up to a second past it, never back; return the offset in seconds."""
    insert_ignore(session, table_of(ClockOffset), id=1, seconds=0)
    row = lock(session, ClockOffset, 1)
    row.seconds = max(row.seconds, ceil((to - real_now()).total_seconds()))
    session.flush()
    return row.seconds
