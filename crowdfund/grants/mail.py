"""Mails about an application to the people of its group."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.funds.models import Fund, Funder
from crowdfund.grants.models import GrantApplication, GrantRound
from crowdfund.groups.models import Group, Member
from crowdfund.notifications.actions import queue_mail


def mail_group(
    session: Session, application: GrantApplication, template: str, occasion: str, now: datetime, **context: Any
) -> None:
    """Mail everyone in the group of an application, once for each occasion of it."""
    people = (
        select(Person.id, Person.email)
        .join(Member, Member.person_id == Person.id)
        .where(Member.group_id == application.group_id, Person.email.is_not(None))
    )
    fund = session.get_one(Fund, application.fund_id)
    context |= {
        "application": application,
        "round": session.get_one(GrantRound, application.round_id),
        "group": session.get_one(Group, application.group_id),
        "funder": session.get_one(Funder, fund.funder_id),
    }
    for person_id, email in session.execute(people.order_by(Person.id)).all():
        assert email is not None
        key = f"{template}:{application.id}:{occasion}:{person_id}"
        queue_mail(session, template, email, key=key, now=now, **context)
