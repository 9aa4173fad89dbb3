"""Qualifying backers: one person, one address, one card, and nobody tied to the group or to a funder's money."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, String, case, cast, func, literal, literal_column, null, select, union_all
from sqlalchemy.orm import Session

from crowdfund.accounts.models import OfficerPost, Person
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import BigInt
from crowdfund.funds.models import Fund
from crowdfund.groups.models import Group, Host, Invitation, Member
from crowdfund.groups.rules import HostState, InvitationKind, InvitationState
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import STANDING, CrowdFacts
from crowdfund.payments.models import CardCheckout, ChargeAttempt
from crowdfund.payments.rules import AttemptState
from crowdfund.pledges.models import Pledge, SetAside
from crowdfund.pledges.rules import COUNTING, PledgeState
from crowdfund.projects.models import Project

_SUBJECT = literal("pledge:", String) + cast(Pledge.id, String)


class Why(StrEnum):
    """Why a pledge counts to the target, but its backer not to the match."""

    COLLECTED = "collected"
    GROUP = "group"
    HOST = "host"
    SIGNATORY = "signatory"
    FUNDER = "funder"
    THEIR_CARD = "their_card"
    SAME_CARD = "same_card"
    NO_CARD = "no_card"
    SET_ASIDE = "set_aside"


WHY_WORDS: dict[Why, str] = {
    Why.COLLECTED: "money collected by the group",
    Why.GROUP: "from somebody who is or was in the group",
    Why.HOST: "from somebody of the group’s host",
    Why.SIGNATORY: "from somebody who signed for the project",
    Why.FUNDER: "from somebody who decides over a funder’s money",
    Why.THEIR_CARD: "with a card of one of these people",
    Why.SAME_CARD: "with the same card as an earlier pledge",
    Why.NO_CARD: "with a card that cannot be told from others",
    Why.SET_ASIDE: "set aside by an officer",
}


@dataclass(frozen=True)
class Unqualified:
    """A pledge that counts to the target and not to the match, and why."""

    pledge_id: int
    pence: int
    why: Why


def crowd_facts(
    session: Session, project_id: int, limits: Iterable[int], *, states: Collection[PledgeState] = COUNTING
) -> CrowdFacts:
    """Return what a project's pledges in these states add up to, in two statements.

    `limits` are the most (pence) that terms take from one backer: what qualifying backers gave is summed for each.
    """
    rows, wanted = judged(session, project_id, states), sorted(set(limits))
    pence, counts = rows.c.pence, rows.c.why.is_(None)
    sums = [func.coalesce(func.sum(pence), 0), func.count().filter(counts)]
    sums.append(func.coalesce(func.sum(pence).filter(counts), 0))
    sums += [func.coalesce(func.sum(case((pence > most, most), else_=pence)).filter(counts), 0) for most in wanted]
    pledged, backers, qualifying, *capped = map(int, session.execute(select(*sums)).one())
    return CrowdFacts(pledged, backers, qualifying, dict(zip(wanted, capped, strict=True)))


def list_unqualified(
    session: Session, project_id: int, *, states: Collection[PledgeState] = COUNTING
) -> list[Unqualified]:
    """Return the pledges that count to the target and not to the match, each with why, oldest first."""
    rows = judged(session, project_id, states)
    found = select(rows.c.id, rows.c.pence, rows.c.why).where(rows.c.why.is_not(None)).order_by(rows.c.id)
    return [Unqualified(pledge_id, int(pence), Why(why)) for pledge_id, pence, why in session.execute(found)]


def own_people(session: Session, project_id: int) -> dict[int, Why]:
    """Return everybody whose pledge to this project is no backer's, by person id, in one statement.

    Whoever is or ever was in the group, its host's people, who signed or was asked to, and the officers of every
    funder that was asked.
    """
    found: dict[int, Why] = {}
    for why, person_id, data in session.execute(_tied(project_id)):
        whoever = person_id if data is None else json.loads(data)["person_id"]
        if whoever is not None:
            found.setdefault(int(whoever), Why(why))
    return found


def judged(session: Session, project_id: int, states: Collection[PledgeState]) -> Any:
    """Return a subquery of the pledges in these states: id, person, pence, card, and why each counts not."""
    people = own_people(session, project_id)
    rows = _cards(project_id, states).subquery()
    newest = select(SetAside.is_aside).where(SetAside.pledge_id == rows.c.id).order_by(SetAside.id.desc()).limit(1)
    tied = [(rows.c.person_id.in_(_of(people, why)), why.value) for why in set(people.values())]
    theirs = rows.c.card.in_(_cards_of(people)) if people else literal(False)
    why = case(
        (rows.c.collected.is_not(None), Why.COLLECTED.value),
        *tied,
        (rows.c.card.is_(None), Why.NO_CARD.value),
        (theirs, Why.THEIR_CARD.value),
        (rows.c.turn > 1, Why.SAME_CARD.value),
        (newest.correlate(rows).scalar_subquery().is_(True), Why.SET_ASIDE.value),
        else_=null(),
    )
    kept = (rows.c.id, rows.c.person_id, rows.c.pence, rows.c.card, rows.c.active_at)
    return select(*kept, why.label("why")).subquery()


def _cards(project_id: int, states: Collection[PledgeState]) -> Select[Any]:
    """Return the pledges in these states with the card that counts: the charged one, before that the saved one."""
    # An attempt that was paid has the card that paid, which may be another than the one that was saved.
    card = func.coalesce(ChargeAttempt.card_hash, CardCheckout.card_hash)
    turn = func.row_number().over(partition_by=card, order_by=(Pledge.active_at, Pledge.id))
    paid = (ChargeAttempt.subject == _SUBJECT) & (ChargeAttempt.state == AttemptState.SUCCEEDED)
    return (
        select(
            Pledge.id.label("id"),
            Pledge.person_id.label("person_id"),
            Pledge.amount_pence.label("pence"),
            Pledge.collected.label("collected"),
            Pledge.active_at.label("active_at"),
            card.label("card"),
            turn.label("turn"),
        )
        .outerjoin(CardCheckout, CardCheckout.id == Pledge.checkout_id)
        .outerjoin(ChargeAttempt, paid)
        .where(Pledge.project_id == project_id, Pledge.state.in_(states))
    )


def _cards_of(people: Collection[int]) -> Select[Any]:
    """Return the cards that these people ever pledged with, to any project."""
    saved = select(CardCheckout.card_hash).join(Pledge, CardCheckout.subject == _SUBJECT)
    paid = select(ChargeAttempt.card_hash).join(Pledge, ChargeAttempt.subject == _SUBJECT)
    ids = sorted(people)
    both = union_all(
        saved.where(Pledge.person_id.in_(ids), CardCheckout.card_hash.is_not(None)),
        paid.where(Pledge.person_id.in_(ids), ChargeAttempt.card_hash.is_not(None)),
    ).subquery()
    return select(both.c.card_hash)


def _of(people: dict[int, Why], why: Why) -> list[int]:
    return sorted(person for person, reason in people.items() if reason is why)


def _tied(project_id: int) -> Any:
    its_group = select(Project.group_id).where(Project.id == project_id).scalar_subquery()
    signs = (
        Invitation.kind == InvitationKind.SIGNATORY,
        Invitation.subject == f"project:{project_id}",
        Invitation.state != InvitationState.CANCELLED,
    )
    hosts = (Host.group_id == its_group, Host.state.in_((HostState.ASKED, HostState.ACCEPTED)))
    # Who left is in the history only.
    ever = (AuditEvent.subject_kind == "group", AuditEvent.subject_id == its_group)
    moves = (Tag.MEMBER_JOINED.value, Tag.MEMBER_LEFT.value)
    posts = (
        select(OfficerPost.person_id)
        .join(Fund, Fund.funder_id == OfficerPost.funder_id)
        .join(MatchOffer, MatchOffer.fund_id == Fund.id)
        .where(MatchOffer.project_id == project_id, MatchOffer.state.in_(STANDING), OfficerPost.ended_at.is_(None))
    )
    host_people = (select(Host.answered_by_id).where(*hosts), _named(Host.contact_email, *hosts))
    signatories = (
        select(Invitation.answered_by_id).where(*signs),
        _named(Invitation.email, *signs),
        select(Project.declared_by_id).where(Project.id == project_id),
    )
    group = (
        select(Member.person_id).where(Member.group_id == its_group),
        _named(Group.contact_email, Group.id == its_group),
    )
    left: Any = select(
        literal_column(f"'{Why.GROUP.value}'").label("why"), cast(null(), BigInt).label("person_id"), AuditEvent.data
    ).where(*ever, AuditEvent.tag.in_(moves))
    ties: list[tuple[Why, Sequence[Select[Any]]]] = [
        (Why.GROUP, group),
        (Why.HOST, host_people),
        (Why.SIGNATORY, signatories),
        (Why.FUNDER, (posts,)),
    ]
    return union_all(left, *(_as_row(why, one) for why, several in ties for one in several))


def _named(address: Any, *conditions: Any) -> Select[Any]:
    return select(Person.id).join_from(Person, address.class_, func.lower(address) == Person.email).where(*conditions)


def _as_row(why: Why, found: Select[Any]) -> Select[Any]:
    (column,) = found.selected_columns
    label: Any = literal_column(f"'{why.value}'").label("why")
    return found.with_only_columns(label, column.label("person_id"), cast(null(), String).label("data"))
