"""The pledges of many ended projects as they stood at their deadlines, each with whether its backer qualifies."""

from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from crowdfund.pledges.models import Pledge, SetAside
from crowdfund.pledges.ties import CARD, cards_of, list_tied, with_card
from crowdfund.projects.models import Project


class PastGift(NamedTuple):
    """A pledge that stood at its project's deadline. Pence; `at` (UTC) is when it began to count."""

    project_id: int
    pence: int
    at: datetime
    qualifies: bool


def list_past_gifts(session: Session, project_ids: Select[int], funder_id: int) -> list[PastGift]:
    """Return every pledge that these projects had at their deadlines, in the order in which they were made.

    The rules are those of `qualifying`, for many projects in three statements; the people of the funder given count
    as tied to all of them, also where it was not asked.
    """
    tied: dict[int, set[int]] = defaultdict(set)
    for one in list_tied(session, Project.id.in_(project_ids), funder_id):
        tied[one.project_id].add(one.person_id)
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
    pledges = select(
        Pledge.project_id,
        Pledge.person_id,
        Pledge.amount_pence,
        Pledge.collected,
        Pledge.active_at,
        CARD,
        SetAside.is_aside,
    )
    return (
        with_card(pledges.join(Project, Project.id == Pledge.project_id))
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
    found: dict[int, set[str]] = defaultdict(set)
    for person_id, card in session.execute(cards_of(people)):
        found[int(person_id)].add(str(card))
    return found
