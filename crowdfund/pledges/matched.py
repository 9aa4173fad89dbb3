"""What funds add to a project as its crowd moves: quoted before a pledge, counted anew with every change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core.actor import Actor
from crowdfund.funds.rules import MatchKind
from crowdfund.matching.mail import mail_officer
from crowdfund.matching.reserving import (
    Line,
    has_offers,
    limits_per_backer,
    quote,
    read_match,
    read_offers,
    reserve_again,
)
from crowdfund.matching.rules import CrowdFacts, Limit
from crowdfund.matching.words import less_words
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.qualifying import WHY_WORDS, crowd_facts, list_unqualified, own_people
from crowdfund.projects.models import Project

LOCKED = frozenset({Limit.TEST, Limit.CROWD_FIRST})  # what was unlocked before waits for the crowd again


@dataclass(frozen=True)
class Before:
    """A crowd before a change, and what each per-pledge offer came to with it, by the offer's id. Pence."""

    crowd: CrowdFacts
    pence: dict[int, int]


@dataclass(frozen=True)
class Quoted:
    """What one funder adds to a pledge, in pence."""

    funder: str
    pence: int


def read_crowd(session: Session, project_id: int) -> CrowdFacts:
    """Return a project's crowd, summed as the terms of its accepted offers ask."""
    return crowd_facts(session, project_id, limits_per_backer(session, project_id))


def count_match(session: Session, project: Project, cause: str, *, actor: Actor, now: datetime) -> list[Line]:
    """Count the match of a locked project anew and set it aside; one statement for projects without an offer.

    `cause` names the change, once. It locks funds, so it comes last in a unit of work.
    """
    if not has_offers(session, project.id):
        return []
    return _count(session, project, cause, actor=actor, now=now)


def match_before(session: Session, project: Project) -> Before | None:
    """Return how the match of a locked project stands before one of its pledges changes; None without an offer."""
    if not has_offers(session, project.id):
        return None
    crowd = read_crowd(session, project.id)
    if not crowd.capped_pence:
        return Before(crowd, {})
    lines = read_match(session, project, crowd, from_pots=True)
    return Before(crowd, {line.offer.id: line.allocation.pence for line in lines if _is_per_pledge(line)})


def match_pledge(
    session: Session,
    project: Project,
    pledge: Pledge,
    before: Before | None,
    cause: str,
    *,
    actor: Actor,
    now: datetime,
) -> str:
    """Count the match anew after a pledge changed, and keep what funds add because of it, as `match_pence`.

    Returns why that is less than was quoted; '' where it is not. It locks funds, so it comes last.
    """
    if before is None:
        return ""
    lines = _count(session, project, cause, actor=actor, now=now)
    ours = [line for line in lines if _is_per_pledge(line)]
    gained = sum(line.allocation.pence - before.pence.get(line.offer.id, 0) for line in ours)
    most = sum(most_for(line, pledge.amount_pence) for line in ours)
    pledge.match_pence = max(0, min(most, pledge.match_pence + gained))
    session.flush()
    if pledge.match_pence >= pledge.quoted_match_pence:
        return ""
    return why_not(session, pledge) or " ".join(less_words(line) for line in ours)


def why_not(session: Session, pledge: Pledge) -> str:
    """Return, as a sentence, why a pledge counts to the target and not to the match; '' where it counts to both."""
    why = next((one.why for one in list_unqualified(session, pledge.project_id) if one.pledge_id == pledge.id), None)
    return f"Funds do not add to this pledge: it is {WHY_WORDS[why]}." if why else ""


def quote_match(
    session: Session, project: Project, amounts: Sequence[int], pledge: Pledge | None = None
) -> list[list[Quoted]]:
    """Return what funders would add to a pledge of each of these amounts (pence), as things stand; nothing is held.

    `pledge` is the one that is set up or raised: its person may be somebody whose money funds do not add to. One
    statement for projects without such an offer.
    """
    limits = limits_per_backer(session, project.id)
    if not limits or _is_left_out(session, project, pledge):
        return [[] for _ in amounts]
    crowd, reckoning = crowd_facts(session, project.id, limits), read_offers(session, project)
    had = 0 if pledge is None or pledge.active_at is None else pledge.amount_pence
    found = []
    for pence in amounts:
        added = quote(reckoning, crowd, _grown(crowd, had, pence))
        kept = ((line, min(more, most_for(line, pence))) for line, more in added)
        found.append([Quoted(line.offer.fund.funder.name, more) for line, more in kept if more])
    return found


def most_for(line: Line, pence: int) -> int:
    """Return the most (pence) that a per-pledge offer adds to a pledge of `pence`."""
    return min(pence, line.terms.per_backer_pence or pence)


def _count(session: Session, project: Project, cause: str, *, actor: Actor, now: datetime) -> list[Line]:
    lines = reserve_again(session, project, read_crowd(session, project.id), cause, actor=actor, now=now)
    for line in lines:
        if not line.allocation.pence and line.was_pence and line.allocation.limit in LOCKED:
            mail_officer(session, line.offer, "match_locked", cause, now, pence=line.was_pence)
    return lines


def _is_left_out(session: Session, project: Project, pledge: Pledge | None) -> bool:
    if pledge is None:
        return False
    if pledge.active_at is not None:
        return bool(why_not(session, pledge))
    return pledge.collected is not None or pledge.person_id in own_people(session, project.id)


def _grown(crowd: CrowdFacts, had: int, pence: int) -> CrowdFacts:
    capped = {most: summed - min(had, most) + min(pence, most) for most, summed in crowd.capped_pence.items()}
    added = pence - had
    return CrowdFacts(crowd.pledged_pence + added, crowd.backers + (not had), crowd.qualifying_pence + added, capped)


def _is_per_pledge(line: Line) -> bool:
    return line.terms.kind is MatchKind.PER_PLEDGE
