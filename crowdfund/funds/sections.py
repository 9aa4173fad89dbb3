"""The pages on which a fund's terms are written, one idea each, and the fields of every page."""

from enum import StrEnum


class TermsSection(StrEnum):
    """The pages of a fund's terms, in the order in which they are shown."""

    HOW = "how"
    LIMITS = "limits"
    CROWD = "crowd"
    WHO = "who"
    EXCLUSIONS = "exclusions"
    CRITERIA = "criteria"
    QUESTIONS = "questions"
    AGREEMENT = "agreement"
    OFFERS = "offers"
    DATES = "dates"
    CONFIDENCE = "confidence"


_S = TermsSection
SECTION_TITLES: dict[TermsSection, str] = {
    _S.HOW: "How it adds to what the crowd gives",
    _S.LIMITS: "The most it gives",
    _S.CROWD: "What the crowd has to show",
    _S.WHO: "Which projects and groups",
    _S.EXCLUSIONS: "What it does not pay for",
    _S.CRITERIA: "What officers judge by",
    _S.QUESTIONS: "What it asks groups besides their project",
    _S.AGREEMENT: "What a group agrees to",
    _S.OFFERS: "Offers and decisions",
    _S.DATES: "Dates",
    _S.CONFIDENCE: "How sure these terms are",
}
FIELDS: dict[TermsSection, tuple[str, ...]] = {
    _S.HOW: ("kind", "per_backer_pence", "crowd_percent"),
    _S.LIMITS: ("most_pence", "percent", "base", "joint_percent", "may_exceed"),
    _S.CROWD: ("show_backers", "show_percent", "pay_backers", "pay_percent", "several_gifts"),
    _S.WHO: ("districts", "objectives", "legal_forms", "allows_capital", "repeat_months"),
    _S.EXCLUSIONS: ("exclusions",),
    _S.CRITERIA: ("criteria",),
    _S.QUESTIONS: ("questions",),
    _S.AGREEMENT: ("agreement",),
    _S.OFFERS: ("offer_days", "call_in_days"),
    _S.DATES: ("opens_on", "closes_on", "decides_on"),
    _S.CONFIDENCE: ("confidence",),
}
ALL_FIELDS = tuple(name for names in FIELDS.values() for name in names)
# Without these there are no terms.
NEEDED = (_S.HOW, _S.LIMITS, _S.CRITERIA, _S.AGREEMENT, _S.DATES)
