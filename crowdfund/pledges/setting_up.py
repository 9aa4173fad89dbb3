"""Setting a pledge up: what the steps of the journey change before its card is saved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import withdraw_consents
from crowdfund.accounts.models import ConsentKind, Person
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Conflict, Refused
from crowdfund.payments.checkouts import start_checkout
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges.actions import find_counting, give_consents, refuse_closed
from crowdfund.pledges.cards import saved_checkouts
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import CHANGED, Audience, PledgeLimits, PledgeState
from crowdfund.projects.models import Project


@dataclass(frozen=True)
class BackerDetails:
    """What a backer tells about themselves; only name and e-mail are needed."""

    name: str
    email: str
    name_audience: Audience
    amount_audience: Audience
    message: str = ""
    outcode: str | None = None
    district_code: str | None = None
    share_with_group: bool = False
    wants_news: bool = False


@dataclass(frozen=True)
class Agreed:
    """What a backer agreed to on a page: the amount and the match that was quoted in pence, every sentence shown."""

    pence: int
    wordings: dict[ConsentKind, str]
    quoted_match_pence: int = 0


def start_pledge(
    session: Session, project_id: int, pence: int, token: str, limits: PledgeLimits, *, actor: Actor, now: datetime
) -> Pledge:
    """Start a pledge; the same form token again returns the same pledge, so a double click starts one.

    Raises Refused when the amount is outside the limits or the project takes no pledges.
    """
    limits.check(pence)
    project = lock(session, Project, project_id)
    refuse_closed(project, now)
    found = session.scalars(select(Pledge).where(Pledge.start_token == token)).one_or_none()
    if found is not None:
        return _restarted(session, found, project_id, pence)
    pledge = Pledge(
        public_id=ids.public_id(),
        reference=ids.reference("P"),
        start_token=token,
        project_id=project_id,
        state=PledgeState.SETUP,
        amount_pence=pence,
        created_at=now,
    )
    session.add(pledge)
    session.flush()
    data = {"project_id": project_id, "amount_pence": pence}
    audit.record(session, Tag.PLEDGE_STARTED, actor=actor, subject_id=pledge.id, now=now, **data)
    return pledge


def set_amount(
    session: Session, pledge_id: int, pence: int, limits: PledgeLimits, *, actor: Actor, now: datetime
) -> Pledge:
    """Change the amount while the pledge is set up; what was agreed to has to be agreed to again."""
    limits.check(pence)
    pledge = _in_setup(session, pledge_id)
    pledge.amount_pence, pledge.consented_pence = pence, None
    session.flush()
    audit.record(session, Tag.PLEDGE_AMOUNT_SET, actor=actor, subject_id=pledge.id, now=now, amount_pence=pence)
    return pledge


def describe_backer(session: Session, pledge_id: int, details: BackerDetails, *, actor: Actor, now: datetime) -> Pledge:
    """Keep what the backer typed while the pledge is set up; another address has to be verified again."""
    pledge = _in_setup(session, pledge_id)
    if details.email != pledge.email:
        pledge.person_id = None
    pledge.consented_pence = None
    values: dict[str, Any] = dict(vars(details))
    pledge.backer_name = values.pop("name")
    for name, value in values.items():
        setattr(pledge, name, value)
    session.flush()
    audit.record(session, Tag.PLEDGE_DESCRIBED, actor=actor, subject_id=pledge.id, now=now)
    return pledge


def claim_for_person(session: Session, pledge_id: int, person_id: int, *, actor: Actor, now: datetime) -> Pledge:
    """Give a pledge in set-up to the person whose address was verified.

    Raises Refused when the address was changed since, or when that person backs the project already.
    """
    pledge = _in_setup(session, pledge_id)
    if session.get_one(Person, person_id).email != pledge.email:
        raise Refused("not_verified", "The e-mail address was changed meanwhile. Ask for a new code.", "code")
    if find_counting(session, pledge.project_id, person_id) is not None:
        raise Refused("already_backing", "You back this project already. Change that pledge instead.")
    pledge.person_id = person_id
    if actor.person_id == person_id:
        pledge.claimed_at = now  # made while signed in: it is in the account from the start
    session.flush()
    audit.record(session, Tag.PLEDGE_VERIFIED, actor=actor, subject_id=pledge.id, now=now, person_id=person_id)
    return pledge


def agree_and_start_checkout(
    session: Session, pledge_id: int, agreed: Agreed, *, actor: Actor, now: datetime
) -> CardCheckout:
    """Record the consents in the words that were shown and return the checkout row to open.

    Where the card was saved before an edit, that complete checkout is returned. Raises Refused unless
    the address was verified and the project still takes pledges, Conflict when the pledge is no longer
    the one that was shown.
    """
    pledge = _in_setup(session, pledge_id)
    refuse_closed(session.get_one(Project, pledge.project_id), now)
    if pledge.person_id is None:
        raise Refused("not_verified", "Enter the code from your mail first.")
    asked = {ConsentKind.SHARE_WITH_GROUP: pledge.share_with_group, ConsentKind.NEWS: pledge.wants_news}
    ticked = {kind: kind in agreed.wordings for kind in asked}
    if agreed.pence != pledge.amount_pence or ticked != asked:
        raise Conflict(CHANGED)
    withdraw_consents(session, pledge.subject, now)
    data = {"consent_ids": give_consents(session, pledge, agreed.wordings, now)}
    pledge.consented_pence, pledge.quoted_match_pence = agreed.pence, agreed.quoted_match_pence
    session.flush()
    audit.record(session, Tag.PLEDGE_CONSENTED, actor=actor, subject_id=pledge.id, now=now, **data)
    saved = saved_checkouts(session, pledge)
    return saved[0] if saved else start_checkout(session, pledge.subject, now)


def _restarted(session: Session, pledge: Pledge, project_id: int, pence: int) -> Pledge:
    if pledge.project_id != project_id or pledge.state is not PledgeState.SETUP:
        raise Refused("used_form", "This form was used already. Reload the page to start a new pledge.")
    if pence != pledge.amount_pence:
        pledge.amount_pence, pledge.consented_pence = pence, None
        session.flush()
    return pledge


def _in_setup(session: Session, pledge_id: int) -> Pledge:
    pledge = lock(session, Pledge, pledge_id)
    if pledge.state is not PledgeState.SETUP:
        raise Refused("not_in_setup", "This pledge is finished already.")
    return pledge
