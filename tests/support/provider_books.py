"""Both sides of the money without a provider: rows and postings here, the lines that a provider would list there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import GatewayDown
from crowdfund.core.ids import public_id
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.payments.gateway import BalanceMovement, Gateway
from crowdfund.payments.models import ChargeAttempt, Dispute, Reconciliation, Refund
from crowdfund.payments.reconciling import reconcile
from crowdfund.payments.rules import AttemptKind, AttemptState, DisputeState, RefundState
from tests.support.factories import TESTER

PROJECT = 7
_numbers = count(1)


@dataclass
class ProviderBooks:
    """The provider's list and balance, and our books beside it; inside an app context. Amounts in pence."""

    clock: FixedClock
    lines: list[BalanceMovement] = field(default_factory=list)
    said_pence: int | None = None  # what it says it holds, when that is not the sum of its lines
    is_down: bool = False
    forgets_postings: bool = False
    hangs_up_after: int | None = None  # so many lines
    meanwhile: Callable[[], object] | None = None  # happens once, between the list and the balance

    def list_movements(self, since: datetime) -> Iterator[BalanceMovement]:
        """Yield the lines since then, as the gateway does."""
        if self.is_down:
            raise GatewayDown("no answer")
        for number, line in enumerate(line for line in list(self.lines) if line.at >= since):
            if number == self.hangs_up_after:
                raise GatewayDown("hung up")
            yield line

    def balance_pence(self) -> int:
        """Say what is held."""
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        held = sum(line.amount_pence - line.fee_pence for line in self.lines)
        return held if self.said_pence is None else self.said_pence

    def run(self) -> Reconciliation:
        """Reconcile now."""
        return reconcile(self.gateway, self.clock.now())

    @property
    def gateway(self) -> Gateway:
        """What of a gateway reconciliation asks."""
        return cast("Gateway", self)

    def line(self, kind: str, source: str | None, pence: int, fee: int = 0) -> BalanceMovement:
        """Add a line at the provider."""
        moved = BalanceMovement(f"txn_{next(_numbers)}", kind, source, pence, fee, self.clock.now())
        self.lines.append(moved)
        return moved

    def change(self, line: BalanceMovement, **values: Any) -> None:
        """Let the provider say something else of a line."""
        self.lines[self.lines.index(line)] = replace(line, **values)

    def book(self, write: Callable[..., None], key: str, *amounts: int) -> None:
        """Post something of the project, unless our postings are forgotten; inside a unit of work."""
        if not self.forgets_postings:
            write(self.post(key), PROJECT, *amounts)

    def post(self, key: str) -> Posting:
        """Return a posting by its key, of this moment; inside a unit of work."""
        return Posting(db.session(), key, TESTER, self.clock.now())

    def charge_here(self, pence: int = 2_500, fee: int = 58) -> ChargeAttempt:
        """Add a paid charge with its posting."""
        number, now = next(_numbers), self.clock.now()
        of = {"subject": f"pledge:{number}", "about": f"project:{PROJECT}", "number": 1, "amount_pence": pence}
        paid = {"charge_ref": f"ch_{number}", "fee_pence": fee, "created_at": now, "sent_at": now, "ended_at": now}
        state = {"kind": AttemptKind.CHECKOUT, "state": AttemptState.SUCCEEDED}
        with unit_of_work() as session:
            attempt = ChargeAttempt(public_id=public_id(), refunded_pence=0, **state, **of, **paid)
            session.add(attempt)
            session.flush()
            self.book(postings.collect_charge, f"charge:{attempt.id}", pence, fee)
        return attempt

    def charge(self, pence: int = 2_500, fee: int = 58) -> tuple[ChargeAttempt, BalanceMovement]:
        """Charge a card, known to both sides."""
        attempt = self.charge_here(pence, fee)
        return attempt, self.line("charge", attempt.charge_ref, pence, fee)

    def refund_here(self, attempt: ChargeAttempt, pence: int = 1_000, *, failed: bool = False) -> Refund:
        """Add a refund that the provider took, and that came back if it failed."""
        now, number = self.clock.now(), next(_numbers)
        state = RefundState.FAILED if failed else RefundState.SUCCEEDED
        about = {"attempt_id": attempt.id, "amount_pence": pence, "reason": "Asked to.", "refund_ref": f"re_{number}"}
        about |= {"was_taken": True}
        dated = {"created_at": now, "sent_at": now, "ended_at": now}
        with unit_of_work() as session:
            refund = Refund(public_id=public_id(), state=state, **about, **dated)
            session.add(refund)
            session.get_one(ChargeAttempt, attempt.id).refunded_pence += 0 if failed else pence
            session.flush()
            self.book(postings.refund_charge, f"refund:{refund.id}:taken", pence)
            if failed:
                self.book(postings.fail_refund, f"refund:{refund.id}:failed", pence)
        return refund

    def refund(self, attempt: ChargeAttempt, pence: int = 1_000, *, failed: bool = False) -> list[BalanceMovement]:
        """Give money back, known to both sides."""
        refund = self.refund_here(attempt, pence, failed=failed)
        made = [self.line("refund", refund.refund_ref, -pence)]
        return [*made, self.line("refund_failure", refund.refund_ref, pence)] if failed else made

    def dispute_here(
        self, attempt: ChargeAttempt, pence: int = 1_000, fee: int = 2_000, *, won: bool = False, fee_back: int = 0
    ) -> Dispute:
        """Add a dispute that is open, or was won with as much of its fee given back."""
        now, state = self.clock.now(), DisputeState.WON if won else DisputeState.OPEN
        about = {"attempt_id": attempt.id, "amount_pence": pence, "fee_pence": fee, "reason": "fraudulent"}
        dated = {"opened_at": now, "closed_at": now if won else None}
        with unit_of_work() as session:
            dispute = Dispute(dispute_ref=f"du_{next(_numbers)}", state=state, **about, **dated)
            session.add(dispute)
            session.flush()
            key = f"dispute:{dispute.id}"
            self.book(postings.open_dispute, f"{key}:opened", pence, 0, fee)
            if won:
                self.book(postings.win_dispute, f"{key}:won", pence, 0)
            if fee_back:
                self.book(postings.win_dispute, f"{key}:fee_returned", 0, fee_back)
        return dispute

    def dispute(
        self, attempt: ChargeAttempt, pence: int = 1_000, fee: int = 2_000, *, won: bool = False, fee_back: int = 0
    ) -> list[BalanceMovement]:
        """Dispute a charge, known to both sides."""
        dispute = self.dispute_here(attempt, pence, fee, won=won, fee_back=fee_back)
        made = [self.line("adjustment", dispute.dispute_ref, -pence, fee)]
        return [*made, self.line("adjustment", dispute.dispute_ref, pence, -fee_back)] if won else made

    def payout(self, pence: int = 500) -> BalanceMovement:
        """Let the provider pay out to the bank, or take back a negative amount; our books hear of it by the run."""
        kind = "payout" if pence > 0 else "payout_failure"
        return self.line(kind, f"po_{next(_numbers)}", -pence)

    def later(self, **step: float) -> None:
        """Move the clock."""
        self.clock.forward(timedelta(**step))
