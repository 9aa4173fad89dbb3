"""Giving people an officer's role, and ending it."""

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import find_or_create_person, find_person
from crowdfund.accounts.models import OfficerPost
from crowdfund.accounts.roles import ROLE_WORDS, OfficerRole
from crowdfund.accounts.signing_in import name_person
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import NotFound, Refused
from crowdfund.notifications.actions import queue_mail

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def appoint_officer(
    session: Session,
    email: str,
    name: str,
    role: OfficerRole,
    *,
    funder_id: int | None = None,
    limit_pence: int | None = None,
    actor: Actor,
    now: datetime,
) -> OfficerPost:
    """Give a person a role for the programme, or for one funder; they are told by mail.

    Raises Refused for a programme role with a funder, a funder's role without one, a role they hold already, an
    empty name and what is no address.
    """
    if not _ADDRESS.fullmatch(email.strip()):
        raise Refused("email", f"“{email}” is not an e-mail address.")
    if not name.strip():
        raise Refused("name", "An officer has a name: decisions carry it.")
    if role.of_programme != (funder_id is None):
        wanted = "names no funder" if role.of_programme else "needs a funder"
        raise Refused("funder", f"The role “{ROLE_WORDS[role]}” {wanted}.")
    person = find_or_create_person(session, email, name.strip(), actor=actor, now=now)
    if not person.name:  # somebody who signed in and went away before saying their name
        name_person(session, person.id, name.strip(), actor=actor, now=now)
    if _find_post(session, person.id, role, funder_id) is not None:
        raise Refused("held", "This person holds that role already.")
    post = OfficerPost(person_id=person.id, role=role, funder_id=funder_id, limit_pence=limit_pence, given_at=now)
    session.add(post)
    session.flush()
    data = {"role": role.value, "funder_id": funder_id}
    audit.record(session, Tag.OFFICER_APPOINTED, actor=actor, subject_id=person.id, now=now, **data)
    words = {"name": person.name, "role_words": ROLE_WORDS[role]}
    queue_mail(session, "officer_appointed", str(person.email), key=f"officer:{post.id}", now=now, **words)
    return post


def end_role(
    session: Session, email: str, role: OfficerRole, funder_id: int | None = None, *, actor: Actor, now: datetime
) -> None:
    """End a role; pages ask at every request, so it holds at once. Raises NotFound where the person has it not."""
    person = find_person(session, email)
    post = _find_post(session, person.id, role, funder_id) if person else None
    if post is None:
        raise NotFound(f"{email} does not hold the role {role.value}")
    lock(session, OfficerPost, post.id).ended_at = now
    session.flush()
    data = {"role": role.value, "funder_id": funder_id}
    audit.record(session, Tag.OFFICER_ENDED, actor=actor, subject_id=post.person_id, now=now, **data)


def _find_post(session: Session, person_id: int, role: OfficerRole, funder_id: int | None) -> OfficerPost | None:
    standing = select(OfficerPost).where(
        OfficerPost.person_id == person_id,
        OfficerPost.role == role,
        OfficerPost.funder_id.is_(None) if funder_id is None else OfficerPost.funder_id == funder_id,
        OfficerPost.ended_at.is_(None),
    )
    return session.scalars(standing).one_or_none()
