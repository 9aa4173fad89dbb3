"""What the demonstration's groups ask of its funds, and how far each request has come."""

from dataclasses import dataclass

from crowdfund.matching.rules import OfferState, Recommendation

_S, _R = OfferState, Recommendation
KENT, NHS, FOLKESTONE, BREWERY = (
    "crowdfund-kent-match", "healthier-neighbourhoods", "folkestone-and-hythe-match", "last-orders"
)  # fmt: skip


@dataclass(frozen=True)
class DemoOffer:
    """A request by a project's slug and a fund's: asked so many days ago, brought to `state`. Pence."""

    project: str
    fund: str
    asked_pence: int
    days_ago: int
    state: OfferState
    outcome: Recommendation = Recommendation.FULL
    criterion: str = "need"
    reason: str = "People here named this need, and the group can meet it."
    pence: int | None = None  # of `up_to`
    reference: str = ""  # of a decision above the approver's limit


_SUPPORT = "We would gladly look again once more neighbours stand behind it."
_LASTING = "The fund pays for what lasts. Please ask us about hiring the boats for a first season instead."
_GROUP = "We found the money nearer home. Thank you."
OFFERS: tuple[DemoOffer, ...] = (
    # One project with three funders: a lump sum, so much for each pledge, and what is missing at the end.
    DemoOffer("shoulder-to-shoulder-larkfield", KENT, 100_000, 7, _S.ACCEPTED),
    DemoOffer("shoulder-to-shoulder-larkfield", NHS, 60_000, 7, _S.ACCEPTED),
    DemoOffer("shoulder-to-shoulder-larkfield", BREWERY, 50_000, 7, _S.ACCEPTED),
    # Some of its pledges do not qualify, and some look odd.
    DemoOffer("gloves-on-temple-hill", KENT, 150_000, 20, _S.ACCEPTED, _R.UP_TO, "limits", pence=120_000),
    DemoOffer("the-pit-and-the-people", NHS, 150_000, 3, _S.PITCHED),
    DemoOffer("first-light-at-dungeness", FOLKESTONE, 90_000, 1, _S.PITCHED),
    DemoOffer("wake-the-bandstand-gravesend", KENT, 200_000, 5, _S.ASSESSING),
    DemoOffer("the-reading-hut-broadstairs", KENT, 80_000, 3, _S.DEFERRED, _R.DEFER, "more_support", _SUPPORT),
    DemoOffer("row-whitstable", KENT, 300_000, 30, _S.DECLINED, _R.DECLINE, "lasting", _LASTING),
    DemoOffer("the-friday-table-swanscombe", KENT, 150_000, 13, _S.OFFERED),
    DemoOffer("the-boat-bench-faversham", KENT, 600_000, 20, _S.OFFERED, reference="26/00055"),
    DemoOffer("walk-dont-run-sittingbourne", BREWERY, 40_000, 12, _S.REFUSED),
    DemoOffer("lights-in-the-oast-goudhurst", KENT, 100_000, 47, _S.EXPIRED),
    DemoOffer("the-quiet-garden", NHS, 60_000, 9, _S.WITHDRAWN),
)
# Of the round that is over: asked when each project opened, and brought on by its settlement.
PAST_OFFERS: tuple[DemoOffer, ...] = (
    DemoOffer("warm-tuesdays-at-the-hall", KENT, 60_000, 57, _S.PAID),
    DemoOffer("a-season-of-stories", BREWERY, 30_000, 19, _S.PAYABLE),
    DemoOffer("supper-at-the-oast", KENT, 30_000, 57, _S.CONFIRMED),
    DemoOffer("hop-tales", KENT, 40_000, 57, _S.LAPSED),
)
REFUSED_BECAUSE = _GROUP
