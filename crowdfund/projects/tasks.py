"""A project's task list: how far each section is, and the one thing to do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crowdfund.core.money import pounds
from crowdfund.groups.models import Group, Host, Invitation
from crowdfund.groups.queries import needs_host
from crowdfund.groups.rules import HostState, InvitationState
from crowdfund.projects.rules import SECTION_WORDS, LineKind, ProjectState, Section
from crowdfund.projects.sections import LISTS, OPTIONAL, Draft, Status, gaps, status_of

YOUR_PROJECT = (
    *(Section.BASICS, Section.PLACE, Section.STORY, Section.PICTURE),
    *(Section.MILESTONES, Section.HELP_WANTED, Section.RISKS),
)
MONEY = (Section.COSTS, Section.OTHER_MONEY, Section.TARGET, Section.GIFTS, Section.DATES)


@dataclass(frozen=True)
class Task:
    """One line of the list. `page` is a section, or the name of another page of the project; empty: no link."""

    title: str
    status: str
    page: str = ""
    hint: str = ""


@dataclass(frozen=True)
class TaskGroup:
    """Tasks under one heading."""

    title: str
    tasks: list[Task]


@dataclass(frozen=True)
class Facts:
    """What the list is made of; `today` is the date in Kent."""

    draft: Draft
    group: Group
    host: Host | None
    signatory: Invitation | None
    today: date


def task_groups(facts: Facts) -> list[TaskGroup]:
    """Return the whole list in the order in which it is shown."""
    asked = list(_questions(facts))
    groups = [TaskGroup("Questions from the council", asked)] if asked else []
    groups.append(TaskGroup("About your group", [_group_task(facts)]))
    groups.append(TaskGroup("Your project", [_section_task(facts, section) for section in YOUR_PROJECT]))
    groups.append(TaskGroup("Money", [_section_task(facts, section) for section in MONEY]))
    groups.append(TaskGroup("Check and submit", _ends(facts)))
    return groups


def is_complete(draft: Draft, today: date) -> bool:
    """Say whether nothing is missing or wrong in any section."""
    return not any(gaps(draft, section, today) for section in Section)


def next_task(facts: Facts) -> Task:
    """Return what comes next: a question, the first section that is not finished, or checking the answers."""
    wanted = [task for group in task_groups(facts) for task in group.tasks if task.page and task.page != "group"]
    unfinished = {Status.NOT_STARTED, Status.IN_PROGRESS, Status.PROBLEM}
    optional = {section.value for section in OPTIONAL}
    for task in wanted:
        skipped = task.page in optional and task.status != Status.PROBLEM
        if task.status in unfinished and not skipped and task.page != "preview":
            return task
    return Task("Check your answers", Status.NOT_STARTED, "check_answers")


def _section_task(facts: Facts, section: Section) -> Task:
    status = status_of(facts.draft, section, facts.today)
    title = SECTION_WORDS[section] + (" (optional)" if section in OPTIONAL else "")
    asked = any(not question.answer for question in facts.draft.asked(section))
    hint = "The council asks about this" if asked else _hint(facts.draft, section)
    return Task(title, status, section.value, hint)


def _hint(draft: Draft, section: Section) -> str:
    project = draft.project
    if section is Section.DATES:
        return f"{project.campaign_days} days"
    if section is Section.TARGET and project.target_pence:
        return f"{pounds(project.target_pence)} to raise"
    if section in LISTS and LISTS[section] in {LineKind.COST, LineKind.OTHER_MONEY} and draft.lines[LISTS[section]]:
        return f"{pounds(draft.total(LISTS[section]))} in all"
    return ""


def _questions(facts: Facts) -> Iterator[Task]:
    for question in facts.draft.questions:
        status = Status.COMPLETED if question.answer else Status.NOT_STARTED
        due = f"{question.due_on.day} {question.due_on:%B}"
        yield Task(
            f"{SECTION_WORDS[question.section]}: {_short(question.body)}",
            status,
            question.section.value,
            f"Answer by {due}",
        )


def _short(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) <= 120 else f"{first[:117].rsplit(' ', 1)[0]}…"


def _group_task(facts: Facts) -> Task:
    title = f"What we know about {facts.group.name}"
    agreed = facts.host is not None and facts.host.state is HostState.ACCEPTED
    if facts.group.has_rules is None:
        return Task(
            title, Status.IN_PROGRESS, "group", "Say whether you have rules, a bank account and two signatories"
        )
    if needs_host(facts.group) and not agreed:
        return Task(title, Status.IN_PROGRESS, "group", "A host has to agree before you can launch")
    return Task(title, Status.COMPLETED, "group")


def _ends(facts: Facts) -> list[Task]:
    complete = is_complete(facts.draft, facts.today)
    sent = facts.draft.project.state not in {ProjectState.DRAFT, ProjectState.CHANGES_REQUESTED}
    declared = Status.COMPLETED if sent else Status.NOT_STARTED if complete else Status.CANNOT
    tasks = [
        Task("See your page as backers will", "", "preview"),
        Task("Check your answers", "", "check_answers"),
        Task("Declare and submit", declared, "declaration" if complete and not sent else ""),
    ]
    if sent and facts.signatory is not None:
        tasks.append(Task("Second signatory", signatory_words(facts.signatory), "signatory"))
    return tasks


def signatory_words(asked: Invitation) -> str:
    """Say where the request to the second signatory stands."""
    words = {
        InvitationState.OPEN: "In progress",
        InvitationState.ACCEPTED: "Completed",
        InvitationState.REFUSED: "There is a problem",
        InvitationState.CANCELLED: "Not yet started",
    }
    return words[asked.state]
