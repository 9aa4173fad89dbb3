"""Money that a group collected offline: banked, then pledged with a card of the group's, with evidence and a label."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import GroupRight
from crowdfund.core.actor import Actor
from crowdfund.core.errors import NotFound
from crowdfund.files.actions import store_document
from crowdfund.files.documents import Document
from crowdfund.files.models import Purpose
from crowdfund.groups.models import Group
from crowdfund.groups.queries import require_right
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeLimits
from crowdfund.pledges.setting_up import claim_for_person, start_pledge
from crowdfund.projects.models import Project


@dataclass(frozen=True)
class Collection:
    """What was collected where, how much in pence, and the evidence."""

    pence: int
    what: str
    evidence: Document


def pledge_collection(
    session: Session,
    project_id: int,
    collection: Collection,
    token: str,
    limits: PledgeLimits,
    *,
    actor: Actor,
    now: datetime,
) -> Pledge:
    """Start the pledge of a collection in the group's name; a member goes on to the check and the card page.

    Sent twice it is started once. Raises NotFound for strangers, Forbidden without the right, Refused outside the
    limits, while the project takes no pledges, and for a member who backs it already.
    """
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound(f"project {project_id}")
    require_right(session, project.group_id, actor, GroupRight.EDIT)
    assert actor.person_id is not None, "a member enters it"
    pledge = start_pledge(session, project_id, collection.pence, token, limits, actor=actor, now=now)
    if pledge.collected is not None:
        return pledge
    pledge.collected = collection.what
    pledge.email = session.get_one(Person, actor.person_id).email
    pledge.backer_name = session.get_one(Group, project.group_id).name
    session.flush()
    claim_for_person(session, pledge.id, actor.person_id, actor=actor, now=now)
    store_document(session, pledge.subject, Purpose.COLLECTION, collection.evidence, actor=actor, now=now)
    return pledge
