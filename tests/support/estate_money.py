"""What a project of the estate has once its deadline is over: a verdict, a paid pledge, refunds and payouts."""

import json
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.ids import public_id, reference
from crowdfund.core.sealed import seal
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.payments.models import ChargeAttempt, Refund
from crowdfund.payments.rules import AttemptKind, AttemptState, RefundState
from crowdfund.payouts.models import BankDetails, PaymentFile, Payout
from crowdfund.payouts.queries import find_details
from crowdfund.payouts.rules import PayoutState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project, move_pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.settlement.models import Settlement, Verdict
from tests.support.factories import TESTER

PAID, BACK, SENT = 5_000, 200, 5
# What an address names where no project has money.
NO_MONEY = ("charge", "failed_refund", "payment_file", "payout", "refund", "sent_payout")


def pay_project(session: Session, pledge_id: int, giver_id: int, now: datetime) -> dict[str, str]:
    """Settle a project with its pledge paid and return what addresses can name; inside a unit of work."""
    project, pledge = lock_with_project(session, pledge_id)
    for state in (PledgeState.COLLECTING, PledgeState.PAID):
        move_pledge(session, project, pledge, state, "", actor=TESTER, now=now)
    sums = {"pledged_pence": PAID, "match_pence": 0, "target_pence": PAID}
    session.add(Verdict(project_id=project.id, reached=True, backers=1, at=now, **sums))
    dated = {"first_attempt_at": now, "fix_until": now + timedelta(days=7), "settled_at": now}
    session.add(Settlement(project_id=project.id, threshold_percent=95, collected_pence=PAID, **dated))
    keys = (Posting(session, f"estate:{pledge.id}:{number}", TESTER, now) for number in range(4))
    postings.collect_charge(next(keys), project.id, PAID, 0)
    postings.refund_charge(next(keys), project.id, BACK)
    postings.fail_refund(next(keys), project.id, BACK)
    postings.send_payout(next(keys), project.id, SENT)
    assert pledge.person_id is not None
    people = (giver_id, pledge.person_id)
    return _charge(session, project, pledge, giver_id, now) | _payouts(session, project, people, now)


def _charge(session: Session, project: Project, pledge: Pledge, giver_id: int, now: datetime) -> dict[str, str]:
    of = {"subject": f"pledge:{pledge.id}", "about": f"project:{project.id}", "number": 1, "amount_pence": PAID}
    paid = {"charge_ref": f"ch_{pledge.id}", "fee_pence": 0, "created_at": now, "ended_at": now}
    attempt = ChargeAttempt(
        public_id=public_id(),
        kind=AttemptKind.CHECKOUT,
        state=AttemptState.SUCCEEDED,
        refunded_pence=BACK,
        **of,
        **paid,
    )
    session.add(attempt)
    session.flush()
    given = {"attempt_id": attempt.id, "amount_pence": BACK, "reason": "Asked to.", "created_at": now}
    asked = Refund(public_id=public_id(), state=RefundState.ASKED, asked_by_id=giver_id, **given)
    failed = Refund(
        public_id=public_id(),
        state=RefundState.FAILED,
        refund_ref=f"re_{pledge.id}",
        was_taken=True,
        ended_at=now,
        **given,
    )
    session.add_all([asked, failed])
    return {"charge": attempt.public_id, "refund": asked.public_id, "failed_refund": failed.public_id}


def _payouts(session: Session, project: Project, people: tuple[int, int], now: datetime) -> dict[str, str]:
    payee, giver_id = f"group:{project.group_id}", people[0]
    details = find_details(session, payee) or _details(session, payee, people, now)
    last = session.scalar(select(func.max(PaymentFile.number))) or 0
    content = seal(SANDBOX_SECRET, "payment-file", "x").encode()
    made = {"made_by_id": giver_id, "made_at": now, "payouts": 0, "total_pence": 0, "checksum": ""}
    file = PaymentFile(public_id=public_id(), number=last + 1, content=content, **made)
    session.add(file)
    session.flush()
    to = {"payee": details.payee, "bank_details_id": details.id, "purpose": f"project:{project.id}"}
    by = {"prepared_by_id": giver_id, "prepared_at": now, "amount_pence": SENT}
    names = {"payout": PayoutState.PREPARED, "sent_payout": PayoutState.SENT}
    rows = {
        name: Payout(public_id=public_id(), reference=reference("PO"), number=number, state=state, **to, **by)
        for number, (name, state) in enumerate(names.items(), start=1)
    }
    rows["sent_payout"].approved_by_id, rows["sent_payout"].file_id = people[1], file.id
    session.add_all(rows.values())
    return {"payment_file": file.public_id, **{name: row.public_id for name, row in rows.items()}}


def _details(session: Session, payee: str, people: tuple[int, int], now: datetime) -> BankDetails:
    clear = json.dumps({"name": "N", "sort_code": "200415", "number": "38290008", "is_personal": False})
    shown = {"account_end": "0008", "account_name": "N", "given_by_id": people[0], "given_at": now, "held_until": now}
    sealed = seal(SANDBOX_SECRET, "bank-details", clear)
    row = BankDetails(payee=payee, sealed=sealed, called_by_id=people[0], called_at=now, **shown)
    session.add(row)
    session.flush()
    return row
