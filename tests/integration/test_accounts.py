"""Codes, sessions and consents: used once, bound to what asked for them, ended when they should be."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts import actions
from crowdfund.accounts.models import BrowserSession, Consent, ConsentKind, ConsentText, EmailCode, Person, SessionGrant
from crowdfund.core import ids
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.unit_of_work import unit_of_work
from tests.support.factories import TESTER, make_person
from tests.support.threads import failures, together

SECRET = "s" * 32
REAL = real_now()
MAIL = "rosa@example.org"


def issue(subject: str = "pledge:1", email: str = MAIL) -> str:
    with unit_of_work() as session:
        return actions.issue_code(session, subject, email, secret=SECRET, real=REAL)


def check(code: str, subject: str = "pledge:1", email: str = MAIL, later: timedelta = timedelta(0)) -> str | None:
    with unit_of_work() as session:
        return actions.check_code(session, subject, email, code, secret=SECRET, real=REAL + later)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_code_works_once(db_session: Session) -> None:
    code = issue()
    assert check(code) is None
    assert "run out" in (check(code) or "")


def test_one_code_used_twenty_times_at_once_works_once(app: Flask, db_session: Session) -> None:
    code = issue()
    results = together(app, [lambda: check(code)] * 20)
    assert failures(results) == []
    assert results.count(None) == 1


def test_five_tries_and_then_not_even_the_right_one(db_session: Session) -> None:
    code = issue()
    assert ["not the code" in (check(wrong(code)) or "") for _ in range(5)] == [True] * 5
    assert "too often" in (check(code) or "")
    assert check(issue()) is None


def test_guessing_in_parallel_gets_five_tries_too(app: Flask, db_session: Session) -> None:
    code = issue()
    results = together(app, [lambda: check(wrong(code))] * 20)
    assert sum("not the code" in result for result in results) == 5
    assert "too often" in (check(code) or "")


@pytest.mark.parametrize(
    ("later", "works"), [(timedelta(minutes=10) - timedelta(microseconds=1), True), (timedelta(minutes=10), False)]
)
def test_a_code_lives_ten_minutes(db_session: Session, later: timedelta, works: bool) -> None:
    assert (check(issue(), later=later) is None) == works


def test_a_code_belongs_to_one_subject_and_one_address(db_session: Session) -> None:
    code = issue()
    assert "none waiting" in (check(code, subject="pledge:2") or "")
    assert "run out" in (check(code, email="other@example.org") or "")
    assert check(code, email=" ROSA@example.org ") is None


def test_a_fresh_code_ends_the_one_before(db_session: Session) -> None:
    first, second = issue(), issue()
    if first != second:
        assert check(first) is not None
    assert check(second) is None


def test_the_table_holds_no_code(db_session: Session) -> None:
    code = issue()
    row = db_session.scalars(select(EmailCode)).one()
    assert row.code_hash != code
    assert row.code_hash == ids.keyed_hash(SECRET, "code:pledge:1", code)


def test_signing_in_gives_a_new_session_and_ends_the_old(db_session: Session, clock: FixedClock) -> None:
    rosa = make_person(clock.now())
    with unit_of_work() as session:
        old, token = actions.open_session(session, secret=SECRET, real=REAL)
        actions.hand_over(session, old.id, "pledge:1")
        actions.hand_over(session, old.id, "pledge:1")
        new_token = actions.sign_in(
            session, old.id, rosa, "code", actor=TESTER, secret=SECRET, real=REAL, now=clock.now()
        )
    assert new_token != token
    [row] = db_session.scalars(select(BrowserSession)).all()
    assert row.token_hash == ids.keyed_hash(SECRET, "session", new_token)
    assert row.person_id == rosa.id
    assert list(db_session.scalars(select(SessionGrant.subject))) == ["pledge:1"]
    assert "session:signed_in" in set(db_session.scalars(select(AuditEvent.tag)))


def test_ending_a_session_takes_its_grants_along(db_session: Session) -> None:
    with unit_of_work() as session:
        row, _ = actions.open_session(session, secret=SECRET, real=REAL)
        actions.hand_over(session, row.id, "pledge:1")
    with unit_of_work() as session:
        actions.end_session(session, row.id)
    assert (count(db_session, BrowserSession), count(db_session, SessionGrant)) == (0, 0)


def test_what_ran_out_is_deleted_and_the_rest_stays(db_session: Session) -> None:
    issue()
    with unit_of_work() as session:
        for age in (0, 31):
            row, _ = actions.open_session(session, secret=SECRET, real=REAL - timedelta(days=age))
            actions.hand_over(session, row.id, "pledge:1")
    with unit_of_work() as session:
        assert actions.delete_stale(session, REAL) == 1
    assert [count(db_session, model) for model in (BrowserSession, SessionGrant, EmailCode)] == [1, 1, 1]
    with unit_of_work() as session:
        actions.delete_stale(session, REAL + timedelta(days=2))
    assert count(db_session, EmailCode) == 0


def test_one_address_is_one_person_however_it_is_typed(app: Flask, db_session: Session, clock: FixedClock) -> None:
    spellings = [MAIL, "Rosa@Example.org", " rosa@example.org "]
    steps: list[Callable[[], Person]] = [lambda typed=typed: make_person(clock.now(), typed) for typed in spellings * 4]
    assert failures(together(app, steps)) == []
    assert count(db_session, Person) == 1
    assert list(db_session.scalars(select(AuditEvent.tag))) == ["person:created"]


def test_consents_keep_the_words_once_and_can_be_withdrawn(db_session: Session, clock: FixedClock) -> None:
    rosa = make_person(clock.now())
    with unit_of_work() as session:
        words = [(ConsentKind.CHARGE_LATER, "£25"), (ConsentKind.CHARGE_LATER, "£25"), (ConsentKind.NEWS, "£25")]
        for kind, text in words:
            actions.give_consent(session, rosa.id, kind, text, "pledge:1", now=clock.now())
        actions.give_consent(session, rosa.id, ConsentKind.NEWS, "other", "pledge:2", now=clock.now())
    assert (count(db_session, ConsentText), count(db_session, Consent)) == (3, 4)
    still = select(Consent.subject, ConsentText.kind).join(ConsentText).where(Consent.withdrawn_at.is_(None))
    left = [("pledge:1", ConsentKind.CHARGE_LATER)] * 2 + [("pledge:2", ConsentKind.NEWS)]
    for kind, standing in ((ConsentKind.NEWS, left), (None, left[2:])):
        with unit_of_work() as session:
            actions.withdraw_consents(session, "pledge:1", clock.now(), kind)
        assert [tuple(row) for row in db_session.execute(still.order_by(Consent.id))] == standing
