"""The verdict on a project: written once, at its deadline, in one transaction that locks the project."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from crowdfund.core import audit, failpoints, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.settling import lapse_match
from crowdfund.pledges.matched import count_match
from crowdfund.pledges.models import Crowd, Pledge
from crowdfund.pledges.releasing import queue_release
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.actions import move_project
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.models import Settlement, Verdict
from crowdfund.settlement.rules import ALERT, ALERT_AFTER, COLLECT, is_reached

TARGET_MISSED = "The project did not reach its target."


def write_verdict(
    session: Session, project_id: int, *, threshold_percent: int, actor: Actor, now: datetime
) -> Verdict | None:
    """Judge a live project whose deadline has passed, and start collecting its pledges or releasing them.

    Nothing is written before the deadline, for a paused project, or a second time. `threshold_percent` is the
    share of the target that backers were shown as what must be collected.
    """
    project = lock(session, Project, project_id)
    if project.state is not ProjectState.LIVE or project.deadline is None or now < project.deadline:
        return None
    pledged_pence = balance_pence(session, AccountKind.PLEDGED, project_id)
    lines = count_match(session, project, "verdict", actor=actor, now=now)
    match_pence = sum(line.allocation.pence for line in lines)
    crowd = session.get(Crowd, project_id)
    verdict = Verdict(
        project_id=project_id,
        reached=is_reached(pledged_pence, match_pence, project.target_pence),
        pledged_pence=pledged_pence,
        match_pence=match_pence,
        target_pence=project.target_pence,
        backers=crowd.backers if crowd else 0,
        at=now,
    )
    session.add(verdict)
    session.flush()
    data = {"reached": verdict.reached, "pledged_pence": pledged_pence, "match_pence": match_pence}
    audit.record(session, Tag.VERDICT_WRITTEN, actor=actor, subject_id=project_id, now=now, **data)
    if verdict.reached:
        _start_collecting(session, project, match_pence, threshold_percent, actor=actor, now=now)
    else:
        move_project(session, project_id, ProjectState.UNSUCCESSFUL, actor=actor, now=now)
        lapse_match(session, project, TARGET_MISSED, actor=actor, now=now)
    queue_release(session, project_id, 0, now)
    template = "verdict_reached" if verdict.reached else "verdict_unsuccessful"
    mail_group(session, project, template, now, verdict=verdict)
    failpoints.reach("verdict.in_transaction")
    return verdict


def _start_collecting(
    session: Session, project: Project, match_pence: int, threshold_percent: int, *, actor: Actor, now: datetime
) -> None:
    assert project.deadline is not None
    session.add(Settlement(project_id=project.id, match_pence=match_pence, threshold_percent=threshold_percent))
    promised = (Pledge.project_id == project.id, Pledge.state == PledgeState.ACTIVE)
    collecting = update(Pledge).where(*promised).values(state=PledgeState.COLLECTING)
    session.execute(collecting.execution_options(synchronize_session=False))
    move_project(session, project.id, ProjectState.COLLECTING, actor=actor, now=now)
    payload = {"project_id": project.id, "after": ""}
    jobs.enqueue(session, COLLECT, payload, dedupe_key=f"{COLLECT}:{project.id}:", now=now)
    overdue, key = project.deadline + ALERT_AFTER, f"{ALERT}:{project.id}"
    jobs.enqueue(session, ALERT, {"project_id": project.id}, dedupe_key=key, now=now, run_after=overdue)
