"""The faults of the stand-in that a simulated season meets."""

from typing import Any

# A hang is cut short: to the caller it is the same as a dropped connection.
API: dict[str, dict[str, Any]] = {
    "hang": {"seconds": 0.01},
    "commit_then_drop": {},
    "commit_then_500": {},
    "409": {},
    "429": {},
    "500": {},
    "down": {},
    "refuse": {},
    "insufficient_then_good": {},
}
PATHS = ["/v1/", "/v1/payment_intents", "/v1/checkout", "/v1/refunds", "/v1/customers", "/v1/balance_transactions"]
