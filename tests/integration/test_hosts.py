"""A host takes the money for a group: named by it, asked by a link of its own, answering yes or no with a reason."""

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.current import BrowserActor
from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.hosts import HostDetails, ask_host
from crowdfund.groups.invitations import answer
from crowdfund.groups.models import Group, Host, Invitation
from crowdfund.groups.queries import find_accepted_host, has_accepted_host, needs_host
from crowdfund.groups.rules import HostState, InvitationState, LegalForm
from crowdfund.projects.rules import ProjectState
from crowdfund.web.templating import day
from tests.support.factories import make_project
from tests.support.grouping import Grouping, make_grouping
from tests.support.people import make_member, make_named

YES, NO = "Yes, we will be the host", "No, we will not"
NAMED = {"name": "Village Hall Trust", "contact_name": "Hal Hart", "contact_email": "hal@example.org"}


@pytest.fixture
def grouping(app: Flask, clock: FixedClock) -> Grouping:
    """An informal group with its people."""
    return make_grouping(app, clock, name="Green Friends", legal_form=LegalForm.INFORMAL)


def accepted(grouping: Grouping) -> bool:
    with grouping.app.app_context():
        return has_accepted_host(db.session(), grouping.group.id)


def test_a_host_agrees_by_its_own_link(grouping: Grouping) -> None:
    assert needs_host(grouping.row())
    assert grouping.ask_host("charity", charity_number="1123456").status_code == 303
    host, hal = grouping.host(), grouping.person("Hal Hart")
    assert (host.state, host.legal_form, host.charity_number) == (HostState.ASKED, LegalForm.CHARITY, "1123456")
    assert not accepted(grouping)
    reply = grouping.answer(hal, grouping.link(), YES)
    assert "Village Hall Trust agreed to be the host of Green Friends" in grouping.browser(hal).follow(reply).text
    host = grouping.host()
    assert (host.state, host.answered_by_id, host.answered_at) == (HostState.ACCEPTED, hal.id, grouping.clock.now())
    assert accepted(grouping)
    assert grouping.tags()[-2:] == ["group:host_asked", "group:host_moved"]
    [mail] = grouping.mails("host_answered")
    assert mail.recipient == grouping.owner.email
    assert "agreed to be the host" in mail.body
    assert grouping.address() in mail.body
    for person in (grouping.owner, grouping.reader):
        assert f"agreed on {day(grouping.clock.now())}" in grouping.browser(person).get(grouping.address("host")).text


def test_the_mail_and_the_page_say_what_a_host_is(grouping: Grouping, app: Flask) -> None:
    grouping.ask_host()
    [mail] = grouping.mails("host_asked")
    assert (mail.recipient, mail.subject) == (
        "hal@example.org",
        "Will Village Hall Trust be the host of Green Friends?",
    )
    page = BeautifulSoup(app.test_client().get(grouping.link(), max_queries=12).text, "html5lib")
    text = page.get_text(" ", strip=True)
    for said in (
        "receives the money",
        "public subsidy",
        "name the host as the one who was paid",
        "We meet on Tuesdays",
    ):
        assert said in text
    assert "Hal Hart" in mail.body
    assert day(grouping.clock.now() + timedelta(days=42)) in mail.body


def test_a_no_comes_with_a_reason_and_another_host_can_be_asked(grouping: Grouping) -> None:
    grouping.ask_host()
    hal = grouping.person("Hal Hart")
    browser = grouping.browser(hal)
    page = browser.get(grouping.link())
    empty = browser.submit(page, button=NO)
    assert empty.status_code == 422
    assert "Say why not" in empty.text
    assert grouping.host_state() is HostState.ASKED
    long = browser.submit(page, button=NO, reason="x" * 1001)
    assert long.status_code == 422
    assert "x" * 1001 in long.text
    assert browser.submit(page, button=NO, reason="Our bank does not allow it.").status_code == 303
    assert grouping.host_state() is HostState.REFUSED
    assert "Our bank does not allow it." in grouping.mails("host_answered")[0].body
    shown = grouping.browser(grouping.owner).get(grouping.address("host"), max_queries=12).text
    assert "Our bank does not allow it." in shown
    assert "There is a problem" in grouping.browser(grouping.owner).get(grouping.address()).text
    assert grouping.ask_host("company", name="Another", company_number="5384301").status_code == 303
    assert grouping.host().company_number == "05384301"


def test_nobody_of_the_group_answers_for_its_host(grouping: Grouping) -> None:
    grouping.ask_host()
    for person in (grouping.owner, grouping.reader):
        reply = grouping.answer(person, grouping.link(), YES)
        assert reply.status_code == 422
        assert "You are in Green Friends yourself" in reply.text
    assert grouping.host_state() is HostState.ASKED
    assert grouping.invitation().state is InvitationState.OPEN


def test_nobody_of_the_group_is_named_as_contact(grouping: Grouping) -> None:
    reply = grouping.ask_host(contact_email=str(grouping.writer.email))
    assert reply.status_code == 422
    page = BeautifulSoup(reply.text, "html5lib")
    assert page.select_one("#contact_email-error")
    assert grouping.rows(Host) == []


def test_one_host_at_a_time(grouping: Grouping) -> None:
    grouping.ask_host()
    reply = grouping.ask_host(name="Another")
    assert reply.status_code == 422
    assert "has named a host already" in reply.text
    assert len(grouping.rows(Host)) == 1


def test_an_informal_group_is_no_host(grouping: Grouping) -> None:
    browser = grouping.browser(grouping.owner)
    page = browser.get(grouping.address("host/new?go=1&legal_form=informal"))
    assert page.status_code == 422
    offered = {str(one["value"]) for one in BeautifulSoup(page.text, "html5lib").select("[name=legal_form]")}
    assert offered == set(LegalForm) - {"informal"}


@pytest.mark.parametrize(
    ("form", "field", "value"),
    [
        ("association", "name", ""),
        ("association", "name", "x" * 121),
        ("association", "contact_name", ""),
        ("association", "contact_email", "hal"),
        ("association", "contact_email", ""),
        ("charity", "charity_number", "12"),
        ("cic", "company_number", ""),
    ],
)
def test_a_wrong_field_keeps_the_others(grouping: Grouping, form: str, field: str, value: str) -> None:
    reply = grouping.ask_host(form, **{field: value})
    assert reply.status_code == 422
    page = BeautifulSoup(reply.text, "html5lib")
    assert len(page.select(f"#{field}-error")) == 1
    for name, text in NAMED.items():
        if name != field:
            assert page.select(f"#{name}")[0]["value"] == text
    assert grouping.rows(Host) == []


@pytest.mark.parametrize("agreed", [False, True])
def test_a_group_ends_it_and_the_host_is_told(grouping: Grouping, agreed: bool) -> None:
    grouping.ask_host()
    link, hal = grouping.link(), grouping.person("Hal Hart")
    if agreed:
        grouping.answer(hal, link, YES)
    assert grouping.submit(grouping.owner, "host/end").status_code == 303
    assert grouping.host_state() is HostState.ENDED
    assert not accepted(grouping)
    [mail] = grouping.mails("group_host_ended")
    assert mail.recipient == "hal@example.org"
    assert grouping.browser(hal).get(link).status_code == (200 if agreed else 410)
    assert grouping.ask_host().status_code == 303


def test_asking_again_sends_a_new_link(grouping: Grouping) -> None:
    grouping.ask_host()
    first, hal = grouping.link(), grouping.person("Hal Hart")
    grouping.clock.forward(timedelta(days=43))
    assert grouping.browser(hal).get(first).status_code == 410
    browser = grouping.browser(grouping.owner)
    page = browser.get(grouping.address("host"))
    assert "has run out" in page.text
    assert "We sent the mail again" in browser.follow(browser.submit(page)).text
    assert grouping.link() != first
    grouping.answer(hal, grouping.link(), YES)
    assert grouping.host_state() is HostState.ACCEPTED
    late = browser.submit(page)
    assert late.status_code == 422
    assert "The host has answered already" in late.text


def test_asking_is_limited(grouping: Grouping) -> None:
    grouping.ask_host()
    browser = grouping.browser(grouping.owner)
    page = browser.get(grouping.address("host"))
    assert 429 in {browser.submit(page).status_code for _ in range(12)}


@pytest.mark.parametrize("agreed", [False, True])
def test_a_page_left_open_meets_what_happened_since(grouping: Grouping, agreed: bool) -> None:
    grouping.ask_host()
    hal = grouping.person("Hal Hart")
    at_host, at_group = grouping.browser(hal), grouping.browser(grouping.owner)
    open_page, end_page = at_host.get(grouping.link()), at_group.get(grouping.address("host/end"))
    if agreed:
        at_host.submit(open_page, button=YES)
        again = at_host.submit(open_page, button=YES)
        assert "agreed to be the host" in again.text
    else:
        at_group.submit(end_page)
        assert at_host.submit(open_page, button=YES).status_code == 410
        assert at_group.submit(end_page).status_code == 303
    assert len(grouping.mails("host_answered")) == int(agreed)


def test_the_group_keeps_accepted_and_named_apart(grouping: Grouping) -> None:
    grouping.ask_host()
    with grouping.app.app_context():
        assert find_accepted_host(db.session(), grouping.group.id) is None
    grouping.answer(grouping.person("Hal Hart"), grouping.link(), YES)
    with grouping.app.app_context():
        host = find_accepted_host(db.session(), grouping.group.id)
        assert host is not None
        assert host.name == NAMED["name"]


@pytest.mark.parametrize("form", [one for one in LegalForm if one is not LegalForm.INFORMAL])
def test_every_constituted_body_can_be_named(grouping: Grouping, form: LegalForm) -> None:
    numbers: dict[str, Any] = {
        LegalForm.CHARITY: {"charity_number": "1123456"},
        LegalForm.CIO: {"charity_number": "SC012345"},
        LegalForm.CIC: {"company_number": "SC123456"},
        LegalForm.COMPANY: {"company_number": "384301"},
        LegalForm.SOCIETY: {"company_number": "7654"},
    }.get(form, {})
    assert grouping.ask_host(form, **numbers).status_code == 303
    assert grouping.host().legal_form is form
    assert len(grouping.rows(Invitation)) == 1


@pytest.mark.parametrize(
    ("state", "account", "ends"),
    [
        (ProjectState.LIVE, False, False),
        (ProjectState.PAUSED, None, False),
        (ProjectState.LIVE, True, True),
        (ProjectState.READY, False, True),
    ],
)
def test_a_host_stays_while_money_needs_it(
    app: Flask, clock: FixedClock, state: ProjectState, account: bool | None, ends: bool
) -> None:
    with app.app_context():
        project = make_project(clock.now(), state, group={"legal_form": LegalForm.INFORMAL})
        owner, hal = make_member(project.group_id, MemberRole.OWNER, clock.now()), make_named(clock.now())
        group = db.session.get_one(Group, project.group_id, populate_existing=True)
    grouping = Grouping(app, clock, group, owner, owner, owner, hal)
    grouping.ask_host()
    grouping.answer(hal, grouping.link(), YES)
    with app.app_context(), unit_of_work() as session:
        session.get_one(Group, group.id).has_bank_account = account
    reply = grouping.submit(owner, "host/end")
    assert reply.status_code == (303 if ends else 422)
    assert (grouping.host_state() is HostState.ENDED) is ends
    assert ends or "this host has to stay" in reply.text


def test_the_public_page_names_the_host_that_agreed(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        project = make_project(
            clock.now(), group={"legal_form": LegalForm.INFORMAL, "website": "https://example.org/x"}
        )
        owner = make_member(project.group_id, MemberRole.OWNER, clock.now())
        hal = make_named(clock.now())
        with unit_of_work() as session:
            named = HostDetails("Village Hall Trust", LegalForm.ASSOCIATION, "Hal Hart", "hal@example.org")
            owns = {"link_to": lambda _: "", "actor": BrowserActor(person_id=owner.id), "now": clock.now()}
            ask_host(session, project.group_id, named, **owns)
        page = f"/groups/{db.session.get_one(Group, project.group_id).slug}"
    assert "Village Hall Trust" not in app.test_client().get(page).text
    with app.app_context(), unit_of_work() as session:
        asked = session.scalars(select(Invitation)).one().id
        answer(session, asked, accepts=True, reason="", actor=BrowserActor(person_id=hal.id), now=clock.now())
    shown = app.test_client().get(page, max_queries=12).text
    assert "Its host is Village Hall Trust" in shown
    assert 'href="https://example.org/x"' in shown
    assert "hal@example.org" not in shown
