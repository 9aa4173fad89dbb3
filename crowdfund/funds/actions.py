"""Making funds, saying what they are for, and putting them in the programme's order."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock, one_at_a_time
from crowdfund.core.errors import Refused
from crowdfund.core.ids import public_id
from crowdfund.funds.access import can_edit, can_order, demand
from crowdfund.funds.models import Fund, Funder

MOST_NAME, MOST_ABOUT = 80, 600
NO_NAME, NO_ABOUT = "Enter the name of the fund.", "Say in a sentence or two what the fund is for."
_ORDER = "fund-order"
_NO_SLUGS = {"find"}  # addresses of other pages


def create_fund(
    session: Session, funder_id: int, name: str, about: str, *, pays_direct: bool, actor: Actor, now: datetime
) -> Fund:
    """Add a fund of a funder, last in the programme's order; it gives nothing before it has terms and money.

    Raises NotFound, Forbidden for whoever may not edit this funder's funds, and Refused without a name or purpose.
    """
    funder = session.get_one(Funder, funder_id)
    demand(can_edit(actor, funder.id))
    _demand_words(name, about)
    one_at_a_time(session, _ORDER)
    place = 1 + int(session.scalar(select(func.coalesce(func.max(Fund.place), 0))) or 0)
    fund = Fund(
        public_id=public_id(),
        slug=_free_slug(session, name),
        funder_id=funder.id,
        name=name.strip(),
        about=about.strip(),
        place=place,
        pays_direct=pays_direct,
    )
    session.add(fund)
    session.flush()
    fields = ["name", "about", "pays_direct"]
    audit.record(session, Tag.FUND_SAVED, actor=actor, subject_id=fund.id, now=now, fields=fields)
    return fund


def change_fund(session: Session, fund_id: int, name: str, about: str, *, actor: Actor, now: datetime) -> Fund:
    """Change a fund's name and what it is for; its address and its way to pay stay. Raises as create_fund does."""
    fund = lock(session, Fund, fund_id)
    demand(can_edit(actor, fund.funder_id))
    _demand_words(name, about)
    new = {"name": name.strip(), "about": about.strip()}
    fields = [key for key, text in new.items() if getattr(fund, key) != text]
    for key in fields:
        setattr(fund, key, new[key])
    if fields:
        audit.record(session, Tag.FUND_SAVED, actor=actor, subject_id=fund.id, now=now, fields=fields)
    session.flush()
    return fund


def order_funds(session: Session, fund_ids: Sequence[int], *, actor: Actor, now: datetime) -> None:
    """Put every fund in this order: the first adds to a project first.

    Raises Forbidden for whoever may not, and Refused when these are not all the funds there are.
    """
    demand(can_order(actor))
    one_at_a_time(session, _ORDER)
    there = list(session.scalars(select(Fund.id).order_by(Fund.place, Fund.id)))
    if sorted(there) != sorted(fund_ids):
        raise Refused("other_funds", "The funds changed meanwhile. Look at the order again.")
    if there == list(fund_ids):
        return
    # Aside first: no two funds may share a place, not even for a moment.
    session.execute(update(Fund).values(place=-Fund.id), execution_options={"synchronize_session": False})
    for place, fund_id in enumerate(fund_ids, start=1):
        session.execute(update(Fund).where(Fund.id == fund_id).values(place=place))
    ids = [int(one) for one in fund_ids]
    audit.record(session, Tag.FUNDS_ORDERED, actor=actor, subject_id=ids[0], now=now, fund_ids=ids)
    session.flush()


def move_fund(session: Session, fund_id: int, *, up: bool, actor: Actor, now: datetime) -> None:
    """Let a fund change places with its neighbour; at the end of the list nothing moves. Raises as order_funds."""
    one_at_a_time(session, _ORDER)
    order = list(session.scalars(select(Fund.id).order_by(Fund.place, Fund.id)))
    if fund_id not in order:
        raise Refused("other_funds", "The funds changed meanwhile. Look at the order again.")
    here = order.index(fund_id)
    there = here - 1 if up else here + 1
    if 0 <= there < len(order):
        order[here], order[there] = order[there], order[here]
    order_funds(session, order, actor=actor, now=now)


def _demand_words(name: str, about: str) -> None:
    if not name.strip():
        raise Refused("name", NO_NAME, "name")
    if not about.strip():
        raise Refused("about", NO_ABOUT, "about")


def _free_slug(session: Session, name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower().replace("’", "").replace("'", "")).strip("-")[:60] or "fund"
    taken = set(session.scalars(select(Fund.slug).where(Fund.slug.startswith(plain, autoescape=True))))
    taken |= _NO_SLUGS
    if plain not in taken:
        return plain
    return next(f"{plain}-{n}" for n in range(2, len(taken) + 3) if f"{plain}-{n}" not in taken)
