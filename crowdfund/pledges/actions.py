"""A pledge's life once its card is saved. Locks: the project first, then the pledge, then the ledger's accounts."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import give_consent, withdraw_consents
from crowdfund.accounts.models import ConsentKind
from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.pledges.access import can_change, can_raise
from crowdfund.pledges.cards import forget_cards
from crowdfund.pledges.matched import Before, count_match, match_before, match_pledge
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import stop_counting
from crowdfund.pledges.rules import COUNTING, EXPLAINED, MACHINE, Audience, PledgeLimits, PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import takes_pledges

MAIL = "pledges:mail"


def activate_pledge(session: Session, pledge_id: int, checkout_id: int, *, actor: Actor, now: datetime) -> bool:
    """Make a pledge count: its card is saved. Returns whether this call did it; a repeat does nothing.

    A pledge that was edited since its backer agreed waits for them to agree again. Raises Refused when
    the project takes no pledges any more, or the person backs it already.
    """
    project = _lock_project_of(session, pledge_id)
    pledge = lock(session, Pledge, pledge_id)
    if pledge.state is not PledgeState.SETUP or pledge.consented_pence != pledge.amount_pence:
        return False
    refuse_closed(project, now)
    before = match_before(session, project)
    pledge.state = MACHINE.move(pledge.state, PledgeState.ACTIVE)
    pledge.checkout_id, pledge.active_at = checkout_id, now
    try:
        session.flush()
    except IntegrityError as error:
        if "uq_pledge_one_per_person" in str(error.orig) or "pledge.project_id, pledge.person_id" in str(error.orig):
            raise Refused("already_backing", "You back this project already.") from error
        raise
    posting = Posting(session, f"pledge:{pledge.id}:made", actor, now)
    postings.make_pledge(posting, project.accounts, pledge.amount_pence)
    data = {"project_id": project.id, "amount_pence": pledge.amount_pence}
    audit.record(session, Tag.PLEDGE_ACTIVATED, actor=actor, subject_id=pledge.id, now=now, **data)
    tell_backer(session, pledge, "receipt", now)
    _match(session, project, pledge, before, posting.key, actor=actor, now=now)
    return True


def abandon_pledge(session: Session, pledge_id: int, reason: str, *, actor: Actor, now: datetime) -> None:
    """End a pledge that never became active, and have its card forgotten if one was saved."""
    pledge = lock(session, Pledge, pledge_id)
    if pledge.state is not PledgeState.SETUP:
        return
    pledge.state, pledge.ended_at = MACHINE.move(pledge.state, PledgeState.ABANDONED), now
    pledge.end_reason = reason
    withdraw_consents(session, pledge.subject, now)
    session.flush()
    forget_cards(session, pledge, now)
    audit.record(session, Tag.PLEDGE_ABANDONED, actor=actor, subject_id=pledge.id, now=now, reason=reason)
    if reason in EXPLAINED and pledge.person_id is not None:
        tell_backer(session, pledge, "not_made", now)


def forget_typed(session: Session, before: datetime) -> None:
    """Blank what people typed for pledges that ended unfinished before `before` (UTC)."""
    blank = {"email": None, "backer_name": None, "message": "", "outcode": None, "district_code": None}
    session.execute(
        update(Pledge)
        .where(Pledge.state == PledgeState.ABANDONED, Pledge.ended_at < before, Pledge.backer_name.is_not(None))
        .values(**blank)
        .execution_options(synchronize_session=False)
    )


def change_amount(
    session: Session,
    pledge_id: int,
    pence: int,
    wording: str,
    limits: PledgeLimits,
    *,
    quoted_match_pence: int | None = None,
    actor: Actor,
    now: datetime,
) -> Pledge:
    """Change an active pledge; a higher amount records consent to the new wording, and the match quoted with it.

    Raises Refused outside the limits, Forbidden when the pledge cannot be changed any more.
    """
    limits.check(pence)
    project = _lock_project_of(session, pledge_id)
    pledge = _permitted(session, pledge_id, project, actor, now)
    old, consent_ids = pledge.amount_pence, list[int]()
    if pence == old:
        return pledge
    if pence > old:
        permit = can_raise(actor, pledge, now)
        if not permit:
            raise Refused("not_raisable", permit.reason, "amount")
        withdraw_consents(session, pledge.subject, now, ConsentKind.CHARGE_LATER)
        consent_ids = give_consents(session, pledge, {ConsentKind.CHARGE_LATER: wording}, now)
        pledge.consented_pence = pence
    before = match_before(session, project)
    pledge.amount_pence, pledge.changes = pence, pledge.changes + 1
    if pence < old:
        pledge.quoted_match_pence = min(pledge.quoted_match_pence, pence)
    elif quoted_match_pence is not None:
        pledge.quoted_match_pence = quoted_match_pence
    session.flush()
    posting = Posting(session, f"pledge:{pledge.id}:change:{pledge.changes}", actor, now)
    postings.change_pledge(posting, project.accounts, pence - old)
    data = {"old_pence": old, "new_pence": pence, "consent_ids": consent_ids}
    audit.record(session, Tag.PLEDGE_AMOUNT_CHANGED, actor=actor, subject_id=pledge.id, now=now, **data)
    tell_backer(session, pledge, "amount_changed", now)
    _match(session, project, pledge, before, posting.key, actor=actor, now=now)
    return pledge


def change_audience(
    session: Session,
    pledge_id: int,
    name: Audience,
    amount: Audience,
    wishes: dict[ConsentKind, str],
    *,
    actor: Actor,
    now: datetime,
) -> Pledge:
    """Change who may see the name and the amount, and which optional consents stand; `wishes` are their wordings.

    Raises Forbidden when it cannot be changed any more.
    """
    project = _lock_project_of(session, pledge_id)
    pledge = _permitted(session, pledge_id, project, actor, now)
    pledge.name_audience, pledge.amount_audience = name, amount
    had = {ConsentKind.SHARE_WITH_GROUP: pledge.share_with_group, ConsentKind.NEWS: pledge.wants_news}
    for kind, given in had.items():
        if given and kind not in wishes:
            withdraw_consents(session, pledge.subject, now, kind)
    fresh = {kind: wording for kind, wording in wishes.items() if not had[kind]}
    pledge.share_with_group = ConsentKind.SHARE_WITH_GROUP in wishes
    pledge.wants_news = ConsentKind.NEWS in wishes
    data = {"name": name.value, "amount": amount.value, "consent_ids": give_consents(session, pledge, fresh, now)}
    session.flush()
    audit.record(session, Tag.PLEDGE_AUDIENCE_CHANGED, actor=actor, subject_id=pledge.id, now=now, **data)
    return pledge


def withdraw_pledge(session: Session, pledge_id: int, *, actor: Actor, now: datetime) -> Pledge:
    """Take a pledge back before the deadline: it stops counting and its card is forgotten.

    Raises Forbidden when it cannot be changed any more.
    """
    project = _lock_project_of(session, pledge_id)
    pledge = _permitted(session, pledge_id, project, actor, now)
    pledge.state = MACHINE.move(pledge.state, PledgeState.WITHDRAWN)
    stop_counting(session, project, pledge, None, actor=actor, now=now)
    forget_cards(session, pledge, now)
    data = {"project_id": project.id, "amount_pence": pledge.amount_pence}
    audit.record(session, Tag.PLEDGE_WITHDRAWN, actor=actor, subject_id=pledge.id, now=now, **data)
    tell_backer(session, pledge, "withdrawn", now)
    count_match(session, project, f"pledge:{pledge.id}:ended", actor=actor, now=now)
    return pledge


def find_counting(session: Session, project_id: int, person_id: int) -> Pledge | None:
    """Return the pledge with which a person backs a project, if any."""
    return session.scalars(
        select(Pledge).where(Pledge.project_id == project_id, Pledge.person_id == person_id, Pledge.state.in_(COUNTING))
    ).one_or_none()


def give_consents(session: Session, pledge: Pledge, wordings: dict[ConsentKind, str], now: datetime) -> list[int]:
    """Record that the pledge's person agreed to these wordings; returns the consents' ids."""
    assert pledge.person_id is not None
    return [
        give_consent(session, pledge.person_id, kind, wording, pledge.subject, now=now)
        for kind, wording in wordings.items()
    ]


def _lock_project_of(session: Session, pledge_id: int) -> Project:
    """Lock the project first, in one statement: every change of its pledges queues behind it."""
    its_project = select(Pledge.project_id).where(Pledge.id == pledge_id).scalar_subquery()
    return lock(session, Project, its_project)


def _permitted(session: Session, pledge_id: int, project: Project, actor: Actor, now: datetime) -> Pledge:
    pledge = lock(session, Pledge, pledge_id)
    pledge.project = project
    permit = can_change(actor, pledge, now)
    if not permit:
        raise Forbidden(permit.reason)
    return pledge


def _match(
    session: Session,
    project: Project,
    pledge: Pledge,
    before: Before | None,
    cause: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    reason = match_pledge(session, project, pledge, before, cause, actor=actor, now=now)
    if reason and pledge.match_pence < pledge.quoted_match_pence:
        tell_backer(session, pledge, "match_less", now, reason=reason)


def refuse_closed(project: Project, now: datetime) -> None:
    """Raise Refused('closed') unless the project takes pledges at `now` (UTC)."""
    if not takes_pledges(project.state, project.deadline, now):
        raise Refused("closed", "This project takes no pledges at the moment, so nothing was kept.")


def tell_backer(
    session: Session, pledge: Pledge, what: str, now: datetime, *, about: int | None = None, reason: str = ""
) -> None:
    """Have the worker write the mail pledge_<what> to the pledge's backer, once; `about` tells one from the next."""
    change = pledge.changes if about is None else about
    key = f"{MAIL}:{pledge.id}:{what}:{change}"
    payload = {"pledge_id": pledge.id, "what": what, "amount_pence": pledge.amount_pence, "change": change}
    payload |= {"reason": reason} if reason else {}
    jobs.enqueue(session, MAIL, payload, dedupe_key=key, now=now)
