"""Who may change a project that is not launched yet; the button, the view and the action ask the same.

`role` is what groups.queries.require_right returns: None stands for the service itself.
"""

from crowdfund.accounts.roles import MEMBER_RIGHTS, GroupRight, MemberRole
from crowdfund.core.actor import ALLOWED, Permit
from crowdfund.projects.models import Project
from crowdfund.projects.rules import BEFORE_LAUNCH, DRAFTING, MACHINE, ProjectState

_CLOSED: dict[ProjectState, str] = {
    ProjectState.SUBMITTED: "The council is checking this project, so it cannot be changed just now. "
    "Withdraw it first if something is wrong.",
    ProjectState.READY: "This project was checked as it stands, so it can no longer be changed. "
    "To change it, withdraw it and submit it again.",
    ProjectState.DECLINED: "This project was not accepted, so it can no longer be changed. You can start a new one.",
    ProjectState.WITHDRAWN: "This project is withdrawn. Take it up again to change it.",
}
_LAUNCHED = "This project is launched, so its costs, target and story are fixed. Post an update instead."
_SIGNING = frozenset({ProjectState.SUBMITTED, ProjectState.READY})


def can_edit(project: Project, role: MemberRole | None) -> Permit:
    """Say whether someone may change what the group says: only before it is submitted, or when asked to."""
    return _within(role, GroupRight.EDIT) if project.state in DRAFTING else _closed(project)


def can_submit(project: Project, role: MemberRole | None) -> Permit:
    """Say whether someone may declare for the group and submit; whether anything is missing is for the action."""
    return _within(role, GroupRight.SUBMIT) if project.state in DRAFTING else _closed(project)


def can_change_signatory(project: Project, role: MemberRole | None) -> Permit:
    """Say whether another second signatory may be asked: after submitting, as long as nobody has confirmed."""
    if project.state not in _SIGNING:
        return Permit(False, "A second signatory is asked when the project is submitted.")
    if project.signed_at is not None:
        return Permit(False, "The second signatory has confirmed already.")
    return _within(role, GroupRight.SUBMIT)


def can_withdraw(project: Project, role: MemberRole | None) -> Permit:
    """Say whether someone may take the project back before it is launched."""
    if ProjectState.WITHDRAWN in MACHINE.moves[project.state]:
        return _within(role, GroupRight.SUBMIT)
    return Permit(False, "A project can be withdrawn only before it is launched.")


def can_take_up(project: Project, role: MemberRole | None) -> Permit:
    """Say whether someone may make a withdrawn project a draft again."""
    if project.state is ProjectState.WITHDRAWN:
        return _within(role, GroupRight.SUBMIT)
    return Permit(False, "Only a withdrawn project can be taken up again.")


def can_launch(project: Project, role: MemberRole | None) -> Permit:
    """Say whether someone may launch; whether something still stands in the way is for the action."""
    if project.state is not ProjectState.READY:
        return Permit(False, "A project is launched after the council has checked it.")
    return _within(role, GroupRight.SUBMIT)


def _within(role: MemberRole | None, right: GroupRight) -> Permit:
    if role is None or right in MEMBER_RIGHTS[role]:
        return ALLOWED
    return Permit(False, f"Your place in the group does not let you {right}. Ask an owner of the group.")


def _closed(project: Project) -> Permit:
    return Permit(False, _CLOSED[project.state] if project.state in BEFORE_LAUNCH else _LAUNCHED)
