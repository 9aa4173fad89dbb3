"""The group's statement: what came in, what went out, when and under which reference; on the page and as a file."""

import csv
import io
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptKind, AttemptState
from crowdfund.payouts.answers import confirm_payout, return_payout
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.models import Verdict
from crowdfund.site.statement import make_statement
from tests.support.factories import TESTER
from tests.support.paying import HELD, Purse, make_purse
from tests.support.people import make_member, make_named


@pytest.fixture
def purse(app: Flask, clock: FixedClock, db_session: Session) -> Purse:
    """A funded project with £900 held and bank details that can be used."""
    purse = make_purse(app, clock)
    purse.ready()
    return purse


def address(purse: Purse, page: str = "statement") -> str:
    return f"/apply/projects/{purse.project.public_id}/{page}"


def tell_everything(purse: Purse) -> None:
    """Everything that can happen to a project's money, once."""
    now, project_id = purse.clock.now(), purse.project.id
    with unit_of_work() as session:
        words = {"pledged_pence": 93_000, "match_pence": 0, "target_pence": 90_000, "backers": 2}
        session.add(Verdict(project_id=project_id, reached=True, at=now, **words))
        session.add(
            ChargeAttempt(
                public_id="a", subject="pledge:1", about=purse.purpose, number=1, kind=AttemptKind.CHECKOUT,
                state=AttemptState.SUCCEEDED, amount_pence=HELD, charge_ref="ch", fee_pence=1_234, created_at=now,
                ended_at=now,
            )
        )  # fmt: skip
        postings.refund_charge(Posting(session, "t1", TESTER, now), project_id, 2_000)
        postings.open_dispute(Posting(session, "t2", TESTER, now), project_id, 3_000, 0, 1_500)
        postings.receive_top_up(Posting(session, "t3", TESTER, now), project_id, 500)
    paid, back = purse.prepare(40_000), purse.prepare(10_000)
    for row in (paid, back):
        purse.approve(row)
    purse.send()
    with unit_of_work() as session:
        confirm_payout(session, paid.id, "FP-1", **purse.who(purse.ben))
        return_payout(session, back.id, "Closed.", **purse.who(purse.ben))


def test_every_sum_stands_there_and_adds_up(purse: Purse) -> None:
    tell_everything(purse)
    page = purse.browser(purse.owner).get(address(purse), max_queries=12).text
    for told in (
        "At the deadline £930 was pledged by 2 backers",
        "£900",
        "£5",
        "−£20",
        "−£30",
        "−£400",
        "£455",
        "Card fees of £12.34 were paid by the programme",
        "FP-1",
        "Sent back by the bank",
        "••••0008",
        "23 January 2027",
    ):
        assert told in page, told
    assert "38290008" not in page
    statement = make_statement(db.session(), purse.project)
    assert sum(pence for _, pence in statement.sums) == statement.held_pence == purse.held() == 45_500


def test_the_file_adds_up_too(purse: Purse) -> None:
    tell_everything(purse)
    reply = purse.browser(purse.owner).get(address(purse, "statement.csv"), max_queries=12)
    assert reply.headers["Content-Disposition"] == f'attachment; filename="statement-{purse.project.slug}.csv"'
    head, *rows = list(csv.reader(io.StringIO(reply.data.decode("utf-8-sig"))))
    assert head == ["What", "In (£)", "Out (£)", "For information (£)", "On", "Bank reference"]
    came, went = (sum(Decimal(row[column] or 0) for row in rows) for column in (1, 2))
    told = {row[0]: row for row in rows}
    assert came - went == Decimal(told["Still held for you"][3]) == Decimal(455)
    assert told["Pledged at the deadline"][3] == "930.00"
    assert told["Card fees, paid by the programme"][3] == "12.34"
    assert [row[5] for row in rows if row[0].endswith(": Paid")] == ["FP-1"]
    assert not any(cell.startswith("'") for row in rows for cell in row)


def test_before_the_deadline_it_says_that_nothing_was_collected(
    app: Flask, clock: FixedClock, db_session: Session
) -> None:
    purse = make_purse(app, clock, ProjectState.LIVE, held=0)
    page = purse.browser(purse.owner).get(address(purse)).text
    assert "Nothing has been collected yet." in page
    assert "Nothing has been paid out yet." in page


def test_it_is_for_the_group_only(purse: Purse, clock: FixedClock) -> None:
    stranger = make_named(clock.now())
    for page in ("statement", "statement.csv"):
        assert purse.browser(stranger).get(address(purse, page)).status_code == 404
        assert purse.browser(purse.ben).get(address(purse, page)).status_code == 404
        member = make_member(purse.project.group_id, MemberRole.READER, clock.now())
        assert purse.browser(member).get(address(purse, page)).status_code == 200


def test_a_payout_that_is_only_prepared_is_not_on_it(purse: Purse) -> None:
    payout = purse.prepare()
    assert payout.reference not in purse.browser(purse.owner).get(address(purse)).text


def test_the_dashboard_leads_there(purse: Purse) -> None:
    page = purse.browser(purse.owner).get(address(purse, "dashboard"), max_queries=12)
    assert address(purse) in page.text
