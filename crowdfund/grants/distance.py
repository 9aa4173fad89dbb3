"""How far an officer stands from an application: of its group, its host or its signatories, or with an interest."""

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.decisions.queries import find_interest
from crowdfund.grants.models import GrantApplication
from crowdfund.groups.models import Host, Member
from crowdfund.groups.rules import HostState
from crowdfund.projects.distance import Distance

OF_GROUP = "You belong to the group that applied, so another officer has to look at this."
OF_HOST = "You answer for the host of the group that applied, so another officer has to look at this."
DECLARED = "You declared an interest in this application, so another officer has to look at this."
UNDECLARED = "Declare first whether you have an interest in this application."


def distance_of(session: Session, application: GrantApplication, person_id: int) -> Distance:
    """Return how far a person stands from an application; what the records show counts as an interest of its own."""
    address = select(Person.email).where(Person.id == person_id).scalar_subquery()
    member = exists().where(Member.group_id == application.group_id, Member.person_id == person_id)
    host = exists().where(
        Host.group_id == application.group_id,
        Host.state.in_((HostState.ASKED, HostState.ACCEPTED)),
        or_(Host.answered_by_id == person_id, Host.contact_email == address),
    )
    of_group, of_host = session.execute(select(member, host)).one()
    tie = OF_GROUP if of_group else OF_HOST if of_host else ""
    declared = find_interest(session, application.subject, person_id)
    return Distance(tie, None if declared is None else declared.has_interest)
