"""Every trigger is tripped once; one that is missing or switched off is found by the check."""

import pytest
from sqlalchemy import Connection, Enum, Integer, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from crowdfund.core import checks
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.pledges.models import Crowd
from crowdfund.pledges.queries import breaches
from tests.support.raw_rows import model_table
from tests.support.tampering import transaction, undone, without_triggers
from tests.support.world import make_world

pytestmark = pytest.mark.database

ENTRY = (
    "INSERT INTO ledger_entry (id, book, event, key, actor, at, sealed)"
    " VALUES (90, 'cash', 'payout_sent', 'k', 'x', '2027-01-18 09:00:00', {sealed})"
)
LINE = (
    "INSERT INTO ledger_line (entry_id, account_id, amount_pence)"
    " SELECT 90, MIN(id), 5 FROM ledger_account WHERE book = '{book}'"
)
COPY = (
    "INSERT INTO pledge (public_id, reference, start_token, project_id, person_id, checkout_id, state, amount_pence,"
    " consented_pence, changes, name_audience, amount_audience, message, share_with_group, wants_news, created_at,"
    " active_at) SELECT 'x', 'x', 'x', project_id, (SELECT MAX(id) FROM person), checkout_id, 'active', 5, 5, 0,"
    " 'everyone', 'everyone', '', false, false, created_at, active_at FROM pledge WHERE state = 'active'"
)
RICH = (
    "INSERT INTO ledger_account (book, kind, subject_id, source, year, lock_rank, balance_pence)"
    " VALUES ('cash', 'held', 99, '', '', 0, 500)"
)
ASSESSOR = "(SELECT assessor_id FROM match_assessment ORDER BY id LIMIT 1)"
DECIDER = "(SELECT decided_by_id FROM match_offer ORDER BY id LIMIT 1)"
INTERESTED = "(SELECT person_id FROM interest ORDER BY id LIMIT 1)"
NOBODY_YET = f"(SELECT MIN(id) FROM person WHERE id NOT IN ({ASSESSOR}, {DECIDER}, {INTERESTED}))"
OFFER = (
    "INSERT INTO match_offer (public_id, project_id, fund_id, terms_id, state, version, asked_pence, why, answers,"
    " pitched_by_id, pitched_at, exceeds, exceeds_because, conditions, subsidy_words, counted_pence, counted_limit,"
    " paid_evidence, end_reason, decided_by_id)"
    " SELECT 'x', project_id, fund_id, terms_id, 'declined', 0, 5, 'x', answers, pitched_by_id, pitched_at, false, '',"
    " '', '', 0, 'crowd', '', '', {person} FROM match_offer"
)
ASSESSED = (
    "INSERT INTO match_assessment (offer_id, number, assessor_id, findings, recommendation, reason, assessed_at)"
    " SELECT offer_id, 2, {person}, findings, 'decline', 'x', assessed_at FROM match_assessment"
)
NO_MORE = (
    "INSERT INTO interest (person_id, subject, has_interest, statement, declared_at)"
    " SELECT person_id, subject, false, '', declared_at FROM interest"
)
ONCE_MORE = NO_MORE.replace("false, ''", "true, 'x'") + " WHERE NOT has_interest"
ELSEWHERE = (
    "INSERT INTO interest (person_id, subject, has_interest, statement, declared_at)"
    " SELECT {person}, subject || '9', true, 'x', declared_at FROM interest"
)
GRANT_ASSESSOR = "(SELECT assessor_id FROM grant_assessment)"
GRANT_DECIDER = "(SELECT MAX(decided_by_id) FROM grant_application)"
GRANT_INTERESTED = "(SELECT person_id FROM interest WHERE subject LIKE 'application:%')"
GRANT_ASSESSED = (
    "INSERT INTO grant_assessment (application_id, number, assessor_id, scores, recommendation, reason, assessed_at)"
    " SELECT application_id, 2, {person}, scores, 'decline', 'x', assessed_at FROM grant_assessment"
)
PAYOUT = (
    "INSERT INTO payout (public_id, reference, purpose, number, payee, bank_details_id, amount_pence, state,"
    " prepared_by_id, prepared_at, approved_by_id) SELECT 'x', 'PO-X', purpose, 9, payee, bank_details_id, 5,"
    " '{state}', prepared_by_id, prepared_at, {by} FROM payout"
)
ANOTHER = "(SELECT MAX(id) FROM person)"
TRIPS: dict[str, list[str]] = {
    "audit_event_append_only_update": ["UPDATE audit_event SET actor = 'x'"],
    "audit_event_append_only_delete": ["DELETE FROM audit_event WHERE id = (SELECT MAX(id) FROM audit_event)"],
    "audit_seal_append_only_update": ["UPDATE audit_seal SET hash = 'x'"],
    "audit_seal_append_only_delete": ["DELETE FROM audit_seal"],
    "ledger_line_append_only_update": ["UPDATE ledger_line SET amount_pence = 1"],
    "ledger_line_append_only_delete": ["DELETE FROM ledger_line"],
    "ledger_entry_append_only_delete": [ENTRY.format(sealed="false"), "DELETE FROM ledger_entry WHERE id = 90"],
    "ledger_account_append_only_delete": ["DELETE FROM ledger_account"],
    "ledger_entry_starts_open": [ENTRY.format(sealed="true")],
    "ledger_entry_seal": [ENTRY.format(sealed="false"), "UPDATE ledger_entry SET sealed = true WHERE id = 90"],
    "ledger_line_one_book": [ENTRY.format(sealed="false"), LINE.format(book="promise")],
    "ledger_account_fixed": ["UPDATE ledger_account SET subject_id = 999"],
    "ledger_account_starts_empty": [RICH],
    "pledge_starts_in_setup": [COPY],
    "pledge_edge": ["UPDATE pledge SET state = 'setup' WHERE state = 'active'"],
    "pledge_amount_frozen": [
        "UPDATE pledge SET state = 'withdrawn' WHERE state = 'active'",
        "UPDATE pledge SET amount_pence = amount_pence - 1 WHERE state = 'withdrawn'",
    ],
    "project_edge": ["UPDATE project SET state = 'draft' WHERE state = 'live'"],
    "project_locked": ["UPDATE project SET target_pence = target_pence - 1 WHERE state = 'live'"],
    "host_edge": ["UPDATE host SET state = 'asked' WHERE state = 'accepted'"],
    "invitation_edge": ["UPDATE invitation SET state = 'open' WHERE state = 'accepted'"],
    "concern_edge": ["UPDATE concern SET state = 'open' WHERE state = 'closed'"],
    "decision_append_only_update": ["UPDATE decision SET reason = 'x'"],
    "decision_append_only_delete": ["DELETE FROM decision"],
    "interest_append_only_update": ["UPDATE interest SET has_interest = false"],
    "interest_append_only_delete": ["DELETE FROM interest"],
    "card_checkout_edge": ["UPDATE card_checkout SET state = 'open' WHERE state = 'complete'"],
    "charge_attempt_edge": ["UPDATE charge_attempt SET state = 'prepared' WHERE state = 'succeeded'"],
    "charge_attempt_fixed": ["UPDATE charge_attempt SET amount_pence = amount_pence + 1"],
    "charge_attempt_append_only_delete": ["DELETE FROM charge_attempt"],
    "refund_edge": ["UPDATE refund SET state = 'asked' WHERE state = 'succeeded'"],
    "dispute_edge": ["UPDATE dispute SET state = 'won' WHERE state = 'lost'"],
    "payout_edge": ["UPDATE payout SET state = 'sent' WHERE state = 'returned'"],
    "payout_fixed": ["UPDATE payout SET amount_pence = amount_pence + 1"],
    "payout_approver_apart": [
        PAYOUT.format(state="prepared", by="NULL"),
        "UPDATE payout SET approved_by_id = (SELECT given_by_id FROM bank_details) WHERE state = 'prepared'",
    ],
    "payout_starts_apart": [PAYOUT.format(state="approved", by="(SELECT given_by_id FROM bank_details)")],
    "bank_details_caller_apart": [
        PAYOUT.format(state="approved", by="approved_by_id"),
        "UPDATE bank_details SET called_by_id = (SELECT MAX(approved_by_id) FROM payout)",
    ],
    "bank_details_fixed": ["UPDATE bank_details SET account_name = 'x'"],
    "payment_file_append_only_update": ["UPDATE payment_file SET total_pence = 5"],
    "payment_file_append_only_delete": ["DELETE FROM payment_file"],
    "verdict_append_only_update": ["UPDATE verdict SET backers = 5"],
    "verdict_append_only_delete": ["DELETE FROM verdict"],
    "match_offer_edge": ["UPDATE match_offer SET state = 'pitched' WHERE state = 'paid'"],
    "match_offer_fixed": ["UPDATE match_offer SET terms_id = terms_id + 1"],
    "match_offer_decided_apart_update": [f"UPDATE match_offer SET decided_by_id = {ASSESSOR}"],
    "match_offer_decided_apart_insert": [OFFER.format(person=INTERESTED)],
    "match_assessment_apart": [ASSESSED.format(person=DECIDER)],
    "match_assessment_append_only_update": ["UPDATE match_assessment SET reason = 'x'"],
    "match_assessment_append_only_delete": ["DELETE FROM match_assessment"],
    "fund_terms_append_only_update": ["UPDATE fund_terms SET most_pence = most_pence + 1"],
    "fund_terms_append_only_delete": ["DELETE FROM fund_terms"],
    "pledge_set_aside_append_only_update": ["UPDATE pledge_set_aside SET is_aside = false"],
    "pledge_set_aside_append_only_delete": ["DELETE FROM pledge_set_aside"],
    "grant_round_edge": ["UPDATE grant_round SET state = 'open' WHERE state = 'decided'"],
    "grant_application_edge": ["UPDATE grant_application SET state = 'draft' WHERE state = 'accepted'"],
    "grant_application_fixed": ["UPDATE grant_application SET plan_id = plan_id + 1"],
    "grant_application_decided_apart": [f"UPDATE grant_application SET decided_by_id = {GRANT_ASSESSOR}"],
    "grant_assessment_apart": [GRANT_ASSESSED.format(person=GRANT_DECIDER)],
    "grant_plan_append_only_update": ["UPDATE grant_plan SET number = number + 5"],
    "grant_plan_append_only_delete": ["DELETE FROM grant_plan"],
    "grant_assessment_append_only_update": ["UPDATE grant_assessment SET reason = 'x'"],
    "grant_assessment_append_only_delete": ["DELETE FROM grant_assessment"],
}
# Table, and what can never change in it, one column after the other.
FIXED = {
    "charge_attempt": "subject about number kind amount_pence public_id",
    "payout": "purpose number payee bank_details_id amount_pence prepared_by_id",
    "bank_details": "payee sealed account_end account_name given_by_id given_at held_until",
    "match_offer": "public_id project_id fund_id terms_id pitched_by_id",
    "grant_application": "public_id reference round_id plan_id fund_id group_id",
}
FIXED_COLUMNS = [(of, column) for of, columns in FIXED.items() for column in columns.split()]


@pytest.fixture(autouse=True)
def world(db_session: Session, clock: FixedClock) -> None:
    make_world(clock)


def run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(text(statement))


def attempt(*statements: str) -> None:
    with transaction(db.engine) as connection:
        run(connection, *statements)


def crowd(session: Session) -> tuple[int, int]:
    session.expire_all()
    [row] = session.query(Crowd).all()
    return row.backers, row.version


def test_every_trigger_is_known_and_has_a_case(db_session: Session) -> None:
    assert checks.present_triggers(db_session) == checks.expected_triggers(db_session)
    assert set(TRIPS) | {"pledge_crowd"} == checks.TRIGGERS
    assert list(checks.breaches(db_session)) == []


@pytest.mark.parametrize("name", TRIPS)
def test_it_refuses_and_says_so(db_session: Session, name: str) -> None:
    with pytest.raises(DBAPIError, match=f"{name}: "):
        attempt(*TRIPS[name])
    assert list(breaches(db_session)) == []


@pytest.mark.parametrize(("of", "column"), FIXED_COLUMNS)
def test_what_was_written_about_money_stays(db_session: Session, of: str, column: str) -> None:
    kind = model_table(of).c[column].type
    other = f"{column} + 1" if isinstance(kind, Integer) else "'checkout'" if isinstance(kind, Enum) else "'y'"
    if column in {"given_at", "held_until"}:
        other = "'2020-01-01 09:00:00'"
    with pytest.raises(DBAPIError, match=f"{of}_fixed: "):
        attempt(f"UPDATE {of} SET {column} = {other}")


APART = {
    "an assessor decides": (f"UPDATE match_offer SET decided_by_id = {ASSESSOR}", "match_offer_decided_apart_update"),
    "an interested person decides": (
        f"UPDATE match_offer SET decided_by_id = {INTERESTED}",
        "match_offer_decided_apart_update",
    ),
    "an interested person has decided": (OFFER.format(person=INTERESTED), "match_offer_decided_apart_insert"),
    "the decider assesses": (ASSESSED.format(person=DECIDER), "match_assessment_apart"),
    "an assessor of a grant decides": (
        f"UPDATE grant_application SET decided_by_id = {GRANT_ASSESSOR}",
        "grant_application_decided_apart",
    ),
    "somebody with interest decides a grant": (
        f"UPDATE grant_application SET decided_by_id = {GRANT_INTERESTED}",
        "grant_application_decided_apart",
    ),
    "somebody with interest assesses a grant": (
        GRANT_ASSESSED.format(person=GRANT_INTERESTED),
        "grant_assessment_apart",
    ),
    "an interested person assesses": (ASSESSED.format(person=INTERESTED), "match_assessment_apart"),
}
FREE = {
    "somebody else decides": f"UPDATE match_offer SET decided_by_id = {NOBODY_YET}",
    "nobody has decided": "UPDATE match_offer SET decided_by_id = NULL",
    "somebody else has decided": OFFER.format(person=NOBODY_YET),
    "somebody else assesses": ASSESSED.format(person=NOBODY_YET),
    "the assessor assesses again": ASSESSED.format(person=ASSESSOR),
}


@pytest.mark.parametrize("way", APART)
def test_assessing_deciding_and_an_interest_are_kept_apart(db_session: Session, way: str) -> None:
    statement, name = APART[way]
    with pytest.raises(DBAPIError, match=f"{name}: "):
        attempt(statement)


@pytest.mark.parametrize("way", FREE)
def test_whoever_is_free_to_assess_or_decide_may(db_session: Session, way: str) -> None:
    attempt(ELSEWHERE.format(person=NOBODY_YET), FREE[way])


@pytest.mark.parametrize("way", [way for way in APART if "interested" in way])
def test_an_interest_that_was_taken_back_stands_in_nobodys_way(db_session: Session, way: str) -> None:
    attempt(NO_MORE, APART[way][0])


@pytest.mark.parametrize("way", [way for way in APART if "interested" in way])
def test_an_interest_that_was_declared_once_more_does(db_session: Session, way: str) -> None:
    with pytest.raises(DBAPIError, match=f"{APART[way][1]}: "):
        attempt(
            NO_MORE,
            NO_MORE.replace("false, ''", "true, 'x'").replace("FROM interest", "FROM interest LIMIT 1"),
            APART[way][0],
        )


@pytest.mark.parametrize(
    "statements",
    [
        (PAYOUT.format(state="approved", by=ANOTHER),),
        (
            PAYOUT.format(state="prepared", by="NULL"),
            f"UPDATE payout SET state = 'approved', approved_by_id = {ANOTHER} WHERE state = 'prepared'",
        ),
    ],
)
def test_whoever_checked_bank_details_approves_nothing_to_them(
    db_session: Session, statements: tuple[str, ...]
) -> None:
    attempt(*statements, "DELETE FROM payout WHERE number = 9")
    with pytest.raises(DBAPIError, match="neither gave nor checked"):
        attempt(f"UPDATE bank_details SET called_by_id = {ANOTHER}", *statements)


def test_somebody_who_approved_an_earlier_payout_may_ring_back_about_its_details(db_session: Session) -> None:
    attempt("UPDATE bank_details SET called_by_id = (SELECT MAX(approved_by_id) FROM payout)")
    called = text("SELECT COUNT(*) FROM bank_details JOIN payout ON called_by_id = approved_by_id")
    assert db_session.scalar(called) == 1


@pytest.mark.parametrize("change", ["deadline = NULL", "launched_at = NULL", "deadline = '2030-01-01 17:00:00'"])
def test_the_dates_stand_from_the_launch_on(db_session: Session, change: str) -> None:
    with pytest.raises(DBAPIError, match="project_locked"):
        attempt(f"UPDATE project SET {change} WHERE state = 'live'")


def test_the_crowd_is_counted_by_the_database(db_session: Session) -> None:
    assert crowd(db_session) == (1, 1)
    attempt("UPDATE pledge SET amount_pence = amount_pence - 1 WHERE state = 'active'")
    assert crowd(db_session) == (1, 2)
    attempt("UPDATE pledge SET message = 'Hello' WHERE state = 'active'")
    assert crowd(db_session) == (1, 2)
    attempt("UPDATE pledge SET state = 'collecting' WHERE state = 'active'")
    attempt("UPDATE pledge SET state = 'paid' WHERE state = 'collecting'")
    assert crowd(db_session)[0] == 1
    attempt("UPDATE pledge SET state = 'refunded' WHERE state = 'paid'")
    assert crowd(db_session)[0] == 0


def test_the_crowd_may_still_be_moved_by_an_amount_during_the_life_of_a_pledge_only(db_session: Session) -> None:
    attempt("UPDATE pledge SET state = 'abandoned' WHERE state = 'setup'")
    assert crowd(db_session) == (1, 1)


def test_every_missing_trigger_is_found(db_session: Session) -> None:
    for name in sorted(checks.TRIGGERS):
        with undone(db.engine) as connection:
            on = "" if db.engine.dialect.name == "sqlite" else f" ON {_table(connection, name)}"
            run(connection, f"DROP TRIGGER {name}{on}")
            assert list(checks.breaches(Session(connection))) == [f"the trigger {name} is missing or switched off"]


def test_a_trigger_that_is_switched_off_is_found(db_session: Session) -> None:
    switch = "ALTER TABLE ledger_line DISABLE TRIGGER ledger_line_one_book"
    if db.engine.dialect.name == "sqlite":
        switch = "DROP TRIGGER ledger_line_one_book"
    with undone(db.engine) as connection:
        run(connection, switch)
        assert any("ledger_line_one_book" in breach for breach in checks.breaches(Session(connection)))


DAMAGE = {
    "a pledge counts more than it did": "UPDATE pledge SET amount_pence = amount_pence - 1 WHERE state = 'active'",
    "a pledge vanished": "DELETE FROM pledge WHERE state = 'active'",
    "a pledge stopped counting": "UPDATE pledge SET state = 'lapsed' WHERE state = 'active'",
    "the total was changed": "UPDATE ledger_account SET balance_pence = 5 WHERE kind = 'pledged' AND balance_pence > 0",
    "the crowd was changed": "UPDATE crowd SET backers = 7",
    "the crowd was forgotten": "DELETE FROM crowd",
}


@pytest.mark.parametrize("what", DAMAGE)
def test_totals_that_drift_are_found(db_session: Session, what: str) -> None:
    assert list(breaches(db_session)) == []
    with without_triggers(db.engine) as connection:
        run(connection, DAMAGE[what])
    assert [breach for breach in breaches(db_session) if breach.startswith("project ")]


def _table(connection: Connection, trigger: str) -> str:
    found = text("SELECT relname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE tgname = :name")
    return str(connection.scalar(found, {"name": trigger}))
