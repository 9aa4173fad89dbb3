"""The people of a group: invited by a mailed link that works for whoever opens it, changed, removed, and leaving."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.current import BrowserActor
from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups import people
from crowdfund.groups.invitations import invite, take_back_all
from crowdfund.groups.models import Group, Invitation, Member
from crowdfund.groups.rules import InvitationKind, InvitationState
from crowdfund.web.templating import day
from tests.support.grouping import Grouping, make_grouping

JOIN, NO = "Join ", "No, thank you"


@pytest.fixture
def grouping(app: Flask, clock: FixedClock) -> Grouping:
    """A group with its people."""
    return make_grouping(app, clock, name="Green Friends")


def join(grouping: Grouping, person: Person, link: str) -> Any:
    return grouping.answer(person, link, f"{JOIN}Green Friends")


def say_no(grouping: Grouping, person: Person, link: str) -> Any:
    return grouping.answer(person, link, NO)


@pytest.mark.parametrize("role", MemberRole)
def test_whoever_opens_the_link_and_signs_in_joins(grouping: Grouping, role: MemberRole) -> None:
    link = grouping.invite(role=role)
    nia = grouping.person()
    reply = join(grouping, nia, link)
    assert grouping.roles()[nia.id] is role
    page = grouping.browser(nia).follow(reply)
    assert "Thank you" in page.text
    assert grouping.address() in page.text
    invitation = grouping.invitation()
    assert (invitation.state, invitation.answered_by_id) == (InvitationState.ACCEPTED, nia.id)
    assert grouping.tags()[-2:] == ["group:member_invited", "group:member_joined"]


def test_the_invitation_mail_says_who_and_what(grouping: Grouping) -> None:
    grouping.invite("NIA@Example.org")
    [mail] = grouping.mails("member_invited")
    until = day(grouping.clock.now() + timedelta(days=14))
    assert mail.recipient == "nia@example.org"
    assert mail.subject == "Ann owner invites you to Green Friends"
    for said in ("Hello Nia", "Writer: writes answers and news", until, "http://localhost/invitations/"):
        assert said in mail.body


def test_owners_learn_which_address_joined(grouping: Grouping) -> None:
    nia = grouping.person()
    join(grouping, nia, grouping.invite())
    [mail] = grouping.mails("group_joined")
    assert mail.recipient == grouping.owner.email
    for words in (nia.email, "nia@example.org", grouping.address()):
        assert str(words) in mail.body
    listed = grouping.browser(grouping.owner).get(grouping.address("people"), max_queries=12).text
    assert f"{nia.email}, invited as nia@example.org" in listed
    seen_by_reader = grouping.browser(grouping.reader).get(grouping.address("people")).text
    assert nia.name in seen_by_reader
    assert str(nia.email) not in seen_by_reader


def test_opening_the_link_changes_nothing_and_needs_no_account(grouping: Grouping, app: Flask) -> None:
    link = grouping.invite()
    page = app.test_client().get(link, max_queries=12)
    assert "Ann owner invites you to Green Friends" in page.text
    assert grouping.invitation().state is InvitationState.OPEN


@pytest.mark.parametrize("key", ["", "x", "abc.def", None])
def test_without_the_right_key_there_is_nothing(grouping: Grouping, app: Flask, key: str | None) -> None:
    path, _, right = grouping.invite().partition("?key=")
    other = make_grouping(app, grouping.clock).invite().partition("?key=")[2]
    wrong = other if key is None else key
    for client in (app.test_client(), grouping.browser(grouping.stranger)):
        assert client.get(path, query_string={"key": wrong}).status_code == 404
    browser = grouping.browser(grouping.stranger)
    token = BeautifulSoup(browser.get(f"{path}?key={right}").text, "html5lib").select_one("[name=csrf_token]")
    assert token is not None
    sent = {"csrf_token": token["value"], "key": wrong, "answer": "yes"}
    assert browser.post(path, data=sent).status_code == 404
    assert grouping.stranger.id not in grouping.roles()


def test_no_is_an_answer(grouping: Grouping) -> None:
    link, nia = grouping.invite(), grouping.person()
    assert say_no(grouping, nia, link).status_code == 303
    assert nia.id not in grouping.roles()
    assert grouping.invitation().state is InvitationState.REFUSED
    assert grouping.tags()[-1] == "group:invitation_refused"
    assert "The answer to this invitation was no" in grouping.browser(nia).get(link).text


def test_a_link_works_once(grouping: Grouping) -> None:
    link, nia, ben = grouping.invite(), grouping.person(), grouping.person("Ben Late")
    late = grouping.browser(ben)
    page = late.get(link)
    join(grouping, nia, link)
    reply = late.submit(page, button=f"{JOIN}Green Friends")
    assert "This invitation was answered" in reply.text
    assert ben.id not in grouping.roles()
    assert "This invitation was answered" in late.get(link).text


def test_a_link_runs_out_after_two_weeks(grouping: Grouping) -> None:
    link, nia = grouping.invite(), grouping.person()
    browser = grouping.browser(nia)
    grouping.clock.forward(timedelta(days=14) - timedelta(seconds=1))
    page = browser.get(link)
    grouping.clock.forward(timedelta(seconds=1))
    assert browser.submit(page, button=f"{JOIN}Green Friends").status_code == 410
    assert nia.id not in grouping.roles()
    assert "Ask whoever invited you to send it again" in browser.get(link).text
    listed = grouping.browser(grouping.owner).get(grouping.address("people")).text
    assert f"The link ran out on {day(grouping.clock.now())}" in listed


def test_inviting_again_ends_the_earlier_link(grouping: Grouping) -> None:
    first = grouping.invite()
    grouping.clock.forward(timedelta(days=20))
    second = grouping.invite(role="reader")
    nia = grouping.person()
    gone = grouping.browser(nia).get(first)
    assert gone.status_code == 410
    assert "Look in your mail for a newer one" in gone.text
    join(grouping, nia, second)
    assert grouping.roles()[nia.id] is MemberRole.READER
    assert len(grouping.mails("member_invited")) == 2


def test_an_invitation_can_be_taken_back(grouping: Grouping) -> None:
    link, nia = grouping.invite(), grouping.person()
    browser = grouping.browser(grouping.owner)
    page = browser.get(grouping.address("people"))
    cancel = grouping.address(f"people/invitations/{grouping.invitation().public_id}/cancel")
    assert browser.submit(page, cancel).status_code == 303
    assert grouping.browser(nia).get(link).status_code == 410
    assert grouping.tags()[-1] == "group:invitation_cancelled"
    assert "Invited, no answer yet" not in browser.get(grouping.address("people")).text
    assert browser.submit(page, cancel).status_code == 404


def test_only_an_owner_of_this_group_takes_it_back(grouping: Grouping, app: Flask) -> None:
    grouping.invite()
    other = make_grouping(app, grouping.clock)
    other.invite("zoe@example.org")
    browser = other.browser(other.owner)
    page = browser.get(other.address("people"))
    token = BeautifulSoup(page.text, "html5lib").select_one("[name=csrf_token]")
    assert token is not None
    for grp in (other, grouping):
        [first] = [one for one in grouping.rows(Invitation) if one.subject == f"group:{grouping.group.id}"]
        address = grp.address(f"people/invitations/{first.public_id}/cancel")
        assert browser.post(address, data={"csrf_token": token["value"]}).status_code == 404
    assert {one.state for one in grouping.rows(Invitation)} == {InvitationState.OPEN}


def test_somebody_who_is_in_the_group_does_not_use_it_up(grouping: Grouping) -> None:
    link, nia = grouping.invite(), grouping.person()
    reply = join(grouping, grouping.writer, link)
    assert reply.status_code == 422
    assert "You are in Green Friends already" in reply.text
    assert join(grouping, nia, link).status_code == 303
    assert grouping.roles()[grouping.writer.id] is MemberRole.MEMBER


def test_an_address_of_the_group_is_not_invited(grouping: Grouping) -> None:
    typed = {"name": "Ann", "email": str(grouping.writer.email).upper(), "role": "owner"}
    reply = grouping.submit(grouping.owner, "people/invite", **typed)
    assert reply.status_code == 422
    assert "is in the group already" in reply.text
    assert typed["email"] in reply.text
    assert grouping.rows(Invitation) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 101), ("email", ""), ("email", "nia"), ("email", "x" * 300), ("role", None)],
)
def test_a_wrong_field_keeps_the_others(grouping: Grouping, field: str, value: str | None) -> None:
    typed = {"name": "Nia Newman", "email": "nia@example.org", "role": "reader"}
    reply = grouping.submit(grouping.owner, "people/invite", **(typed | {field: value}))
    assert reply.status_code == 422
    page = BeautifulSoup(reply.text, "html5lib")
    assert page.select_one(f"#{field}-error")
    for name in {"name", "email"} - {field}:
        assert page.select(f"#{name}")[0]["value"] == typed[name]
    assert field == "role" or page.select("input[name=role][checked]")[0]["value"] == "reader"
    assert grouping.mails("member_invited") == []


def test_a_made_up_role_is_none(grouping: Grouping) -> None:
    browser = grouping.browser(grouping.owner)
    token = BeautifulSoup(browser.get(grouping.address("people/invite")).text, "html5lib").select_one(
        "[name=csrf_token]"
    )
    assert token is not None
    sent = {"csrf_token": token["value"], "name": "Nia", "email": "nia@example.org", "role": "programme_checker"}
    assert browser.post(grouping.address("people/invite"), data=sent).status_code == 422


@pytest.mark.parametrize("answer", [None, "", "maybe"])
def test_no_button_is_no_answer(grouping: Grouping, answer: str | None) -> None:
    link, browser = grouping.invite(), grouping.browser(grouping.stranger)
    page = BeautifulSoup(browser.get(link).text, "html5lib")
    sent = {str(one["name"]): str(one["value"]) for one in page.select("main input[type=hidden]")}
    sent |= {} if answer is None else {"answer": answer}
    reply = browser.post(link.partition("?")[0], data=sent)
    assert reply.status_code == 422
    assert "Press one of the buttons" in reply.text
    assert grouping.invitation().state is InvitationState.OPEN


def test_inviting_is_limited(grouping: Grouping) -> None:
    browser = grouping.browser(grouping.owner)
    page = browser.get(grouping.address("people/invite"))
    statuses = [
        browser.submit(page, name="Nia", email=f"nia{number}@example.org", role="reader").status_code
        for number in range(22)
    ]
    assert statuses[:20] == [303] * 20
    assert 429 in statuses[20:]


def test_a_role_is_changed_by_an_owner(grouping: Grouping) -> None:
    place = grouping.member_id(grouping.reader)
    assert grouping.submit(grouping.owner, f"people/{place}/role", role="owner").status_code == 303
    assert grouping.roles()[grouping.reader.id] is MemberRole.OWNER
    assert grouping.tags()[-1] == "group:member_role_changed"
    tags = grouping.tags()
    assert grouping.submit(grouping.owner, f"people/{place}/role", role="owner").status_code == 303
    assert grouping.tags() == tags


@pytest.mark.parametrize("page", ["role", "remove"])
def test_others_cannot_change_or_end_a_place(grouping: Grouping, app: Flask, page: str) -> None:
    place = grouping.member_id(grouping.owner)
    for person in (grouping.writer, grouping.reader):
        assert grouping.browser(person).get(grouping.address(f"people/{place}/{page}")).status_code == 403
    other = make_grouping(app, grouping.clock)
    assert other.browser(other.owner).get(other.address(f"people/{place}/{page}")).status_code == 404
    assert other.browser(other.owner).get(grouping.address(f"people/{place}/{page}")).status_code == 404


def test_the_last_owner_stays_and_stays_owner(grouping: Grouping) -> None:
    place = grouping.member_id(grouping.owner)
    for page, typed in (("role", {"role": "reader"}), ("remove", {})):
        reply = grouping.submit(grouping.owner, f"people/{place}/{page}", **typed)
        assert reply.status_code == 422
        assert "A group always has an owner" in reply.text
    assert grouping.roles()[grouping.owner.id] is MemberRole.OWNER


def test_an_owner_leaves_once_there_is_another(grouping: Grouping) -> None:
    grouping.submit(grouping.owner, f"people/{grouping.member_id(grouping.writer)}/role", role="owner")
    reply = grouping.submit(grouping.owner, f"people/{grouping.member_id(grouping.owner)}/remove")
    assert reply.location == "/account"
    assert grouping.owner.id not in grouping.roles()
    assert grouping.browser(grouping.owner).get(grouping.address()).status_code == 404
    assert grouping.mails("group_removed") == []


@pytest.mark.parametrize("who", ["writer", "reader"])
def test_everybody_may_leave(grouping: Grouping, who: str) -> None:
    person = getattr(grouping, who)
    browser = grouping.browser(person)
    assert "Leave the group" in browser.get(grouping.address("people")).text
    assert grouping.submit(person, f"people/{grouping.member_id(person)}/remove").status_code == 303
    assert person.id not in grouping.roles()
    assert grouping.tags()[-1] == "group:member_left"


def test_whoever_is_removed_is_told_and_may_be_invited_again(grouping: Grouping) -> None:
    reply = grouping.submit(grouping.owner, f"people/{grouping.member_id(grouping.writer)}/remove")
    assert reply.location == grouping.address("people")
    [mail] = grouping.mails("group_removed")
    assert mail.recipient == grouping.writer.email
    assert "Ann owner ended your place in Green Friends" in mail.body
    join(grouping, grouping.writer, grouping.invite(str(grouping.writer.email)))
    assert grouping.roles()[grouping.writer.id] is MemberRole.MEMBER


def test_two_owners_who_remove_each_other_leave_one(grouping: Grouping) -> None:
    grouping.submit(grouping.owner, f"people/{grouping.member_id(grouping.writer)}/role", role="owner")
    places = {one.id: grouping.member_id(one) for one in (grouping.owner, grouping.writer)}
    start, ended = Barrier(2), list[int]()

    def remove(own: int, other: int) -> None:
        start.wait()
        with grouping.app.app_context():
            try:
                with unit_of_work() as session:
                    whose = {"actor": BrowserActor(person_id=own), "now": grouping.clock.now()}
                    people.end_place(session, grouping.group.id, places[other], **whose)
                ended.append(other)
            except NotFound:
                ended.append(0)

    pair = (grouping.owner.id, grouping.writer.id)
    threads = [Thread(target=remove, args=ids) for ids in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    owners = [person for person, role in grouping.roles().items() if role is MemberRole.OWNER]
    assert len(owners) == 1
    assert sorted(ended) == [0, *(set(pair) - set(owners))]


def test_two_owners_who_step_down_at_once_leave_one(grouping: Grouping) -> None:
    grouping.submit(grouping.owner, f"people/{grouping.member_id(grouping.writer)}/role", role="owner")
    places = {one.id: grouping.member_id(one) for one in (grouping.owner, grouping.writer)}
    start, said = Barrier(2), list[str]()

    def step_down(own: int) -> None:
        start.wait()
        with grouping.app.app_context():
            try:
                with unit_of_work() as session:
                    whose = {"actor": BrowserActor(person_id=own), "now": grouping.clock.now()}
                    people.change_role(session, grouping.group.id, places[own], MemberRole.READER, **whose)
                said.append("")
            except Refused as refused:
                said.append(refused.code)

    threads = [Thread(target=step_down, args=(own,)) for own in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["", "last_owner"]
    assert list(grouping.roles().values()).count(MemberRole.OWNER) == 1


def test_a_visitor_keeps_the_key_while_signing_in(grouping: Grouping, app: Flask) -> None:
    client = app.test_client()
    reply = client.submit(client.get(grouping.invite()), button=f"{JOIN}Green Friends")
    assert reply.status_code == 303
    assert "/account/sign-in" in reply.location
    assert grouping.invitation().state is InvitationState.OPEN


def test_any_kind_is_invited_once_per_address_and_subject(grouping: Grouping) -> None:
    actor, now = BrowserActor(person_id=grouping.owner.id), grouping.clock.now()
    asked = (InvitationKind.SIGNATORY, "project:7")
    with grouping.app.app_context():
        with unit_of_work() as session:
            invite(session, *asked, "sue@example.org", "Sue", actor=actor, now=now)
            invite(session, *asked, "SUE@example.org ", "Sue", actor=actor, now=now, days=3)
            invite(session, *asked, "tim@example.org", "Tim", actor=actor, now=now)
        states = [(one.email, one.state) for one in db.session.scalars(select(Invitation).order_by(Invitation.id))]
        assert states == [
            ("sue@example.org", InvitationState.CANCELLED),
            ("sue@example.org", InvitationState.OPEN),
            ("tim@example.org", InvitationState.OPEN),
        ]
        with unit_of_work() as session:
            take_back_all(session, *asked)
        assert {one.state for one in db.session.scalars(select(Invitation))} == {InvitationState.CANCELLED}


def test_every_group_has_an_owner_after_all_of_this(grouping: Grouping) -> None:
    link = grouping.invite(role="owner")
    nia = grouping.person()
    join(grouping, nia, link)
    grouping.submit(nia, f"people/{grouping.member_id(grouping.owner)}/remove")
    grouping.submit(nia, f"people/{grouping.member_id(nia)}/remove")
    with grouping.app.app_context():
        owned = select(Member.group_id).where(Member.role == MemberRole.OWNER)
        assert db.session.scalars(select(Group.id).where(Group.id.not_in(owned))).all() == []
