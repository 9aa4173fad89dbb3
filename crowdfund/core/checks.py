"""What `crowdfund check` asks of the ground itself; domains add their own in the command."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from crowdfund.core import audit

TRIGGERS = frozenset(
    {
        "audit_event_append_only_update",
        "audit_event_append_only_delete",
        "audit_seal_append_only_update",
        "audit_seal_append_only_delete",
        "ledger_line_append_only_update",
        "ledger_line_append_only_delete",
        "ledger_entry_append_only_delete",
        "ledger_account_append_only_delete",
        "ledger_entry_starts_open",
        "ledger_entry_seal",
        "ledger_line_one_book",
        "ledger_account_fixed",
        "ledger_account_starts_empty",
        "pledge_starts_in_setup",
        "project_locked",
        "pledge_edge",
        "pledge_amount_frozen",
        "pledge_crowd",
        "project_edge",
        "card_checkout_edge",
        "host_edge",
        "invitation_edge",
        "concern_edge",
        "decision_append_only_update",
        "decision_append_only_delete",
        "interest_append_only_update",
        "interest_append_only_delete",
        "charge_attempt_edge",
        "charge_attempt_fixed",
        "charge_attempt_append_only_delete",
        "refund_edge",
        "dispute_edge",
        "payout_edge",
        "payout_fixed",
        "payout_approver_apart",
        "payout_starts_apart",
        "bank_details_fixed",
        "bank_details_caller_apart",
        "payment_file_append_only_update",
        "payment_file_append_only_delete",
        "verdict_append_only_update",
        "verdict_append_only_delete",
        "match_offer_edge",
        "match_offer_fixed",
        "match_offer_decided_apart_update",
        "match_offer_decided_apart_insert",
        "match_assessment_apart",
        "fund_terms_append_only_update",
        "fund_terms_append_only_delete",
        "match_assessment_append_only_update",
        "match_assessment_append_only_delete",
        "pledge_set_aside_append_only_update",
        "pledge_set_aside_append_only_delete",
        "grant_round_edge",
        "grant_application_edge",
        "grant_application_fixed",
        "grant_application_decided_apart",
        "grant_assessment_apart",
        "grant_plan_append_only_update",
        "grant_plan_append_only_delete",
        "grant_assessment_append_only_update",
        "grant_assessment_append_only_delete",
    }
)


# PostgreSQL can empty a table without touching its rows; SQLite cannot.
AGAINST_TRUNCATE = frozenset(f"{name}_all" for name in TRIGGERS if name.endswith("append_only_delete"))


def expected_triggers(session: Session) -> frozenset[str]:
    """Return the names of the triggers that this kind of database must have."""
    return TRIGGERS | AGAINST_TRUNCATE if _is_postgresql(session) else TRIGGERS


def present_triggers(session: Session) -> frozenset[str]:
    """Return the names of the triggers that are awake in this database."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if _is_postgresql(session):
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    return frozenset(session.scalars(text(query)))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def breaches(session: Session) -> Iterator[str]:
    """Yield a sentence for every trigger that is missing or switched off and for a broken audit chain."""
    for name in sorted(expected_triggers(session) - present_triggers(session)):
        yield f"the trigger {name} is missing or switched off"
    for broken in audit.verify(session):
        yield f"audit event {broken.event_id}: {broken.what}"
