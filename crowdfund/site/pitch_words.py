"""What a group is told about each of its requests to funds: where it stands, what happens next, and by when."""

from dataclasses import dataclass
from datetime import datetime

from crowdfund.core.money import pounds
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import WORDS, OfferState
from crowdfund.web.templating import day, when

_S = OfferState
_AFTER = {
    _S.ACCEPTED: "It is paid when your project reaches its target and the fund’s conditions are met.",
    _S.CONFIRMED: "Your target was reached. The money is got ready to be paid.",
    _S.PAYABLE: "The money is being paid.",
    _S.PAID: "Nothing more to do here.",
}


@dataclass(frozen=True)
class Standing:
    """A request as the group sees it. Pence; `pence` is what is offered, else what was asked for."""

    offer: MatchOffer
    words: str
    next: str
    pence: int
    needs_answer: bool = False
    is_open: bool = True


def standing_of(offer: MatchOffer, now: datetime) -> Standing:
    """Return how a request (loaded with its fund, funder and terms) stands at `now` (UTC)."""
    pence = offer.offered_pence or offer.asked_pence
    decided = offer.state is _S.ASSESSING and offer.effective_at is not None
    words = "Decided, not in effect yet" if decided else WORDS[offer.state]
    is_open = offer.state in {_S.PITCHED, _S.ASSESSING, _S.OFFERED, _S.DEFERRED, *_AFTER}
    needs_answer = offer.state is _S.OFFERED and offer.expires_at is not None and offer.expires_at > now
    return Standing(offer, words, _next(offer, decided), pence, needs_answer, is_open)


def _next(offer: MatchOffer, decided: bool) -> str:
    decides = day(offer.terms.decides_on)
    if decided and offer.effective_at is not None:
        words = f"{pounds(offer.offered_pence or 0)} was decided. It takes effect on {when(offer.effective_at)}"
        return f"{words}, unless it is called in; then you get the offer."
    if offer.state is _S.PITCHED:
        return f"An officer of the fund takes it up. It is decided by {decides}."
    if offer.state is _S.ASSESSING:
        return f"An officer of the fund assesses it. Somebody else decides by {decides}."
    if offer.state is _S.OFFERED and offer.expires_at is not None:
        return f"An owner of your group accepts it or turns it down by {when(offer.expires_at)}. Then it runs out."
    if offer.state is _S.DEFERRED:
        closes = day(offer.terms.closes_on)
        return f"Find more support, then ask again. This round takes requests until {closes}."
    return _AFTER.get(offer.state) or offer.end_reason
