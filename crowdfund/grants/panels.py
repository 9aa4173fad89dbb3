"""A panel at work: placing applications on the board, confirming the meeting, and deciding them one by one after it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit, ids, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import DomainError, NotFound, Refused
from crowdfund.grants.access import can_confirm_panel, can_place
from crowdfund.grants.assessing import is_assessed
from crowdfund.grants.board import Card, stops, sums_of
from crowdfund.grants.deciding import GrantVerdict, awarded_in, criteria_of, decide_application
from crowdfund.grants.models import GrantApplication, GrantRound
from crowdfund.grants.moving import hold_for_officer, hold_round, plan_of
from crowdfund.grants.panel_models import GrantPanel, GrantPlacing
from crowdfund.grants.queries import list_sent, plans_of_round
from crowdfund.grants.rules import AWARDING, BEING_ASSESSED, Outcome
from crowdfund.grants.scoring import Standing, standings

DECIDE = "grants:decide"
NO_MINUTES = "Write what the panel talked about. It is kept with every decision."


class Seen(NamedTuple):
    """What a card is about: the application, how it stands, and where it lies."""

    application: GrantApplication
    standing: Standing
    lies: GrantPlacing | None


def place_application(
    session: Session, application_id: int, placing: GrantVerdict | None, *, actor: Actor, now: datetime
) -> None:
    """Lay an application somewhere on its round's board, or take it off with None. Nothing is decided by that.

    Raises as every officer's action does, Refused on `pence` for a part that is none, before it is assessed, and once
    a panel confirmed it.
    """
    application, _, funder_id = hold_for_officer(session, application_id, actor)
    permit = can_place(actor, funder_id, application)
    if not permit:
        raise Refused("not_now", permit.reason)
    row = session.scalars(select(GrantPlacing).where(GrantPlacing.application_id == application_id)).one_or_none()
    if row is not None and row.panel_id is not None and row.done_at is None and not row.fault:
        raise Refused("confirmed", "A panel confirmed it; it is being decided.")
    if placing is None:
        if row is not None:
            session.delete(row)
            session.flush()
        return
    if not is_assessed(session, application) and placing.outcome is not Outcome.INELIGIBLE:
        raise Refused("unassessed", "Fewer people than this tier asks for have assessed it.")
    if placing.criterion and placing.criterion not in criteria_of(plan_of(session, application)):
        raise Refused("no_criterion", "Choose one of the criteria.", "criterion")
    row = row or GrantPlacing(application_id=application_id)
    row.outcome, row.pence = placing.outcome, _pence(application, placing)
    row.criterion, row.reason = placing.criterion, placing.reason
    row.placed_by_id, row.placed_at = actor.person_id, now  # type: ignore[assignment]
    row.panel_id, row.done_at, row.fault = None, None, ""
    session.add(row)
    session.flush()


def confirm_panel(
    session: Session, round_id: int, reference: str, minutes: str, *, actor: Actor, now: datetime
) -> GrantPanel:
    """Make the board hold: everything that lies on it is decided one by one by the worker, for this officer.

    Raises NotFound for officers of another funder, Refused on `minutes` without the right or without minutes, and while
    more is given than there is or a reason is missing.
    """
    _, funder_id = hold_round(session, round_id, actor)
    permit = can_confirm_panel(actor, funder_id)
    if not permit:
        raise Refused("not_now", permit.reason, "minutes")
    if not minutes.strip():
        raise Refused("no_minutes", NO_MINUTES, "minutes")
    cards = [card for card, _ in cards_of(session, round_id, actor.person_id or 0)]
    if found := stops(cards, sums_of(cards, left_of(session, round_id))):
        raise Refused("not_ready", " ".join(found), "minutes")
    assert actor.person_id is not None, "a person confirms"
    panel = GrantPanel(
        public_id=ids.public_id(),
        round_id=round_id,
        reference=reference,
        minutes=minutes,
        confirmed_by_id=actor.person_id,
        confirmed_at=now,
    )
    session.add(panel)
    session.flush()
    placed = {card.application_id for card in cards if card.outcome is not None and not card.is_barred}
    for row in session.scalars(select(GrantPlacing).where(GrantPlacing.application_id.in_(placed))):
        row.panel_id, row.fault = panel.id, ""
    session.flush()
    audit.record(session, Tag.ROUND_PANEL, actor=actor, subject_id=round_id, now=now, count=len(placed))
    jobs.enqueue(session, DECIDE, {"panel_id": panel.id}, dedupe_key=f"{DECIDE}:{panel.id}", now=now)
    return panel


def decide_placed(session: Session, placing_id: int, *, actor: Actor, now: datetime) -> bool:
    """Decide one confirmed application as it lies; say whether there was something to do.

    Raises what `decide_application` raises; the caller keeps it with `note_fault`.
    """
    row = lock(session, GrantPlacing, placing_id)
    if row.panel_id is None or row.done_at is not None:
        return False
    panel = session.get_one(GrantPanel, row.panel_id)
    application = session.get_one(GrantApplication, row.application_id)
    pence = row.pence if row.outcome is Outcome.UP_TO else None
    verdict = GrantVerdict(row.outcome, row.criterion, row.reason, pence, panel.reference)
    decide_application(session, application.id, verdict, application.version, actor=actor, now=now)
    row.done_at, row.fault = now, ""
    session.flush()
    return True


def note_fault(session: Session, placing_id: int, error: DomainError) -> None:
    """Keep with a placing why it could not be decided, where officers see it."""
    lock(session, GrantPlacing, placing_id).fault = str(error) or type(error).__name__
    session.flush()


def waiting_in(session: Session, panel_id: int) -> Sequence[int]:
    """Return the ids of what a panel confirmed and that is not decided yet, faults left out."""
    found = select(GrantPlacing.id).where(
        GrantPlacing.panel_id == panel_id, GrantPlacing.done_at.is_(None), GrantPlacing.fault == ""
    )
    return session.scalars(found.order_by(GrantPlacing.id)).all()


def count_of_panel(session: Session, panel_id: int) -> tuple[int, int, int]:
    """Return how many a panel confirmed, how many of them are decided, and how many could not be."""
    done = func.count(GrantPlacing.done_at)
    faulty = func.count(func.nullif(GrantPlacing.fault, ""))
    row = session.execute(select(func.count(), done, faulty).where(GrantPlacing.panel_id == panel_id)).one()
    return int(row[0]), int(row[1]), int(row[2])


def list_faults(session: Session, panel_id: int) -> list[tuple[GrantApplication, str]]:
    """Return what a panel confirmed and that could not be decided, with why."""
    found = select(GrantApplication, GrantPlacing.fault).join(
        GrantPlacing, GrantPlacing.application_id == GrantApplication.id
    )
    rows = session.execute(found.where(GrantPlacing.panel_id == panel_id, GrantPlacing.fault != ""))
    return [(application, fault) for application, fault in rows]


def list_panels(session: Session, round_id: int) -> Sequence[GrantPanel]:
    """Return the confirmed panels of a round, the newest first."""
    found = select(GrantPanel).where(GrantPanel.round_id == round_id)
    return session.scalars(found.order_by(GrantPanel.id.desc())).all()


def get_panel(session: Session, public_id: str) -> GrantPanel:
    """Return a panel. Raises NotFound."""
    found = session.scalars(select(GrantPanel).where(GrantPanel.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound(f"panel {public_id}")
    return found


def left_of(session: Session, round_id: int) -> int:
    """Return what a round has left before anything on its board is decided, in pence."""
    return session.get_one(GrantRound, round_id).budget_pence - awarded_in(session, round_id)


def cards_of(session: Session, round_id: int, me: int) -> list[tuple[Card, Seen]]:
    """Return the cards of every application that waits for a decision, the best mark first, seen by the person `me`."""
    waiting = [one for one in list_sent(session, round_id) if one.state in BEING_ASSESSED]
    standing = standings(session, waiting, plans_of_round(session, round_id), me)
    rows = session.scalars(select(GrantPlacing).where(GrantPlacing.application_id.in_([one.id for one in waiting])))
    placed = {row.application_id: row for row in rows}
    pairs: list[tuple[Card, Seen]] = []
    for one in waiting:
        seen, lies = standing[one.id], placed.get(one.id)
        card = Card(
            one.id,
            one.district_code or "",
            one.is_first,
            one.asked_pence or 0,
            seen.percent,
            seen.is_wide,
            seen.barred,
            *((lies.outcome, lies.pence, lies.criterion, lies.reason) if lies else ()),
        )
        pairs.append((card, Seen(one, seen, lies)))
    return sorted(pairs, key=lambda pair: _order(pair[0]))


def _order(card: Card) -> tuple[int, int]:
    return (1 if card.percent is None else -card.percent, card.application_id)


def _pence(application: GrantApplication, placing: GrantVerdict) -> int | None:
    if placing.outcome not in AWARDING:
        return None
    asked = application.asked_pence or 0
    if placing.outcome is Outcome.FULL:
        return asked
    if not placing.pence or placing.pence >= asked:
        raise Refused("amount", "Enter an amount above nothing and below what was asked for.", "pence")
    return placing.pence
