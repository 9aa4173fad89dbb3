"""Which funds fit a project: for each what is met, what is not and in which words, and the most it could give."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from crowdfund.core.money import pounds
from crowdfund.funds.models import FundTerms
from crowdfund.funds.rules import BASE_WORDS, MatchKind, ShareBase
from crowdfund.funds.words import Names, either, named
from crowdfund.web.templating import day


class Capital(StrEnum):
    """How much of a project is capital: things that last, such as buildings and equipment."""

    NONE = "none"
    SOME = "some"
    ALL = "all"


@dataclass(frozen=True)
class Wish:
    """A project as the terms of funds see it. Pence; None is what is not known yet, which nothing is held against."""

    today: date
    target_pence: int | None = None
    district: str | None = None
    objectives: frozenset[str] | None = None
    legal_form: str | None = None
    capital: Capital | None = None
    cost_pence: int | None = None
    revenue_pence: int | None = None  # the cost without capital items
    other_public_pence: int = 0


@dataclass(frozen=True)
class Fit:
    """How a project fits one fund: points in whole sentences; `most_pence` is the most it could get, with the reason.

    `most_pence` is what the terms allow whatever is unmet; None while the sum of the project is not known.
    """

    met: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    most_pence: int | None = None
    most_words: str = ""

    @property
    def fits(self) -> bool:
        """Whether nothing stands against it."""
        return not self.unmet


def fit(
    terms: FundTerms,
    wish: Wish,
    names: Names,
    *,
    is_public: bool,
    left_pence: int,
    matched_on: date | None = None,
) -> Fit:
    """Hold a project against the terms of a fund with `left_pence` left; never a bare no.

    `matched_on` is the day on which the fund last said yes to a project of the same group.
    """
    found = Fit()
    _dates(terms, wish, found)
    _district(terms, wish, names, found)
    _objectives(terms, wish, names, found)
    _legal_form(terms, wish, names, found)
    _capital(terms, wish, found)
    _repeat(terms, wish, matched_on, found)
    if left_pence <= 0:
        found.unmet.append("All of its money is promised at the moment. Some may come back, so it is worth asking.")
    if wish.target_pence is None:
        return found
    pence, words = _most(terms, wish, is_public=is_public, left_pence=left_pence)
    if is_public and terms.joint_percent is not None and not _joint(terms, wish):
        found.unmet.append(
            f"All public money together stays within {terms.joint_percent}% of the target, and you have that already."
        )
    return Fit(found.met, found.unmet, pence, words)


def _dates(terms: FundTerms, wish: Wish, found: Fit) -> None:
    if wish.today < terms.opens_on:
        found.unmet.append(f"It is not open yet: it takes requests from {day(terms.opens_on)}.")
    elif wish.today > terms.closes_on:
        found.unmet.append(f"It is closed: it took requests until {day(terms.closes_on)}.")
    else:
        found.met.append(f"It takes requests until {day(terms.closes_on)}.")


def _district(terms: FundTerms, wish: Wish, names: Names, found: Fit) -> None:
    if not terms.districts or wish.district is None:
        return
    if wish.district in terms.districts:
        found.met.append(f"It gives to projects in {names.districts.get(wish.district, wish.district)}.")
        return
    found.unmet.append(f"It gives only to projects in {either(named(terms.districts, names.districts))}.")


def _objectives(terms: FundTerms, wish: Wish, names: Names, found: Fit) -> None:
    if not terms.objectives or wish.objectives is None:
        return
    shared = [one for one in terms.objectives if one in wish.objectives]
    if shared:
        found.met.append(f"It wants what your project does: {'; '.join(named(shared, names.objectives))}.")
        return
    wanted = "; ".join(named(terms.objectives, names.objectives))
    found.unmet.append(f"It wants at least one of these, which your project does not name yet: {wanted}.")


def _legal_form(terms: FundTerms, wish: Wish, names: Names, found: Fit) -> None:
    if not terms.legal_forms or wish.legal_form is None:
        return
    if wish.legal_form in terms.legal_forms:
        found.met.append("It gives to groups that are set up like yours.")
        return
    kinds = "; ".join(named(terms.legal_forms, names.legal_forms))
    found.unmet.append(f"It gives to groups of these kinds: {kinds}. A host of such a kind could ask for you.")


def _capital(terms: FundTerms, wish: Wish, found: Fit) -> None:
    if terms.allows_capital or wish.capital in {None, Capital.NONE}:
        return
    if wish.capital is Capital.ALL:
        found.unmet.append(
            "It pays for no capital items, and everything here is one. Running costs, such as fees, would count."
        )
        return
    found.met.append("It pays for the part of your project that is not capital.")


def _repeat(terms: FundTerms, wish: Wish, matched_on: date | None, found: Fit) -> None:
    if matched_on is None or not terms.repeat_months:
        return
    again = later(matched_on, terms.repeat_months)
    if wish.today < again:
        found.unmet.append(f"It matched your group on {day(matched_on)}. You can ask again from {day(again)}.")


def later(start: date, months: int) -> date:
    """Return the same day so many months later, or the last day of that month where it has no such day."""
    whole = start.year * 12 + start.month - 1 + months
    year, month = whole // 12, whole % 12 + 1
    for last in (start.day, 30, 29, 28):
        try:
            return date(year, month, min(start.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _most(terms: FundTerms, wish: Wish, *, is_public: bool, left_pence: int) -> tuple[int, str]:
    target = wish.target_pence or 0
    limits = [(terms.most_pence, "the most it gives one project"), (target, "your whole target")]
    if terms.percent:
        base = ShareBase(terms.base)
        whole = {ShareBase.TARGET: target, ShareBase.COST: wish.cost_pence, ShareBase.REVENUE: wish.revenue_pence}[base]
        share = (target if whole is None else whole) * terms.percent // 100
        limits.append((share, f"{terms.percent}% of {BASE_WORDS[base]}"))
    if not terms.allows_capital and wish.revenue_pence is not None:
        limits.append((wish.revenue_pence, "what is not capital"))
    if terms.kind is MatchKind.TOP_UP and terms.crowd_percent:
        limits.append((target - -(-target * terms.crowd_percent // 100), "what the crowd leaves to be completed"))
    if is_public and terms.joint_percent is not None:
        limits.append((_joint(terms, wish), f"all public money together stays within {terms.joint_percent}%"))
    limits.append((max(0, left_pence), "what is left in the fund"))
    pence, words = min(limits, key=lambda one: one[0])
    return pence, f"Up to {pounds(pence)}: {words}."


def _joint(terms: FundTerms, wish: Wish) -> int:
    return max(0, (wish.target_pence or 0) * (terms.joint_percent or 0) // 100 - wish.other_public_pence)
