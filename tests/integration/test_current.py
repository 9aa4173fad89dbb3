"""Who is asking: found in one statement, whatever the browser was handed and whichever posts its person holds."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from crowdfund.accounts.actions import hand_over, open_session
from crowdfund.accounts.current import BrowserActor, current_actor
from crowdfund.accounts.models import BrowserSession, OfficerPost
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from tests.support.people import make_named, make_officer
from tests.support.queries import count_queries

NONE, TWO = (), ("pledge:1", "pledge:2")
CHECKER, FINANCE = OfficerRole.PROGRAMME_CHECKER, OfficerRole.PROGRAMME_FINANCE


def asks(app: Flask, token: str) -> BrowserActor:
    """Return the actor behind a request with this cookie."""
    with app.test_request_context("/", headers={"Cookie": f"visit={token}"}), count_queries(db.engine) as queries:
        actor = current_actor()
        assert current_actor() is actor
    queries.refuse_over(1, "who asks")
    return actor


def browser(app: Flask, person_id: int | None, subjects: tuple[str, ...]) -> str:
    """Return the cookie of a browser that was handed these things."""
    with unit_of_work() as session:
        row, token = open_session(session, secret=app.config["SECRET_KEY"], real=real_now())
        row.person_id, row.strong_at = person_id, real_now() if person_id else None
        for subject in subjects:
            hand_over(session, row.id, subject)
    return token


@pytest.mark.parametrize("subjects", [NONE, TWO])
@pytest.mark.parametrize("roles", [(), (CHECKER, FINANCE)])
def test_things_and_posts_are_each_found_once(
    app: Flask, clock: FixedClock, subjects: tuple[str, ...], roles: tuple[OfficerRole, ...]
) -> None:
    with app.app_context():
        person = make_named(clock.now(), "rosa@example.org", "Rosa Finch")
        with unit_of_work() as session:
            session.add_all([OfficerPost(person_id=person.id, role=role, given_at=clock.now()) for role in roles])
        token = browser(app, person.id, subjects)
    actor = asks(app, token)
    assert (actor.person_id, actor.name, actor.email) == (person.id, "Rosa Finch", "rosa@example.org")
    assert actor.strong
    assert actor.subjects == set(subjects)
    assert sorted(post.role for post in actor.posts) == sorted(roles)


def test_a_post_that_ended_and_one_of_somebody_else_count_for_nothing(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        person = make_officer(FINANCE, clock.now())
        make_officer(CHECKER, clock.now())
        with unit_of_work() as session:
            session.execute(update(OfficerPost).where(OfficerPost.person_id == person.id).values(ended_at=clock.now()))
        token = browser(app, person.id, TWO)
    actor = asks(app, token)
    assert actor.signed_in
    assert not actor.is_officer


def test_a_visitor_has_what_they_were_handed_and_no_name(app: Flask) -> None:
    with app.app_context():
        token = browser(app, None, TWO)
    actor = asks(app, token)
    assert actor.session_id is not None
    assert actor.holds("pledge:2")
    assert not actor.signed_in
    assert actor.name is None


@pytest.mark.usefixtures("clock")
def test_a_session_that_ran_out_and_one_that_never_was_are_nobodys(app: Flask) -> None:
    with app.app_context():
        token = browser(app, None, TWO)
        with unit_of_work() as session:
            session.execute(update(BrowserSession).values(expires_at=real_now() - timedelta(seconds=1)))
    assert asks(app, token) == BrowserActor() == asks(app, "made up")
