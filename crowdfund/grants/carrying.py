"""One plan, two routes: an application that got nothing, or less than it asked for, becomes a project's draft."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight
from crowdfund.core.actor import Actor
from crowdfund.core.errors import Refused
from crowdfund.grants.access import can_carry_over
from crowdfund.grants.answers import shown_answer
from crowdfund.grants.models import GrantApplication, GrantRound
from crowdfund.grants.moving import hold_own, plan_of
from crowdfund.grants.plans import Plan, QuestionKind, questions_for
from crowdfund.grants.queries import answers_of
from crowdfund.projects.drafting import Start, start_project
from crowdfund.projects.lines import LineText, add_line, list_mark
from crowdfund.projects.models import Project
from crowdfund.projects.queries import list_lines
from crowdfund.projects.rules import LineKind, Theme

MOST_LABEL, MOST_STORY = 120, 8000


def carry_over(
    session: Session, application_id: int, theme: Theme, postcode: str, *, actor: Actor, now: datetime
) -> Project:
    """Start a project's draft with what an application says: its name, words and costs.

    A grant that the group has is written down as confirmed money from elsewhere, so it lowers the target once and is
    counted nowhere else. Sent twice it is one draft. Raises NotFound for strangers, Forbidden without the right,
    Refused where all that was asked for is awarded or nothing is decided, and as `start_project` does.
    """
    application, row, role = hold_own(session, application_id, actor, GroupRight.EDIT)
    permit = can_carry_over(application, role)
    if not permit:
        raise Refused("not_now", permit.reason)
    start = Start(application.title, theme, postcode, application.district_code or "")
    project = start_project(session, application.group_id, start, actor=actor, now=now)
    if project.story:
        return project
    plan, given = plan_of(session, application), answers_of(session, application)
    project.story = _story(plan, application, given)
    session.flush()
    for line in _costs(plan, application, given):
        _add(session, project.id, LineKind.COST, line, actor=actor, now=now)
    if application.accepted_at is not None and application.awarded_pence:
        _add(session, project.id, LineKind.OTHER_MONEY, _award(application, row), actor=actor, now=now)
    return project


def _story(plan: Plan, application: GrantApplication, given: dict[str, object]) -> str:
    texts = (one for one in questions_for(plan, application.tier, given) if one.kind is QuestionKind.LONG)
    parts = (shown_answer(one, given.get(one.key)) for one in texts if given.get(one.key))
    return "\n\n".join(parts)[:MOST_STORY]


def _costs(plan: Plan, application: GrantApplication, given: dict[str, object]) -> list[LineText]:
    lists = (one for one in questions_for(plan, application.tier, given) if one.kind is QuestionKind.COSTS)
    lines: list[LineText] = []
    for question in lists:
        kept = given.get(question.key)
        if isinstance(kept, list):
            lines += [LineText(line["what"][:MOST_LABEL], line["pence"]) for line in kept if line["pence"] > 0]
    return lines


def _award(application: GrantApplication, row: GrantRound) -> LineText:
    label = f"Grant {application.reference}, {row.title}"[:MOST_LABEL]
    return LineText(label, application.awarded_pence, is_public=True, is_confirmed=True)


def _add(session: Session, project_id: int, kind: LineKind, line: LineText, *, actor: Actor, now: datetime) -> None:
    seen = list_mark(list_lines(session, project_id)[kind])
    add_line(session, project_id, kind, line, seen, actor=actor, now=now)
