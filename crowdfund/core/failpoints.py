"""Named points at which a process of the sandbox can be made to die, as it would when its power is cut.

CROWDFUND_FAILPOINT=charge.after_send kills it there the first time, charge.after_send:3 the third time.
"""

import os
import signal
from collections import Counter

# Every point there is, and what is true when a process dies there.
POINTS = {
    "verdict.in_transaction": "the verdict is written but not committed, so there is none",
    "verdict.after_commit": "the verdict is committed; its job is not done",
    "charge.before_send": "the attempt says that the provider is asked; it never was",
    "charge.after_send": "the provider charged the card; we wrote nothing down",
    "charge.after_record": "the charge is written down; its job is not done",
    "charge.after_take_over": "a payment that only the provider knew has its attempt; it is not booked yet",
    "refund.before_send": "the refund is approved; the provider was never asked",
    "refund.after_send": "the provider gave the money back; we wrote nothing down",
    "refund.after_record": "the refund is written down; its job is not done",
    "page.after_open": "the provider has a payment page; we do not know its address",
    "page.after_close": "the provider closed a payment page; we wrote nothing down",
    "webhook.after_store": "a webhook is stored; its sender got no answer and will send it again",
    "event.before_done": "what a webhook announced is written down; the webhook is not marked as done",
    "mail.before_record": "the mail went out; we wrote nothing down",
    "pledge.after_start": "a pledge was started; its backer got no answer and presses again",
    "payout.after_send": "a payment file is written and its payouts are sent; the officer got no answer",
    "match.in_acceptance": "the offer is accepted and its money set aside, but nothing is committed",
    "match.after_answer": "what a group did with an offer is committed; it got no answer and presses again",
    "match.in_settlement": "some offers are confirmed and some not, and nothing of it is committed",
    "match.passing_on": "a fund's money is with the project but not committed, so it is not",
    "batch.between": "one batch of a bulk step is committed, the next is not begun",
}
_reached: Counter[str] = Counter()


def reach(name: str) -> None:
    """Die here by SIGKILL when the sandbox's environment says so; in production this does nothing."""
    wanted, _, time = os.environ.get("CROWDFUND_FAILPOINT", "").partition(":")
    if wanted != name or os.environ.get("CROWDFUND_SANDBOX", "").lower() not in {"1", "true", "yes"}:
        return
    _reached[name] += 1
    if _reached[name] >= int(time or 1):
        os.kill(os.getpid(), signal.SIGKILL)
