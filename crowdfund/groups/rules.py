"""What a group can be, its host and its invitations, and the words shown for them."""

from enum import StrEnum

from crowdfund.core.states import Machine


class LegalForm(StrEnum):
    """How a group is set up. Informal groups are welcome."""

    INFORMAL = "informal"
    ASSOCIATION = "association"
    CHARITY = "charity"
    CIO = "cio"
    CIC = "cic"
    SOCIETY = "society"
    COMPANY = "company"
    SPORTS_CLUB = "sports_club"
    PARISH_COUNCIL = "parish_council"
    TOWN_COUNCIL = "town_council"


FORM_WORDS: dict[LegalForm, str] = {
    LegalForm.INFORMAL: "Informal group of neighbours",
    LegalForm.ASSOCIATION: "Unincorporated association",
    LegalForm.CHARITY: "Registered charity",
    LegalForm.CIO: "Charitable incorporated organisation",
    LegalForm.CIC: "Community interest company",
    LegalForm.SOCIETY: "Community benefit society",
    LegalForm.COMPANY: "Company limited by guarantee",
    LegalForm.SPORTS_CLUB: "Community amateur sports club",
    LegalForm.PARISH_COUNCIL: "Parish council",
    LegalForm.TOWN_COUNCIL: "Town council",
}
CHARITABLE = {LegalForm.CHARITY, LegalForm.CIO}


class Safeguarding(StrEnum):
    """How a group looks after children and adults at risk."""

    NOT_NEEDED = "not_needed"
    POLICY = "policy"
    HELP_WANTED = "help_wanted"


SAFEGUARDING_WORDS: dict[Safeguarding, str] = {
    Safeguarding.NOT_NEEDED: "We do not work with children or adults at risk",
    Safeguarding.POLICY: "We have a safeguarding policy and follow it",
    Safeguarding.HELP_WANTED: "We work with them and want help to write a policy",
}


class HostState(StrEnum):
    """Where a host's agreement stands."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ENDED = "ended"


HOST_MACHINE: Machine[HostState] = Machine(
    "host",
    {
        HostState.ASKED: {HostState.ACCEPTED: "host", HostState.REFUSED: "host", HostState.ENDED: "group"},
        HostState.ACCEPTED: {HostState.ENDED: "group or host"},
        HostState.REFUSED: {},
        HostState.ENDED: {},
    },
)


class InvitationKind(StrEnum):
    """What somebody is asked to do by their own link."""

    MEMBER = "member"
    SIGNATORY = "signatory"
    HOST = "host"


class InvitationState(StrEnum):
    """Where an invitation stands; one that ran out stays open and is refused by its date."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"


_I = InvitationState
INVITATION_MACHINE: Machine[InvitationState] = Machine(
    "invitation",
    {
        _I.OPEN: {_I.ACCEPTED: "invited", _I.REFUSED: "invited", _I.CANCELLED: "group"},
        _I.ACCEPTED: {},
        _I.REFUSED: {},
        _I.CANCELLED: {},
    },
)
