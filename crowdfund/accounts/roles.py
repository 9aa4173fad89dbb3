"""Every role a person can have and what it may do: the one matrix that guards, buttons and tests read."""

from enum import StrEnum


class OfficerRole(StrEnum):
    """Roles for the programme, and for one funder."""

    PROGRAMME_CHECKER = "programme_checker"
    PROGRAMME_APPROVER = "programme_approver"
    PROGRAMME_FINANCE = "programme_finance"
    PROGRAMME_ADMINISTRATOR = "programme_administrator"
    FUNDER_ASSESSOR = "funder_assessor"
    FUNDER_APPROVER = "funder_approver"
    FUNDER_FINANCE = "funder_finance"
    FUNDER_ADMINISTRATOR = "funder_administrator"
    FUNDER_VIEWER = "funder_viewer"

    @property
    def of_programme(self) -> bool:
        """Whether the role is for the programme, not for one funder."""
        return self.value.startswith("programme")


class Right(StrEnum):
    """What an officer may do."""

    SEE_DESK = "see the officers’ desk"
    SEE_PROJECTS = "see projects before they are public"
    CHECK_PROJECTS = "check projects"
    DECIDE_PROJECTS = "accept or decline projects"
    PAUSE_PROJECTS = "pause, resume and cancel projects"
    HANDLE_CONCERNS = "handle concerns"
    MANAGE_OFFICERS = "give and end roles"
    SETTLE_PROJECTS = "decide shortfalls and what money waits for"
    SEE_MONEY = "see payments, refunds and payouts"
    MOVE_MONEY = "prepare refunds and payouts and send payment files"
    APPROVE_MONEY = "approve refunds and payouts that somebody else prepared"
    ORDER_FUNDS = "set the order in which funds add to a project"
    SEE_STATUS = "see how the service runs and put parked work back"


class FundRight(StrEnum):
    """What an officer may do with the funds of one funder; for the programme's roles: of every funder."""

    SEE = "see this funder’s money and what is asked of it"
    ASSESS = "assess what groups ask of this funder"
    DECIDE = "decide what this funder gives"
    PAY = "record this funder’s money"
    EDIT = "change this funder’s funds and their terms"


_F = FundRight
FUND_RIGHTS: dict[OfficerRole, frozenset[FundRight]] = {
    OfficerRole.PROGRAMME_APPROVER: frozenset({_F.SEE}),
    OfficerRole.PROGRAMME_FINANCE: frozenset({_F.SEE, _F.PAY}),
    OfficerRole.PROGRAMME_ADMINISTRATOR: frozenset({_F.SEE}),
    OfficerRole.FUNDER_ASSESSOR: frozenset({_F.SEE, _F.ASSESS}),
    OfficerRole.FUNDER_APPROVER: frozenset({_F.SEE, _F.DECIDE}),
    OfficerRole.FUNDER_FINANCE: frozenset({_F.SEE, _F.PAY}),
    OfficerRole.FUNDER_ADMINISTRATOR: frozenset({_F.SEE, _F.EDIT}),
    OfficerRole.FUNDER_VIEWER: frozenset({_F.SEE}),
}

_O, _R = OfficerRole, Right
OFFICER_RIGHTS: dict[OfficerRole, frozenset[Right]] = {
    _O.PROGRAMME_CHECKER: frozenset(
        {
            _R.SEE_DESK,
            _R.SEE_PROJECTS,
            _R.CHECK_PROJECTS,
            _R.DECIDE_PROJECTS,
            _R.PAUSE_PROJECTS,
            _R.HANDLE_CONCERNS,
        }
    ),
    _O.PROGRAMME_APPROVER: frozenset(
        {_R.SEE_DESK, _R.SEE_PROJECTS, _R.SETTLE_PROJECTS, _R.SEE_MONEY, _R.APPROVE_MONEY, _R.SEE_STATUS}
    ),
    _O.PROGRAMME_FINANCE: frozenset(
        {_R.SEE_DESK, _R.SEE_PROJECTS, _R.SEE_MONEY, _R.MOVE_MONEY, _R.APPROVE_MONEY, _R.SEE_STATUS}
    ),
    _O.PROGRAMME_ADMINISTRATOR: frozenset(
        {
            _R.SEE_DESK,
            _R.SEE_PROJECTS,
            _R.PAUSE_PROJECTS,
            _R.HANDLE_CONCERNS,
            _R.MANAGE_OFFICERS,
            _R.ORDER_FUNDS,
            _R.SEE_STATUS,
        }
    ),
    _O.FUNDER_ASSESSOR: frozenset({_R.SEE_DESK}),
    _O.FUNDER_APPROVER: frozenset({_R.SEE_DESK}),
    _O.FUNDER_FINANCE: frozenset({_R.SEE_DESK}),
    _O.FUNDER_ADMINISTRATOR: frozenset({_R.SEE_DESK}),
    _O.FUNDER_VIEWER: frozenset({_R.SEE_DESK}),
}

ROLE_WORDS: dict[OfficerRole, str] = {
    _O.PROGRAMME_CHECKER: "Checker of projects",
    _O.PROGRAMME_APPROVER: "Approver for the programme",
    _O.PROGRAMME_FINANCE: "Finance for the programme",
    _O.PROGRAMME_ADMINISTRATOR: "Administrator of the programme",
    _O.FUNDER_ASSESSOR: "Assessor for a funder",
    _O.FUNDER_APPROVER: "Approver for a funder",
    _O.FUNDER_FINANCE: "Finance for a funder",
    _O.FUNDER_ADMINISTRATOR: "Administrator for a funder",
    _O.FUNDER_VIEWER: "Viewer for a funder",
}


class MemberRole(StrEnum):
    """A person's place in a group."""

    OWNER = "owner"
    MEMBER = "member"
    READER = "reader"


class GroupRight(StrEnum):
    """What a member may do for the group."""

    SEE = "see drafts and figures"
    EDIT = "write and change answers, post updates"
    SUBMIT = "declare, submit, launch and end projects"
    MANAGE = "change the group, its people and its host"


_G = GroupRight
MEMBER_RIGHTS: dict[MemberRole, frozenset[GroupRight]] = {
    MemberRole.OWNER: frozenset({_G.SEE, _G.EDIT, _G.SUBMIT, _G.MANAGE}),
    MemberRole.MEMBER: frozenset({_G.SEE, _G.EDIT}),
    MemberRole.READER: frozenset({_G.SEE}),
}

MEMBER_WORDS: dict[MemberRole, str] = {
    MemberRole.OWNER: "Owner: does everything, and answers for the group",
    MemberRole.MEMBER: "Writer: writes answers and news",
    MemberRole.READER: "Reader: sees drafts and figures",
}
