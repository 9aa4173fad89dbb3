"""The exact sentences a backer agrees to, filled in for one pledge, and their version."""

import hashlib
from dataclasses import dataclass

from crowdfund.accounts.models import ConsentKind
from crowdfund.core.money import pounds
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import CHARGE_LATER, NEWS, SHARE_WITH_GROUP
from crowdfund.web.templating import when


@dataclass(frozen=True)
class Words:
    """The names that the sentences carry."""

    council: str
    service: str


def consent_words(pledge: Pledge, words: Words, pence: int | None = None) -> dict[ConsentKind, str]:
    """Return every consent this pledge asks for; `pence` is the new amount where it is being raised."""
    project = pledge.project
    assert project.deadline is not None
    amount = pounds(pledge.amount_pence if pence is None else pence)
    wordings = {
        ConsentKind.CHARGE_LATER: CHARGE_LATER.format(
            council=words.council, amount=amount, deadline=when(project.deadline), project=project.title
        )
    }
    return wordings | wish_words(pledge, words, share=pledge.share_with_group, news=pledge.wants_news)


def wish_words(pledge: Pledge, words: Words, *, share: bool, news: bool) -> dict[ConsentKind, str]:
    """Return the optional consents that were ticked."""
    wordings = {}
    if share:
        wordings[ConsentKind.SHARE_WITH_GROUP] = SHARE_WITH_GROUP.format(group=pledge.project.group.name)
    if news:
        wordings[ConsentKind.NEWS] = NEWS.format(council=words.council, service=words.service)
    return wordings


def version_of(wordings: dict[ConsentKind, str]) -> str:
    """Return a short hash of all the sentences, so that a page can prove which ones it showed."""
    return hashlib.sha256("\x1f".join(wordings.values()).encode()).hexdigest()[:20]
