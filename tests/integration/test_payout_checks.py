"""`crowdfund check` finds payouts that do not fit the ledger, their file, or the rules for who and when."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payouts.answers import confirm_payout, return_payout
from crowdfund.payouts.checks import breaches
from tests.support.paying import Purse, make_purse
from tests.support.tampering import without_triggers

DAMAGE = {
    "UPDATE payout SET amount_pence = amount_pence + 1 WHERE state = 'sent'": "by their states it is",
    "UPDATE payout SET state = 'approved', file_id = NULL WHERE state = 'sent'": "by their states it is",
    "UPDATE payout SET state = 'sent' WHERE state = 'confirmed'": "by their states it is",
    "UPDATE payout SET state = 'confirmed' WHERE state = 'returned'": "by their states it is",
    "UPDATE payment_file SET total_pence = total_pence + 1": "payment file 1 was made of 3 payouts",
    "UPDATE payment_file SET payouts = 2": "and has 3 now",
    "UPDATE bank_details SET called_at = NULL": "before anybody had called back",
    "UPDATE payment_file SET made_at = '2027-01-18 09:00:00'": "were on hold",
    "UPDATE bank_details SET given_by_id = called_by_id": "given by whoever approved or checked them",
    "UPDATE payout SET approved_by_id = (SELECT MAX(given_by_id) FROM bank_details)": "given by whoever approved",
    "UPDATE payout SET payee = 'host:9'": "another payee",
}


@pytest.fixture
def purse(app: Flask, clock: FixedClock, db_session: Session) -> Purse:
    """A project with a payout that waits and three that left."""
    purse = make_purse(app, clock)
    purse.ready()
    paid, back, _ = rows = [purse.prepare(10_000 + number) for number in range(3)]
    for row in rows:
        purse.approve(row)
    purse.send()
    purse.prepare()
    who = purse.who(purse.ben)
    with unit_of_work() as session:
        confirm_payout(session, paid.id, "FP1", **who)
        confirm_payout(session, back.id, "FP2", **who)
        return_payout(session, back.id, "Account closed.", **who)
    return purse


def test_whole_payouts_are_left_alone(purse: Purse) -> None:
    assert list(breaches(db.session())) == []


@pytest.mark.parametrize("damage", DAMAGE)
def test_every_damage_is_found(purse: Purse, damage: str) -> None:
    with without_triggers(db.engine) as connection:
        connection.execute(text(damage))
    assert [breach for breach in breaches(db.session()) if DAMAGE[damage] in breach]
