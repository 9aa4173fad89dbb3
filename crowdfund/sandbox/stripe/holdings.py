"""What the stand-in holds, as tables for its front page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from crowdfund.sandbox.stripe import disputes
from crowdfund.sandbox.stripe.context import Context
from crowdfund.sandbox.stripe.errors import Json
from crowdfund.sandbox.stripe.money import balance

SHOWN = 50


@dataclass(frozen=True)
class Section:
    """One table: how many there are in all, and the newest of them."""

    title: str
    anchor: str
    count: int
    head: list[str]
    rows: list[list[str]]
    # For each row what its buttons say, and the step they ask for; empty where there are none at all.
    steps: Sequence[Sequence[tuple[str, str]]] = ()


_TABLES: tuple[tuple[str, str, list[str], list[str]], ...] = (
    ("customer", "Customers", ["Email", "Name"], ["email", "name"]),
    ("checkout.session", "Checkout sessions", ["Mode", "Status", "Amount", "Customer"],
     ["mode", "status", "£amount_total", "customer"]),
    ("setup_intent", "Setup intents", ["Status", "Card", "Customer"], ["status", "payment_method", "customer"]),
    ("payment_method", "Payment methods", ["Brand", "Ends", "Expires", "Customer"],
     ["card.brand", "card.last4", "card.exp_year", "customer"]),
    ("payment_intent", "Payments", ["Status", "Amount", "Customer", "Why not"],
     ["status", "£amount", "customer", "last_payment_error.code"]),
    ("charge", "Charges", ["Status", "Amount", "Refunded", "Payment", "Why not"],
     ["status", "£amount", "£amount_refunded", "payment_intent", "failure_code"]),
    ("refund", "Refunds", ["Status", "Amount", "Charge"], ["status", "£amount", "charge"]),
    ("dispute", "Disputes", ["Status", "Amount", "Charge"], ["status", "£amount", "charge"]),
    ("payout", "Payouts", ["Status", "Amount"], ["status", "£amount"]),
    ("balance_transaction", "Balance transactions", ["Type", "Amount", "Fee", "Net", "Source"],
     ["type", "£amount", "£fee", "£net", "source"]),
)  # fmt: skip


def _steps(obj: Json) -> list[tuple[str, str]]:
    """Return what a card holder or a bank can do next with this object."""
    match obj["object"], obj.get("status"):
        case "charge", "succeeded" if not obj["disputed"] and not obj["refunded"]:
            return [("Dispute", f"dispute {obj['id']}")]
        case "dispute", status if status in disputes.WAITING | disputes.ASKING:
            return [("Let us win", f"win {obj['id']}"), ("Let us lose", f"lose {obj['id']}")]
        case "refund", "succeeded" | "pending":
            return [("Fail", f"fail-refund {obj['id']}")]
        case "payout", "paid":
            return [("Fail", f"fail-payout {obj['id']}")]
    return []


def sections(ctx: Context, pounds: Callable[[int], str], moment: Callable[[int], str]) -> list[Section]:
    """Return every table, the balance first and the events with their delivery last."""

    def cell(obj: Json, path: str) -> str:
        value: object = obj
        for step in path.removeprefix("£").split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, int) and path.startswith("£"):
            return pounds(value)
        return "–" if value is None else str(value)

    found = [_balance(ctx, pounds)]
    for kind, title, head, paths in _TABLES:
        objects = ctx.store.select(kind, limit=SHOWN)
        rows = [
            [obj["id"], moment(obj["created"]) if "created" in obj else "deleted", *(cell(obj, path) for path in paths)]
            for obj in objects
        ]
        steps = [_steps(obj) for obj in objects]
        shown = Section(title, kind.replace(".", "-"), ctx.store.count(kind), ["Id", "Made", *head], rows)
        found.append(replace(shown, steps=steps) if any(steps) else shown)
    return [*found, _events(ctx, moment)]


def _balance(ctx: Context, pounds: Callable[[int], str]) -> Section:
    held = balance(ctx, {})
    rows = [[name.capitalize(), pounds(held[name][0]["amount"])] for name in ("available", "pending")]
    steps = [[("Pay out", "pay-out")], []] if held["available"][0]["amount"] > 0 else []
    return Section("Balance", "balance", len(rows), ["What", "Amount"], rows, steps)


def _events(ctx: Context, moment: Callable[[int], str]) -> Section:
    rows = [
        [event["id"], moment(event["created"]), event["type"], _delivery(ctx, event["id"])]
        for event in ctx.store.select("event", limit=SHOWN)
    ]
    return Section("Events", "event", ctx.store.count("event"), ["Id", "Made", "Type", "Delivery"], rows)


def _delivery(ctx: Context, event_id: str) -> str:
    rows = ctx.store.sql("SELECT state, attempts, answer FROM delivery WHERE event = ? ORDER BY id", (event_id,))
    words = [f"{row['state']}, tried {row['attempts']}, {row['answer']}" if row["answer"] else row["state"]
             for row in rows]  # fmt: skip
    return "; ".join(words) or "no address"
