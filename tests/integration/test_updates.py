"""News in two fields: previewed, published, mailed once to every backer who wants it, off with one click."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.notifications.models import Mail
from crowdfund.notifications.sender import as_message
from crowdfund.pledges import updates
from crowdfund.pledges.actions import withdraw_pledge
from crowdfund.pledges.jobs import handlers
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.updates import UPDATE_MAILS
from crowdfund.projects.models import ProjectUpdate
from crowdfund.wiring import personal_link
from tests.support.factories import make_pledge
from tests.support.journey import Journey
from tests.support.pledging import act
from tests.support.running import Running, make_running

NEWS = {"title": "The wood is here", "body": "It came on Monday.\n\nThank you, all of you."}


@pytest.fixture
def running(app: Flask, clock: FixedClock) -> Running:
    """A launched project with its people."""
    return make_running(app, clock)


def back(running: Running, backers: int) -> list[Pledge]:
    with running.app.app_context():
        return [make_pledge(running.project, running.clock.now()) for _ in range(backers)]


def publish(running: Running, **typed: str) -> None:
    browser = running.browser(running.writer)
    preview = browser.submit(browser.get(running.address("updates/new")), **(NEWS | typed))
    assert browser.submit(preview, button="Publish it").status_code == 303


def count_updates(running: Running) -> int:
    with running.app.app_context():
        return db.session.scalar(select(func.count()).select_from(ProjectUpdate)) or 0


def test_it_is_seen_first_then_published_and_mailed(running: Running) -> None:
    pledges = back(running, 3)
    browser = running.browser(running.writer)
    preview = browser.submit(browser.get(running.address("updates/new")), **NEWS)
    assert "It goes to 3 backers by mail" in preview.text
    assert "<p>Thank you, all of you.</p>" in preview.text
    assert count_updates(running) == 0
    dashboard = browser.follow(browser.submit(preview, button="Publish it"))
    assert "Your update is published" in dashboard.text
    assert "The wood is here" in running.app.test_client().get(f"/projects/{running.project.slug}").text
    mails = running.mails("project_update")
    assert len({mail.recipient for mail in mails}) == len(mails) == 3
    assert mails[0].subject == f"{running.project.title}: The wood is here"
    assert "It came on Monday.\n\nThank you, all of you." in mails[0].body
    assert pledges[0].public_id in mails[0].body


def test_it_can_be_changed_before_it_is_published(running: Running) -> None:
    browser = running.browser(running.writer)
    preview = browser.submit(browser.get(running.address("updates/new")), **NEWS)
    form = browser.submit(preview, button="Change it")
    assert NEWS["title"] in form.text
    assert "Thank you, all of you." in form.text
    assert count_updates(running) == 0


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"title": ""}, "Give your update a title."),
        ({"body": " \n "}, "Write what is new."),
        ({"title": "x" * 121}, "Title must be 120 characters or fewer."),
        ({"body": "y" * 5001}, "Your update must be 5000 characters or fewer."),
    ],
)
def test_what_is_missing_or_too_long_is_said_and_nothing_is_lost(
    running: Running, typed: dict[str, str], told: str
) -> None:
    browser = running.browser(running.writer)
    reply = browser.submit(browser.get(running.address("updates/new")), **(NEWS | typed))
    assert reply.status_code == 422
    assert told in reply.text
    kept = next(text for name, text in (NEWS | typed).items() if name not in typed)
    assert kept.splitlines()[0] in reply.text


def test_a_double_click_publishes_once(running: Running) -> None:
    back(running, 2)
    publish(running)
    publish(running)
    assert count_updates(running) == 1
    assert len(running.mails("project_update")) == 2


def test_three_a_day_are_enough(running: Running) -> None:
    for number in range(3):
        publish(running, title=f"News {number}")
    browser = running.browser(running.writer)
    preview = browser.submit(browser.get(running.address("updates/new")), **NEWS)
    reply = browser.submit(preview, button="Publish it")
    assert reply.status_code == 422
    assert "Wait until tomorrow" in reply.text
    assert NEWS["title"] in reply.text
    running.clock.forward(timedelta(hours=24))
    publish(running)
    assert count_updates(running) == 4


def test_news_can_be_posted_after_the_end(running: Running) -> None:
    back(running, 1)
    running.clock.at = running.project.deadline + timedelta(days=90)
    publish(running)
    assert len(running.mails("project_update")) == 1


def test_a_hundred_and_twenty_backers_get_one_mail_each_also_when_the_job_runs_twice(running: Running) -> None:
    assert updates.BATCH < 120
    back(running, 120)
    publish(running)
    mails = running.mails("project_update")
    assert len({mail.recipient for mail in mails}) == len(mails) == 120
    with running.app.app_context():
        update_id = db.session.scalars(select(ProjectUpdate.id)).one()
        handlers(personal_link)[UPDATE_MAILS]({"update_id": update_id, "after": 0}, running.clock.now())
    assert len(running.mails("project_update")) == 120


def test_whoever_withdrew_or_turned_them_off_gets_none(running: Running) -> None:
    gone, quiet, there = back(running, 3)
    with running.app.app_context():
        act(withdraw_pledge, gone.id, clock=running.clock)
        act(updates.turn_updates_off, quiet.id, clock=running.clock)
    publish(running)
    [mail] = running.mails("project_update")
    assert there.public_id in mail.body


def off_path(mail: Mail) -> str:
    address = urlsplit(mail.unsubscribe_url or "")
    return f"{address.path}?{address.query}"


def test_one_click_in_the_mail_program_turns_them_off(running: Running) -> None:
    back(running, 2)
    publish(running)
    first, second = running.mails("project_update")
    message = as_message(first, "Crowdfund Kent <no-reply@crowdfund.example.org>")
    assert message["List-Unsubscribe"] == f"<{first.unsubscribe_url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert first.unsubscribe_url in first.body
    # A mail program posts by itself: no cookie, no token.
    reply = running.app.test_client().post(off_path(first), data={"List-Unsubscribe": "One-Click"})
    assert reply.status_code == 200
    assert "You get no more news" in reply.text
    publish(running, title="More news")
    assert [mail.recipient for mail in running.mails("project_update")[2:]] == [second.recipient]


def test_the_link_only_asks_and_its_button_turns_them_off(running: Running) -> None:
    [pledge] = back(running, 1)
    publish(running)
    [mail] = running.mails("project_update")
    browser = running.app.test_client()
    page = browser.get(off_path(mail))
    assert "Stop mails with news" in page.text
    with running.app.app_context():
        assert db.session.get_one(Pledge, pledge.id).updates_off_at is None
    assert "You get no more news" in browser.submit(page).text
    assert "You get no more news" in browser.submit(page).text
    with running.app.app_context():
        assert db.session.get_one(Pledge, pledge.id).updates_off_at == running.clock.now()


def test_a_wrong_key_opens_nothing(running: Running) -> None:
    mine, other = back(running, 2)
    publish(running)
    mails = {mail.recipient: mail for mail in running.mails("project_update")}
    keys = [urlsplit(mail.unsubscribe_url or "").query.partition("=")[2] for mail in mails.values()]
    browser = running.app.test_client()
    path = f"/pledges/{mine.public_id}/updates-off"
    with running.app.app_context():
        opening = personal_link(mine).partition("key=")[2]
    for key in ("", "x", keys[1], keys[0][:-1], opening):
        assert browser.get(f"{path}?key={key}").status_code == 404
        assert browser.post(f"{path}?key={key}").status_code == 404
    assert browser.get(f"{path}?key={keys[0]}").status_code == 200
    # The key that turns mails off does not open the pledge.
    assert browser.get(f"/pledges/{mine.public_id}?key={keys[0]}").status_code == 404
    assert other.updates_off_at is None


def test_a_backer_turns_them_on_again_on_their_own_page(journey: Journey) -> None:
    own = journey.pledge()
    stop = re.search(r'href="(/pledges/[^"]+/updates-off\?key=[^"]+)"', own.text)
    assert stop
    journey.client.submit(journey.client.get(stop[1]))
    page = journey.client.get(f"/pledges/{journey.newest_pledge().public_id}")
    assert "You turned mails with the group’s news off" in page.text
    again = journey.client.follow(
        journey.client.submit(page, f"/pledges/{journey.newest_pledge().public_id}/updates-on")
    )
    assert "You get the group’s news by mail" in again.text
    assert journey.newest_pledge().updates_off_at is None
