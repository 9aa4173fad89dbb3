"""Every page in every state a visitor can meet: how to get there in the town."""

from dataclasses import dataclass

from playwright.sync_api import Page

from e2e.scene import Scene, Who, press, type_in, wrong
from e2e.scenes_of_groups import SCENES_OF_GROUPS
from e2e.scenes_of_match import SCENES_OF_MATCH
from e2e.scenes_of_money import SCENES_OF_MONEY
from e2e.scenes_of_officers import SCENES_OF_OFFICERS
from e2e.scenes_of_payouts import SCENES_OF_PAYOUTS
from e2e.scenes_of_settlements import SCENES_OF_SETTLEMENTS


@dataclass(frozen=True)
class Visit:
    """A scene that a page shows, and what had the focus when it arrived there."""

    scene: Scene
    page: Page
    focused: str


SCENES: dict[str, Scene] = {
    "home": Scene("/"),
    "list": Scene("/projects"),
    "list: page 2": Scene("/projects?page=2"),
    "list: nothing found": Scene("/projects?q=zebra"),
    "list: filtered": Scene("/projects?q=choir&district=canterbury&theme=arts_heritage&status=all&sort=push"),
    "list: a Medway postcode": Scene("/projects?q=ME4+4TR"),
    "project: no backers": Scene("{project empty}"),
    "project: few backers": Scene("{project few}"),
    "project: many backers, news": Scene("{project many}"),
    "project: target met": Scene("{project met}"),
    "project: paused": Scene("{project paused}"),
    "project: after the deadline": Scene("{project ended}"),
    "progress": Scene("{project many}/progress"),
    "backers": Scene("{project many}/backers"),
    "backers: page 2": Scene("{project many}/backers?page=2"),
    "group": Scene("{group}"),
    "amount": Scene("{project many}/pledge"),
    "amount: nothing chosen": wrong("{project many}/pledge", "Continue"),
    "amount: too much": wrong("{project many}/pledge", "Continue", type_in("Another amount, in pounds", "99999")),
    "amount: paused": Scene("{project paused}/pledge", refused=True),
    "amount: ended": Scene("{project ended}/pledge", refused=True),
    "you": Scene("{pledge amount}/you"),
    "you: empty": wrong("{pledge amount}/you", "Continue", type_in("Your postcode", "Kent")),
    "code": Scene("{pledge code}/code"),
    "code: wrong": wrong("{pledge code}/code", "Continue", type_in("Six-digit code", "12")),
    "check": Scene("{pledge check}/check"),
    "check: back without a card": Scene("{pledge check}/check?card=back"),
    "check: another amount": Scene("{pledge check}/setup-amount"),
    "link from a mail": Scene("{link}"),
    "pledge: active": Scene("{pledge active}"),
    "pledge: withdrawn": Scene("{pledge withdrawn}"),
    "pledge: after the deadline": Scene("{pledge ended}"),
    "pledge: another amount": Scene("{pledge active}/amount"),
    "pledge: no amount": wrong("{pledge active}/amount", "Continue"),
    "pledge: agree again": Scene("{pledge active}/amount/5000"),
    "pledge: who sees it": Scene("{pledge active}/visibility"),
    "pledge: card runs out": Scene("{pledge old card}"),
    "pledge: another card": Scene("{pledge active}/card"),
    "pledge: another card for one that runs out": Scene("{pledge old card}/card"),
    "pledge: another card saved": Scene("{pledge active}?card=1"),
    "pledge: withdraw": Scene("{pledge active}/withdraw"),
    "concern": Scene("{project many}/concern"),
    "concern: empty": wrong("{project many}/concern", "Send", type_in("Your e-mail address", "nobody")),
    "concern: sent": Scene("{project many}/concern/sent"),
    "help": Scene("/help"),
    "privacy": Scene("/privacy"),
    "accessibility": Scene("/accessibility"),
    "complaints": Scene("/complaints"),
    "account": Scene("/account", who=Who.BACKER),
    "error: not found": Scene("/nothing-here", refused=True),
    "error: not allowed": Scene("{refused group}/details", refused=True, who=Who.READER),
    "error: not like this": Scene("/account/sign-out", refused=True),
    "sandbox: tools": Scene("/sandbox/"),
    "sandbox: mailbox": Scene("/sandbox/mail"),
    "sandbox: mail": Scene("{mail}"),
    "sandbox: components": Scene("/sandbox/components", wrong=True),
    "card page": Scene("{pledge check}/check", (press("Agree and pledge"),), elsewhere=True),
    "card page: no card": Scene(
        "{pledge check}/check", (press("Agree and pledge"), press("Save your card")), wrong=True, elsewhere=True
    ),
    **SCENES_OF_GROUPS,
    **SCENES_OF_OFFICERS,
    **SCENES_OF_MONEY,
    **SCENES_OF_PAYOUTS,
    **SCENES_OF_MATCH,
    **SCENES_OF_SETTLEMENTS,
}
