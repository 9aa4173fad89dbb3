"""Every route, asked by everybody: the declared rules and the matrices of roles say what each of them gets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from werkzeug.routing import Map, Rule
from werkzeug.test import TestResponse

from crowdfund.accounts.roles import FundRight, GroupRight, Right
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import Base, db
from crowdfund.groups.models import Member
from crowdfund.projects.rules import PUBLIC, ProjectState
from crowdfund.web.guards import access_rule
from tests.support.callers import CALLERS, NOW, Caller, browser_of, declare, invite_in
from tests.support.client import HouseClient
from tests.support.estate import STATES, Estate, Site, address, make_estate, names_a_thing
from tests.support.markup import parse
from tests.support.matrix import (
    ABOUT_PROJECTS,
    DECIDED,
    DECLARING,
    OF_FUND_DESK,
    OF_FUNDS,
    OF_NO_PROJECT,
    OF_PAYMENTS,
    OF_ROUND,
    OF_VISITS,
    UNDECLARED,
    WANTS,
)

S = ProjectState


class Got(StrEnum):
    """What an answer means to who asked."""

    IN = "let in"
    SIGN_IN = "asked to sign in"
    FACTOR = "asked for the second factor"
    DECLARE = "asked to declare interests"
    FORBIDDEN = "told that they may not"
    NOT_FOUND = "told that there is no such thing"


@dataclass(frozen=True)
class Route:
    """A rule of the address map with one of its methods."""

    rule: Rule
    method: str
    access: str

    @property
    def kind(self) -> str:
        return self.access.partition(":")[0]

    @property
    def of_project(self) -> bool:
        return self.rule.rule.startswith(ABOUT_PROJECTS)

    @property
    def domain(self) -> str:
        return str(self.rule.endpoint).partition(".")[0]

    @property
    def of_offer(self) -> bool:
        """Whether it is about a request to a fund."""
        return self.rule.rule.startswith("/officers/matches/<")

    @property
    def of_payment(self) -> bool:
        """Whether it is about one payout or refund, wherever its project stands."""
        return self.domain in OF_PAYMENTS and not self.of_project

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule} ({self.rule.endpoint}; {self.access})"


@dataclass
class Visit:
    """A caller in front of an estate."""

    caller: Caller
    estate: Estate
    person: Any
    browser: HouseClient
    token: str

    def ask(self, route: Route, state: S, *, nowhere: bool = False) -> Got:
        return meaning(self.send(route, state, nowhere=nowhere), route)

    def send(self, route: Route, state: S, *, nowhere: bool = False) -> TestResponse:
        path = address(self.estate, route.rule, state, nowhere=nowhere)
        if route.method == "GET":
            return self.browser.get(path)
        return self.browser.post(path, headers={"X-CSRFToken": self.token})

    def come_again(self) -> None:
        """Open a new browser: the one before may have signed out."""
        self.browser = browser_of(self.caller, self.person, self.estate)
        page = parse(self.browser.get(f"/projects/{self.estate.sites[S.LIVE].words['slug']}/pledge").text)
        self.token = str(next(field.get("value") for field in page.all("input") if field.get("name") == "csrf_token"))

    def renew(self, state: S) -> Site:
        """Put a fresh project in place of the one in this state."""
        with self.estate.app.app_context():
            site = self.estate.add_site(state)
            declare(self.caller, self.person, site.id, self.estate)
        return site


pytestmark = pytest.mark.walk


@pytest.fixture
def estate(app: Flask, clock: FixedClock) -> Estate:
    with app.app_context():
        return make_estate(app, clock)


@pytest.fixture
def visit(estate: Estate, caller: Caller) -> Visit:
    with estate.app.app_context():
        person = invite_in(caller, estate)
        for site in estate.sites.values():
            declare(caller, person, site.id, estate)
    visit = Visit(caller, estate, person, estate.app.test_client(), "")
    visit.come_again()
    return visit


def routes(app: Flask, *kinds: str) -> Iterator[Route]:
    """Yield every route with a rule of these kinds, reading ones first."""
    for method in ("GET", "POST"):
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule)):
            route = Route(rule, method, access_rule(app.view_functions[rule.endpoint]) or "none")
            if method in (rule.methods or ()) and route.kind in kinds:
                yield route


def meaning(reply: TestResponse, route: Route) -> Got:
    if reply.status_code in {302, 303}:
        path = urlsplit(reply.location).path
        if path == "/account/sign-in":
            return Got.SIGN_IN
        if path == "/account/second-factor":
            return Got.FACTOR
        return Got.DECLARE if path.endswith("/interest") and route.rule.endpoint not in DECLARING else Got.IN
    assert reply.status_code != 400, f"{route}: {reply.text}"
    return {403: Got.FORBIDDEN, 404: Got.NOT_FOUND}.get(reply.status_code, Got.IN)


def wanted(route: Route) -> GroupRight:
    """Return the right that a place in the group needs for a route; a new one that changes something names its own."""
    names = {route.rule.endpoint, f"{route.method} {route.rule.endpoint}"}
    for right, endpoints in WANTS.items():
        if names & endpoints:
            return right
    assert route.method == "GET", f"{route}: name the right that it wants in WANTS"
    return GroupRight.SEE


def wanted_states(route: Route) -> tuple[S, ...]:
    """Return which projects an officers' page is asked about; a settlement is there after the deadline only."""
    if route.of_payment or route.domain == "match_due":
        return (S.FUNDED,)
    if route.of_offer:
        return (S.READY, S.LIVE)
    if route.domain == "grant_desk":
        return (S.SUBMITTED,) if route.rule.endpoint in OF_ROUND else (S.DRAFT, S.SUBMITTED)
    if route.domain == "backers":
        return (S.DRAFT, S.LIVE, S.FUNDED)
    is_late = route.rule.endpoint.startswith("settlements.")
    return (S.DRAFT, S.FUNDED) if is_late else (S.DRAFT, S.SUBMITTED, S.LIVE, S.FUNDED)


def expected_of_officer(route: Route, caller: Caller, state: S) -> set[Got]:
    """Say what an officers' page answers, in the order in which its guards ask."""
    right, _, fresh = route.access.removeprefix("officers: ").partition(" ")
    guards = (
        (not caller.signed_in, Got.SIGN_IN),
        (not caller.is_officer, Got.FORBIDDEN),
        (caller.factor is None, Got.FACTOR),
        (not caller.may(Right[right]), Got.FORBIDDEN),
        (fresh and caller.factor != NOW, Got.FACTOR),
        (route.domain in OF_FUND_DESK, expected_of_fund(route, caller)),
        (not names_a_thing(route.rule), Got.IN),
        ((route.of_offer or route.domain == "grant_desk") and not caller.may_at_fund(FundRight.SEE), Got.NOT_FOUND),
        (route.domain == "match_due" and not caller.may_at_fund(FundRight.PAY), Got.NOT_FOUND),
        (route.of_project and state in {S.DRAFT, S.WITHDRAWN}, Got.NOT_FOUND),
        (route.rule.endpoint in OF_NO_PROJECT | OF_ROUND, Got.IN),
        (route.domain == "backers" and not judges_backers(caller), Got.FORBIDDEN),
    )
    return next(({answer} for stops, answer in guards if stops), expected_of_distance(route, caller))


def judges_backers(caller: Caller) -> bool:
    """Say whether a caller's office has to do with who counts for match."""
    of_fund = any(caller.may_at_fund(right) for right in (FundRight.ASSESS, FundRight.DECIDE))
    return caller.may(Right.CHECK_PROJECTS) or of_fund


def expected_of_fund(route: Route, caller: Caller) -> Got:
    """Say what a page about funds answers: those of other funders are not there, and each role has its rights."""
    page = str(route.rule.endpoint).partition(".")[2]
    if names_a_thing(route.rule) and not caller.may_at_fund(FundRight.SEE):
        return Got.NOT_FOUND
    lacks = any(page in named and not caller.may_at_fund(right) for right, named in OF_FUNDS.items())
    return Got.FORBIDDEN if lacks else Got.IN


def expected_of_distance(route: Route, caller: Caller) -> set[Got]:
    """Say what an officer with the right gets from a page about a project, by how far they stand from it."""
    if not caller.stands_apart:
        may_look = route.rule.endpoint in DECLARING and (route.method == "GET" or caller.own is None)
        return {Got.IN} if may_look else {Got.FORBIDDEN, Got.DECLARE}
    is_open = route.rule.endpoint in UNDECLARED or route.domain in OF_PAYMENTS
    asks = route.rule.endpoint in DECIDED or (route.of_project and not is_open)
    return {Got.DECLARE} if caller.has_interest is None and asks else {Got.IN}


def contents(estate: Estate) -> dict[str, list[Any]]:
    """Return every row that somebody who is turned away must not have touched."""
    with estate.app.app_context():
        tables = [of for of in Base.metadata.sorted_tables if of.name not in OF_VISITS]
        return {of.name: [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {of.name}"))] for of in tables}


def trail(estate: Estate) -> int:
    with estate.app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def by_name(*names: str) -> Any:
    chosen = [caller for caller in CALLERS if not names or caller.name in names]
    return pytest.mark.parametrize("caller", chosen, ids=lambda caller: caller.name)


STRANGERS = [caller.name for caller in CALLERS if caller.own is None]
OWN = [caller.name for caller in CALLERS if caller.own is not None]


@by_name(*STRANGERS)
def test_a_groups_pages_are_not_there_for_others(visit: Visit) -> None:
    before = contents(visit.estate)
    want = Got.NOT_FOUND if visit.caller.signed_in else Got.SIGN_IN
    for route in routes(visit.estate.app, "members"):
        for state in (S.DRAFT, S.LIVE):
            got = visit.ask(route, state)
            assert got is want, f"{visit.caller.name} {route}: {got}"
    assert contents(visit.estate) == before


@by_name()
def test_an_officers_page_opens_when_the_matrix_says_so(visit: Visit) -> None:
    visit.renew(S.FUNDED)
    before, caller = contents(visit.estate), visit.caller
    for route in routes(visit.estate.app, "officers"):
        for state in wanted_states(route):
            if route.of_payment and route.method == "POST" and caller.stands_apart and caller.is_officer:
                visit.renew(S.FUNDED)
            expected, seen = expected_of_officer(route, caller, state), trail(visit.estate)
            got = visit.ask(route, state)
            assert got in expected, f"{caller.name} {route} of a {state} project: {got}"
            assert got is Got.IN or trail(visit.estate) == seen, f"{caller.name} {route}: written to the trail"
    if not caller.is_officer:
        assert contents(visit.estate) == before


@by_name(*OWN)
def test_a_member_gets_what_their_place_has_the_right_to(visit: Visit) -> None:
    for route in routes(visit.estate.app, "members"):
        if visit.caller.may_for_group(wanted(route)):
            let_in(visit, route)
        else:
            turned_away(visit, route)


def let_in(visit: Visit, route: Route) -> None:
    """A right opens a page in at least one state of the project; what cannot be done now is said, not hidden."""
    answers = {}
    for state in STATES:
        if route.method == "POST" and route.of_project:
            visit.renew(state)
        if "member_id" in route.rule.arguments:
            visit.estate.add_member()
        answers[state] = visit.ask(route, state)
    assert Got.IN in answers.values(), f"{visit.caller.name} {route}: {answers}"
    assert not {Got.SIGN_IN, Got.FACTOR, Got.DECLARE} & set(answers.values()), f"{visit.caller.name} {route}"


def turned_away(visit: Visit, route: Route) -> None:
    seen = trail(visit.estate)
    for state in STATES:
        got = visit.ask(route, state)
        assert got is Got.FORBIDDEN, f"{visit.caller.name} {route} of a {state} project: {got}"
    assert trail(visit.estate) == seen


@by_name()
def test_what_wants_a_fresh_factor_of_a_member_asks_for_it_last(visit: Visit) -> None:
    caller = visit.caller
    guards = (
        (not caller.signed_in, Got.SIGN_IN),
        (caller.own is None, Got.NOT_FOUND),
        (not caller.may_for_group(GroupRight.MANAGE), Got.FORBIDDEN),
        (caller.factor != NOW, Got.FACTOR),
    )
    expected = next((answer for stops, answer in guards if stops), Got.IN)
    asked = list(routes(visit.estate.app, "members after step-up"))
    assert len(asked) >= 2
    for route in asked:
        assert visit.ask(route, S.LIVE) is expected, f"{caller.name} {route}"


@by_name("own_reader")
def test_a_reader_changes_nothing(visit: Visit) -> None:
    before = contents(visit.estate)
    for route in routes(visit.estate.app, "members"):
        if route.method == "POST" and not visit.caller.may_for_group(wanted(route)):
            turned_away(visit, route)
    assert contents(visit.estate) == before


@by_name()
def test_what_only_needs_an_account_asks_visitors_to_sign_in(visit: Visit) -> None:
    for route in routes(visit.estate.app, "signed in"):
        visit.come_again()
        got = visit.ask(route, S.SUBMITTED)
        if not visit.caller.signed_in:
            assert got is Got.SIGN_IN, f"{visit.caller.name} {route}: {got}"
        elif names_a_thing(route.rule) and route.rule.endpoint != OF_ALL and not sees_files(visit.caller, S.SUBMITTED):
            assert got is Got.NOT_FOUND, f"{visit.caller.name} {route}: {got}"
        else:
            assert got in {Got.IN, Got.NOT_FOUND, Got.FACTOR}, f"{visit.caller.name} {route}: {got}"


@by_name()
def test_what_a_key_or_a_browser_opens_stays_shut(visit: Visit) -> None:
    before = contents(visit.estate)
    for route in routes(visit.estate.app, "checked inside"):
        if route.rule.endpoint == "pictures.image":
            continue
        for state in (S.DRAFT, S.LIVE):
            got = visit.ask(route, state)
            shut = {Got.NOT_FOUND} if names_a_thing(route.rule) else {Got.NOT_FOUND, Got.SIGN_IN, Got.IN}
            assert got in shut, f"{visit.caller.name} {route}: {got}"
    assert contents(visit.estate) == before


@by_name()
def test_files_of_a_project_open_for_its_group_and_its_officers(visit: Visit) -> None:
    opened = {route.rule.endpoint: route for route in routes(visit.estate.app, "signed in", "checked inside")}
    for state in STATES:
        seen = sees_files(visit.caller, state)
        if visit.caller.signed_in:
            got = visit.ask(opened["files.download"], state)
            assert got is (Got.IN if seen else Got.NOT_FOUND), f"{visit.caller.name} paper of {state}: {got}"
        got = visit.ask(opened["pictures.image"], state)
        assert got is (Got.IN if seen or state in PUBLIC else Got.NOT_FOUND), (
            f"{visit.caller.name} photo, {state}: {got}"
        )


OF_ALL = "applications.new"  # names a round, which is public


def sees_files(caller: Caller, state: S) -> bool:
    if caller.own is not None:
        return True
    is_cleared = caller.factor is not None and caller.has_interest is False and caller.may(Right.SEE_PROJECTS)
    return is_cleared and state not in {S.DRAFT, S.WITHDRAWN}


@by_name("visitor", "nobody", "own_owner", "programme_checker")
def test_public_pages_are_for_everybody_and_drafts_are_not_among_them(visit: Visit) -> None:
    for route in routes(visit.estate.app, "anyone"):
        if route.method != "GET":
            continue
        for state in STATES:
            others = ("/groups/", "/funds/", "/grants/")
            of_project = "slug" in route.rule.arguments and not route.rule.rule.startswith(others)
            hidden = state not in PUBLIC and of_project
            got = visit.ask(route, state)
            assert got is (Got.NOT_FOUND if hidden else Got.IN), f"{visit.caller.name} {route} of {state}: {got}"


@by_name("nobody", "other_owner", "programme_checker", "funder_viewer")
def test_nobody_learns_whether_a_thing_is_there(visit: Visit) -> None:
    for route in routes(visit.estate.app, "members", "checked inside", "signed in"):
        if route.method != "GET" or not names_a_thing(route.rule):
            continue
        there, nowhere = visit.send(route, S.DRAFT), visit.send(route, S.DRAFT, nowhere=True)
        if there.status_code != 404:
            continue
        assert nowhere.status_code == 404, f"{visit.caller.name} {route}"
        assert words_of(there) == words_of(nowhere), f"{visit.caller.name} {route}"


def words_of(reply: TestResponse) -> str:
    """Return the main part of a page without the number of the request."""
    main = reply.text[reply.text.index("<main") : reply.text.index("</main>")]
    return re.sub(r"[0-9a-f]{12}", "", main)


@by_name("own_member", "own_reader")
def test_everybody_may_leave_their_group(visit: Visit) -> None:
    with visit.estate.app.app_context():
        place = db.session.scalars(select(Member.id).where(Member.person_id == visit.person.id)).one()
    visit.estate.words["member"] = str(place)
    for route in routes(visit.estate.app, "members"):
        if route.rule.endpoint == "groups.end_place":
            assert visit.ask(route, S.DRAFT) is Got.IN


def test_a_placeholder_that_nothing_is_known_for_is_named(estate: Estate) -> None:
    [unknown] = Map([Rule("/apply/<treasure>", endpoint="x")]).iter_rules()
    with pytest.raises(AssertionError, match="nothing is known to try <treasure> with; add it to THINGS"):
        address(estate, unknown, S.DRAFT)


def test_every_kind_of_rule_is_tried(built_app: Flask) -> None:
    kinds = {"members", "members after step-up", "officers", "signed in", "checked inside", "anyone"}
    of_any_kind = {(route.rule.rule, route.method) for route in routes(built_app, *kinds)}
    asked = {(rule.rule, method) for rule in built_app.url_map.iter_rules() for method in rule.methods or ()}
    assert {pair for pair in asked if pair[1] not in {"HEAD", "OPTIONS"}} == of_any_kind


def test_the_table_of_rights_names_pages_that_are_there(built_app: Flask) -> None:
    there = {
        name
        for route in routes(built_app, "members")
        for name in (route.rule.endpoint, f"{route.method} {route.rule.endpoint}")
    }
    assert frozenset().union(*WANTS.values()) <= there
