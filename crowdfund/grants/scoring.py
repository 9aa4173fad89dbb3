"""How applications of a round stand in the eyes of their assessors, for many at once: marks, spread, who is barred."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.decisions.models import Interest
from crowdfund.grants.models import GrantApplication, GrantAssessment, GrantAssessor
from crowdfund.grants.plans import Plan
from crowdfund.grants.queries import Scored
from crowdfund.grants.rules import is_wide, mean, weighted_percent
from crowdfund.groups.models import Host, Member
from crowdfund.groups.rules import HostState


@dataclass(frozen=True)
class Standing:
    """How an application stands. `percent` is None until as many people as its tier asks for have assessed it."""

    needed: int
    assessors: tuple[str, ...]  # names of those who hold or wrote an assessment
    newest: tuple[Scored, ...]  # of each assessor
    given: int
    percent: int | None
    is_wide: bool
    is_mine: bool
    is_written: bool  # whoever asks has assessed it
    barred: bool
    declared: bool

    @property
    def is_ready(self) -> bool:
        """Whether it can be decided."""
        return self.given >= self.needed


def percent_of(plan: Plan, scores: Mapping[str, Any]) -> int | None:
    """Return one assessment as a percentage of the highest mark; criteria that do not apply are left out."""
    return weighted_percent((scores.get(one.key, {}).get("score"), one.weight) for one in plan.criteria)


def wide_criteria(plan: Plan, assessments: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the criteria, in words, at which assessors are far apart."""
    return [
        one.words for one in plan.criteria if is_wide([scores.get(one.key, {}).get("score") for scores in assessments])
    ]


def standings(
    session: Session, applications: Sequence[GrantApplication], plans: Mapping[int, Plan], me: int
) -> dict[int, Standing]:
    """Return how each application stands, seen by the person `me`, in four statements however many there are.

    Assessments of people who are of the group or declared an interest count neither in the mean nor in the number.
    """
    ids = [one.id for one in applications]
    written, held = _assessments(session, ids), _held(session, ids)
    people = {me, *(by for _, by in written)}
    tied, declared = _tied(session, applications, people), _declared(session, ids, people)
    found = {}
    for one in applications:
        plan, tier = plans[one.plan_id], plans[one.plan_id].tier(one.tier)
        needed = tier.assessors if tier else 1
        pairs = {by: scored for (of, by), scored in written.items() if of == one.id}
        clear = [
            scored.assessment.scores
            for by, scored in pairs.items()
            if (one.id, by) not in tied and declared.get((one.id, by)) is False
        ]
        holders = held[one.id]
        marks = [mark for mark in (percent_of(plan, scores) for scores in clear) if mark is not None]
        whole = len(clear) >= needed
        found[one.id] = Standing(
            needed=needed,
            assessors=tuple(sorted({*holders.values(), *(scored.by for scored in pairs.values())})),
            newest=tuple(pairs.values()),
            given=len(clear),
            percent=mean(marks) if whole else None,
            is_wide=whole and bool(wide_criteria(plan, clear)),
            is_mine=me in holders,
            is_written=me in pairs,
            barred=(one.id, me) in tied or declared.get((one.id, me)) is True,
            declared=(one.id, me) in declared,
        )
    return found


def _assessments(session: Session, ids: Iterable[int]) -> dict[tuple[int, int], Scored]:
    """Return the newest assessment by application and assessor."""
    found = select(GrantAssessment, Person.name).join(Person, Person.id == GrantAssessment.assessor_id)
    rows = session.execute(found.where(GrantAssessment.application_id.in_(ids)).order_by(GrantAssessment.number))
    return {(row.application_id, row.assessor_id): Scored(row, name) for row, name in rows}


def _held(session: Session, ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """Return by application who has it in hand: their names by their ids."""
    found = select(GrantAssessor.application_id, Person.id, Person.name).join(
        Person, Person.id == GrantAssessor.person_id
    )
    held: dict[int, dict[int, str]] = defaultdict(dict)
    rows = session.execute(found.where(GrantAssessor.application_id.in_(ids), GrantAssessor.given_back_at.is_(None)))
    for of, by, name in rows:
        held[of][by] = name
    return held


def _declared(session: Session, ids: Iterable[int], people: Iterable[int]) -> dict[tuple[int, int], bool]:
    """Return the newest declaration by application and person."""
    subjects = {f"application:{key}": key for key in ids}
    of_each = select(func.max(Interest.id)).where(Interest.person_id.in_(people), Interest.subject.in_(subjects))
    newest = of_each.group_by(Interest.subject, Interest.person_id)
    rows = session.execute(
        select(Interest.subject, Interest.person_id, Interest.has_interest).where(Interest.id.in_(newest))
    )
    return {(subjects[subject], by): has for subject, by, has in rows}


def _tied(
    session: Session, applications: Sequence[GrantApplication], people: Iterable[int]
) -> frozenset[tuple[int, int]]:
    """Return which people are of an application's group or answer for its host."""
    groups = {one.group_id for one in applications}
    members = select(Member.group_id, Member.person_id).where(Member.group_id.in_(groups), Member.person_id.in_(people))
    hosts = (
        select(Host.group_id, Person.id)
        .join(Person, or_(Person.id == Host.answered_by_id, Person.email == Host.contact_email))
        .where(
            Host.group_id.in_(groups),
            Host.state.in_((HostState.ASKED, HostState.ACCEPTED)),
            Person.id.in_(people),
        )
    )
    by_group: dict[int, set[int]] = defaultdict(set)
    for group_id, person_id in session.execute(members.union(hosts)):
        by_group[group_id].add(person_id)
    return frozenset((one.id, by) for one in applications for by in by_group[one.group_id])
