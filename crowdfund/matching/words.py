"""An offer in words for everybody: what it adds now, what it waits for, what more would unlock. Plain functions."""

from dataclasses import dataclass, replace

from crowdfund.core.money import pounds
from crowdfund.funds.rules import CrowdTest, MatchKind, Terms
from crowdfund.matching.reserving import Line
from crowdfund.matching.rules import Allocation, Bid, CrowdFacts, Limit, ProjectFacts, allocate, passes

NOTHING_ASKED = CrowdTest()


@dataclass(frozen=True)
class Shown:
    """An accepted offer as pages show it. Pence; `is_shown` says that its test to be shown is passed."""

    funder: str
    fund: str
    pence: int
    most_pence: int
    is_shown: bool
    sentence: str


def next_words(funder: str, bid: Bid, found: Allocation, facts: ProjectFacts, crowd: CrowdFacts) -> str:
    """Say what unlocks next of an offer that comes to `found` with this crowd."""
    terms, most_pence, pence, limit = bid.terms, bid.most_pence, found.pence, found.limit
    if limit is Limit.TEST or not passes(terms.to_pay, crowd, facts.target_pence):
        opened = could_be(terms, most_pence, facts, crowd)
        return f"{asked_words(terms.to_pay, crowd, facts.target_pence)} {_unlock(terms.to_pay, crowd, opened, funder)}."
    if limit is Limit.CROWD_FIRST:
        missing = -(-facts.target_pence * (terms.crowd_percent or 0) // 100) - crowd.qualifying_pence
        up_to = pounds(could_be(terms, most_pence, facts, crowd))
        return f"{pounds(missing)} more from qualifying backers unlocks up to {up_to} from {funder}."
    return {
        Limit.CROWD: f"{funder} adds {_again(terms)}. It can add {pounds(max(0, most_pence - pence))} more here.",
        Limit.AMOUNT: f"This is all that {funder} pledged.",
        Limit.SHARE: f"This is the largest share of the project that {funder} can give.",
        Limit.TARGET: "Nothing more is missing, so no more is added.",
        Limit.JOINT: "All public money together has reached its limit for this project.",
        Limit.POT: f"The fund of {funder} has no more money left.",
    }.get(limit, "")


def show_words(funder: str, terms: Terms, most_pence: int, crowd: CrowdFacts, target_pence: int) -> str:
    """Say when an offer that is not shown yet will be: 'KCC pledges £x when …'."""
    wanted = asked_words(terms.to_show, crowd, target_pence)
    return f"{funder} pledges up to {pounds(most_pence)} when it sees more support: {_small(wanted)}."


def asked_words(test: CrowdTest, crowd: CrowdFacts, target_pence: int) -> str:
    """Say what is missing for a test of the crowd, as the beginning of a sentence: '7 more backers'."""
    ways = []
    if test.backers > crowd.backers:
        ways.append(f"{_more_backers(test.backers - crowd.backers)}")
    if test.percent:
        missing = max(0, -(-target_pence * test.percent // 100) - crowd.qualifying_pence)
        gifts = max(0, test.gifts - crowd.backers)
        parts = [f"{pounds(missing)} more from qualifying backers"] if missing else []
        parts += [_more_backers(gifts)] if gifts else []
        ways.append(" and ".join(parts))
    return ", or ".join(way for way in ways if way)


def could_be(terms: Terms, most_pence: int, facts: ProjectFacts, crowd: CrowdFacts) -> int:
    """Return what an offer would come to if the crowd passed its test with what it gave so far, in pence."""
    wanted = -(-facts.target_pence * (terms.crowd_percent or 0) // 100)
    first = replace(crowd, qualifying_pence=max(crowd.qualifying_pence, wanted))
    if terms.kind is MatchKind.TOP_UP:
        first = replace(first, pledged_pence=max(crowd.pledged_pence, wanted))
    bid = Bid("", replace(terms, to_pay=NOTHING_ASKED), most_pence, most_pence)
    return allocate([bid], facts, first)[0].pence


def less_words(line: Line) -> str:
    """Say why a per-pledge offer added less to a pledge than was quoted before it was made."""
    funder = line.offer.fund.funder.name
    return {
        Limit.POT: f"The fund of {funder} had no more money left by the time your pledge was made.",
        Limit.AMOUNT: f"{funder} had added all that it can to this project by the time your pledge was made.",
        Limit.SHARE: f"{funder} had added the largest share that it can by the time your pledge was made.",
        Limit.JOINT: "All public money together had reached its limit by the time your pledge was made.",
        Limit.TARGET: "So little was missing of the target by the time your pledge was made.",
        Limit.TEST: f"{funder} adds only once more people back the project.",
    }.get(line.allocation.limit, f"{funder} can add less to your pledge than we said before.")


def _unlock(test: CrowdTest, crowd: CrowdFacts, pence: int, funder: str) -> str:
    only_backers = test.backers - crowd.backers == 1 and not test.percent
    sums = f"{pounds(pence)} from {funder}" if pence else f"the money of {funder}"
    return f"unlock{'s' if only_backers or not test.backers else ''} {sums}"


def _again(terms: Terms) -> str:
    cap = terms.per_backer_pence
    return "the same again to each pledge" + (f", up to {pounds(cap)} a backer" if cap else "")


def _more_backers(number: int) -> str:
    return f"{number} more backer{'' if number == 1 else 's'}"


def _small(words: str) -> str:
    return words or "once it has looked again"
