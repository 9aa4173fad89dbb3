"""Reading offers: of a project, of a funder’s funds, with their assessments and decisions."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased, joinedload

from crowdfund.accounts.models import OfficerPost, Person
from crowdfund.accounts.roles import FUND_RIGHTS, ROLE_WORDS, FundRight, OfficerRole
from crowdfund.core.actor import Actor
from crowdfund.core.errors import NotFound
from crowdfund.decisions.models import Decision
from crowdfund.funds.models import Fund
from crowdfund.matching.access import can_see
from crowdfund.matching.models import Assessment, MatchOffer, PitchDraft
from crowdfund.projects.models import Project


class Assessed(NamedTuple):
    """An assessment with its writer's name."""

    assessment: Assessment
    by: str


class Work(NamedTuple):
    """Who assesses an offer, and the decision about it with the name of who recorded it; None where there is none."""

    assessor: str | None
    decision: Decision | None
    decider: str | None


def list_offers_of_project(session: Session, project_id: int) -> Sequence[MatchOffer]:
    """Return everything ever asked for a project, in the programme's order of funds, the newest of each first."""
    statement = _whole().join(Fund, Fund.id == MatchOffer.fund_id).where(MatchOffer.project_id == project_id)
    return session.scalars(statement.order_by(Fund.place, MatchOffer.id.desc())).all()


def get_own_offer(session: Session, project_id: int, public_id: str) -> MatchOffer:
    """Return an offer of this project, with its fund, funder and terms. Raises NotFound."""
    wanted = _whole().where(MatchOffer.public_id == public_id, MatchOffer.project_id == project_id)
    return _found(session.scalars(wanted).one_or_none(), public_id)


def get_officers_offer(session: Session, public_id: str, actor: Actor) -> MatchOffer:
    """Return an offer to an officer of its funder or the programme, with its project and group.

    Raises NotFound for everybody else: what is asked of another funder is not there for them.
    """
    project = joinedload(MatchOffer.project)
    wanted = _whole().options(project.joinedload(Project.group), project.joinedload(Project.district))
    offer = _found(session.scalars(wanted.where(MatchOffer.public_id == public_id)).one_or_none(), public_id)
    if not can_see(actor, offer.fund.funder_id):
        raise NotFound(f"offer {public_id}")
    return offer


def list_assessments(session: Session, offer_id: int) -> list[Assessed]:
    """Return the assessments of an offer with their writers, the newest first."""
    rows = select(Assessment, Person.name).join(Person, Person.id == Assessment.assessor_id)
    found = session.execute(rows.where(Assessment.offer_id == offer_id).order_by(Assessment.number.desc()))
    return [Assessed(*row) for row in found]


def assessors_of(session: Session, offer_id: int) -> frozenset[int]:
    """Return the person ids of everybody who ever assessed an offer."""
    return frozenset(session.scalars(select(Assessment.assessor_id).where(Assessment.offer_id == offer_id)))


def find_work(session: Session, offer_id: int) -> Work:
    """Return who assesses an offer, and the decision that holds with who recorded it; one that was stopped is none."""
    assessor, decider = aliased(Person), aliased(Person)
    row = session.execute(
        select(assessor.name, Decision, decider.name)
        .select_from(MatchOffer)
        .outerjoin(assessor, assessor.id == MatchOffer.taken_by_id)
        .outerjoin(Decision, Decision.id == MatchOffer.decision_id)
        .outerjoin(decider, decider.id == Decision.decided_by_id)
        .where(MatchOffer.id == offer_id)
    ).one()
    return Work(*row)


def find_draft(session: Session, project_id: int) -> PitchDraft | None:
    """Return what a group is writing to funds for a project, if anything."""
    return session.scalars(select(PitchDraft).where(PitchDraft.project_id == project_id)).one_or_none()


def authority_at(session: Session, person_id: int, right: FundRight, funder_id: int) -> str | None:
    """Return the words of the role under which a person has a right over a funder's funds; None without one."""
    roles = [role for role, rights in FUND_RIGHTS.items() if right in rights and not role.of_programme]
    held = select(OfficerPost.role).where(
        OfficerPost.person_id == person_id,
        OfficerPost.funder_id == funder_id,
        OfficerPost.role.in_(roles),
        OfficerPost.ended_at.is_(None),
    )
    role: OfficerRole | None = session.scalars(held.order_by(OfficerPost.id).limit(1)).one_or_none()
    return ROLE_WORDS[role] if role else None


def _whole() -> Select[MatchOffer]:
    return select(MatchOffer).options(joinedload(MatchOffer.terms), joinedload(MatchOffer.fund).joinedload(Fund.funder))


def _found(offer: MatchOffer | None, public_id: str) -> MatchOffer:
    if offer is None:
        raise NotFound(f"offer {public_id}")
    return offer
