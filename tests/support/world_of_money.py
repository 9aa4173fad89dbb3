"""The part of a small world that the deadline leaves behind: a row in each table of verdicts, charges and payouts."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core.db import Base
from crowdfund.core.ids import public_id
from crowdfund.payments.models import BalanceLine, ChargeAttempt, Difference, Dispute, Reconciliation, Refund
from crowdfund.payments.rules import AttemptKind, AttemptState, DifferenceKind, DisputeState, RefundState
from crowdfund.payouts.models import BankDetails, PaymentFile, Payout
from crowdfund.payouts.rules import PayoutState
from crowdfund.settlement.models import Settlement, Verdict


def fill_money(session: Session, project_id: int, people: tuple[int, int], now: datetime) -> None:
    """Fill the tables of a settled project, everything about it done by one of two people or by both."""
    session.add_all([*_judged(project_id, now), *_compared(session, now)])
    attempt = _attempt(project_id, now)
    session.add(attempt)
    session.flush()
    session.add_all(_given_back(attempt.id, people, now))
    _paid_out(session, project_id, people, now)
    session.flush()


def _judged(project_id: int, now: datetime) -> list[Base]:
    sums = {"pledged_pence": 500, "match_pence": 0}
    waiting = {"waits_for": "The landowner's leave", "review_on": now.date()}
    dated = {"first_attempt_at": now, "fix_until": now, "alerted_at": now, "settled_at": now}
    return [
        Verdict(project_id=project_id, reached=True, target_pence=500, backers=1, at=now, **sums),
        Settlement(project_id=project_id, threshold_percent=95, collected_pence=500, match_pence=0, **dated, **waiting),
    ]


def _compared(session: Session, now: datetime) -> list[Base]:
    run = Reconciliation(started_at=now, ended_at=now, lines=1, provider_pence=5, book_pence=5)
    session.add(run)
    session.flush()
    found = {"expected_pence": 5, "found_pence": 6, "words": "A penny more than was asked for."}
    moved = {"source_ref": "ch_1", "amount_pence": 500, "fee_pence": 20, "at": now, "matched_at": now}
    return [
        BalanceLine(ref="txn_1", kind="charge", **moved),
        Difference(reconciliation_id=run.id, kind=DifferenceKind.AMOUNT, ref="txn_1", **found),
    ]


def _attempt(project_id: int, now: datetime) -> ChargeAttempt:
    of = {"subject": "pledge:1", "about": f"project:{project_id}", "number": 1, "amount_pence": 500, "fee_pence": 20}
    card = {"customer_ref": "cus_1", "payment_method_ref": "pm_1", "card_brand": "visa", "card_last4": "4242"}
    refs = {"intent_ref": "pi_1", "session_ref": "cs_1", "url": "https://pay.example.org/1", "charge_ref": "ch_1"}
    dated = {"created_at": now, "sent_at": now, "expires_at": now, "ended_at": now}
    kept = {"card_hash": "4" * 64, "decline_code": "do_not_honor", "refunded_pence": 100}
    state = {"kind": AttemptKind.OFF_SESSION, "state": AttemptState.SUCCEEDED}
    return ChargeAttempt(public_id=public_id(), **state, **of, **card, **refs, **dated, **kept)


def _given_back(attempt_id: int, people: tuple[int, int], now: datetime) -> list[Base]:
    by = {"asked_by_id": people[0], "approved_by_id": people[1], "settled_by_id": people[0], "settled_at": now}
    dated = {"created_at": now, "sent_at": now, "ended_at": now}
    done = {"state": RefundState.SUCCEEDED, "refund_ref": "re_1", "was_taken": True, "amount_pence": 100, **dated}
    claim = {"amount_pence": 400, "fee_pence": 1500, "reason": "fraudulent", "exposure_pence": 5}
    dated = {"evidence_due_at": now, "opened_at": now, "closed_at": now}
    return [
        Refund(public_id=public_id(), attempt_id=attempt_id, reason="Asked to.", **by, **done),
        Dispute(dispute_ref="dp_1", attempt_id=attempt_id, state=DisputeState.LOST, **claim, **dated),
    ]


def _paid_out(session: Session, project_id: int, people: tuple[int, int], now: datetime) -> None:
    payee = {"payee": "group:1", "sealed": "x", "account_end": "0008", "account_name": "Oak Lane Green"}
    called = {"called_by_id": people[0], "called_at": now, "held_until": now}
    details = BankDetails(**payee, given_by_id=people[0], given_at=now, **called)
    sums = {"payouts": 1, "total_pence": 400, "checksum": "5" * 64, "content": b"x"}
    file = PaymentFile(public_id=public_id(), number=1, made_by_id=people[0], made_at=now, **sums)
    session.add_all([details, file])
    session.flush()
    to = {"purpose": f"project:{project_id}", "number": 1, "payee": "group:1", "bank_details_id": details.id}
    by = {"prepared_by_id": people[0], "prepared_at": now, "approved_by_id": people[1], "approved_at": now}
    told = {"file_id": file.id, "ended_at": now, "bank_reference": "B-1", "reason": "Account closed."}
    session.add(
        Payout(
            public_id=public_id(), reference="PO-1", state=PayoutState.RETURNED, amount_pence=400, **to, **by, **told
        )
    )
