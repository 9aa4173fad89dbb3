"""Writing to several funds at once: what was chosen, asked and answered is kept until it is sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import GroupRight
from crowdfund.core.actor import Actor
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.core.money import pounds
from crowdfund.groups.queries import require_right
from crowdfund.matching.access import can_pitch
from crowdfund.matching.choosing import Choice, list_choices
from crowdfund.matching.models import PitchDraft
from crowdfund.matching.queries import find_draft
from crowdfund.projects.models import Project

MOST_WHY = 3000
NO_FUND = "Choose at least one fund."
GONE = "A fund that you chose takes no more requests. Choose again."
NO_SUM = "Enter how much you ask of this fund."
NO_WHY = "Say why your project needs this money."


def choose_funds(
    session: Session, project_id: int, keys: Sequence[str], seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Keep which funds a group wants to ask; what was written for a fund that stays is kept.

    Raises NotFound for strangers, Forbidden without the right, Refused for a project that is not ready, for no
    fund, for one that cannot be asked, and when somebody else changed the draft.
    """
    project, draft = _hold(session, project_id, seen_version, actor, now)
    offered = {choice.key: choice for choice in list_choices(session, project, now)}
    if not keys:
        raise Refused("no_fund", NO_FUND, "funds")
    for key in keys:
        if key not in offered:
            raise Refused("gone", GONE, "funds")
        if offered[key].bar:
            raise Refused("barred", f"{offered[key].fund.name}: {offered[key].bar}", "funds")
    draft.asked = {key: draft.asked.get(key) for key in offered if key in keys}
    draft.answers = {key: words for key, words in draft.answers.items() if key in keys}
    _keep(session, draft, actor, now)


def ask_sums(
    session: Session,
    project_id: int,
    sums: Mapping[str, int],
    why: str,
    seen_version: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep how much (pence) is asked of each chosen fund, by `key`, and why.

    Raises Refused on `sum_<key>` for a sum that is missing or above what the fund can give, on `why` without one.
    """
    project, draft = _hold(session, project_id, seen_version, actor, now)
    choices = chosen(list_choices(session, project, now), draft)
    for choice in choices:
        refuse_sum(choice, sums.get(choice.key))
    if not why.strip():
        raise Refused("no_why", NO_WHY, "why")
    draft.asked, draft.why = {choice.key: sums[choice.key] for choice in choices}, why
    _keep(session, draft, actor, now)


def answer_questions(
    session: Session,
    project_id: int,
    key: str,
    answers: Mapping[str, str],
    seen_version: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep the answers to a chosen fund’s own questions; raises Refused on `q_<question>` for one that is not sound."""
    project, draft = _hold(session, project_id, seen_version, actor, now)
    choice = next((one for one in chosen(list_choices(session, project, now), draft) if one.key == key), None)
    if choice is None:
        raise Refused("no_fund", "This fund is not among those you chose.")
    for question in choice.terms.questions:
        if fault := fault_of(question, answers.get(question["key"], "")):
            raise Refused("answer", fault, f"q_{question['key']}")
    wanted = [question["key"] for question in choice.terms.questions]
    draft.answers = {**draft.answers, key: {name: answers[name] for name in wanted}}
    _keep(session, draft, actor, now)


def chosen(choices: Sequence[Choice], draft: PitchDraft | None) -> list[Choice]:
    """Return the funds that a draft writes to, in their order."""
    return [choice for choice in choices if draft is not None and choice.key in draft.asked]


def refuse_sum(choice: Choice, pence: int | None) -> None:
    """Raise Refused on the fund’s field for a sum that cannot be asked of it."""
    field = f"sum_{choice.key}"
    if not pence or pence < 0:
        raise Refused("no_sum", NO_SUM, field)
    if pence > choice.most_pence:
        raise Refused("too_much", f"You can ask this fund for up to {pounds(choice.most_pence)}.", field)


def fault_of(question: Mapping[str, object], answer: str) -> str:
    """Return what is wrong with an answer to a fund’s own question, in words; empty where nothing is."""
    if not answer.strip():
        return f"Answer this: {question['label']}"
    most, words = int(str(question["most_words"])), len(answer.split())
    return f"Your answer has {words} words. This fund takes up to {most}." if words > most else ""


def missing(choices: Sequence[Choice], draft: PitchDraft) -> list[tuple[str, str]]:
    """Return what a draft still lacks before it can be sent: the page ('funds', 'sums' or a fund’s key) and words."""
    found = [("funds", NO_FUND)] if not choices else []
    if set(draft.asked) - {choice.key for choice in choices}:
        found.append(("funds", GONE))
    for choice in choices:
        if choice.bar:
            found.append(("funds", f"{choice.fund.name} cannot be asked now. {choice.bar}"))
            continue
        try:
            refuse_sum(choice, draft.asked.get(choice.key))
        except Refused as refused:
            found.append(("sums", f"{choice.fund.name}: {refused.message}"))
        given = draft.answers.get(choice.key, {})
        faults = (fault_of(question, given.get(question["key"], "")) for question in choice.terms.questions)
        found += [(choice.key, f"{choice.fund.name}: {fault}") for fault in faults if fault]
    return found if draft.why.strip() else [*found, ("sums", NO_WHY)]


def _hold(
    session: Session, project_id: int, seen_version: int, actor: Actor, now: datetime
) -> tuple[Project, PitchDraft]:
    project = lock(session, Project, project_id)
    permit = can_pitch(project, require_right(session, project.group_id, actor, GroupRight.EDIT))
    if not permit:
        raise Refused("not_now", permit.reason)
    assert actor.person_id is not None, "a person writes"
    draft = find_draft(session, project_id)
    if draft is None:
        draft = PitchDraft(project_id=project_id, version=0, asked={}, why="", answers={})
        draft.saved_by_id, draft.saved_at = actor.person_id, now
        session.add(draft)
    elif draft.version != seen_version:
        who = session.scalar(select(Person.name).where(Person.id == draft.saved_by_id))
        words = f"{who} changed this while you were writing. What you wrote is below: send it again to keep it."
        raise Refused("changed", words)
    return project, draft


def _keep(session: Session, draft: PitchDraft, actor: Actor, now: datetime) -> None:
    assert actor.person_id is not None
    draft.version, draft.saved_by_id, draft.saved_at = draft.version + 1, actor.person_id, now
    session.flush()
