"""What each fund adds to a project, and why: plain sums over plain values, and the life of an offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from crowdfund.core.states import Machine
from crowdfund.funds.rules import CrowdTest, MatchKind, ShareBase, Terms


class OfferState(StrEnum):
    """Where a match offer is in its life."""

    PITCHED = "pitched"
    ASSESSING = "assessing"
    OFFERED = "offered"
    DEFERRED = "deferred"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    PAYABLE = "payable"
    PAID = "paid"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


_S = OfferState
MACHINE: Machine[OfferState] = Machine(
    "match_offer",
    {
        _S.PITCHED: {_S.ASSESSING: "assessor", _S.WITHDRAWN: "group"},
        _S.ASSESSING: {
            _S.OFFERED: "approver",
            _S.DEFERRED: "approver",
            _S.DECLINED: "approver",
            _S.WITHDRAWN: "group",
        },
        _S.DEFERRED: {_S.PITCHED: "group", _S.WITHDRAWN: "group"},
        _S.OFFERED: {_S.ACCEPTED: "group", _S.REFUSED: "group", _S.EXPIRED: "clock", _S.WITHDRAWN: "approver"},
        _S.ACCEPTED: {_S.CONFIRMED: "settlement", _S.LAPSED: "settlement", _S.WITHDRAWN: "approver"},
        _S.CONFIRMED: {_S.PAYABLE: "settlement", _S.LAPSED: "settlement"},
        _S.PAYABLE: {_S.PAID: "finance", _S.LAPSED: "settlement"},
        _S.PAID: {_S.LAPSED: "settlement"},
        _S.DECLINED: {},
        _S.REFUSED: {},
        _S.EXPIRED: {},
        _S.LAPSED: {},
        _S.WITHDRAWN: {},
    },
)
WORDS: dict[OfferState, str] = {
    _S.PITCHED: "Asked for",
    _S.ASSESSING: "Being assessed",
    _S.OFFERED: "Offered: the group answers",
    _S.DEFERRED: "Put off until the project has more support",
    _S.DECLINED: "Not given",
    _S.ACCEPTED: "Pledged, if the project reaches its target",
    _S.REFUSED: "Turned down by the group",
    _S.EXPIRED: "The time to answer ran out",
    _S.CONFIRMED: "Confirmed: the target was reached",
    _S.PAYABLE: "Being paid",
    _S.PAID: "Paid",
    _S.LAPSED: "Not paid: the conditions were not met",
    _S.WITHDRAWN: "Withdrawn",
}
# One of these per project and fund; the others are history.
STANDING = (_S.PITCHED, _S.ASSESSING, _S.DEFERRED, _S.OFFERED, _S.ACCEPTED, _S.CONFIRMED, _S.PAYABLE, _S.PAID)
COMMITTED = (_S.ACCEPTED, _S.CONFIRMED, _S.PAYABLE, _S.PAID)  # money of the fund is set aside for these


class Recommendation(StrEnum):
    """What an assessor recommends and an approver decides."""

    FULL = "full"
    UP_TO = "up_to"
    DEFER = "defer"
    DECLINE = "decline"


RECOMMENDATION_WORDS: dict[Recommendation, str] = {
    Recommendation.FULL: "Offer what was asked for",
    Recommendation.UP_TO: "Offer up to another amount",
    Recommendation.DEFER: "Put off until the project has more support",
    Recommendation.DECLINE: "Decline",
}


class Limit(StrEnum):
    """What an allocation ended at."""

    AMOUNT = "amount"  # the most that this offer is
    SHARE = "share"  # the fund's percentage
    CROWD = "crowd"  # per pledge: what qualifying backers gave
    TARGET = "target"  # nothing more is missing
    JOINT = "joint"  # all public money together
    POT = "pot"  # the fund has no more
    TEST = "test"  # the crowd has not shown enough yet
    CROWD_FIRST = "crowd_first"  # top-up: the crowd has not given its share yet


@dataclass(frozen=True)
class ProjectFacts:
    """The sums of a project that terms refer to. Pence."""

    target_pence: int
    cost_pence: int
    revenue_pence: int  # the cost without capital items

    def base(self, base: ShareBase) -> int:
        """Return the sum that a percentage is of."""
        return {
            ShareBase.TARGET: self.target_pence,
            ShareBase.COST: self.cost_pence,
            ShareBase.REVENUE: self.revenue_pence,
        }[base]


@dataclass(frozen=True)
class CrowdFacts:
    """What the crowd gave: everything that counts to the target, and what qualifying backers gave of it. Pence."""

    pledged_pence: int = 0
    backers: int = 0  # qualifying
    qualifying_pence: int = 0
    # For each limit per backer that some terms have: what qualifying backers gave, none more than that.
    capped_pence: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Bid:
    """An offer as the sums see it: its terms, the most decided for this project, and what its fund can give (pence)."""

    key: str
    terms: Terms
    most_pence: int
    pot_pence: int


@dataclass(frozen=True)
class Allocation:
    """What one fund gives, and what it ended at. Pence."""

    key: str
    pence: int
    limit: Limit


def passes(test: CrowdTest, crowd: CrowdFacts, target_pence: int) -> bool:
    """Say whether the crowd shows what a test asks for."""
    if test.backers == 0 and test.percent == 0:
        return True
    enough = test.backers > 0 and crowd.backers >= test.backers
    share = crowd.qualifying_pence * 100 >= target_pence * test.percent
    return enough or (test.percent > 0 and share and crowd.backers >= test.gifts)


def allocate(
    bids: Sequence[Bid], project: ProjectFacts, crowd: CrowdFacts, other_public_pence: int = 0
) -> list[Allocation]:
    """Return what each fund gives, in the order of `bids`, never more than is missing of the target.

    All public money together, `other_public_pence` (grants, other councils) included, stays under the lowest joint
    cap that any of the terms sets, in pence rounded down like every share.
    """
    missing = max(0, project.target_pence - crowd.pledged_pence)
    caps = [bid.terms.joint_percent for bid in bids if bid.terms.joint_percent is not None]
    joint = max(0, project.target_pence * min(caps) // 100 - other_public_pence) if caps else None
    found = []
    for bid in bids:
        allocation = _allocate_one(bid, project, crowd, missing, joint if bid.terms.is_public else None)
        found.append(allocation)
        missing -= allocation.pence
        if joint is not None and bid.terms.is_public:
            joint -= allocation.pence
    return found


def _allocate_one(bid: Bid, project: ProjectFacts, crowd: CrowdFacts, missing: int, joint: int | None) -> Allocation:
    terms = bid.terms
    if not passes(terms.to_pay, crowd, project.target_pence):
        return Allocation(bid.key, 0, Limit.TEST)
    if terms.kind is MatchKind.TOP_UP and not _crowd_came_first(terms, project, crowd):
        return Allocation(bid.key, 0, Limit.CROWD_FIRST)
    limits = [(min(bid.most_pence, terms.most_pence), Limit.AMOUNT)]
    if terms.percent is not None:
        limits.append((project.base(terms.base) * terms.percent // 100, Limit.SHARE))
    if terms.kind is MatchKind.PER_PLEDGE:
        limits.append((_given_per_pledge(terms, crowd), Limit.CROWD))
    limits += [(missing, Limit.TARGET), (bid.pot_pence, Limit.POT)]
    if joint is not None:
        limits.append((joint, Limit.JOINT))
    pence, limit = min(limits, key=lambda one: one[0])
    return Allocation(bid.key, max(0, pence), limit)


def _crowd_came_first(terms: Terms, project: ProjectFacts, crowd: CrowdFacts) -> bool:
    return crowd.qualifying_pence * 100 >= project.target_pence * (terms.crowd_percent or 0)


def _given_per_pledge(terms: Terms, crowd: CrowdFacts) -> int:
    if terms.per_backer_pence is None:
        return crowd.qualifying_pence
    return crowd.capped_pence[terms.per_backer_pence]
