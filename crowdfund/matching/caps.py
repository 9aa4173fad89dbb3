"""The most that a fund may offer a project, and in which words it says so: plain sums."""

from dataclasses import dataclass

from crowdfund.core.money import pounds
from crowdfund.funds.rules import BASE_WORDS, Terms
from crowdfund.matching.rules import ProjectFacts


@dataclass(frozen=True)
class Cap:
    """A limit in pence, in words, and whether a policy may let an offer go above it."""

    pence: int
    words: str
    may_exceed: bool = True


def caps_of(terms: Terms, facts: ProjectFacts, *, allows_capital: bool) -> list[Cap]:
    """Return every limit on what one fund offers one project, the lowest first."""
    found = [
        Cap(terms.most_pence, f"The most that this fund gives one project is {pounds(terms.most_pence)}."),
        Cap(facts.target_pence, f"The project’s target is {pounds(facts.target_pence)}.", may_exceed=False),
    ]
    if terms.percent is not None:
        share = facts.base(terms.base) * terms.percent // 100
        found.append(Cap(share, f"{terms.percent}% of {BASE_WORDS[terms.base]} is {pounds(share)}."))
    if not allows_capital:
        words = f"The fund pays for no capital items; without them the cost is {pounds(facts.revenue_pence)}."
        found.append(Cap(facts.revenue_pence, words))
    return sorted(found, key=lambda cap: cap.pence)


def joint_cap(terms: Terms, facts: ProjectFacts, other_public_pence: int) -> Cap | None:
    """Return what is left for a public fund under the limit on all public money; None where there is none."""
    if terms.joint_percent is None or not terms.is_public:
        return None
    whole = facts.target_pence * terms.joint_percent // 100
    words = f"All public money together stays within {terms.joint_percent}% of the target, {pounds(whole)}"
    if other_public_pence:
        words += f", and the project has {pounds(other_public_pence)} of public money already"
    return Cap(max(0, whole - other_public_pence), f"{words}.", may_exceed=False)
