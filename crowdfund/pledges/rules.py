"""The life of a pledge, who sees it, its limits, and the wording of the consent to charge later."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from crowdfund.core.errors import Refused
from crowdfund.core.money import pounds
from crowdfund.core.states import Machine

SETUP_LIFE = timedelta(hours=24)
TYPED_LIFE = timedelta(days=30)  # how long what was typed for an unfinished pledge is kept, as /privacy says
CARD_NEEDED_FOR = timedelta(days=10)  # after the deadline: while it is collected
CARD_ASKED_BEFORE = timedelta(days=14)  # the deadline: for another card, where the one saved runs out
CHANGED = "Your pledge changed in another tab. Look at it again, then confirm."
SUGGESTED_PENCE = (500, 1000, 2500, 5000)


class PledgeState(StrEnum):
    """Where a pledge is in its life."""

    SETUP = "setup"
    ACTIVE = "active"
    ABANDONED = "abandoned"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    COLLECTING = "collecting"
    PAID = "paid"
    FIXING = "fixing"
    LAPSED = "lapsed"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    CHARGED_BACK = "charged_back"


_S = PledgeState
MACHINE: Machine[PledgeState] = Machine(
    "pledge",
    {
        _S.SETUP: {_S.ACTIVE: "gateway", _S.ABANDONED: "backer or sweeper"},
        _S.ACTIVE: {_S.WITHDRAWN: "backer", _S.RELEASED: "verdict", _S.COLLECTING: "verdict"},
        _S.ABANDONED: {},
        _S.WITHDRAWN: {},
        _S.RELEASED: {},
        _S.COLLECTING: {_S.PAID: "gateway", _S.FIXING: "gateway", _S.LAPSED: "settlement"},
        _S.FIXING: {_S.COLLECTING: "backer", _S.LAPSED: "settlement"},
        _S.PAID: {_S.REFUNDED: "finance", _S.DISPUTED: "gateway"},
        _S.LAPSED: {},
        _S.REFUNDED: {},
        _S.DISPUTED: {_S.PAID: "gateway", _S.CHARGED_BACK: "gateway"},
        _S.CHARGED_BACK: {},
    },
)
# Pledges that count towards the total; one person has at most one of these per project.
COUNTING = (_S.ACTIVE, _S.COLLECTING, _S.FIXING, _S.PAID, _S.DISPUTED)
# A card is kept no longer than a charge may need it.
CARD_KEPT = (_S.SETUP, _S.ACTIVE, _S.COLLECTING, _S.FIXING)

WORDS: dict[PledgeState, str] = {
    _S.SETUP: "Not finished",
    _S.ACTIVE: "Pledged",
    _S.ABANDONED: "Not completed",
    _S.WITHDRAWN: "Withdrawn",
    _S.RELEASED: "Released: you were not charged",
    _S.COLLECTING: "Being collected",
    _S.PAID: "Paid",
    _S.FIXING: "Your card needs attention",
    _S.LAPSED: "Lapsed: you were not charged",
    _S.REFUNDED: "Refunded",
    _S.DISPUTED: "Disputed with the bank",
    _S.CHARGED_BACK: "Returned by the bank",
}


# Why a pledge ended without its backer's doing; they deserve to hear of it.
EXPLAINED = {
    "closed": "The project no longer took pledges when your card had been saved.",
    "cancelled": "The project was cancelled.",
    "already_backing": "You back this project already, so this second pledge was not added.",
}


class Audience(StrEnum):
    """Who may see a backer's name, and separately the amount."""

    EVERYONE = "everyone"
    GROUP = "group"
    NOBODY = "nobody"


NAME_AUDIENCE_WORDS = {
    Audience.EVERYONE: "Everyone: first name and initial on the project’s page",
    Audience.GROUP: "Only the group; everyone else sees “Anonymous”",
    Audience.NOBODY: "Nobody: anonymous to the group as well",
}
AMOUNT_AUDIENCE_WORDS = {
    Audience.EVERYONE: "Everyone, on the project’s page",
    Audience.GROUP: "Only the group",
    Audience.NOBODY: "Nobody: it still counts in the total",
}


@dataclass(frozen=True)
class PledgeLimits:
    """The smallest and largest pledge, in pence: settings of the programme."""

    min_pence: int
    max_pence: int

    def check(self, pence: int) -> None:
        """Raise Refused on the field `amount` when the amount is outside the limits."""
        if pence < self.min_pence:
            raise Refused("too_small", f"The smallest pledge is {pounds(self.min_pence)}.", "amount")
        if pence > self.max_pence:
            raise Refused("too_large", f"The largest pledge by card is {pounds(self.max_pence)}.", "amount")


CHARGE_LATER = (
    "I agree that {council} may charge {amount} to the card I save now, without me being there, on or soon after "
    "{deadline}, and only if “{project}” reaches its target by then. If the charge does not go through at first, "
    "it may be tried again for up to 7 days. I can change or withdraw this pledge until the deadline. The card is "
    "used for nothing else, and is removed if the project does not reach its target."
)
# No amount: the page stays the same when the amount is changed and agreed to anew.
CARD_PAGE_WORDS = "Your card is saved for pledge {reference}. Nothing is charged now, later only what you agreed to."
SHARE_WITH_GROUP = "{group} may see my name and e-mail address and write to me about this project."
NEWS = "{council} may e-mail me news about other projects on {service}. I can stop this at any time."


def public_name(name: str) -> str:
    """Return the name as the public may see it: first name and the initial of the last."""
    words = name.split()
    return words[0] if len(words) < 2 else f"{words[0]} {words[-1][0].upper()}."
