"""Every form with a field that somebody can reach, found by walking the routes, and filled with whatever one likes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from sqlalchemy import delete
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import Right
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.rules import ProjectState, Section
from crowdfund.projects.sections import LISTS
from crowdfund.web.guards import access_rule
from crowdfund.web.limits import RateLimit
from tests.support.callers import Caller, browser_of, declare, invite_in
from tests.support.client import HouseClient
from tests.support.estate import Estate, address
from tests.support.estate_match import write_terms
from tests.support.form_filling import fill
from tests.support.markup import Element, parse

# What a page is about beyond its thing: words of its address, and what stands behind the question mark.
Variant = tuple[dict[str, str], str]
_PLAIN: Variant = ({}, "")
_VARIANTS: dict[str, tuple[Variant, ...]] = {
    "projects.section": tuple(({"section": section.value}, "") for section in Section),
    "projects.add": tuple(({"section": section.value}, "") for section in LISTS),
    "fund_desk.terms_section": tuple(({"terms_section": name}, "") for name in ("how", "limits", "who", "dates")),
    "groups.new": (({}, "?legal_form=informal"), ({}, "?legal_form=cic")),
    "groups.name_host": (({}, "?legal_form=association"), ({}, "?legal_form=charity")),
}
_UNSEEN = frozenset({"hidden", "submit", "file"})


@dataclass(frozen=True)
class OpenForm:
    """A form on a page: where it stands, in which state of the project, and what somebody types into."""

    address: str
    rule: Rule
    state: ProjectState
    variant: Variant
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.address} of a {self.state} project"


@dataclass
class Filler:
    """Somebody in front of every form that is open to them."""

    caller: Caller
    person: Person | None
    estate: Estate
    browser: HouseClient

    def forms(self, *kinds: str) -> Iterator[OpenForm]:
        """Yield the forms on pages with a rule of these kinds, each in the first state that opens it."""
        app = self.estate.app
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            kind = (access_rule(app.view_functions[rule.endpoint]) or "").partition(":")[0]
            if (
                kind in kinds
                and not rule.rule.startswith("/sandbox/")
                and {"GET", "POST"} <= (rule.methods or set()) | self._posted_beside(rule)
                and self._may_post(rule)
            ):
                for variant in _VARIANTS.get(rule.endpoint, (_PLAIN,)):
                    yield from self._open(rule, variant)

    def page(self, form: OpenForm) -> TestResponse:
        """Open the page of a form."""
        return self._get(form.rule, form.state, form.variant)

    def send(self, page: TestResponse, changes: dict[str, Any], *, without: tuple[str, ...] = ()) -> TestResponse:
        """Send the form of a page with these values, as `send_form` does, however often one may."""
        with self.estate.app.app_context(), unit_of_work() as session:
            session.execute(delete(RateLimit))
        return send_form(self.browser, page, changes, without=without)

    def renew(self, state: ProjectState) -> None:
        """Put a fresh project in the place of the one that was just changed, and fresh money beside it."""
        with self.estate.app.app_context():
            for one in {state, *self.estate.sites} & {state, ProjectState.FUNDED}:
                site = self.estate.add_site(one)
                declare(self.caller, self.person, site.id, self.estate)
            with unit_of_work() as session:
                write_terms(session, self.estate.owner, self.estate.clock.now())

    def _get(self, rule: Rule, state: ProjectState, variant: Variant) -> TestResponse:
        words, asked = variant
        before = dict(self.estate.words)
        self.estate.words |= words
        try:
            return self.browser.get(address(self.estate, rule, state) + asked)
        finally:
            self.estate.words.clear()
            self.estate.words |= before

    def _open(self, rule: Rule, variant: Variant) -> Iterator[OpenForm]:
        for state in tuple(self.estate.sites):
            page = self._get(rule, state, variant)
            form = _form_with_fields(page) if page.status_code == 200 else None
            if form is not None:
                yield OpenForm(page.request.path, rule, state, variant, names_on(page))
                return

    def _may_post(self, rule: Rule) -> bool:
        """Say whether an officer's role lets them send what they can look at; everybody else may try."""
        app = self.estate.app
        posted = [one for one in app.url_map.iter_rules() if one.rule == rule.rule and "POST" in (one.methods or ())]
        rules = [access_rule(app.view_functions[one.endpoint]) or "" for one in posted]
        wanted = [one.removeprefix("officers: ").partition(" ")[0] for one in rules if one.startswith("officers: ")]
        return all(self.caller.may(Right[right]) for right in wanted)

    def _posted_beside(self, rule: Rule) -> set[str]:
        """Return the methods of other rules with the same address."""
        same = (other for other in self.estate.app.url_map.iter_rules() if other.rule == rule.rule)
        return set().union(*(other.methods or set() for other in same)) if "GET" in (rule.methods or ()) else set()


def make_filler(caller: Caller, estate: Estate) -> Filler:
    """Return somebody in front of the estate; call it outside an application context."""
    with estate.app.app_context():
        person = invite_in(caller, estate)
        for site in estate.sites.values():
            declare(caller, person, site.id, estate)
        with unit_of_work() as session:
            write_terms(session, estate.owner, estate.clock.now())
    return Filler(caller, person, estate, browser_of(caller, person, estate))


def send_form(
    browser: HouseClient, page: TestResponse, changes: dict[str, Any], *, without: tuple[str, ...] = ()
) -> TestResponse:
    """Send the first form with a field, with these values in place of what stands there; no browser checks them.

    Questions that nothing is chosen for get their first choice; the fields in `without` are not sent.
    """
    found = _form_with_fields(page)
    assert found is not None
    filled = fill(found, _first_choices(found))
    data = {name: value for name, value in {**filled.data, **changes}.items() if name not in without}
    return browser.post(urljoin(page.request.path, filled.action), data=data)


def names_on(page: TestResponse) -> tuple[str, ...]:
    """Return the names of the fields that somebody sees in the first form with any."""
    form = _form_with_fields(page)
    return tuple(dict.fromkeys(str(one.get("name")) for one in _fields(form))) if form is not None else ()


def control(page: TestResponse, name: str) -> list[Element]:
    """Return the controls of this name on a page."""
    return [one for one in parse(page.text).all("input", "textarea", "select") if one.get("name") == name]


def _form_with_fields(page: TestResponse) -> Element | None:
    forms = (form for form in parse(page.text).all("form") if form.get("method", "").lower() == "post")
    return next((form for form in forms if any(True for _ in _fields(form))), None)


def _fields(form: Element) -> Iterator[Element]:
    for one in form.iter():
        if one.tag in {"input", "textarea", "select"} and one.get("name") and one.get("type") not in _UNSEEN:
            yield one


def _first_choices(form: Element) -> dict[str, str]:
    """Return the first choice of every question that nothing is chosen for yet."""
    radios = [one for one in _fields(form) if one.get("type") == "radio"]
    answered = {one.get("name") for one in radios if "checked" in one.attrib}
    return {str(one.get("name")): str(one.get("value")) for one in reversed(radios) if one.get("name") not in answered}
