"""Running the automatic checks of a project and keeping what they find."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.checking.facts import find_facts
from crowdfund.checking.holding import hold_project
from crowdfund.checking.material import Found
from crowdfund.checking.models import Fact
from crowdfund.checking.queries import gather
from crowdfund.checking.rules import Finding
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON


def check_facts(
    session: Session, project_id: int, quote_above_pence: int, *, actor: Actor, now: datetime
) -> Sequence[Found]:
    """Run the automatic checks and keep what they find; costs above `quote_above_pence` want a quote.

    Raises Forbidden for an officer who may not.
    """
    project = hold_project(session, project_id, actor)
    found = find_facts(gather(session, project, now, quote_above_pence), now.astimezone(LONDON).date())
    stored = {fact.key: fact for fact in session.scalars(select(Fact).where(Fact.project_id == project_id))}
    for one in found:
        fact = stored.get(one.key) or Fact(project_id=project_id, key=one.key)
        fact.finding, fact.words, fact.source, fact.checked_at = one.finding, one.words, one.source, now
        session.add(fact)
    session.flush()
    looks = sum(one.finding is Finding.LOOK for one in found)
    audit.record(session, Tag.FACTS_CHECKED, actor=actor, subject_id=project_id, now=now, looks=looks)
    return found
