"""Who may not prepare or approve a payout: who gave or checked its bank details, and who declared nothing about it."""

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Member
from crowdfund.payouts.models import BankDetails, Payout
from crowdfund.payouts.rules import PayoutState
from tests.support.paying import Purse, make_purse
from tests.support.people import make_officer
from tests.support.running import declare

S = PayoutState


@pytest.fixture
def purse(app: Flask, clock: FixedClock, db_session: Session) -> Purse:
    """A funded project with £900 held and bank details that can be used; Ben called back about them."""
    purse = make_purse(app, clock)
    purse.ready()
    return purse


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Payout)) or 0


def test_whoever_checked_the_bank_details_does_not_approve(purse: Purse) -> None:
    payout = purse.prepare(person=purse.approver)
    with pytest.raises(Forbidden, match="You called back about these bank details yourself"):
        purse.approve(payout, purse.ben)
    page = purse.browser(purse.ben).get(purse.address(payout, "approve"))
    assert "You called back about these bank details yourself" in page.text
    assert 'id="approve"' not in page.text
    assert purse.approve(payout).state is S.APPROVED


def test_whoever_gave_the_bank_details_does_not_approve(purse: Purse) -> None:
    payout = purse.prepare()
    with unit_of_work() as session:
        session.execute(delete(Member).where(Member.person_id == purse.owner.id))
    declare(purse.owner, purse.project, purse.clock, has_interest=False)
    with pytest.raises(Forbidden, match="You gave these bank details yourself"):
        purse.approve(payout, purse.owner)
    assert purse.again(payout).state is S.PREPARED


def test_whoever_approved_does_not_check_the_bank_details_until_the_file_is_made(purse: Purse) -> None:
    payout = purse.prepare()
    purse.approve(payout)
    cat = purse.browser(purse.cat)
    reply = cat.submit(cat.get(purse.money("call-back")), note="Rang Ann again.")
    assert reply.status_code == 422
    assert "You approved a payout to these details that is not sent yet" in reply.text
    purse.send()
    assert cat.submit(cat.get(purse.money("call-back")), note="Rang Ann again.").status_code == 303
    assert db.session.scalars(select(BankDetails.called_by_id)).one() == purse.cat.id


# Declared first


def test_preparing_asks_for_a_declaration_first_and_leads_back(purse: Purse) -> None:
    new = make_officer(OfficerRole.PROGRAMME_FINANCE, purse.clock.now(), name="Eve Finance")
    with pytest.raises(Forbidden, match="Declare first"):
        purse.prepare(person=new)
    browser = purse.browser(new)
    asked = browser.follow(browser.get(purse.money("prepare")))
    assert "Before you decide about this project’s money" in asked.text
    back = browser.follow(browser.submit(asked, has_interest="no"))
    assert back.request.path == purse.money("prepare")
    assert browser.submit(back, amount="100").status_code == 303
    assert count(db.session()) == 1


def test_approving_asks_for_a_declaration_first_and_leads_back(purse: Purse) -> None:
    payout = purse.prepare()
    new = make_officer(OfficerRole.PROGRAMME_APPROVER, purse.clock.now(), name="Eve Approver")
    with pytest.raises(Forbidden, match="Declare first"):
        purse.approve(payout, new)
    browser = purse.browser(new)
    asked = browser.follow(browser.get(purse.address(payout, "approve")))
    back = browser.follow(browser.submit(asked, has_interest="no"))
    assert back.request.path == purse.address(payout, "approve")
    assert browser.submit(back, form="#approve").status_code == 303
    assert purse.again(payout).approved_by_id == new.id


def test_an_interest_declared_on_the_way_ends_there(purse: Purse) -> None:
    payout = purse.prepare()
    new = make_officer(OfficerRole.PROGRAMME_APPROVER, purse.clock.now(), name="Eve Approver")
    browser = purse.browser(new)
    asked = browser.follow(browser.get(purse.address(payout, "approve")))
    told = browser.follow(browser.submit(asked, has_interest="yes", statement="My brother is their treasurer."))
    assert "another officer looks at it" in told.text
    assert browser.get(purse.address(payout, "approve")).status_code == 403


def test_a_declaration_leads_to_no_other_site(purse: Purse) -> None:
    new = make_officer(OfficerRole.PROGRAMME_FINANCE, purse.clock.now(), name="Eve Finance")
    browser = purse.browser(new)
    asked = browser.get(f"/officers/projects/{purse.project.public_id}/interest?next=//elsewhere.example.org")
    assert browser.submit(asked, has_interest="no").location == "/account"
