"""What can be decided about a request, and the limits that stand against it: authority, the fund's terms, its money."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from crowdfund.accounts.roles import FundRight
from crowdfund.core.actor import Actor
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.money import pounds
from crowdfund.funds import pots
from crowdfund.funds.models import Fund, Funder, FundTerms
from crowdfund.funds.rules import MatchKind
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.caps import caps_of, joint_cap
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.queries import authority_at
from crowdfund.matching.reserving import project_facts
from crowdfund.matching.rules import Recommendation
from crowdfund.projects.models import Project

MOST_REASON = 2000
MOST_CONDITIONS = 2000
MOST_REFERENCE = 40
NO_REASON = "Give the reason. The group reads it."
MEETS_ALL = "meets_all"
# Beside the fund's own criteria, which are in its terms.
GENERAL: dict[str, str] = {
    "more_support": "The project needs more support from its own place first",
    "excluded": "The fund does not pay for this kind of project",
    "limits": "The fund's limits leave less or nothing for this project",
    "other_funds": "Other funds fit this project better",
}
AWARDING = (Recommendation.FULL, Recommendation.UP_TO)


class Authority(StrEnum):
    """Under which authority an offer is decided."""

    DELEGATED = "delegated"
    PANEL = "panel"
    CABINET_MEMBER = "cabinet_member"


AUTHORITY_WORDS: dict[Authority, str] = {
    Authority.DELEGATED: "I decide it within my own limit",
    Authority.PANEL: "The funder’s panel decided it",
    Authority.CABINET_MEMBER: "The Cabinet Member decided it",
}
_RECORDED = {Authority.PANEL: "Panel", Authority.CABINET_MEMBER: "Cabinet Member"}


@dataclass(frozen=True)
class Verdict:
    """What is decided. `pence` for `up_to`; `criterion` is one of the terms' own or of GENERAL."""

    outcome: Recommendation
    criterion: str
    reason: str
    pence: int | None = None
    authority: Authority = Authority.DELEGATED
    reference: str = ""
    conditions: str = ""
    exceeds_because: str = ""


def criteria_of(terms: FundTerms) -> dict[str, str]:
    """Return every criterion that a decision under these terms can rest on, in words."""
    return {criterion["key"]: criterion["words"] for criterion in terms.criteria} | GENERAL


def criterion_for(terms: FundTerms, verdict: Verdict) -> str:
    """Return the criterion that a verdict rests on. Raises Refused on `criterion` without one."""
    if verdict.outcome is Recommendation.FULL:
        return verdict.criterion or MEETS_ALL
    if verdict.criterion not in criteria_of(terms):
        raise Refused("no_criterion", "Choose the criterion that this rests on.", "criterion")
    return verdict.criterion


def sum_of(session: Session, offer: MatchOffer, project: Project, terms: FundTerms, verdict: Verdict) -> int:
    """Return what is offered, in pence, once no limit stands against it; a policy's exception is noted on the offer.

    Raises Refused on `pence` (or `outcome`), or on `exceeds_because` where the policy asks for a reason.
    """
    pence = offer.asked_pence if verdict.outcome is Recommendation.FULL else verdict.pence
    field = "outcome" if verdict.outcome is Recommendation.FULL else "pence"
    if not pence or (verdict.outcome is Recommendation.UP_TO and pence >= offer.asked_pence):
        words = f"Enter an amount below the {pounds(offer.asked_pence)} that the group asked for."
        raise Refused("amount", words, field)
    funder = session.get_one(Funder, session.get_one(Fund, offer.fund_id).funder_id)
    facts, other_public = project_facts(session, project)
    values = terms.values(is_public=funder.is_public)
    joint = joint_cap(values, facts, other_public)
    if joint is not None and pence > joint.pence:
        raise Refused("joint_cap", joint.words, field)
    above = [cap for cap in caps_of(values, facts, allows_capital=terms.allows_capital) if pence > cap.pence]
    firm = [cap for cap in above if not (cap.may_exceed and terms.may_exceed)]
    if firm:
        raise Refused("above_cap", firm[0].words, field)
    if above and not verdict.exceeds_because.strip():
        words = f"{above[0].words} Say why this project may have more: {terms.may_exceed}"
        raise Refused("no_exceeding", words, "exceeds_because")
    left = sum(part.pence for part in pots.parts_of(session, AccountKind.POT_AVAILABLE, offer.fund_id))
    if terms.kind is not MatchKind.PER_PLEDGE and pence > left:
        raise Refused("pot_short", f"The fund has {pounds(left)} left.", field)
    offer.exceeds, offer.exceeds_because = bool(above), verdict.exceeds_because if above else ""
    return pence


def authority_of(session: Session, funder_id: int, verdict: Verdict, pence: int | None, actor: Actor) -> str:
    """Return under which authority `pence` is decided, in words for the record.

    Raises Forbidden without the right, Refused above the officer's own limit or without a higher authority's reference.
    """
    role = authority_at(session, actor.person_id or 0, FundRight.DECIDE, funder_id)
    if role is None:
        raise Forbidden(f"Your role does not let you {FundRight.DECIDE}.")
    if verdict.authority is not Authority.DELEGATED:
        if not verdict.reference.strip():
            raise Refused("no_reference", "Enter the reference of that decision, such as 21/00055.", "reference")
        return _RECORDED[verdict.authority]
    limit = actor.limit_at(FundRight.DECIDE, funder_id)
    if limit is not None and pence is not None and pence > limit:
        words = f"You decide up to {pounds(limit)}. Above it the panel or the Cabinet Member decides."
        raise Refused("above_limit", words, "authority")
    return role if limit is None else f"{role}, up to {pounds(limit)}"
