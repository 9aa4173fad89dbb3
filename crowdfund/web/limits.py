"""Limits on how often, kept in the database so that they survive restarts and hold for all processes."""

from datetime import datetime, timedelta
from ipaddress import ip_network

from flask import current_app, request
from sqlalchemy import BigInteger, CursorResult, String, case, delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from crowdfund.core import clock, ids
from crowdfund.core.db import Base, insert_ignore, table_of
from crowdfund.core.errors import TooMany
from crowdfund.core.unit_of_work import unit_of_work


class RateLimit(Base):
    """A leaky bucket: when it will have run empty again, in real milliseconds. The key is a hash."""

    __tablename__ = "rate_limit"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    empty_at_ms: Mapped[int] = mapped_column(BigInteger)


def limit(name: str, who: str, *, times: int, per: timedelta) -> None:
    """Count one use of `name` by `who` in a unit of work of its own. Raises TooMany beyond `times` per `per`."""
    with unit_of_work() as session:
        allowed = hit(session, name, who, times=times, per=per, real=clock.real_now())
    if not allowed:
        raise TooMany("That was tried too often. Wait a while and try again.")


def hit(session: Session, name: str, who: str, *, times: int, per: timedelta, real: datetime) -> bool:
    """Count one use if the bucket has room, in one statement; say whether it had."""
    key = ids.keyed_hash(current_app.config["SECRET_KEY"], f"limit:{name}", who)
    now_ms, step_ms = int(real.timestamp() * 1000), int(per.total_seconds() * 1000 / times)
    insert_ignore(session, table_of(RateLimit), key=key, empty_at_ms=now_ms)
    start = case((RateLimit.empty_at_ms > now_ms, RateLimit.empty_at_ms), else_=now_ms)
    counted = session.execute(
        update(RateLimit)
        .where(RateLimit.key == key, start + step_ms <= now_ms + step_ms * times)
        .values(empty_at_ms=start + step_ms)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(counted, CursorResult)
    return counted.rowcount == 1


def client_address() -> str:
    """Return the address of the client as our trusted proxies saw it; of IPv6 the network, as one customer has one."""
    address = request.remote_addr or "unknown"
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


def delete_empty(session: Session, real: datetime) -> None:
    """Delete buckets that ran empty: they say nothing any more."""
    session.execute(delete(RateLimit).where(RateLimit.empty_at_ms < int(real.timestamp() * 1000)))
