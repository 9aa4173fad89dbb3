"""Writing a round, publishing versions of it, and its opening and closing by the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import NotFound, Refused
from crowdfund.core.ids import public_id, slugify
from crowdfund.funds.access import can_edit, can_see, demand
from crowdfund.funds.models import Fund
from crowdfund.grants.access import can_unseal, can_write_round
from crowdfund.grants.models import GrantApplication, GrantPlan, GrantRound
from crowdfund.grants.moving import hold_round, move_round, refuse_stale, touch
from crowdfund.grants.plans import faults_of, read_plan
from crowdfund.grants.rules import BEING_ASSESSED, RoundState

NO_TITLE = "Enter a name for the round."
_R = RoundState


@dataclass(frozen=True)
class RoundFrame:
    """When a round takes applications (UTC), when it decides, and how much it has to give (pence)."""

    title: str
    opens_at: datetime
    closes_at: datetime
    decides_on: date
    budget_pence: int


def start_round(
    session: Session, fund_id: int, frame: RoundFrame, plan: Mapping[str, Any], *, actor: Actor, now: datetime
) -> GrantRound:
    """Begin a round of a fund from a plan, such as a ready-made one or that of an earlier round.

    Raises NotFound for officers of another funder, Forbidden without the right, Refused for dates that do not fit.
    """
    fund = lock(session, Fund, fund_id)
    if not can_see(actor, fund.funder_id):
        raise NotFound(f"fund {fund_id}")
    demand(can_edit(actor, fund.funder_id))
    _refuse_frame(frame)
    assert actor.person_id is not None, "a person writes"
    row = GrantRound(
        public_id=public_id(),
        slug=_free_slug(session, frame.title),
        fund_id=fund_id,
        state=_R.DRAFT,
        draft=dict(plan),
        started_by_id=actor.person_id,
        started_at=now,
        **vars(frame),
    )
    session.add(row)
    session.flush()
    audit.record(session, Tag.ROUND_STARTED, actor=actor, subject_id=row.id, now=now, fund_id=fund_id)
    return row


def change_frame(
    session: Session, round_id: int, frame: RoundFrame, seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Change the name, dates and sum of a round that is not public yet; of one that is, only its end may move out.

    Raises as `start_round` does, and Refused when somebody else changed it meanwhile.
    """
    row = _hold(session, round_id, seen_version, actor)
    _refuse_frame(frame)
    if row.state is not _R.DRAFT and (
        frame.opens_at != row.opens_at or frame.closes_at < row.closes_at or frame.budget_pence < row.budget_pence
    ):
        words = "It is public. It can close later or have more money, never the other way round."
        raise Refused("public", words, "closes_on")
    for name, value in vars(frame).items():
        setattr(row, name, value)
    _edited(session, row, "frame", actor, now)


def save_plan(
    session: Session, round_id: int, fields: Mapping[str, Any], seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Keep fields of the next version of a round's plan while it is written; applicants see nothing of it yet.

    Raises NotFound for officers of another funder, Refused once it is closed and when it changed meanwhile.
    """
    row = _hold(session, round_id, seen_version, actor)
    changed = {**row.draft, **fields}
    read_plan(changed)
    row.draft = changed
    _edited(session, row, "plan", actor, now)


def publish_round(session: Session, round_id: int, seen_version: int, *, actor: Actor, now: datetime) -> GrantPlan:
    """Publish what was written as the next version; whoever applied already keeps the version they began under.

    A round that was being written becomes public and opens by the clock. Raises as `save_plan` does, and Refused for
    a plan that is not whole, one that says nothing new, and a round that would have closed already.
    """
    row = _hold(session, round_id, seen_version, actor)
    if faults := faults_of(read_plan(row.draft)):
        raise Refused("not_whole", " ".join(faults))
    if row.closes_at <= now:
        raise Refused("over", "It would have closed already. Set a later day.")
    newest = session.scalar(
        select(GrantPlan.plan).where(GrantPlan.round_id == row.id, GrantPlan.number == row.plan_number)
    )
    if row.state is not _R.DRAFT and newest == row.draft:
        raise Refused("same", "Nothing was changed since the last version.")
    assert actor.person_id is not None, "a person publishes"
    row.plan_number += 1
    plan = GrantPlan(
        round_id=row.id, number=row.plan_number, plan=row.draft, published_by_id=actor.person_id, published_at=now
    )
    session.add(plan)
    session.flush()
    audit.record(session, Tag.ROUND_PUBLISHED, actor=actor, subject_id=row.id, now=now, number=row.plan_number)
    if row.state is _R.DRAFT:
        move_round(session, row, _R.SCHEDULED, actor=actor, now=now)
    else:
        touch(session, row)
    return plan


def take_down(session: Session, round_id: int, seen_version: int, *, actor: Actor, now: datetime) -> None:
    """Take a published round down before it opens. Raises as `save_plan` does, and Refused once it has opened."""
    row = _hold(session, round_id, seen_version, actor)
    if row.state is not _R.SCHEDULED or row.opens_at <= now:
        raise Refused("opened", "Only a round that has not opened yet can be taken down.")
    move_round(session, row, _R.DRAFT, actor=actor, now=now)


def unseal_round(
    session: Session, round_id: int, reason: str, seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Let officers read applications before the round closes; who did it and why is kept.

    Raises NotFound for officers of another funder, Refused without a reason and where nothing is sealed.
    """
    row, funder_id = hold_round(session, round_id, actor)
    refuse_stale(row, seen_version)
    permit = can_unseal(actor, funder_id, row)
    if not permit:
        raise Refused("not_now", permit.reason)
    if not reason.strip():
        raise Refused("no_reason", "Say why applications are opened early. It is kept for ever.", "reason")
    row.unsealed_by_id, row.unsealed_at, row.unsealed_reason = actor.person_id, now, reason
    touch(session, row)
    audit.record(session, Tag.ROUND_UNSEALED, actor=actor, subject_id=row.id, now=now, reason=reason)


def move_by_clock(session: Session, round_id: int, *, actor: Actor, now: datetime) -> bool:
    """Open a round whose time has come and close one whose time is over; say whether anything moved."""
    row, moved = lock(session, GrantRound, round_id), False
    if row.state is _R.SCHEDULED and row.opens_at <= now:
        move_round(session, row, _R.OPEN, actor=actor, now=now)
        moved = True
    if row.state is _R.OPEN and row.closes_at <= now:
        move_round(session, row, _R.ASSESSING, actor=actor, now=now)
        moved = True
    return moved


def end_if_done(session: Session, round_id: int, *, actor: Actor, now: datetime) -> bool:
    """Call a closed round decided once nothing in it is being assessed any more; say whether it was that."""
    row = lock(session, GrantRound, round_id)
    waiting = select(func.count()).where(
        GrantApplication.round_id == round_id, GrantApplication.state.in_(BEING_ASSESSED)
    )
    if row.state is not _R.ASSESSING or session.scalar(waiting):
        return False
    row.decided_at = now
    move_round(session, row, _R.DECIDED, actor=actor, now=now)
    return True


def _hold(session: Session, round_id: int, seen_version: int, actor: Actor) -> GrantRound:
    row, funder_id = hold_round(session, round_id, actor)
    demand(can_edit(actor, funder_id))
    permit = can_write_round(actor, funder_id, row)
    if not permit:
        raise Refused("not_now", permit.reason)
    refuse_stale(row, seen_version)
    return row


def _edited(session: Session, row: GrantRound, part: str, actor: Actor, now: datetime) -> None:
    touch(session, row)
    audit.record(session, Tag.ROUND_EDITED, actor=actor, subject_id=row.id, now=now, part=part)


def _refuse_frame(frame: RoundFrame) -> None:
    if not frame.title.strip():
        raise Refused("no_title", NO_TITLE, "title")
    if frame.closes_at <= frame.opens_at:
        raise Refused("dates", "It has to close after it opens.", "closes_on")
    if frame.decides_on <= frame.closes_at.astimezone(LONDON).date():
        raise Refused("dates", "It is decided on a day after it closes.", "decides_on")
    if frame.budget_pence <= 0:
        raise Refused("no_budget", "Enter how much the round has to give.", "budget")


def _free_slug(session: Session, title: str) -> str:
    base, number = slugify(title), 1
    while session.scalar(select(GrantRound.id).where(GrantRound.slug == (base if number == 1 else f"{base}-{number}"))):
        number += 1
    return base if number == 1 else f"{base}-{number}"
