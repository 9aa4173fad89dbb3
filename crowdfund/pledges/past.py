"""The pledges of many ended projects as they stood at their deadlines, each with whether its backer qualifies."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, String, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from crowdfund.accounts.models import OfficerPost, Person
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import BigInt
from crowdfund.funds.models import Fund
from crowdfund.groups.models import Group, Host, Invitation, Member
from crowdfund.groups.rules import HostState, InvitationKind, InvitationState
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import STANDING, OfferState
from crowdfund.payments.models import CardCheckout, ChargeAttempt
from crowdfund.payments.rules import AttemptState
from crowdfund.pledges.models import Pledge, SetAside
from crowdfund.projects.models import Project

_SUBJECT = literal("pledge:", String) + cast(Pledge.id, String)
_JOINED = (Tag.MEMBER_JOINED.value, Tag.MEMBER_LEFT.value)
_OFFERED = (*STANDING, OfferState.LAPSED)


class PastGift(NamedTuple):
    """A pledge that stood at its project's deadline. Pence; `at` (UTC) is when it began to count."""

    project_id: int
    pence: int
    at: datetime
    qualifies: bool


def list_past_gifts(session: Session, project_ids: Select[int], funder_id: int) -> list[PastGift]:
    """Return every pledge that these projects had at their deadlines, in the order in which they were made.

    The rules are those of `qualifying`, for many projects in four statements; the people of the funder given count
    as tied to all of them, also where it was not asked.
    """
    tied = _tied_people(session, project_ids, funder_id)
    theirs = _cards_by_person(session, set().union(*tied.values()) if tied else set())
    seen: set[tuple[int, str]] = set()
    gifts = []
    for project_id, person_id, pence, collected, at, card, is_aside in session.execute(_gifts(project_ids)):
        people = tied.get(project_id, set())
        first = card is not None and (project_id, card) not in seen
        if card is not None:
            seen.add((project_id, card))
        own = person_id in people or any(card in theirs.get(person, ()) for person in people)
        gifts.append(PastGift(project_id, pence, at, first and collected is None and not own and not is_aside))
    return gifts


def _gifts(project_ids: Select[int]) -> Select[*tuple[Any, ...]]:
    """Return the pledges that counted at the deadline, with the card that counts and whether it was set aside."""
    newer = aliased(SetAside)
    newest = select(func.max(newer.id)).where(newer.pledge_id == Pledge.id).correlate(Pledge).scalar_subquery()
    paid = (ChargeAttempt.subject == _SUBJECT) & (ChargeAttempt.state == AttemptState.SUCCEEDED)
    card = func.coalesce(ChargeAttempt.card_hash, CardCheckout.card_hash)
    return (
        select(
            Pledge.project_id,
            Pledge.person_id,
            Pledge.amount_pence,
            Pledge.collected,
            Pledge.active_at,
            card,
            SetAside.is_aside,
        )
        .join(Project, Project.id == Pledge.project_id)
        .outerjoin(CardCheckout, CardCheckout.id == Pledge.checkout_id)
        .outerjoin(ChargeAttempt, paid)
        .outerjoin(SetAside, SetAside.id == newest)
        .where(
            Pledge.project_id.in_(project_ids),
            Pledge.active_at.is_not(None),
            Pledge.active_at <= Project.deadline,
            or_(Pledge.ended_at.is_(None), Pledge.ended_at >= Project.deadline),
        )
        .order_by(Pledge.active_at, Pledge.id)
    )


def _cards_by_person(session: Session, people: set[int]) -> dict[int, set[str]]:
    """Return the cards that each of these people ever pledged with, to any project."""
    saved = select(Pledge.person_id, CardCheckout.card_hash).join(CardCheckout, CardCheckout.subject == _SUBJECT)
    paid = select(Pledge.person_id, ChargeAttempt.card_hash).join(ChargeAttempt, ChargeAttempt.subject == _SUBJECT)
    found: dict[int, set[str]] = defaultdict(set)
    ids = sorted(people)
    for person_id, card in session.execute(
        union_all(
            saved.where(Pledge.person_id.in_(ids), CardCheckout.card_hash.is_not(None)),
            paid.where(Pledge.person_id.in_(ids), ChargeAttempt.card_hash.is_not(None)),
        )
    ):
        found[int(person_id or 0)].add(str(card))
    return found


def _tied_people(session: Session, project_ids: Select[int], funder_id: int) -> dict[int, set[int]]:
    """Return by project everybody whose pledge is no backer's, as `qualifying.own_people` does for one."""
    found: dict[int, set[int]] = defaultdict(set)
    for project_id, person_id, data in session.execute(union_all(*_ties(project_ids, funder_id))):
        whoever = person_id if data is None else json.loads(data)["person_id"]
        if whoever is not None:
            found[project_id].add(int(whoever))
    return found


def _ties(project_ids: Select[int], funder_id: int) -> Iterable[Any]:
    project, nobody, no_data = Project.id.in_(project_ids), cast(null(), BigInt), cast(null(), String)
    group = Project.group_id
    left = (AuditEvent.subject_kind == "group", AuditEvent.tag.in_(_JOINED), project)
    yield select(Project.id, nobody, AuditEvent.data).join(AuditEvent, AuditEvent.subject_id == group).where(*left)
    host = Host.state.in_((HostState.ASKED, HostState.ACCEPTED))
    signs = (Invitation.subject == literal("project:", String) + cast(Project.id, String)) & (
        Invitation.kind == InvitationKind.SIGNATORY
    )
    asked = Invitation.state != InvitationState.CANCELLED
    funders = (
        select(Fund.funder_id)
        .join(MatchOffer, MatchOffer.fund_id == Fund.id)
        .where(MatchOffer.project_id == Project.id, MatchOffer.state.in_(_OFFERED))
        .correlate(Project)
    )
    of_funder = or_(OfficerPost.funder_id == funder_id, OfficerPost.funder_id.in_(funders))
    posts = select(Project.id, OfficerPost.person_id, no_data).join(OfficerPost, of_funder)
    yield posts.where(project, OfficerPost.ended_at.is_(None))
    yield select(Project.id, Project.declared_by_id, no_data).where(project)
    yield select(Project.id, Member.person_id, no_data).join(Member, Member.group_id == group).where(project)
    yield select(Project.id, Host.answered_by_id, no_data).join(Host, Host.group_id == group).where(project, host)
    yield select(Project.id, Invitation.answered_by_id, no_data).join(Invitation, signs).where(project, asked)
    for table, on, address in (
        (Group, Group.id == group, Group.contact_email),
        (Host, (Host.group_id == group) & host, Host.contact_email),
        (Invitation, signs & asked, Invitation.email),
    ):
        named = select(Project.id, Person.id, no_data).join(table, on)
        yield named.join(Person, Person.email == func.lower(address)).where(project)
