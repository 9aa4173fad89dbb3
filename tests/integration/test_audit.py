"""The audit trail: the right keys on every row, one chain, and a change to it is found and named."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.audit import AuditEvent, AuditSeal
from crowdfund.core.audit_tags import KEYS, Tag
from crowdfund.core.checks import breaches
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from tests.support.factories import TESTER
from tests.support.tampering import without_triggers
from tests.support.threads import failures, together

pytestmark = pytest.mark.database


def write(clock: FixedClock, number: int = 1) -> None:
    with unit_of_work() as session:
        for subject in range(number):
            audit.record(session, Tag.PERSON_CREATED, actor=TESTER, subject_id=subject, now=clock.now())


def seal(limit: int = 1000) -> int:
    with unit_of_work() as session:
        return audit.seal(session, limit)


def hashes(session: Session) -> list[tuple[int, str]]:
    return [tuple(row) for row in session.execute(select(AuditSeal.event_id, AuditSeal.hash).order_by(AuditSeal.id))]


@pytest.mark.parametrize("tag", Tag)
def test_each_tag_has_keys_and_enforces_them(db_session: Session, clock: FixedClock, tag: Tag) -> None:
    right = dict.fromkeys(KEYS[tag], 1)
    with unit_of_work() as session:
        audit.record(session, tag, actor=TESTER, subject_id=1, now=clock.now(), **right)
        with pytest.raises(ValueError, match="needs"):
            audit.record(session, tag, actor=TESTER, subject_id=1, now=clock.now(), **right, extra=1)
        for missing in right:
            less = {key: value for key, value in right.items() if key != missing}
            with pytest.raises(ValueError, match=missing):
                audit.record(session, tag, actor=TESTER, subject_id=1, now=clock.now(), **less)
    row = db_session.scalars(select(AuditEvent)).one()
    assert (row.tag, row.subject_kind, row.actor) == (tag.value, tag.value.split(":")[0], "system:test")


def test_a_sealed_trail_verifies_and_is_sealed_once(db_session: Session, clock: FixedClock) -> None:
    write(clock, 25)
    assert audit.count_unsealed(db_session) == 25
    assert [seal(10), seal(10), seal(10), seal(10)] == [10, 10, 5, 0]
    assert audit.count_unsealed(db_session) == 0
    assert list(audit.verify(db_session)) == []


def test_the_chain_starts_from_nothing_and_each_link_holds_the_one_before(
    db_session: Session, clock: FixedClock
) -> None:
    write(clock, 3)
    seal()
    previous = audit.GENESIS
    for event_id, stored in hashes(db_session):
        previous = audit.link_hash(previous, db_session.get_one(AuditEvent, event_id))
        assert stored == previous


def test_two_sealers_at_once_make_one_chain(app: Flask, db_session: Session, clock: FixedClock) -> None:
    write(clock, 60)
    results = together(app, [lambda: seal(20)] * 6)
    assert failures(results) == []
    assert sorted(results) == [0, 0, 0, 20, 20, 20]
    assert list(audit.verify(db_session)) == []
    assert len({event for event, _ in hashes(db_session)}) == 60


def test_writers_do_not_wait_for_the_sealer_and_nothing_is_missed(
    app: Flask, db_session: Session, clock: FixedClock
) -> None:
    results = together(app, [lambda: write(clock, 5)] * 4 + [seal] * 4)
    assert failures(results) == []
    while seal():
        pass
    assert audit.count_unsealed(db_session) == 0
    assert db_session.scalar(select(func.count()).select_from(AuditSeal)) == 20
    assert list(audit.verify(db_session)) == []


def test_an_event_that_commits_late_is_sealed_behind_the_ones_before_it(db_session: Session, clock: FixedClock) -> None:
    write(clock, 3)
    with without_triggers(db.engine) as connection:
        connection.execute(text("UPDATE audit_event SET id = 10 WHERE id = 3"))
    assert seal() == 3
    with without_triggers(db.engine) as connection:
        row = "at, tag, actor, subject_kind, subject_id, data"
        connection.execute(text(f"INSERT INTO audit_event (id, {row}) SELECT 5, {row} FROM audit_event WHERE id = 1"))
    assert seal() == 1
    assert [event for event, _ in hashes(db_session)] == [1, 2, 10, 5]
    assert list(audit.verify(db_session)) == []


TAMPERING = {
    "what happened": "UPDATE audit_event SET tag = 'group:created' WHERE id = 3",
    "who did it": "UPDATE audit_event SET actor = 'person:1' WHERE id = 3",
    "to what": "UPDATE audit_event SET subject_id = 99 WHERE id = 3",
    "to which kind": "UPDATE audit_event SET subject_kind = 'group' WHERE id = 3",
    "when": "UPDATE audit_event SET at = '2020-01-01 00:00:00.000001' WHERE id = 3",
    "with what": "UPDATE audit_event SET data = '{\"x\": 1}' WHERE id = 3",
    "the seal": "UPDATE audit_seal SET hash = '0' WHERE event_id = 3",
    "the order": "UPDATE audit_seal SET id = CASE id WHEN 3 THEN 104 ELSE 103 END WHERE id IN (3, 4)",
}


@pytest.mark.parametrize("what", TAMPERING)
def test_a_changed_row_is_found_and_named(db_session: Session, clock: FixedClock, what: str) -> None:
    write(clock, 6)
    seal()
    with without_triggers(db.engine) as connection:
        connection.execute(text(TAMPERING[what]))
    [broken] = audit.verify(db_session)
    assert broken.event_id == (5 if what == "the order" else 3)
    assert [breach for breach in breaches(db_session) if f"audit event {broken.event_id}:" in breach]


def test_a_row_taken_out_is_found_at_the_next(db_session: Session, clock: FixedClock) -> None:
    write(clock, 6)
    seal()
    with without_triggers(db.engine) as connection:
        connection.execute(text("DELETE FROM audit_seal WHERE event_id = 3"))
        connection.execute(text("DELETE FROM audit_event WHERE id = 3"))
    [broken] = audit.verify(db_session)
    assert broken.event_id == 4


def test_the_same_text_with_fields_shifted_has_another_hash(db_session: Session, clock: FixedClock) -> None:
    write(clock, 1)
    item = db_session.scalars(select(AuditEvent)).one()
    before = audit.link_hash(audit.GENESIS, item)
    db_session.expunge(item)
    item.tag, item.actor = item.tag + "s", item.actor[1:]
    assert audit.link_hash(audit.GENESIS, item) != before
