"""Appointing officers: by command, for the programme or for one funder, told by mail, recorded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.models import OfficerPost, Person
from crowdfund.accounts.officers import appoint_officer, end_role
from crowdfund.accounts.roles import MEMBER_RIGHTS, OFFICER_RIGHTS, ROLE_WORDS, MemberRole, OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound, Refused
from crowdfund.core.ids import public_id
from crowdfund.core.migrate import upgrade
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.models import Funder
from crowdfund.funds.rules import FunderKind
from crowdfund.notifications.models import Mail
from tests.support.factories import TESTER
from tests.support.people import make_named

CHECKER, ASSESSOR = OfficerRole.PROGRAMME_CHECKER, OfficerRole.FUNDER_ASSESSOR


def make_funder(slug: str = "a-funder") -> int:
    with unit_of_work() as session:
        funder = Funder(public_id=public_id(), slug=slug, name="A funder", kind=FunderKind.TRUST)
        session.add(funder)
        session.flush()
        return funder.id


def test_every_role_has_words_and_rights() -> None:
    assert set(OFFICER_RIGHTS) == set(ROLE_WORDS) == set(OfficerRole)
    assert set(MEMBER_RIGHTS) == set(MemberRole)


def test_a_role_is_given_once_told_and_ended(app: Flask, clock: FixedClock) -> None:
    who = ("Ada@example.org", "Ada Newman", CHECKER)
    with app.app_context():
        with unit_of_work() as session:
            appoint_officer(session, *who, actor=TESTER, now=clock.now())
        with pytest.raises(Refused, match="already"), unit_of_work() as session:
            appoint_officer(session, *who, actor=TESTER, now=clock.now())
        with unit_of_work() as session:
            end_role(session, "ada@example.org", CHECKER, actor=TESTER, now=clock.now())
        with pytest.raises(NotFound), unit_of_work() as session:
            end_role(session, "ada@example.org", CHECKER, actor=TESTER, now=clock.now())
        with unit_of_work() as session:
            appoint_officer(session, *who, actor=TESTER, now=clock.now())
        posts = db.session.scalars(select(OfficerPost).order_by(OfficerPost.id)).all()
        assert [post.ended_at is None for post in posts] == [False, True]
        assert db.session.scalars(select(Person.email)).all() == ["ada@example.org"]
        assert len(db.session.scalars(select(Mail).where(Mail.template == "officer_appointed")).all()) == 2


@pytest.mark.parametrize("role", list(OfficerRole))
def test_a_funders_role_names_its_funder_and_a_programme_role_none(
    app: Flask, clock: FixedClock, role: OfficerRole
) -> None:
    with app.app_context():
        funder_id = make_funder()
        wrong = funder_id if role.of_programme else None
        right = None if role.of_programme else funder_id
        with pytest.raises(Refused), unit_of_work() as session:
            appoint_officer(session, "a@example.org", "Ada", role, funder_id=wrong, actor=TESTER, now=clock.now())
        with unit_of_work() as session:
            appoint_officer(session, "a@example.org", "Ada", role, funder_id=right, actor=TESTER, now=clock.now())


@pytest.mark.parametrize(("email", "name"), [("ada", "Ada"), ("a b@example.org", "Ada"), ("", "Ada"), ("a@b.uk", " ")])
def test_a_typing_error_appoints_nobody(app: Flask, clock: FixedClock, email: str, name: str) -> None:
    with app.app_context():
        with pytest.raises(Refused), unit_of_work() as session:
            appoint_officer(session, email, name, CHECKER, actor=TESTER, now=clock.now())
        assert db.session.scalars(select(Person)).all() == []


def test_who_never_said_their_name_gets_the_one_of_the_post(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        make_named(clock.now(), "ada@example.org", "")
        with unit_of_work() as session:
            appoint_officer(session, "ada@example.org", "Ada Newman", CHECKER, actor=TESTER, now=clock.now())
        assert db.session.scalars(select(Person.name)).one() == "Ada Newman"
        mail = db.session.scalars(select(Mail.body).where(Mail.template == "officer_appointed")).one()
    assert "Hello Ada Newman" in mail
    assert "http://localhost/account/sign-in" in mail


def test_one_person_may_assess_for_two_funders(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        for slug in ("one", "two"):
            funder_id = make_funder(slug)
            with unit_of_work() as session:
                who = ("a@example.org", "Ada", ASSESSOR)
                appoint_officer(session, *who, funder_id=funder_id, actor=TESTER, now=clock.now())
        assert len(db.session.scalars(select(OfficerPost)).all()) == 2


def test_the_command_appoints_and_ends_and_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/officers.sqlite3"
    upgrade(url)
    env = os.environ | {"CROWDFUND_DATABASE_URL": url, "CROWDFUND_SANDBOX": "1", "CROWDFUND_INSTANCE": str(tmp_path)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "crowdfund", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    given = ("--email", "ada@example.org", "--role", "programme_checker")
    made = run("create-officer", "--name", "Ada Newman", *given)
    assert (made.returncode, made.stdout) == (0, "Ada Newman <ada@example.org> is now: Checker of projects\n")
    again = run("create-officer", "--name", "Ada Newman", *given)
    assert again.returncode == 2
    assert "holds that role already" in again.stderr
    assert run("end-officer", *given).stdout == "ada@example.org is no longer: Checker of projects\n"
    lost = run("create-officer", "--name", "A", "--email", "b@example.org", "--role", "funder_viewer", "--funder", "no")
    assert lost.returncode == 2
    assert "there is no funder no" in lost.stderr
