"""Demonstration pledges that do not qualify for match, or that officers should look at."""

from datetime import datetime, timedelta

from crowdfund.accounts.roles import MemberRole
from crowdfund.pledges.rules import Audience
from crowdfund.sandbox.demo import DemoProject, load_groups
from crowdfund.sandbox.seed_pledges import Backing

ODD = "gloves-on-temple-hill"
DECLINING = "supper-at-the-oast"
_SHARING = ("Ray Dunmore", "Roy Dunmore", "Rae Dunmore", "Rex Dunmore")
_SEEN = Audience.EVERYONE


def odd_backings(project: DemoProject, now: datetime) -> list[Backing]:
    """Return what stands out: one card under four names within an hour, and the owner of the group; or nothing."""
    if project.slug == DECLINING:
        return [_backing("Una Paid", now - timedelta(days=33), 30_000, "", declines=True)]
    if project.slug != ODD:
        return []
    group = next(group for group in load_groups() if group.key == project.group)
    owner = next(member for member in group.members if member.role is MemberRole.OWNER)
    begun = now - timedelta(days=2)
    shared = [_backing(name, begun + timedelta(minutes=9 * n), 5000, "dunmore") for n, name in enumerate(_SHARING)]
    return [*shared, _backing(owner.name, begun - timedelta(days=5), 10_000, "")]


def _backing(name: str, at: datetime, pence: int, card: str, *, declines: bool = False) -> Backing:
    email = f"{name.lower().replace(' ', '.')}@example.org"
    return Backing(at, name, email, pence, _SEEN, _SEEN, "", None, shares_card=card, card_declines=declines)
