"""The terms of a fund in plain sentences, and what changes from one version to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crowdfund.core.money import pounds
from crowdfund.funds.models import FundTerms
from crowdfund.funds.rules import BASE_WORDS, MatchKind, ShareBase
from crowdfund.funds.sections import SECTION_TITLES, TermsSection
from crowdfund.web.templating import day, plural

QUALIFYING = (
    "A qualifying backer is one person with an e-mail address and a card of their own, who is neither of the group"
    " nor of the funder."
)

FIELD_WORDS = {"name": "its name", "about": "what it is for", "pays_direct": "how it pays"}  # of a fund itself


@dataclass(frozen=True)
class Names:
    """What the codes in terms are called."""

    districts: Mapping[str, str] = field(default_factory=dict)
    objectives: Mapping[str, str] = field(default_factory=dict)
    legal_forms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """One part of the terms in sentences."""

    section: TermsSection
    lines: tuple[str, ...]

    @property
    def title(self) -> str:
        """The heading of the part."""
        return SECTION_TITLES[self.section]


@dataclass(frozen=True)
class Change:
    """What a new version says otherwise in one part."""

    title: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


def tell(terms: FundTerms, names: Names) -> list[Told]:
    """Return the terms part by part; a part that says nothing is left out."""
    of = {
        TermsSection.HOW: [how_words(terms)],
        TermsSection.LIMITS: _limits(terms),
        TermsSection.CROWD: _crowd(terms),
        TermsSection.WHO: _who(terms, names),
        TermsSection.EXCLUSIONS: list(terms.exclusions),
        TermsSection.CRITERIA: [str(one["words"]) for one in terms.criteria],
        TermsSection.QUESTIONS: [_question(one) for one in terms.questions],
        TermsSection.AGREEMENT: [line for line in terms.agreement.splitlines() if line.strip()],
        TermsSection.OFFERS: _offers(terms),
        TermsSection.DATES: [dates_words(terms)],
        TermsSection.CONFIDENCE: [terms.confidence] if terms.confidence else [],
    }
    return [Told(section, tuple(lines)) for section, lines in of.items() if lines]


def changes(old: FundTerms | None, new: FundTerms, names: Names) -> list[Change]:
    """Return what `new` says otherwise than `old`, part by part; everything where there is no old version."""
    before = {told.section: told.lines for told in tell(old, names)} if old else {}
    after = {told.section: told.lines for told in tell(new, names)}
    found = []
    for section, title in SECTION_TITLES.items():
        was, now = before.get(section, ()), after.get(section, ())
        gone = tuple(line for line in was if line not in now)
        added = tuple(line for line in now if line not in was)
        if gone or added:
            found.append(Change(title, gone, added))
        elif was != now:
            found.append(Change(title, ("The order of these lines was another.",), now))
    return found


def how_words(terms: FundTerms) -> str:
    """Say how a fund adds to what the crowd gives, in one sentence."""
    if terms.kind is MatchKind.PER_PLEDGE:
        limit = f", up to {pounds(terms.per_backer_pence)} for one backer" if terms.per_backer_pence else ""
        return f"It adds £1 to each £1 that a qualifying backer gives{limit}, while the fund lasts."
    if terms.kind is MatchKind.TOP_UP:
        return f"Once qualifying backers have given {terms.crowd_percent}% of the target, it adds what is missing."
    return "Officers decide one sum for each project."


def most_words(terms: FundTerms) -> str:
    """Say the most that a fund gives one project: 'up to £20,000 and 50% of the target'."""
    share = f" and {terms.percent}% of {BASE_WORDS[ShareBase(terms.base)]}" if terms.percent else ""
    return f"up to {pounds(terms.most_pence)}{share}"


def dates_words(terms: FundTerms) -> str:
    """Say when a fund takes requests and decides."""
    return (
        f"It takes requests from {day(terms.opens_on)} to {day(terms.closes_on)}, and decides by"
        f" {day(terms.decides_on)}."
    )


def either(words: Sequence[str], last: str = "or") -> str:
    """Join words: 'Dover, Swale or Thanet'."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def named(codes: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Return what codes are called, in the order of the names; an unknown code stands for itself."""
    known = [text for code, text in names.items() if code in codes]
    return known + [code for code in codes if code not in names]


def _limits(terms: FundTerms) -> list[str]:
    lines = [f"It gives one project {pounds(terms.most_pence)} at most."]
    if terms.percent:
        lines.append(f"It gives at most {terms.percent}% of {BASE_WORDS[ShareBase(terms.base)]}.")
    if terms.joint_percent:
        lines.append(f"All public money together, grants included, stays within {terms.joint_percent}% of the target.")
    if terms.may_exceed:
        lines.append(f"Officers may go above these limits with a reason that is published: {terms.may_exceed}")
    return lines


def _crowd(terms: FundTerms) -> list[str]:
    show = _test(terms.show_backers, terms.show_percent, terms.several_gifts)
    pay = _test(terms.pay_backers, terms.pay_percent, terms.several_gifts)
    lines = [
        f"The offer is shown on the project’s page once {show}." if show else "An accepted offer is shown at once.",
        f"It is paid only if {pay}." if pay else "It is paid if the project reaches its target.",
    ]
    return [*lines, QUALIFYING] if show or pay else lines


def _test(backers: int, percent: int, gifts: int) -> str:
    ways = []
    if backers:
        ways.append(f"{plural(backers, 'qualifying backer has', 'qualifying backers have')} pledged")
    if percent:
        several = plural(gifts, "qualifying backer", "qualifying backers")
        ways.append(f"{percent}% of the target has come from {several} or more")
    return ", or ".join(ways)


def _who(terms: FundTerms, names: Names) -> list[str]:
    lines = ["Projects anywhere in the programme’s area."]
    if terms.districts:
        is_all = bool(names.districts) and set(names.districts) <= set(terms.districts)
        known = named(terms.districts, names.districts)
        lines = [f"Projects in any of the {len(known)} districts."] if is_all else [f"Projects in {either(known)}."]
    if terms.objectives:
        lines.append("The project serves at least one of its objectives:")
        lines += [f"{text}." for text in named(terms.objectives, names.objectives)]
    if terms.legal_forms:
        lines.append(f"For these kinds of group: {'; '.join(named(terms.legal_forms, names.legal_forms))}.")
    lines.append("It pays for capital items too." if terms.allows_capital else "It pays for no capital items.")
    if terms.repeat_months:
        lines.append(f"A group that it matched can ask again after {plural(terms.repeat_months, 'month', 'months')}.")
    return lines


def _question(one: Mapping[str, Any]) -> str:
    hint = f" {one['hint']}." if one.get("hint") else ""
    return f"{one['label']}{hint} (At most {plural(int(one['most_words']), 'word', 'words')})"


def _offers(terms: FundTerms) -> list[str]:
    call_in = plural(terms.call_in_days, "working day", "working days")
    return [
        f"A group has {plural(terms.offer_days, 'day', 'days')} to accept an offer.",
        f"A decision takes effect {call_in} after it is published, so that councillors can call it in."
        if terms.call_in_days
        else "A decision takes effect at once.",
    ]
