"""Who is tied to a project or to the money that funds offer it, and with which cards: the one home of that rule."""

import json
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, literal_column, null, select, union_all
from sqlalchemy.orm import Session

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
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project

_SUBJECT = literal("pledge:", String) + cast(Pledge.id, String)
# An attempt that was paid has the card that paid, which may be another than the one that was saved.
CARD = func.coalesce(ChargeAttempt.card_hash, CardCheckout.card_hash)
_PAID = (ChargeAttempt.subject == _SUBJECT) & (ChargeAttempt.state == AttemptState.SUCCEEDED)
# Who left is in the history only.
_MOVES = (Tag.MEMBER_JOINED.value, Tag.MEMBER_LEFT.value)
_ASKED = (*STANDING, OfferState.LAPSED)


class Tie(StrEnum):
    """What ties somebody to a project; where it is more than one thing, the first of these counts."""

    GROUP = "group"
    HOST = "host"
    SIGNATORY = "signatory"
    FUNDER = "funder"


class Tied(NamedTuple):
    """Somebody whose pledge to a project is no backer's, and what ties them to it."""

    project_id: int
    person_id: int
    tie: Tie


def list_tied(session: Session, projects: ColumnElement[bool], funder_id: int | None = None) -> list[Tied]:
    """Return everybody whose pledge to one of the projects that meet a condition is no backer's, in one statement.

    Whoever is or ever was in the group, its host's people, who signed or was asked to, and the officers of every
    funder that was asked; those of the funder given everywhere. Nobody is twice in a project.
    """
    found: dict[tuple[int, int], Tie] = {}
    for project_id, tie, person_id, data in session.execute(union_all(*_ties(projects, funder_id))):
        whoever = person_id if data is None else json.loads(data)["person_id"]
        if whoever is not None:
            key, ties = (project_id, int(whoever)), list(Tie)
            found[key] = min(Tie(tie), found.get(key, Tie.FUNDER), key=ties.index)
    return [Tied(project_id, person_id, tie) for (project_id, person_id), tie in found.items()]


def with_card(pledges: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Return a statement about pledges joined with what CARD needs: the charged card, before that the saved one."""
    return pledges.outerjoin(CardCheckout, CardCheckout.id == Pledge.checkout_id).outerjoin(ChargeAttempt, _PAID)


def cards_of(people: Collection[int]) -> Any:
    """Return a statement: the cards that these people ever pledged with, to any project, as person_id and card."""
    ids = sorted(people)
    each = (
        select(Pledge.person_id.label("person_id"), table.card_hash.label("card"))
        .join(table, table.subject == _SUBJECT)
        .where(Pledge.person_id.in_(ids), table.card_hash.is_not(None))
        for table in (CardCheckout, ChargeAttempt)
    )
    return union_all(*each)


def _ties(projects: ColumnElement[bool], funder_id: int | None) -> Iterable[Select[Any]]:
    group = Project.group_id
    ever = (AuditEvent.subject_kind == "group", AuditEvent.subject_id == group, AuditEvent.tag.in_(_MOVES))
    left = _row(Tie.GROUP, cast(null(), BigInt), AuditEvent.data).join(AuditEvent, AuditEvent.subject_id == group)
    yield left.where(projects, *ever)
    yield _row(Tie.GROUP, Member.person_id).join(Member, Member.group_id == group).where(projects)
    host = (Host.group_id == group) & Host.state.in_((HostState.ASKED, HostState.ACCEPTED))
    yield _row(Tie.HOST, Host.answered_by_id).join(Host, host).where(projects)
    signs = (
        (Invitation.subject == literal("project:", String) + cast(Project.id, String))
        & (Invitation.kind == InvitationKind.SIGNATORY)
        & (Invitation.state != InvitationState.CANCELLED)
    )
    yield _row(Tie.SIGNATORY, Invitation.answered_by_id).join(Invitation, signs).where(projects)
    yield _row(Tie.SIGNATORY, Project.declared_by_id).where(projects)
    for tie, table, on, address in (
        (Tie.GROUP, Group, Group.id == group, Group.contact_email),
        (Tie.HOST, Host, host, Host.contact_email),
        (Tie.SIGNATORY, Invitation, signs, Invitation.email),
    ):
        named = _row(tie, Person.id).join(table, on).join(Person, Person.email == func.lower(address))
        yield named.where(projects)
    asked = _row(Tie.FUNDER, OfficerPost.person_id).join(MatchOffer, MatchOffer.project_id == Project.id)
    asked = asked.join(Fund, Fund.id == MatchOffer.fund_id).join(OfficerPost, OfficerPost.funder_id == Fund.funder_id)
    yield asked.where(projects, MatchOffer.state.in_(_ASKED), OfficerPost.ended_at.is_(None))
    if funder_id is not None:
        everywhere = _row(Tie.FUNDER, OfficerPost.person_id).join(OfficerPost, OfficerPost.funder_id == funder_id)
        yield everywhere.where(projects, OfficerPost.ended_at.is_(None))


def _row(tie: Tie, person: Any, data: Any = None) -> Select[Any]:
    no_data = cast(null(), String)
    label: Any = literal_column(f"'{tie.value}'").label("tie")
    return select(
        Project.id.label("project_id"), label, person.label("person_id"), no_data if data is None else data
    ).select_from(Project)
