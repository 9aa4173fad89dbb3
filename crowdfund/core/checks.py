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
        "ledger_entry_seal",
        "ledger_line_one_book",
        "ledger_account_fixed",
        "pledge_edge",
        "pledge_amount_frozen",
        "pledge_crowd",
        "project_edge",
        "card_checkout_edge",
    }
)


def present_triggers(session: Session) -> frozenset[str]:
    """Return the names of the triggers in this database."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if session.get_bind().dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    return frozenset(session.scalars(text(query)))


def breaches(session: Session) -> Iterator[str]:
    """Yield a sentence for every trigger that is missing and for a broken audit chain."""
    for name in sorted(TRIGGERS - present_triggers(session)):
        yield f"the trigger {name} is missing"
    for broken in audit.verify(session):
        yield f"audit event {broken.event_id}: {broken.what}"
