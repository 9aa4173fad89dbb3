"""Every page in every state a visitor can meet: how to get there in the town."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from e2e.town import Town

Step = Callable[[Page], object]


@dataclass(frozen=True)
class Scene:
    """A page in a state. `address` may name a place of the town; `steps` are what the visitor does there."""

    address: str
    steps: tuple[Step, ...] = ()
    wrong: bool = False
    refused: bool = False
    signed_in: bool = False
    elsewhere: bool = False

    def reach(self, page: Page, town: Town) -> None:
        """Bring the page there."""
        page.goto(re.sub(r"\{(.+?)\}", lambda found: town.addresses[found[1]], self.address))
        for step in self.steps:
            step(page)
            page.wait_for_load_state()


@dataclass(frozen=True)
class Visit:
    """A scene that a page shows, and what had the focus when it arrived there."""

    scene: Scene
    page: Page
    focused: str


def press(name: str) -> Step:
    """Press a button."""
    return lambda page: page.get_by_role("button", name=re.compile(f"^{name}")).click()


def type_in(label: str, text: str) -> Step:
    """Type into a field."""
    return lambda page: page.get_by_role("textbox", name=label).fill(text)


def _wrong(address: str, button: str, *typing: Step) -> Scene:
    return Scene(address, (*typing, press(button)), wrong=True)


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
    "amount: nothing chosen": _wrong("{project many}/pledge", "Continue"),
    "amount: too much": _wrong("{project many}/pledge", "Continue", type_in("Another amount, in pounds", "99999")),
    "amount: paused": Scene("{project paused}/pledge", refused=True),
    "amount: ended": Scene("{project ended}/pledge", refused=True),
    "you": Scene("{pledge amount}/you"),
    "you: empty": _wrong("{pledge amount}/you", "Continue", type_in("Your postcode", "Kent")),
    "code": Scene("{pledge code}/code"),
    "code: wrong": _wrong("{pledge code}/code", "Continue", type_in("Six-digit code", "12")),
    "check": Scene("{pledge check}/check"),
    "check: back without a card": Scene("{pledge check}/check?card=back"),
    "check: another amount": Scene("{pledge check}/setup-amount"),
    "link from a mail": Scene("{link}"),
    "pledge: active": Scene("{pledge active}"),
    "pledge: withdrawn": Scene("{pledge withdrawn}"),
    "pledge: after the deadline": Scene("{pledge ended}"),
    "pledge: another amount": Scene("{pledge active}/amount"),
    "pledge: no amount": _wrong("{pledge active}/amount", "Continue"),
    "pledge: agree again": Scene("{pledge active}/amount/5000"),
    "pledge: who sees it": Scene("{pledge active}/visibility"),
    "pledge: withdraw": Scene("{pledge active}/withdraw"),
    "concern": Scene("{project many}/concern"),
    "concern: empty": _wrong("{project many}/concern", "Send", type_in("Your e-mail address", "nobody")),
    "concern: sent": Scene("{project many}/concern/sent"),
    "help": Scene("/help"),
    "privacy": Scene("/privacy"),
    "accessibility": Scene("/accessibility"),
    "complaints": Scene("/complaints"),
    "account": Scene("/account", signed_in=True),
    "error: not found": Scene("/nothing-here", refused=True),
    "error: not allowed": Scene("/account", refused=True),
    "error: not like this": Scene("/account/sign-out", refused=True),
    "sandbox: tools": Scene("/sandbox/"),
    "sandbox: mailbox": Scene("/sandbox/mail"),
    "sandbox: mail": Scene("{mail}"),
    "sandbox: components": Scene("/sandbox/components", wrong=True),
    "card page": Scene("{pledge check}/check", (press("Agree and pledge"),), elsewhere=True),
    "card page: no card": Scene(
        "{pledge check}/check", (press("Agree and pledge"), press("Save your card")), wrong=True, elsewhere=True
    ),
}
