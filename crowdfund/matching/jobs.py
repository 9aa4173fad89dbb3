"""The worker's part of match offers: every dated step, and the sweep that does what a job that was lost would have."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from crowdfund.core.actor import SystemActor
from crowdfund.core.db import db
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.matching.access import STANDING_PROJECT
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.moving import hold_offer
from crowdfund.matching.offering import (
    EXPIRE,
    IN_EFFECT,
    REMIND,
    REMINDERS,
    end_offer,
    expire_offer,
    remind_of_offer,
    take_effect,
)
from crowdfund.matching.rules import OfferState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import BEFORE_LAUNCH, ProjectState

SWEEP = "matching:sweep"
CLOCK = SystemActor("match-clock")
_S = OfferState
_UNDECIDED = (_S.PITCHED, _S.ASSESSING, _S.DEFERRED, _S.OFFERED)
# What a group takes back before launch is checked anew, so what was pledged to it no longer holds.
_TAKEN_BACK = sorted(BEFORE_LAUNCH - {ProjectState.READY})
PROJECT_OVER = "The project no longer takes match."
PROJECT_BACK = "The group took the project back to change it. It can ask again when the project is ready."

Payload = dict[str, Any]


def handlers() -> dict[str, Handler]:
    """Return the jobs of match offers by kind."""
    return {IN_EFFECT: _in_effect, REMIND: _remind, EXPIRE: _expire, SWEEP: sweep}


def sweep(payload: Payload, now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
    """Do every step that is due at `now` (UTC), each in a unit of work of its own; end what its project left behind."""
    for offer_id in _due(MatchOffer.state == _S.ASSESSING, MatchOffer.effective_at <= now):
        _in_effect({"offer_id": offer_id}, now)
    for offer_id in _due(MatchOffer.state == _S.OFFERED, MatchOffer.expires_at <= now):
        _expire({"offer_id": offer_id}, now)
    for which, before in REMINDERS.items():
        soon = (MatchOffer.expires_at <= now + before, MatchOffer.expires_at > now)
        unsaid = or_(MatchOffer.reminded_at.is_(None), MatchOffer.reminded_at < now - before)
        for offer_id in _due(MatchOffer.state == _S.OFFERED, *soon, unsaid):
            _remind({"offer_id": offer_id, "which": which}, now)
    for offer_id in _due(_left_behind()):
        with unit_of_work() as session:
            end_left_behind(session, offer_id, now)


def end_left_behind(session: Session, offer_id: int, now: datetime) -> bool:
    """End an offer whose project can no longer be given anything, or was taken back; say whether."""
    offer, project = hold_offer(session, offer_id)
    is_open = offer.state in _UNDECIDED and project.state not in STANDING_PROJECT
    if not is_open and not (offer.state is _S.ACCEPTED and project.state in _TAKEN_BACK):
        return False
    reason = PROJECT_BACK if project.state in _TAKEN_BACK else PROJECT_OVER
    end_offer(session, offer, project, reason, actor=CLOCK, now=now)
    return True


def _in_effect(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        take_effect(session, payload["offer_id"], actor=CLOCK, now=now)


def _remind(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        remind_of_offer(session, payload["offer_id"], payload["which"], now=now)


def _expire(payload: Payload, now: datetime) -> None:
    with unit_of_work() as session:
        expire_offer(session, payload["offer_id"], actor=CLOCK, now=now)


def _left_behind() -> ColumnElement[bool]:
    over = MatchOffer.state.in_(_UNDECIDED) & Project.state.not_in(sorted(STANDING_PROJECT))
    return or_(over, (MatchOffer.state == _S.ACCEPTED) & Project.state.in_(_TAKEN_BACK))


def _due(*conditions: ColumnElement[bool]) -> list[int]:
    found = select(MatchOffer.id).join(Project, Project.id == MatchOffer.project_id).where(*conditions)
    return list(db.session().scalars(found.order_by(MatchOffer.id)))
