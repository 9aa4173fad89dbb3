"""Bank details: given by those who answer for the payee, sealed, held for a while, called back, sometimes excused."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.roles import Right
from crowdfund.core import audit
from crowdfund.core.actor import Actor, ActorKind
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock, one_at_a_time
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.sealed import seal, unseal
from crowdfund.decisions.actions import record_decision
from crowdfund.payouts import queries
from crowdfund.payouts.models import BankDetails
from crowdfund.payouts.numbers import tidy_account_number, tidy_sort_code
from crowdfund.payouts.queries import Facts
from crowdfund.payouts.rules import HOLD

_PURPOSE = "bank-details"
MOST_NAME = 70  # what banks compare
MOST_REASON = 1000


@dataclass(frozen=True)
class Account:
    """A bank account in the clear; sort code and number are digits only."""

    name: str
    sort_code: str
    number: str
    is_personal: bool

    def __repr__(self) -> str:
        """Keep numbers out of logs."""
        return f"Account(…{self.number[-4:]})"


def give_details(
    session: Session, payee: str, account: Account, *, group_id: int, secret: str, actor: Actor, now: datetime
) -> BankDetails:
    """Set where a payee is paid; what was there ends and is kept. Payments to it wait for HOLD and a call-back.

    Whether the actor answers for the payee is asked by the caller. Raises Refused for numbers without the right
    shape, and for the same account again.
    """
    assert actor.person_id is not None, "a person gives bank details"
    sort_code, number = tidy_sort_code(account.sort_code), tidy_account_number(account.number)
    if sort_code is None or number is None:
        raise Refused("not_an_account", "That is not a sort code and an account number of the UK.", "account_number")
    account = Account(account.name, sort_code, number, account.is_personal)
    one_at_a_time(session, f"bank-details:{payee}")
    before = queries.find_details(session, payee)
    if before is not None and open_account(before, secret) == account:
        raise Refused("same_account", "These are the details we have already.", "account_number")
    if before is not None:
        before.ended_at = now
        session.flush()
    row = BankDetails(
        payee=payee,
        sealed=seal(secret, _PURPOSE, json.dumps(vars(account))),
        account_end=number[-4:],
        account_name=account.name,
        given_by_id=actor.person_id,
        given_at=now,
        held_until=now + HOLD,
    )
    session.add(row)
    session.flush()
    audit.record(session, Tag.BANK_DETAILS_GIVEN, actor=actor, subject_id=group_id, now=now, bank_details_id=row.id)
    return row


def open_account(details: BankDetails, secret: str) -> Account:
    """Return the account in the clear; for payment files and whoever approves."""
    return Account(**json.loads(unseal(secret, _PURPOSE, details.sealed)))


def record_call_back(
    session: Session, details_id: int, note: str, *, group_id: int, actor: Actor, now: datetime
) -> None:
    """Record that an officer rang the payee on a number held before and had the account read out.

    Raises Forbidden for whoever may not, Refused for details that were replaced, or given by the officer, and for
    whoever approved a payout to them that waits for its file.
    """
    row = _current(session, details_id, actor)
    if row.given_by_id == actor.person_id:
        raise Refused("own_details", "You gave these details yourself, so a colleague has to call back.", "note")
    if queries.has_approved(session, row.id, actor.person_id):
        sentence = "You approved a payout to these details that is not sent yet, so a colleague has to call back."
        raise Refused("own_payout", sentence, "note")
    row.called_by_id, row.called_at = actor.person_id, now
    _note(session, row, queries.CALLED, note, "Call-back", actor=actor, now=now)
    audit.record(session, Tag.BANK_DETAILS_CALLED, actor=actor, subject_id=group_id, now=now, bank_details_id=row.id)


def allow_personal(
    session: Session, details_id: int, reason: str, *, group_id: int, secret: str, actor: Actor, now: datetime
) -> None:
    """Record why money may go to somebody's personal account. Raises as record_call_back does."""
    row = _current(session, details_id, actor)
    if row.given_by_id == actor.person_id:
        raise Refused("own_details", "You gave these details yourself, so a colleague has to decide.", "note")
    if not open_account(row, secret).is_personal:
        raise Refused("not_personal", "This account is not a personal one, so it needs no reason.", "note")
    decision_id = _note(session, row, queries.ALLOWED, reason, "Personal account", actor=actor, now=now)
    seen: dict[str, Any] = {"bank_details_id": row.id, "decision_id": decision_id}
    audit.record(session, Tag.BANK_DETAILS_ALLOWED, actor=actor, subject_id=group_id, now=now, **seen)


def why_not_payable(details: BankDetails | None, facts: Facts, *, secret: str, now: datetime) -> str:
    """Return why nothing may be paid to these details now; empty where nothing is in the way."""
    if details is None:
        return "There are no bank details yet."
    if details.ended_at is not None:
        return "The bank details have changed since."
    if now < details.held_until:
        return "The bank details are new, so payments to them are on hold."
    return _why_not_checked(details, facts, secret)


def _why_not_checked(details: BankDetails, facts: Facts, secret: str) -> str:
    if facts.returned_at is not None and (details.called_at is None or details.called_at <= facts.returned_at):
        return "The bank sent a payment to these details back, so somebody has to call back first."
    if details.called_at is None:
        return "Nobody has called back about these bank details yet."
    if open_account(details, secret).is_personal and not facts.is_allowed:
        return "This is a personal account, and nobody in finance has recorded why it may be used."
    return ""


def _current(session: Session, details_id: int, actor: Actor) -> BankDetails:
    # Even the service itself never stands in for the person who rings.
    if actor.kind is ActorKind.SYSTEM or not actor.may(Right.MOVE_MONEY):
        raise Forbidden(f"Your role does not let you {Right.MOVE_MONEY}.")
    row = lock(session, BankDetails, details_id)
    if row.ended_at is not None:
        raise replaced()
    return row


def replaced() -> Refused:
    """Return the refusal of what was found out about details that are not used any more."""
    sentence = "These bank details were replaced meanwhile. Look at the new ones."
    return Refused("details_replaced", sentence, "note")


def _note(
    session: Session, row: BankDetails, outcome: str, note: str, criterion: str, *, actor: Actor, now: datetime
) -> int:
    if not note.strip():
        raise Refused("no_reason", "Write it down in a sentence or two.", "note")
    decided: dict[str, Any] = {"criterion": criterion, "reason": note, "authority": "Finance for the programme"}
    subject = queries.subject_of(row.id)
    return record_decision(session, subject, outcome, amount_pence=None, actor=actor, now=now, **decided).id
