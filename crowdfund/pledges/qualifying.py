"""Qualifying backers: one person, one address, one card, and nobody tied to the group or to a funder's money."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, func, literal, null, select
from sqlalchemy.orm import Session

from crowdfund.matching.rules import CrowdFacts
from crowdfund.pledges.models import Pledge, SetAside
from crowdfund.pledges.rules import COUNTING, PledgeState
from crowdfund.pledges.ties import CARD, Tie, cards_of, list_tied, with_card
from crowdfund.projects.models import Project


class Why(StrEnum):
    """Why a pledge counts to the target, but its backer not to the match."""

    COLLECTED = "collected"
    GROUP = Tie.GROUP.value
    HOST = Tie.HOST.value
    SIGNATORY = Tie.SIGNATORY.value
    FUNDER = Tie.FUNDER.value
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
    """Return everybody whose pledge to this project is no backer's, by person id, in one statement."""
    return {one.person_id: Why(one.tie) for one in list_tied(session, Project.id == project_id)}


def judged(session: Session, project_id: int, states: Collection[PledgeState]) -> Any:
    """Return a subquery of the pledges in these states: id, person, pence, card, and why each counts not."""
    people = own_people(session, project_id)
    rows = _cards(project_id, states).subquery()
    newest = select(SetAside.is_aside).where(SetAside.pledge_id == rows.c.id).order_by(SetAside.id.desc()).limit(1)
    tied = [(rows.c.person_id.in_(_of(people, why)), why.value) for why in set(people.values())]
    cards = select(cards_of(people).subquery().c.card)
    theirs = rows.c.card.in_(cards) if people else literal(False)
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
    turn = func.row_number().over(partition_by=CARD, order_by=(Pledge.active_at, Pledge.id))
    pledges = select(
        Pledge.id.label("id"),
        Pledge.person_id.label("person_id"),
        Pledge.amount_pence.label("pence"),
        Pledge.collected.label("collected"),
        Pledge.active_at.label("active_at"),
        CARD.label("card"),
        turn.label("turn"),
    )
    return with_card(pledges).where(Pledge.project_id == project_id, Pledge.state.in_(states))


def _of(people: dict[int, Why], why: Why) -> list[int]:
    return sorted(person for person, reason in people.items() if reason is why)
