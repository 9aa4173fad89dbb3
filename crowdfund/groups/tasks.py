"""A group's task list: what is done, what comes next and what has to wait."""

from dataclasses import dataclass

from crowdfund.groups.rules import HostState, Safeguarding

DONE, STARTED, OPEN, WAITING, PROBLEM = (
    "Completed",
    "In progress",
    "Not yet started",
    "Cannot start yet",
    "There is a problem",
)


@dataclass(frozen=True)
class Standing:
    """What the list is made of. `host_needed` is None until the group said whether it has an account."""

    has_rules: bool | None
    has_bank_account: bool | None
    has_two_signatories: bool | None
    safeguarding: Safeguarding | None
    host_needed: bool | None
    host_state: HostState | None
    host_name: str
    people: int
    invited: int


@dataclass(frozen=True)
class Task:
    """One line: its page, its words and its status."""

    key: str
    title: str
    status: str
    hint: str = ""


def tasks_of(standing: Standing) -> list[Task]:
    """Return the lines of a group's list in the order in which they are best done."""
    details = Task("details", "What your group is", DONE)
    return [details, _readiness(standing), _people(standing), *_host(standing)]


def _readiness(standing: Standing) -> Task:
    title = "Rules, bank account, signatories, safeguarding"
    if standing.has_rules is None:
        return Task("readiness", title, OPEN, "Four questions, two minutes")
    missing = [
        words
        for is_missing, words in (
            (not standing.has_rules, "written rules"),
            (not standing.has_bank_account, "a bank account in the group’s name"),
            (standing.has_bank_account and not standing.has_two_signatories, "two signatories who are not related"),
            (standing.safeguarding is Safeguarding.HELP_WANTED, "a safeguarding policy"),
        )
        if is_missing
    ]
    return Task("readiness", title, DONE, f"Still missing: {', '.join(missing)}" if missing else "You have it all")


def _people(standing: Standing) -> Task:
    title = "People of your group"
    if standing.people > 1:
        return Task("people", title, DONE, f"{standing.people} people")
    if standing.invited:
        return Task("people", title, STARTED, "Somebody is invited and has not answered yet")
    return Task("people", title, OPEN, "Invite a second person, so that the work and the say are shared")


def _host(standing: Standing) -> list[Task]:
    title = "A host to take the money"
    if standing.host_state is HostState.ACCEPTED:
        return [Task("host", title, DONE, f"{standing.host_name} agreed")]
    if standing.host_state is HostState.ASKED:
        return [Task("host", title, STARTED, f"We asked {standing.host_name} and wait for the answer")]
    if standing.host_needed is None:
        return [Task("host", title, WAITING, "Say first whether there is a bank account in the group’s name")]
    if not standing.host_needed:
        return []
    if standing.host_state is HostState.REFUSED:
        return [Task("host", title, PROBLEM, f"{standing.host_name} said no. Ask another one")]
    return [Task("host", title, OPEN, "You need one before the launch: you have no bank account in the group’s name")]
