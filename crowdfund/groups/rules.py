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
FORM_HINTS: dict[LegalForm, str] = {
    LegalForm.INFORMAL: "No written rules yet, or not registered anywhere. You are welcome here",
    LegalForm.ASSOCIATION: "Written rules and a committee, for example a residents’ association",
    LegalForm.CHARITY: "On the register of charities, but not a CIO",
    LegalForm.CIO: "A charity that is a body of its own",
    LegalForm.CIC: "A company for the community, on Companies House’s register",
    LegalForm.SOCIETY: "Owned by its members, on the Mutuals Public Register",
    LegalForm.COMPANY: "Without shareholders, on Companies House’s register",
    LegalForm.SPORTS_CLUB: "Registered with HM Revenue and Customs as an amateur sports club",
    LegalForm.PARISH_COUNCIL: "Includes parish meetings",
    LegalForm.TOWN_COUNCIL: "A parish council that calls itself a town council",
}
FIELD_WORDS: dict[str, str] = {
    "name": "name",
    "legal_form": "how it is set up",
    "charity_number": "charity number",
    "company_number": "company number",
    "about": "what it does",
    "town": "town or village",
    "postcode": "postcode",
    "district_code": "district",
    "contact_email": "e-mail address",
    "website": "website",
    "has_rules": "written rules",
    "has_bank_account": "bank account",
    "has_two_signatories": "signatories",
    "safeguarding": "safeguarding",
}


def needs_host_because(legal_form: LegalForm, has_bank_account: bool | None) -> bool:
    """Say whether money can only come to such a group through a host: it has no account in its own name.

    Of an informal group that is so until it says otherwise, of any other only once it says so.
    """
    if legal_form is LegalForm.INFORMAL:
        return has_bank_account is not True
    return has_bank_account is False


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


HOST_WORDS: dict[HostState, str] = {
    HostState.ASKED: "Asked, no answer yet",
    HostState.ACCEPTED: "Agreed",
    HostState.REFUSED: "Said no",
    HostState.ENDED: "Ended",
}

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
