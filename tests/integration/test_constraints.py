"""Every constraint of every table is broken once by raw SQL and speaks; a new one without a case fails here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Connection, Enum, Table, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import Base, db
from crowdfund.matching.rules import STANDING, OfferState
from crowdfund.payments.rules import CLOSED_ATTEMPTS, AttemptState
from tests.support.raw_rows import fresh, insert_row, model_table, read_row, uniques
from tests.support.tampering import undone
from tests.support.world import make_world

pytestmark = pytest.mark.database

TABLES = list(Base.metadata.sorted_tables)
DATED = "'2027-01-18 09:00:00'"
# What breaks each rule that is not about the values of an enum.
BREAKING: dict[str, dict[str, Any]] = {
    "ck_community_group_charity_numbered": {"legal_form": "charity", "charity_number": None},
    "ck_community_group_name_given": {"name": "x"},
    "ck_concern_closed_with_outcome": {"state": "closed", "outcome": None},
    "ck_decision_reasoned": {"reason": ""},
    "ck_budget_line_named": {"source": ""},
    "ck_fund_terms_dates_in_order": {"opens_on": "2027-02-02", "closes_on": "2027-02-01", "decides_on": "2027-03-01"},
    "ck_fund_terms_days_sane": {"offer_days": 0},
    "ck_fund_terms_joint_percent_sane": {"joint_percent": 0},
    "ck_fund_terms_most_positive": {"most_pence": 0},
    "ck_fund_terms_per_backer_positive": {"per_backer_pence": 0},
    "ck_fund_terms_per_pledge_has_limit": {"kind": "per_pledge", "per_backer_pence": None},
    "ck_fund_terms_percent_sane": {"percent": 0},
    "ck_fund_terms_tests_counted": {"show_backers": -1},
    "ck_fund_terms_tests_sane": {"show_percent": 101},
    "ck_fund_terms_top_up_has_share": {"kind": "top_up", "crowd_percent": 100},
    "ck_match_assessment_reasoned": {"reason": ""},
    "ck_match_assessment_sum_given": {"recommendation": "full", "recommended_pence": None},
    "ck_match_offer_accepted_is_signed": {"state": "accepted", "accepted_at": None},
    "ck_match_offer_asked_positive": {"asked_pence": 0},
    "ck_match_offer_confirmed_is_counted": {"state": "confirmed", "confirmed_pence": None},
    "ck_match_offer_counted_within": {"counted_pence": -1},
    "ck_match_offer_exceeding_is_explained": {"exceeds_because": ""},
    "ck_match_offer_never_above_offer": {"confirmed_pence": 6},
    "ck_match_offer_offered_is_decided": {"state": "offered", "expires_at": None},
    "ck_match_offer_offered_positive": {"offered_pence": 0, "confirmed_pence": 0, "counted_pence": 0},
    "ck_match_offer_paid_is_dated": {"paid_at": None},
    "ck_grant_application_accepted_is_signed": {"state": "accepted", "accepted_at": None},
    "ck_grant_application_asked_positive": {"asked_pence": 0, "awarded_pence": None, "state": "draft"},
    "ck_grant_application_award_is_decided": {"state": "offered", "decision_id": None},
    "ck_grant_application_confirmed_apart": {"declared_by_id": 1, "confirmed_by_id": 1},
    "ck_grant_application_never_above_asked": {"awarded_pence": 10},
    "ck_grant_application_offer_runs_out": {"state": "offered", "expires_at": None},
    "ck_grant_application_sent_is_whole": {"state": "declined", "submitted_at": None},
    "ck_grant_application_signed_apart": {"signed_by_id": 1, "countersigned_by_id": 1},
    "ck_grant_assessment_reasoned": {"reason": ""},
    "ck_grant_assessment_sum_given": {"recommendation": "full", "recommended_pence": None},
    "ck_grant_panel_has_minutes": {"minutes": ""},
    "ck_grant_placing_done_is_confirmed": {"panel_id": None},
    "ck_grant_placing_sum_given": {"outcome": "full", "pence": None},
    "ck_grant_placing_sum_positive": {"pence": 0},
    "ck_grant_question_answer_dated": {"answer": ""},
    "ck_grant_review_answer_whole": {"answer": ""},
    "ck_grant_review_has_words": {"words": ""},
    "ck_grant_round_budget_positive": {"budget_pence": 0},
    "ck_grant_round_dates_in_order": {"closes_at": "2020-01-18 09:00:00"},
    "ck_grant_round_published_has_plan": {"plan_number": 0},
    "ck_grant_round_unsealing_is_explained": {"unsealed_reason": ""},
    "ck_pledge_set_aside_reasoned": {"reason": ""},
    "ck_host_constituted": {"legal_form": "informal"},
    "ck_interest_interest_explained": {"has_interest": True, "statement": ""},
    "ck_invitation_answer_dated": {"state": "refused", "answered_at": None},
    "ck_invitation_role_given": {"kind": "member", "role": None},
    "ck_officer_post_funder_named": {"role": "programme_checker"},
    "ck_question_answer_dated": {"answer": ""},
    "ck_stored_file_width_of_photo": {"purpose": "quote"},
    "ck_card_checkout_complete_has_card": {"state": "complete", "payment_method_ref": None},
    "ck_ledger_account_ceiling": {"balance_pence": 11, "ceiling_pence": 10},
    "ck_ledger_account_floor": {"balance_pence": -1, "floor_pence": 0},
    "ck_ledger_line_not_zero": {"amount_pence": 0},
    "ck_person_email_lower": {"email": "Rosa@example.org"},
    "ck_pledge_amount_positive": {"amount_pence": 0},
    "ck_pledge_counted_is_complete": {"state": "active", "checkout_id": None},
    "ck_pledge_never_above_consent": {"state": "active", "amount_pence": 101, "consented_pence": 100},
    "ck_project_complete": {"state": "submitted", "story": ""},
    "ck_project_launched": {"state": "live", "launched_at": None},
    "ck_project_picture_described": {"picture_alt": ""},
    "ck_project_stretch_above_target": {"stretch_pence": 5, "target_pence": 5},
    "ck_project_target_positive": {"target_pence": 0},
    "ck_project_line_amount_given": {"kind": "cost", "amount_pence": None},
    "ck_project_line_milestone_dated": {"kind": "milestone", "due": None},
    "ck_bank_details_masked": {"account_end": "008"},
    "ck_charge_attempt_amount_positive": {"amount_pence": 0, "refunded_pence": 0},
    "ck_charge_attempt_ended_is_dated": {"state": "succeeded", "ended_at": None},
    "ck_charge_attempt_off_session_has_card": {"kind": "off_session", "payment_method_ref": None},
    "ck_charge_attempt_paid_is_complete": {"state": "succeeded", "charge_ref": None},
    "ck_charge_attempt_refunds_within": {"amount_pence": 5, "refunded_pence": 6},
    "ck_difference_differs": {"expected_pence": 5, "found_pence": 5},
    "ck_dispute_amount_positive": {"amount_pence": 0},
    "ck_payout_amount_positive": {"amount_pence": 0},
    "ck_payout_approved_by_somebody": {"state": "approved", "approved_by_id": None},
    "ck_payout_sent_in_a_file": {"state": "sent", "file_id": None},
    "ck_payout_two_people": {"prepared_by_id": 1, "approved_by_id": 1},
    "ck_refund_amount_positive": {"amount_pence": 0},
    "ck_refund_ended_is_dated": {"state": "succeeded", "ended_at": None},
    "ck_refund_reasoned": {"reason": ""},
    "ck_refund_sent_was_taken": {"state": "succeeded", "was_taken": False},
    "ck_refund_taken_is_named": {"was_taken": True, "refund_ref": None},
    "ck_refund_two_people": {"asked_by_id": 1, "approved_by_id": 1},
    "ck_settlement_settled_is_counted": {"collected_pence": None},
    "ck_settlement_threshold_sane": {"threshold_percent": 0},
    "ck_settlement_waiting_is_named": {"waits_for": ""},
    "ck_settlement_waiting_is_reviewed": {"review_on": None},
    "ck_verdict_follows_sums": {"reached": False},
}
# More ways to break the same rule.
ALSO: list[tuple[str, dict[str, Any]]] = [
    ("ck_pledge_amount_positive", {"amount_pence": -1}),
    ("ck_pledge_counted_is_complete", {"state": "paid", "person_id": None}),
    ("ck_pledge_counted_is_complete", {"state": "withdrawn", "active_at": None}),
    ("ck_pledge_never_above_consent", {"state": "active", "consented_pence": None}),
    ("ck_project_line_amount_given", {"kind": "other_money", "amount_pence": 0}),
    ("ck_concern_closed_with_outcome", {"state": "closed", "closed_at": None}),
    ("ck_concern_closed_with_outcome", {"state": "closed", "answer": ""}),
    ("ck_fund_terms_dates_in_order", {"opens_on": "2027-01-01", "closes_on": "2027-03-01", "decides_on": "2027-02-01"}),
    *(
        ("ck_fund_terms_days_sane", {column: days})
        for column, days in (("offer_days", 366), ("call_in_days", -1), ("call_in_days", 61))
    ),
    ("ck_fund_terms_joint_percent_sane", {"joint_percent": 101}),
    ("ck_fund_terms_percent_sane", {"percent": 101}),
    ("ck_fund_terms_per_backer_positive", {"per_backer_pence": -1}),
    ("ck_fund_terms_tests_counted", {"pay_backers": -1}),
    ("ck_fund_terms_tests_counted", {"several_gifts": 0}),
    *(
        ("ck_fund_terms_tests_sane", {column: percent})
        for column, percent in (("show_percent", -1), ("pay_percent", -1), ("pay_percent", 101))
    ),
    ("ck_fund_terms_top_up_has_share", {"kind": "top_up", "crowd_percent": 0}),
    ("ck_match_assessment_sum_given", {"recommendation": "up_to", "recommended_pence": None}),
    ("ck_match_assessment_sum_given", {"recommendation": "defer", "recommended_pence": 5}),
    ("ck_match_assessment_sum_given", {"recommendation": "decline", "recommended_pence": 5}),
    *(
        ("ck_match_offer_accepted_is_signed", {"state": state} | change)
        for state in ("accepted", "confirmed", "payable", "paid")
        for change in ({"accepted_at": None}, {"subsidy_words": ""})
    ),
    ("ck_match_offer_asked_positive", {"asked_pence": -1}),
    *(
        ("ck_match_offer_confirmed_is_counted", {"state": state, "confirmed_pence": None})
        for state in ("payable", "paid")
    ),
    ("ck_match_offer_counted_within", {"counted_pence": 6}),
    ("ck_match_offer_counted_within", {"state": "declined", "offered_pence": None, "confirmed_pence": None}),
    *(
        ("ck_match_offer_offered_is_decided", {"state": state, column: None, "counted_pence": 0})
        for state in ("offered", "accepted", "confirmed", "payable", "paid")
        for column in ("offered_pence", "decision_id", "expires_at")
    ),
    ("ck_grant_application_accepted_is_signed", {"state": "accepted", "subsidy_words": ""}),
    *(
        ("ck_grant_application_award_is_decided", {"state": state, column: None})
        for state in ("awarded", "awarded_up_to", "accepted")
        for column in ("awarded_pence", "decision_id")
    ),
    ("ck_grant_application_never_above_asked", {"awarded_pence": 0}),
    *(
        ("ck_grant_application_sent_is_whole", {"state": "submitted", column: value, "awarded_pence": None})
        for column, value in (("asked_pence", None), ("tier", ""), ("declared_by_id", None))
    ),
    *(("ck_grant_assessment_sum_given", {"recommendation": outcome}) for outcome in ("defer", "decline", "ineligible")),
    *(("ck_grant_placing_sum_given", {"outcome": outcome}) for outcome in ("defer", "decline", "ineligible")),
    ("ck_grant_placing_sum_given", {"outcome": "up_to", "pence": None}),
    ("ck_grant_question_answer_dated", {"answered_at": None}),
    *(("ck_grant_review_answer_whole", {name: None}) for name in ("answered_at", "answered_by_id", "is_upheld")),
    ("ck_grant_round_budget_positive", {"budget_pence": -1}),
    ("ck_invitation_answer_dated", {"state": "accepted", "answered_at": None}),
    ("ck_invitation_role_given", {"kind": "signatory", "role": "member"}),
    ("ck_officer_post_funder_named", {"role": "funder_viewer", "funder_id": None}),
    ("ck_question_answer_dated", {"answered_at": None}),
    ("ck_stored_file_width_of_photo", {"purpose": "photo", "width": 0}),
    *(("ck_project_complete", {"state": state, "aim": ""}) for state in ("submitted", "ready", "declined", "live")),
    *(
        ("ck_project_complete", {column: ""})
        for column in ("place", "if_too_little", "if_too_much", "risks", "permissions")
    ),
    ("ck_project_launched", {"state": "cancelled", "launched_at": None}),
    ("ck_project_stretch_above_target", {"state": "submitted", "stretch_pence": 4, "target_pence": 5}),
    ("ck_project_target_positive", {"state": "submitted", "target_pence": 0, "stretch_pence": None}),
    ("ck_project_target_positive", {"state": "draft", "target_pence": -1, "stretch_pence": None}),
    ("ck_project_target_positive", {"target_pence": -1, "stretch_pence": None}),
    ("ck_bank_details_masked", {"account_end": ""}),
    ("ck_charge_attempt_amount_positive", {"amount_pence": -1, "refunded_pence": 0}),
    ("ck_charge_attempt_ended_is_dated", {"state": "failed", "ended_at": None}),
    ("ck_charge_attempt_ended_is_dated", {"state": "cancelled", "ended_at": None}),
    ("ck_charge_attempt_paid_is_complete", {"state": "succeeded", "fee_pence": None}),
    ("ck_charge_attempt_refunds_within", {"refunded_pence": -1}),
    ("ck_dispute_amount_positive", {"amount_pence": -1}),
    ("ck_payout_amount_positive", {"amount_pence": -1}),
    *(
        ("ck_payout_approved_by_somebody", {"state": state, "approved_by_id": None})
        for state in ("sent", "confirmed", "returned")
    ),
    *(("ck_payout_sent_in_a_file", {"state": state, "file_id": None}) for state in ("confirmed", "returned")),
    ("ck_refund_amount_positive", {"amount_pence": -1}),
    ("ck_refund_ended_is_dated", {"state": "failed", "ended_at": None}),
    ("ck_refund_ended_is_dated", {"state": "rejected", "ended_at": None}),
    ("ck_settlement_threshold_sane", {"threshold_percent": 101}),
    ("ck_settlement_waiting_is_reviewed", {"waits_for": None}),
    ("ck_verdict_follows_sums", {"reached": True, "pledged_pence": 499, "match_pence": 0, "target_pence": 500}),
    ("ck_verdict_follows_sums", {"reached": False, "pledged_pence": 499, "match_pence": 1, "target_pence": 500}),
]
# What keeps another rule quiet when an enum has a value that it does not know.
BESIDE: dict[str, dict[str, Any]] = {"ck_invitation_kind": {"role": None}, "ck_stored_file_purpose": {"width": 0}}
# Where a rule is for some rows only: what puts a row among them.
PICKED: dict[str, dict[str, Any]] = {
    "uq_card_checkout_unfinished": {"state": "creating", "session_ref": None},
    "uq_host_standing": {"state": "asked"},
    "uq_invitation_open": {"state": "open"},
    "uq_officer_post_funder": {"ended_at": None},
    "uq_officer_post_programme": {"role": "programme_checker", "funder_id": None},
    "uq_bank_details_current": {"ended_at": None},
    "uq_charge_attempt_open_or_paid": {"state": "prepared"},
    "uq_match_offer_standing": {"state": "pitched"},
    "uq_grant_application_standing": {"state": "draft"},
    "uq_grant_assessor_held": {"given_back_at": None},
    # An attempt that failed, so that only its number is in the way of another.
    "uq_charge_attempt_subject_number": {"state": "failed"},
}
# Rows that a rule for some rows must let by, though another row is like them.
LET_BY: list[tuple[str, dict[str, Any]]] = [
    ("uq_host_standing", {"state": "refused"}),
    ("uq_host_standing", {"state": "ended"}),
    ("uq_invitation_open", {"state": "accepted"}),
    ("uq_invitation_open", {"state": "cancelled"}),
    ("uq_officer_post_funder", {"ended_at": "2027-01-18 09:00:00"}),
    ("uq_officer_post_programme", {"ended_at": "2027-01-18 09:00:00"}),
    ("uq_bank_details_current", {"ended_at": "2027-01-18 09:00:00"}),
    ("uq_charge_attempt_open_or_paid", {"state": "failed"}),
    ("uq_charge_attempt_open_or_paid", {"state": "cancelled"}),
    *(("uq_match_offer_standing", {"state": state.value}) for state in OfferState if state not in STANDING),
]
# Every state of an attempt that keeps a second one away.
OPEN_OR_PAID = [state for state in AttemptState if state not in CLOSED_ATTEMPTS]
# A draft may still be incomplete.
DRAFTS: list[dict[str, Any]] = [
    {"state": state, "story": "", "target_pence": 0, "launched_at": None}
    for state in ("draft", "changes_requested", "withdrawn")
]


@pytest.fixture
def bare(db_session: Session, clock: FixedClock) -> Iterator[Connection]:
    """A world, and a connection to it on which triggers sleep and nothing stays; constraints and keys are awake."""
    make_world(clock)
    with undone(db.engine) as connection:
        if connection.dialect.name == "postgresql":
            for of in TABLES:
                connection.execute(text(f"ALTER TABLE {of.name} DISABLE TRIGGER USER"))
        else:
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection


@contextmanager
def tried(connection: Connection) -> Iterator[None]:
    connection.exec_driver_sql("SAVEPOINT try")
    try:
        yield
    finally:
        connection.exec_driver_sql("ROLLBACK TO try")
        connection.exec_driver_sql("RELEASE try")


def complaint(connection: Connection, of: Table, row: dict[str, Any]) -> str:
    """Return what the database says to a row, '' when it takes it."""
    with tried(connection):
        try:
            insert_row(connection, of, row)
        except IntegrityError as refused:
            return str(refused.orig)
    return ""


def checks() -> dict[str, Table]:
    return {str(c.name): of for of in TABLES for c in of.constraints if isinstance(c, CheckConstraint)}


def of_enums() -> dict[str, dict[str, Any]]:
    return {
        name: {column.name: "nonsense"} | BESIDE.get(name, {})
        for of in TABLES
        for column in of.columns
        if isinstance(column.type, Enum)
        for name in (f"ck_{of.name}_{column.type.name}",)
    }


def test_every_check_has_a_case() -> None:
    assert set(BREAKING) | set(of_enums()) == set(checks())


def test_a_copy_that_differs_where_it_must_is_taken(bare: Connection) -> None:
    said = {of.name: complaint(bare, of, fresh(bare, of, read_row(bare, of))) for of in TABLES}
    assert {name: words for name, words in said.items() if words} == {}


def test_every_check_speaks(bare: Connection) -> None:
    silent = []
    for name, changes in [*BREAKING.items(), *of_enums().items(), *ALSO]:
        of = checks()[name]
        said = complaint(bare, of, fresh(bare, of, read_row(bare, of)) | changes)
        if name not in said:
            silent.append((name, changes, said))
    assert silent == []


def test_every_unique_key_speaks(bare: Connection) -> None:
    silent = []
    for of in TABLES:
        for name, columns in uniques(of).items():
            row = read_row(bare, of) | PICKED.get(name, {})
            if name in PICKED:
                with tried(bare):
                    first = fresh(bare, of, row) | PICKED[name]
                    insert_row(bare, of, first)
                    said = complaint(bare, of, fresh(bare, of, first, but=columns) | PICKED[name])
            else:
                said = complaint(bare, of, fresh(bare, of, row, but=columns))
            if name not in said and ", ".join(f"{of.name}.{column}" for column in columns) not in said:
                silent.append((name, said))
    assert silent == []


def test_a_key_for_some_rows_lets_the_others_by(bare: Connection) -> None:
    refused = []
    for name, changes in LET_BY:
        of, columns = next((of, uniques(of)[name]) for of in TABLES if name in uniques(of))
        with tried(bare):
            first = fresh(bare, of, read_row(bare, of)) | PICKED[name]
            insert_row(bare, of, first)
            said = complaint(bare, of, fresh(bare, of, first, but=columns) | PICKED[name] | changes)
        if said:
            refused.append((name, changes, said))
    assert refused == []


@pytest.mark.parametrize("state", OPEN_OR_PAID)
def test_a_subject_has_one_attempt_that_is_open_or_paid(bare: Connection, state: AttemptState) -> None:
    of = model_table("charge_attempt")
    row = read_row(bare, of) | {"state": state.value}
    said = complaint(bare, of, fresh(bare, of, row, but=("subject",)))
    assert "uq_charge_attempt_open_or_paid" in said or "charge_attempt.subject" in said


@pytest.mark.parametrize("state", STANDING)
def test_a_project_asks_a_fund_once_at_a_time(bare: Connection, state: OfferState) -> None:
    of = model_table("match_offer")
    row = read_row(bare, of) | {"state": state.value}
    said = complaint(bare, of, fresh(bare, of, row, but=("project_id", "fund_id")))
    assert "uq_match_offer_standing" in said or "match_offer.project_id, match_offer.fund_id" in said


@pytest.mark.parametrize("changes", DRAFTS, ids=lambda changes: changes["state"])
def test_what_a_group_still_writes_may_be_incomplete(bare: Connection, changes: dict[str, Any]) -> None:
    of = model_table("project")
    assert complaint(bare, of, fresh(bare, of, read_row(bare, of)) | changes) == ""


def test_every_foreign_key_speaks(bare: Connection) -> None:
    silent = []
    for of in TABLES:
        for key in of.foreign_keys:
            nowhere = 999_999 if str(key.column.type) in {"BIGINT", "INTEGER"} else "nowhere"
            said = complaint(bare, of, fresh(bare, of, read_row(bare, of)) | {key.parent.name: nowhere})
            if "foreign key" not in said.lower():
                silent.append((of.name, key.parent.name, said))
    assert silent == []


def test_nothing_that_is_needed_can_be_left_out(bare: Connection) -> None:
    silent = []
    for of in TABLES:
        for column in of.columns:
            if column.nullable or column.primary_key:
                continue
            said = complaint(bare, of, fresh(bare, of, read_row(bare, of)) | {column.name: None})
            if "null" not in said.lower():
                silent.append((of.name, column.name, said))
    assert silent == []


def test_the_models_name_every_table_there_is(db_session: Session) -> None:
    assert model_table("pledge") in TABLES
    for of in TABLES:
        db_session.execute(text(f"SELECT COUNT(*) FROM {of.name}"))
