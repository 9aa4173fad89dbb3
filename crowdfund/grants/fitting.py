"""Whether a group fits a round: what bars it, and what it still lacks, each with where to get help."""

from dataclasses import dataclass

from crowdfund.grants.plans import NEED_WORDS, Need, Plan, Tier
from crowdfund.groups.models import Group
from crowdfund.groups.rules import Safeguarding


@dataclass(frozen=True)
class Lack:
    """Something a tier asks for that a group does not have yet, and what to do about it."""

    need: Need
    words: str
    help: str


HELP: dict[Need, str] = {
    Need.RULES: "Most groups begin with a page that all members agree on. Your local voluntary centre helps.",
    Need.ACCOUNT: "Without an account in the group’s name a host can take the money: name one on your group’s page.",
    Need.SIGNATORIES: "Ask your bank for a mandate with two people who are not related.",
    Need.SAFEGUARDING: "Say on your group’s page that you want help, and we put you in touch with somebody.",
}


def bars_for(plan: Plan, group: Group) -> list[str]:
    """Return in sentences why a group cannot apply at all; empty where it can."""
    if plan.legal_forms and group.legal_form.value not in plan.legal_forms:
        return ["This round is for other kinds of group."]
    return []


def lacking(tier: Tier, group: Group, works_at_risk: bool | None, has_host: bool) -> list[Lack]:
    """Return what a group still lacks of what a tier asks for."""
    has = {
        Need.RULES: bool(group.has_rules) or has_host,
        Need.ACCOUNT: bool(group.has_bank_account) or has_host,
        Need.SIGNATORIES: bool(group.has_two_signatories) or has_host,
        Need.SAFEGUARDING: not works_at_risk or group.safeguarding is Safeguarding.POLICY,
    }
    return [Lack(need, f"This needs: {NEED_WORDS[need]}.", HELP[need]) for need in tier.needs if not has[need]]
