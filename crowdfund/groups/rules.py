"""What a group can be, and the words shown for it."""

from enum import StrEnum


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


class MemberRole(StrEnum):
    """What a member may do for the group."""

    OWNER = "owner"
    MEMBER = "member"
