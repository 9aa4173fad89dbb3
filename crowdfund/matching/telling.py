"""Telling the local member of a project's division about it, and recording when."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.errors import Refused
from crowdfund.matching.access import can_tell_member
from crowdfund.matching.mail import things_of
from crowdfund.matching.moving import hold_for_officer, touch
from crowdfund.notifications.actions import queue_mail

MOST_HOW = 200
NO_HOW = "Say how the member was told."
BY_MAIL = "by a mail from this service"


def tell_member(
    session: Session, offer_id: int, email: str, how: str, on: date | None, *, actor: Actor, now: datetime
) -> None:
    """Mail the local member at `email`, or, without one, record how and on which day they were told.

    Raises NotFound for officers of another funder, Forbidden for whoever may not open it, Refused on `how` and `on`
    where neither an address nor a note is given, or for a day that is ahead.
    """
    offer, project, funder_id, distance = hold_for_officer(session, offer_id, actor)
    permit = can_tell_member(actor, funder_id, distance, offer)
    if not permit:
        raise Refused("not_now", permit.reason)
    today = now.astimezone(LONDON).date()
    if not email and not how.strip():
        raise Refused("no_how", NO_HOW, "how")
    if not email and on is None:
        raise Refused("no_day", "Enter the day on which the member was told.", "on")
    told_on = today if email or on is None else on
    if told_on > today:
        raise Refused("ahead", "Enter a day that is not ahead.", "on")
    if email:
        told = things_of(session, offer, project)
        queue_mail(session, "match_member", email, key=f"match_member:{offer.id}:{email}", now=now, **told)
    offer.member_told_on = told_on
    touch(session, offer)
    facts = {"on": told_on.isoformat(), "how": BY_MAIL if email else how}
    audit.record(session, Tag.MEMBER_TOLD, actor=actor, subject_id=offer.id, now=now, **facts)
