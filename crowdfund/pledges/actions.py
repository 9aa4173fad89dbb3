"""Changing pledges. Every change locks the project first, then the pledge, then the ledger's accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import give_consent, withdraw_consents
from crowdfund.accounts.models import ConsentKind, Person
from crowdfund.core import audit, ids, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Conflict, Forbidden, Refused
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.payments.checkouts import start_checkout
from crowdfund.payments.models import CardCheckout
from crowdfund.payments.rules import FORGET_CARD, CheckoutState
from crowdfund.pledges.access import can_change, can_raise
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import COUNTING, EXPLAINED, MACHINE, Audience, PledgeLimits, PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import takes_pledges

MAIL = "pledges:mail"


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
    """What a backer agreed to on a page: the amount in pence, and every sentence that was shown."""

    pence: int
    wordings: dict[ConsentKind, str]


def start_pledge(
    session: Session, project_id: int, pence: int, token: str, limits: PledgeLimits, *, actor: Actor, now: datetime
) -> Pledge:
    """Start a pledge; the same form token again returns the same pledge, so a double click starts one.

    Raises Refused when the amount is outside the limits or the project takes no pledges.
    """
    limits.check(pence)
    project = lock(session, Project, project_id)
    _refuse_closed(project, now)
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
    _refuse_closed(session.get_one(Project, pledge.project_id), now)
    if pledge.person_id is None:
        raise Refused("not_verified", "Enter the code from your mail first.")
    asked = {ConsentKind.SHARE_WITH_GROUP: pledge.share_with_group, ConsentKind.NEWS: pledge.wants_news}
    ticked = {kind: kind in agreed.wordings for kind in asked}
    if agreed.pence != pledge.amount_pence or ticked != asked:
        raise Conflict("Your pledge changed in another tab. Look at it again, then confirm.")
    withdraw_consents(session, pledge.subject, now)
    data = {"consent_ids": _give_consents(session, pledge, agreed.wordings, now)}
    pledge.consented_pence = agreed.pence
    session.flush()
    audit.record(session, Tag.PLEDGE_CONSENTED, actor=actor, subject_id=pledge.id, now=now, **data)
    saved = _saved_checkouts(session, pledge)
    return saved[0] if saved else start_checkout(session, pledge.subject, now)


def activate_pledge(session: Session, pledge_id: int, checkout_id: int, *, actor: Actor, now: datetime) -> bool:
    """Make a pledge count: its card is saved. Returns whether this call did it; a repeat does nothing.

    A pledge that was edited since its backer agreed waits for them to agree again. Raises Refused when
    the project takes no pledges any more, or the person backs it already.
    """
    project = _lock_project_of(session, pledge_id)
    pledge = lock(session, Pledge, pledge_id)
    if pledge.state is not PledgeState.SETUP or pledge.consented_pence != pledge.amount_pence:
        return False
    _refuse_closed(project, now)
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
    _mail(session, pledge, "receipt", now)
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
        _mail(session, pledge, "not_made", now)


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
    session: Session, pledge_id: int, pence: int, wording: str, limits: PledgeLimits, *, actor: Actor, now: datetime
) -> Pledge:
    """Change an active pledge; a higher amount records consent to the new wording.

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
        consent_ids = _give_consents(session, pledge, {ConsentKind.CHARGE_LATER: wording}, now)
        pledge.consented_pence = pence
    pledge.amount_pence, pledge.changes = pence, pledge.changes + 1
    session.flush()
    posting = Posting(session, f"pledge:{pledge.id}:change:{pledge.changes}", actor, now)
    postings.change_pledge(posting, project.accounts, pence - old)
    data = {"old_pence": old, "new_pence": pence, "consent_ids": consent_ids}
    audit.record(session, Tag.PLEDGE_AMOUNT_CHANGED, actor=actor, subject_id=pledge.id, now=now, **data)
    _mail(session, pledge, "amount_changed", now)
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
    data = {"name": name.value, "amount": amount.value, "consent_ids": _give_consents(session, pledge, fresh, now)}
    session.flush()
    audit.record(session, Tag.PLEDGE_AUDIENCE_CHANGED, actor=actor, subject_id=pledge.id, now=now, **data)
    return pledge


def withdraw_pledge(session: Session, pledge_id: int, *, actor: Actor, now: datetime) -> Pledge:
    """Take a pledge back before the deadline: it stops counting and its card is forgotten.

    Raises Forbidden when it cannot be changed any more.
    """
    project = _lock_project_of(session, pledge_id)
    pledge = _permitted(session, pledge_id, project, actor, now)
    pledge.state, pledge.ended_at = MACHINE.move(pledge.state, PledgeState.WITHDRAWN), now
    session.flush()
    posting = Posting(session, f"pledge:{pledge.id}:ended", actor, now)
    postings.end_pledge(posting, project.accounts, pledge.amount_pence)
    withdraw_consents(session, pledge.subject, now)
    forget_cards(session, pledge, now)
    data = {"project_id": project.id, "amount_pence": pledge.amount_pence}
    audit.record(session, Tag.PLEDGE_WITHDRAWN, actor=actor, subject_id=pledge.id, now=now, **data)
    _mail(session, pledge, "withdrawn", now)
    return pledge


def find_counting(session: Session, project_id: int, person_id: int) -> Pledge | None:
    """Return the pledge with which a person backs a project, if any."""
    return session.scalars(
        select(Pledge).where(Pledge.project_id == project_id, Pledge.person_id == person_id, Pledge.state.in_(COUNTING))
    ).one_or_none()


def forget_cards(session: Session, pledge: Pledge, now: datetime) -> None:
    """Have every card that was saved for this pledge removed at the provider."""
    for checkout in _saved_checkouts(session, pledge):
        payload = {"payment_method_ref": checkout.payment_method_ref}
        jobs.enqueue(session, FORGET_CARD, payload, dedupe_key=f"{FORGET_CARD}:{checkout.id}", now=now)


def _saved_checkouts(session: Session, pledge: Pledge) -> Sequence[CardCheckout]:
    saved = select(CardCheckout).where(
        CardCheckout.subject == pledge.subject, CardCheckout.state == CheckoutState.COMPLETE
    )
    return session.scalars(saved.order_by(CardCheckout.id.desc())).all()


def _give_consents(session: Session, pledge: Pledge, wordings: dict[ConsentKind, str], now: datetime) -> list[int]:
    assert pledge.person_id is not None
    return [
        give_consent(session, pledge.person_id, kind, wording, pledge.subject, now=now)
        for kind, wording in wordings.items()
    ]


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


def _refuse_closed(project: Project, now: datetime) -> None:
    if not takes_pledges(project.state, project.deadline, now):
        raise Refused("closed", "This project takes no pledges at the moment, so nothing was kept.")


def _mail(session: Session, pledge: Pledge, what: str, now: datetime) -> None:
    key = f"{MAIL}:{pledge.id}:{what}:{pledge.changes}"
    payload = {"pledge_id": pledge.id, "what": what, "amount_pence": pledge.amount_pence, "change": pledge.changes}
    jobs.enqueue(session, MAIL, payload, dedupe_key=key, now=now)
