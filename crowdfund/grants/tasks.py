"""The task list of an application: what is done, what is missing, and what its group still lacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crowdfund.grants.answers import fault_of, is_empty
from crowdfund.grants.fitting import Lack, lacking
from crowdfund.grants.models import GrantApplication
from crowdfund.grants.plans import Plan, questions_for

DONE, OPEN, WRONG, OPTIONAL = "Completed", "Not yet started", "There is a problem", "Optional"


@dataclass(frozen=True)
class Task:
    """One row of the list. `key` is a question's, or empty for the basics."""

    key: str
    title: str
    status: str


@dataclass(frozen=True)
class Part:
    """A section with its tasks."""

    title: str
    tasks: list[Task] = field(default_factory=list)


@dataclass(frozen=True)
class Tasks:
    """Everything that is to be done before an application can be sent."""

    parts: list[Part]
    lacks: list[Lack]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.lacks and all(task.status in {DONE, OPTIONAL} for part in self.parts for task in part.tasks)


def tasks_of(plan: Plan, application: GrantApplication, answers: Mapping[str, Any], *, has_host: bool) -> Tasks:
    """Return the task list; the questions are there once the basics say which are asked."""
    tier = plan.tier(application.tier)
    parts = {"": Part("About your plan", [Task("", "What you plan and how much you ask for", DONE if tier else OPEN)])}
    for question in questions_for(plan, application.tier, answers) if tier else ():
        value = answers.get(question.key)
        fault = fault_of(question, value)
        status = (OPEN if question.needed else OPTIONAL) if is_empty(value) else WRONG if fault else DONE
        part = parts.setdefault(question.section, Part(question.section))
        part.tasks.append(Task(question.key, question.label, status))
    lacks = lacking(tier, application.group, application.works_at_risk, has_host) if tier else []
    return Tasks(list(parts.values()), lacks)
