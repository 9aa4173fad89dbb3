"""Mails about an offer to the people of its group."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.funds.models import Fund, Funder, FundTerms
from crowdfund.groups.models import Group, Member
from crowdfund.matching.models import MatchOffer
from crowdfund.notifications.actions import queue_mail
from crowdfund.projects.models import Project


def mail_about(
    session: Session, offer: MatchOffer, template: str, occasion: str, now: datetime, **context: Any
) -> None:
    """Mail everyone in the group of an offer’s project, once for each occasion of this offer."""
    project = session.get_one(Project, offer.project_id)
    people = (
        select(Person.id, Person.email)
        .join(Member, Member.person_id == Person.id)
        .where(Member.group_id == project.group_id, Person.email.is_not(None))
    )
    context |= things_of(session, offer, project)
    for person_id, email in session.execute(people.order_by(Person.id)).all():
        assert email is not None
        key = f"{template}:{offer.id}:{occasion}:{person_id}"
        queue_mail(session, template, email, key=key, now=now, **context)


def things_of(session: Session, offer: MatchOffer, project: Project) -> dict[str, Any]:
    """Return what every mail about an offer names."""
    fund = session.get_one(Fund, offer.fund_id)
    return {
        "offer": offer,
        "project": project,
        "group": session.get_one(Group, project.group_id),
        "fund": fund,
        "funder": session.get_one(Funder, fund.funder_id),
        "terms": session.get_one(FundTerms, offer.terms_id),
    }


def mail_officer(
    session: Session, offer: MatchOffer, template: str, occasion: str, now: datetime, **context: Any
) -> None:
    """Mail the officer who decided about an offer, once for each occasion of this offer."""
    decider = session.get(Person, offer.decided_by_id) if offer.decided_by_id else None
    if decider is None or decider.email is None:
        return
    context |= things_of(session, offer, session.get_one(Project, offer.project_id))
    queue_mail(session, template, decider.email, key=f"{template}:{offer.id}:{occasion}", now=now, **context)
