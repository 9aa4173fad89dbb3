"""Register numbers of groups by legal form: which are wanted, and their shapes. Numbers are text, zeros matter."""

import re
from dataclasses import dataclass
from enum import StrEnum

from crowdfund.groups.rules import LegalForm

_CHARITY = re.compile(r"^(?:[1-9]\d{5,6}(?:-[1-9]\d{0,2})?|SC\d{6}|NIC\d{6})$")
_COMPANY = re.compile(r"^(?:\d{8}|(?:SC|NI)\d{6})$")
_CIO = re.compile(r"^CE\d{6}$")
_SOCIETY = re.compile(r"^(?:(?:IP|SP|NP)\d{5}R|RS\d{6}|SP\d{4}RS|\d{4,6}R?)$")


class Wanted(StrEnum):
    """Whether a number belongs to a legal form."""

    NEVER = "never"
    OPTIONAL = "optional"
    ALWAYS = "always"


@dataclass(frozen=True)
class Numbers:
    """Which numbers groups of a legal form have."""

    charity: Wanted = Wanted.NEVER
    company: Wanted = Wanted.NEVER


_NONE = Numbers()
WANTED: dict[LegalForm, Numbers] = {
    LegalForm.INFORMAL: _NONE,
    LegalForm.ASSOCIATION: _NONE,
    LegalForm.CHARITY: Numbers(charity=Wanted.ALWAYS, company=Wanted.OPTIONAL),
    LegalForm.CIO: Numbers(charity=Wanted.ALWAYS, company=Wanted.OPTIONAL),
    LegalForm.CIC: Numbers(company=Wanted.ALWAYS),
    LegalForm.SOCIETY: Numbers(company=Wanted.ALWAYS),
    LegalForm.COMPANY: Numbers(company=Wanted.ALWAYS),
    LegalForm.SPORTS_CLUB: Numbers(company=Wanted.OPTIONAL),
    LegalForm.PARISH_COUNCIL: _NONE,
    LegalForm.TOWN_COUNCIL: _NONE,
}
COMPANY_LABELS: dict[LegalForm, str] = {
    LegalForm.SOCIETY: "Society number",
    LegalForm.CIO: "Number at Companies House",
}
_CHARITY_SENTENCE = "A charity number has 6 or 7 digits, such as 1123456. In Scotland it is like SC012345."
_COMPANY_SENTENCE = "A company number has 8 characters, such as 05384301 or SC123456."
_SENTENCES: dict[LegalForm, str] = {
    LegalForm.SOCIETY: "A society’s number is like IP12345R, RS007654 or 7654, as on the Mutuals Public Register.",
    LegalForm.CIO: "A CIO’s number at Companies House is like CE012345. You can leave it empty.",
}


def tidy_charity_number(text: str) -> str | None:
    """Return a charity number as we store it, such as '1123456', '1123456-1' or 'SC012345', None when it is none.

    England and Wales have 6 or 7 digits, a linked charity a suffix; Scotland SC and Northern Ireland NIC before 6.
    """
    plain = re.sub(r"\s", "", text).upper().replace("–", "-")
    plain = re.sub(r"^NIC-?", "NIC", plain)
    return plain if plain.isascii() and _CHARITY.match(plain) else None


def tidy_company_number(text: str, form: LegalForm) -> str | None:
    """Return a company's or society's number as we store it, None when it does not have the shape of one.

    Companies have 8 characters: fewer digits are padded with zeros on the left.
    """
    plain = re.sub(r"\s", "", text).upper()
    if not plain.isascii():
        return None
    if form is LegalForm.SOCIETY:
        return plain if _SOCIETY.match(plain) else None
    if form is LegalForm.CIO:
        padded = _padded(plain, "CE")
        return padded if _CIO.match(padded) else None
    padded = _padded(plain, "SC", "NI") if plain[:2].isalpha() else plain.zfill(8) if plain else plain
    return padded if _COMPANY.match(padded) and padded.strip("0") else None


def charity_fault(text: str, form: LegalForm) -> str | None:
    """Return the sentence for what is wrong with a typed charity number, None when nothing is."""
    wanted = WANTED[form].charity
    if wanted is Wanted.NEVER or (not text and wanted is Wanted.OPTIONAL):
        return None
    if not text:
        return "Enter the charity number. It is on the register of charities."
    return None if tidy_charity_number(text) else _CHARITY_SENTENCE


def company_fault(text: str, form: LegalForm) -> str | None:
    """Return the sentence for what is wrong with a typed company or society number, None when nothing is."""
    wanted = WANTED[form].company
    if wanted is Wanted.NEVER or (not text and wanted is Wanted.OPTIONAL):
        return None
    if not text:
        return f"Enter the {company_label(form).lower()}. {_SENTENCES.get(form, _COMPANY_SENTENCE)}"
    return None if tidy_company_number(text, form) else _SENTENCES.get(form, _COMPANY_SENTENCE)


def company_label(form: LegalForm) -> str:
    """Return what the second number is called for a legal form."""
    return COMPANY_LABELS.get(form, "Company number")


def _padded(plain: str, *prefixes: str) -> str:
    prefix, rest = plain[:2], plain[2:]
    return prefix + rest.zfill(6) if prefix in prefixes and rest else plain
