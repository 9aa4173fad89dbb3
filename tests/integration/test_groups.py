"""A group's own pages: beginning one, its details, what it has, its task list, and who may do what."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.groups.models import Group, Member
from crowdfund.groups.rules import LegalForm, Safeguarding
from tests.support.client import HouseClient
from tests.support.grouping import Grouping, make_grouping
from tests.support.people import browser_of, make_named

TYPED = {
    "name": "Friends of the Green",
    "about": "We look after the green.",
    "town": "Ashford",
    "postcode": "tn23 1pl",
    "contact_email": "green@example.org",
    "website": "www.example.org/green",
}
PAGES = ("", "details", "set-up", "readiness", "people", "people/invite", "host", "host/new", "host/end", "history")
FOR_OWNERS = ("details", "set-up", "readiness", "people/invite", "host/new", "host/end")
READY = {
    "has_rules": "yes",
    "has_bank_account": "yes",
    "has_two_signatories": "yes",
    "safeguarding": Safeguarding.POLICY.value,
}


@pytest.fixture
def person(app: Flask, clock: FixedClock) -> Person:
    """Somebody with an account and no group."""
    with app.app_context():
        return make_named(clock.now(), "grace@example.org")


@pytest.fixture
def grace(app: Flask, person: Person) -> HouseClient:
    """Their browser."""
    return browser_of(app, person)


@pytest.fixture
def grouping(app: Flask, clock: FixedClock) -> Grouping:
    """A group with its people."""
    return make_grouping(app, clock)


def begin(grace: HouseClient, form: str = "association", **typed: Any) -> Any:
    return grace.submit(grace.get(f"/apply/groups/new?legal_form={form}"), **(TYPED | typed))


def groups(app: Flask) -> list[Group]:
    with app.app_context():
        return list(db.session.scalars(select(Group).order_by(Group.id)))


def test_whoever_begins_a_group_is_its_owner(app: Flask, grace: HouseClient, person: Person) -> None:
    first = grace.submit(grace.get("/apply/groups/new"), "/apply/groups/new", legal_form="association")
    assert "charity_number" not in first.text
    reply = grace.submit(first, **TYPED)
    [group] = groups(app)
    assert reply.location == f"/apply/groups/{group.public_id}"
    assert (group.name, group.legal_form, group.postcode) == (TYPED["name"], LegalForm.ASSOCIATION, "TN23 1PL")
    assert (group.district_code, group.website) == ("E07000105", "https://www.example.org/green")
    with app.app_context():
        [member] = db.session.scalars(select(Member))
        assert (member.person_id, member.role) == (person.id, MemberRole.OWNER)
        tags = list(db.session.scalars(select(AuditEvent.tag).where(AuditEvent.subject_kind == "group")))
    assert tags == ["group:created", "group:member_joined"]
    assert TYPED["name"] in grace.follow(reply).text


@pytest.mark.parametrize(
    ("form", "typed", "charity", "company"),
    [
        ("charity", {"charity_number": "1 123 456"}, "1123456", None),
        ("charity", {"charity_number": "sc012345", "company_number": "384301"}, "SC012345", "00384301"),
        ("cio", {"charity_number": "1123456"}, "1123456", None),
        ("cic", {"company_number": "5384301"}, None, "05384301"),
        ("society", {"company_number": "rs007654"}, None, "RS007654"),
        ("parish_council", {}, None, None),
    ],
)
def test_numbers_are_kept_in_their_shape(
    app: Flask, grace: HouseClient, form: str, typed: dict[str, str], charity: str | None, company: str | None
) -> None:
    assert begin(grace, form, **typed).status_code == 303
    [group] = groups(app)
    assert (group.charity_number, group.company_number) == (charity, company)


@pytest.mark.parametrize(
    ("form", "field", "value"),
    [
        ("association", "name", ""),
        ("association", "name", "x"),
        ("association", "name", "x" * 121),
        ("association", "about", " "),
        ("association", "about", "x" * 1001),
        ("association", "town", ""),
        ("association", "postcode", ""),
        ("association", "postcode", "nowhere"),
        ("association", "postcode", "ME4 4AY"),
        ("association", "postcode", "TN23 1PL" * 9),
        ("association", "contact_email", "green"),
        ("association", "contact_email", ""),
        ("association", "website", "javascript:alert(1)"),
        ("association", "website", "http://a b.org"),
        ("association", "website", "ftp://example.org"),
        ("association", "website", "http://[::1"),
        ("association", "website", "https://me@example.org"),
        ("charity", "charity_number", ""),
        ("charity", "charity_number", "12"),
        ("charity", "company_number", "nonsense"),
        ("company", "company_number", ""),
        ("company", "company_number", "1" * 30),
        ("society", "company_number", "05384301"),
    ],
)
def test_a_wrong_field_says_so_and_the_rest_is_kept(
    app: Flask, grace: HouseClient, form: str, field: str, value: str
) -> None:
    numbers = {"charity": {"charity_number": "1123456"}}.get(form, {})
    reply = begin(grace, form, **(numbers | {field: value}))
    assert reply.status_code == 422
    page = BeautifulSoup(reply.text, "html5lib")
    assert len(page.select(f"#{field}-error")) == 1
    assert len(page.select(f".govuk-error-summary a[href='#{field}']")) == 1
    for name, text in (TYPED | numbers | {field: value.strip()}).items():
        shown = page.select_one(f"#{name}")
        assert shown is not None
        assert (shown.get("value") or shown.text.strip()) == text or not text
    assert groups(app) == []


def test_medway_is_named_kindly(grace: HouseClient) -> None:
    reply = begin(grace, postcode="ME4 4AY")
    assert "Medway Council can tell you what it offers" in reply.text


def test_an_unknown_postcode_asks_for_the_district(app: Flask, grace: HouseClient) -> None:
    reply = begin(grace, postcode="TN99 9ZZ")
    assert reply.status_code == 422
    assert "choose the district it is in" in reply.text
    assert grace.submit(reply, district_code="E07000112").status_code == 303
    assert groups(app)[0].district_code == "E07000112"


@pytest.mark.parametrize("code", ["E06000035", "E07000999", "<b>"])
def test_a_district_that_is_not_ours_is_no_choice(app: Flask, grace: HouseClient, code: str) -> None:
    page = begin(grace, postcode="TN99 9ZZ")
    token = BeautifulSoup(page.text, "html5lib").select_one("[name=csrf_token]")
    assert token is not None
    sent = TYPED | {"postcode": "TN99 9ZZ", "district_code": code, "csrf_token": token["value"]}
    assert grace.post("/apply/groups/new?legal_form=association", data=sent).status_code == 422
    assert groups(app) == []


@pytest.mark.parametrize("query", ["go=1", "go=1&legal_form=", "legal_form=nonsense", "go=1&legal_form=nonsense"])
def test_how_it_is_set_up_must_be_one_of_the_list(grace: HouseClient, query: str) -> None:
    reply = grace.get(f"/apply/groups/new?{query}")
    assert "How is your group set up?" in reply.text
    assert reply.status_code == (422 if "go" in query else 200)


def test_a_known_number_leads_to_the_owners_and_names_nobody(app: Flask, grace: HouseClient, clock: FixedClock) -> None:
    make_grouping(app, clock, name="Secret Circle", legal_form=LegalForm.CHARITY, charity_number="1123456")
    reply = begin(grace, "charity", charity_number="1123456")
    assert reply.status_code == 422
    assert "Ask one of its owners to invite you" in reply.text
    assert "Secret Circle" not in reply.text
    assert len(groups(app)) == 1


def test_sent_twice_it_is_still_one_group(app: Flask, grace: HouseClient) -> None:
    assert begin(grace).status_code == 303
    assert begin(grace, name="FRIENDS of the green").status_code == 422
    assert len(groups(app)) == 1


def test_two_groups_of_one_name_have_pages_of_their_own(app: Flask, grace: HouseClient, grouping: Grouping) -> None:
    begin(grace)
    begin(grouping.browser(grouping.stranger))
    assert len({group.slug for group in groups(app)}) == 3


def test_a_visitor_is_asked_to_sign_in(app: Flask, grouping: Grouping) -> None:
    for path in ("/apply/groups/new", *(grouping.address(page) for page in PAGES)):
        assert "/account/sign-in" in app.test_client().get(path).location


@pytest.mark.parametrize("page", PAGES)
def test_strangers_find_nothing(grouping: Grouping, app: Flask, clock: FixedClock, page: str) -> None:
    other = make_grouping(app, clock)
    for person in (grouping.stranger, other.owner):
        assert grouping.browser(person).get(grouping.address(page)).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_what_each_place_may_open(grouping: Grouping, page: str) -> None:
    for person in (grouping.writer, grouping.reader):
        status = grouping.browser(person).get(grouping.address(page), max_queries=12).status_code
        assert status == (403 if page in FOR_OWNERS else 200)
    status = grouping.browser(grouping.owner).get(grouping.address(page), max_queries=12).status_code
    assert status == (303 if page == "host/end" else 200)


def test_details_are_changed_and_recorded(grouping: Grouping) -> None:
    reply = grouping.submit(grouping.owner, "details", **(TYPED | {"town": "Wye"}))
    assert reply.status_code == 303
    group = grouping.row()
    assert (group.name, group.town, group.slug) == (TYPED["name"], "Wye", grouping.group.slug)
    assert grouping.tags()[-1] == "group:changed"
    history = grouping.browser(grouping.reader).get(grouping.address("history")).text
    assert "changed the group’s details" in history


def test_nothing_changed_is_not_recorded(grouping: Grouping) -> None:
    grouping.submit(grouping.owner, "details", **TYPED)
    before = grouping.tags()
    assert grouping.submit(grouping.owner, "details").status_code == 303
    assert grouping.tags() == before


def test_setting_up_anew_asks_for_its_number(grouping: Grouping) -> None:
    browser = grouping.browser(grouping.owner)
    chosen = browser.submit(browser.get(grouping.address("set-up")), grouping.address("set-up"), legal_form="charity")
    page = browser.follow(chosen)
    assert grouping.row().legal_form is LegalForm.ASSOCIATION
    assert browser.submit(page, **TYPED).status_code == 422
    assert browser.submit(page, charity_number="1123456", **TYPED).status_code == 303
    assert (grouping.row().legal_form, grouping.row().charity_number) == (LegalForm.CHARITY, "1123456")


def test_a_number_goes_when_the_group_is_no_charity_any_more(grouping: Grouping) -> None:
    grouping.submit(grouping.owner, "details?legal_form=charity", charity_number="1123456", **TYPED)
    grouping.submit(grouping.owner, "details?legal_form=informal", **TYPED)
    assert (grouping.row().legal_form, grouping.row().charity_number) == (LegalForm.INFORMAL, None)


def test_a_group_may_keep_its_own_number(grouping: Grouping) -> None:
    typed = TYPED | {"charity_number": "1123456"}
    assert grouping.submit(grouping.owner, "details?legal_form=charity", **typed).status_code == 303
    assert grouping.submit(grouping.owner, "details", **(typed | {"town": "Wye"})).status_code == 303


def test_what_the_group_has_is_kept_and_shown(grouping: Grouping) -> None:
    assert grouping.submit(grouping.owner, "readiness", **(READY | {"has_rules": "no"})).status_code == 303
    group = grouping.row()
    assert (group.has_rules, group.has_bank_account, group.has_two_signatories) == (False, True, True)
    assert group.safeguarding is Safeguarding.POLICY
    page = BeautifulSoup(grouping.browser(grouping.owner).get(grouping.address("readiness")).text, "html5lib")
    assert {(f["name"], f["value"]) for f in page.select("input[checked]")} == set(
        (READY | {"has_rules": "no"}).items()
    )
    assert "Still missing: written rules" in grouping.browser(grouping.reader).get(grouping.address()).text


@pytest.mark.parametrize("field", sorted(READY))
@pytest.mark.parametrize("odd", [None, "", "maybe", "<b>"])
def test_every_question_wants_an_answer(grouping: Grouping, field: str, odd: str | None) -> None:
    browser = grouping.browser(grouping.owner)
    page = browser.get(grouping.address("readiness"))
    token = BeautifulSoup(page.text, "html5lib").select_one("[name=csrf_token]")
    assert token is not None
    sent = {name: value for name, value in (READY | {field: odd}).items() if value is not None}
    reply = browser.post(grouping.address("readiness"), data=sent | {"csrf_token": token["value"]})
    assert reply.status_code == 422
    shown = BeautifulSoup(reply.text, "html5lib")
    assert shown.select_one(f"#{field}-error")
    assert len(shown.select("input[checked]")) == 3
    assert grouping.row().has_rules is None


def test_signatories_need_an_account(grouping: Grouping) -> None:
    reply = grouping.submit(grouping.owner, "readiness", **(READY | {"has_bank_account": "no"}))
    assert reply.status_code == 422
    assert "You said there is no bank account" in reply.text


def test_the_task_list_follows_what_was_said(grouping: Grouping) -> None:
    def statuses() -> list[str]:
        page = BeautifulSoup(grouping.browser(grouping.owner).get(grouping.address(), max_queries=12).text, "html5lib")
        return [item.get_text(strip=True) for item in page.select(".govuk-task-list__status")]

    assert statuses() == ["Completed", "Not yet started", "Completed", "Cannot start yet"]
    grouping.submit(grouping.owner, "readiness", **READY)
    assert statuses() == ["Completed", "Completed", "Completed"]
    grouping.submit(grouping.owner, "readiness", **(READY | {"has_bank_account": "no", "has_two_signatories": "no"}))
    assert statuses() == ["Completed", "Completed", "Completed", "Not yet started"]


def test_a_reader_sees_the_list_without_the_owners_links(grouping: Grouping) -> None:
    page = BeautifulSoup(grouping.browser(grouping.reader).get(grouping.address()).text, "html5lib")
    links = {str(a["href"]) for a in page.select("main a[href]")}
    assert grouping.address("people") in links
    assert grouping.address("details") not in links
    assert not [link for link in links if link.startswith("/apply/projects/new")]


def test_history_tells_who_did_what(grouping: Grouping) -> None:
    grouping.submit(grouping.owner, "details", **TYPED)
    grouping.invite()
    text = grouping.browser(grouping.reader).get(grouping.address("history"), max_queries=12).text
    assert text.index("invited somebody to the group") < text.index("changed the group’s details")
    assert "Ann owner" in text
    assert "nia@example.org" not in text
    assert grouping.browser(grouping.owner).get(grouping.address("history?page=9")).status_code == 404
