"""A funded project of the town with payouts in every state, the officer who pays them and the owner who is paid."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask

from crowdfund.accounts.models import Person
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group
from crowdfund.payouts.answers import confirm_payout, report_paid_twice, return_payout
from crowdfund.payouts.models import PaymentFile, Payout
from crowdfund.payouts.rules import HOLD
from tests.support.paying import Purse, make_purse


@dataclass(frozen=True)
class Counter:
    """Who stands at both sides of the counter, and where their pages are."""

    finance: Person
    payee: Person
    addresses: dict[str, str]


def make_counter(app: Flask, now: datetime) -> Counter:
    """Return the project's people and pages; call it outside a unit of work."""
    clock = FixedClock(now - HOLD - timedelta(days=1))
    purse, fresh = make_purse(app, clock), make_purse(app, clock)
    purse.ready(name="Somebody Else")
    payouts = _payouts(purse)
    fresh.clock.at = now
    fresh.give(is_personal=True)
    file = db.session.query(PaymentFile).order_by(PaymentFile.id.desc()).limit(1).one()
    addresses = {f"payout {name}": purse.address(row) for name, row in payouts.items()}
    group = db.session.get_one(Group, purse.project.group_id)
    addresses |= {
        "payee": f"/apply/groups/{group.public_id}/bank",
        "payment file": f"/officers/payouts/files/{file.public_id}",
    }
    addresses |= {"statement": f"/apply/projects/{purse.project.public_id}/statement"}
    addresses |= {"money": purse.money(), "money on hold": fresh.money()}
    return Counter(purse.ben, purse.owner, addresses)


def _payouts(purse: Purse) -> dict[str, Payout]:
    paid, twice, back, sent = (purse.prepare(10_000) for _ in range(4))
    for row in (paid, twice, back, sent):
        purse.approve(row)
    purse.send()
    prepared = purse.prepare(5_000, purse.cat)
    who = purse.who(purse.ben)
    with unit_of_work() as session:
        confirm_payout(session, paid.id, "FP-100", **who)
        confirm_payout(session, twice.id, "FP-101", **who)
        report_paid_twice(session, twice.id, "FP-102", **who)
        return_payout(session, back.id, "Account closed.", **who)
    return {"prepared": prepared, "sent": sent, "paid": paid, "twice": twice, "back": back}
