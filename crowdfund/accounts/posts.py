"""An officer without a browser: whoever told the worker to do something, with the roles they hold by now."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import OfficerPost
from crowdfund.accounts.roles import FUND_RIGHTS, OFFICER_RIGHTS, OfficerRole
from crowdfund.core.actor import ActorKind


@dataclass(frozen=True)
class Post:
    """A role as whoever asks needs it: for which funder (None: the programme), up to which amount in pence."""

    role: OfficerRole
    funder_id: int | None
    limit_pence: int | None

    def has(self, right: str, funder_id: int) -> bool:
        """Say whether the role has a right over this funder's funds."""
        return right in FUND_RIGHTS.get(self.role, ()) and (self.role.of_programme or self.funder_id == funder_id)


def limit_of(posts: frozenset[Post], right: str, funder_id: int) -> int | None:
    """Return up to which amount (pence) a role with the right goes; None where one has no limit, 0 without any."""
    limits = [post.limit_pence for post in posts if post.has(right, funder_id)]
    return None if None in limits else max((limit for limit in limits if limit is not None), default=0)


@dataclass(frozen=True)
class OfficerActor:
    """An officer for whom the worker goes on with what they began after giving their second factor."""

    person_id: int
    posts: frozenset[Post]
    kind: ActorKind = ActorKind.PERSON

    @property
    def ref(self) -> str:
        """The person's number."""
        return str(self.person_id)

    def holds(self, subject: str) -> bool:  # noqa: ARG002 - the protocol asks
        """No browser, so nothing was handed over."""
        return False

    def may(self, right: str) -> bool:
        """Say whether one of the person's roles has the right."""
        return any(right in OFFICER_RIGHTS[post.role] for post in self.posts)

    def may_at(self, right: str, funder_id: int) -> bool:
        """Say whether one of the person's roles has the right over this funder's funds."""
        return any(post.has(right, funder_id) for post in self.posts)

    def limit_at(self, right: str, funder_id: int) -> int | None:
        """Return up to which amount (pence) a role with the right goes; None where one has no limit."""
        return limit_of(self.posts, right, funder_id)


def officer_of(session: Session, person_id: int) -> OfficerActor:
    """Return an officer with the roles they hold now; one whose roles ended has none left."""
    held = select(OfficerPost).where(OfficerPost.person_id == person_id, OfficerPost.ended_at.is_(None))
    posts = frozenset(Post(row.role, row.funder_id, row.limit_pence) for row in session.scalars(held))
    return OfficerActor(person_id, posts)
