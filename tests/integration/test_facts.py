"""Facts checked automatically: each a sentence with a source and a time, never a verdict."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from crowdfund.checking.fact_finding import check_facts
from crowdfund.checking.models import Fact
from crowdfund.checking.rules import Finding
from crowdfund.core import ids
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.files.models import Purpose, StoredFile
from crowdfund.funds.models import Funder
from crowdfund.funds.rules import FunderKind
from crowdfund.groups.models import Group, Host
from crowdfund.groups.rules import HostState, LegalForm
from crowdfund.places.models import Postcode
from crowdfund.projects.actions import Line, draft_project, move_project
from crowdfund.projects.models import ProjectLine
from crowdfund.projects.rules import LineKind, ProjectState
from tests.support.desk import Desk, make_desk
from tests.support.factories import TESTER, make_project, project_details
from tests.support.funding import make_fund

OK, LOOK, UNKNOWN = Finding.OK, Finding.LOOK, Finding.UNKNOWN


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Desk:
    """A project that is being checked."""
    return make_desk(app, clock)


def facts(desk: Desk) -> dict[str, Fact]:
    with desk.app.app_context():
        with unit_of_work() as session:
            check_facts(session, desk.project.id, 500_000, actor=TESTER, now=desk.clock.now())
        db.session.remove()
        rows = db.session.scalars(select(Fact).where(Fact.project_id == desk.project.id))
        return {fact.key: fact for fact in rows}


def found(desk: Desk, key: str) -> tuple[Finding, str]:
    fact = facts(desk)[key]
    assert fact.source
    assert fact.words.endswith(".")
    assert fact.checked_at == desk.clock.now()
    return fact.finding, fact.words


def set_group(desk: Desk, **values: Any) -> None:
    with desk.app.app_context(), unit_of_work() as session:
        session.execute(update(Group).where(Group.id == desk.project.group_id).values(**values))


def postcodes(desk: Desk, area: bool, district: str | None = None) -> str:
    """Return a postcode in the named district, or one in or outside the area."""
    from crowdfund.places.models import District

    with desk.app.app_context():
        statement = select(Postcode.code).join(District, District.code == Postcode.district_code)
        statement = statement.where(District.in_area == area)
        if district:
            statement = statement.where(District.code == district)
        else:
            statement = statement.where(District.code != desk.project.district_code)
        return str(db.session.scalars(statement.order_by(Postcode.code)).first())


def test_the_postcode_is_compared_with_the_district(desk: Desk) -> None:
    assert found(desk, "place") == (UNKNOWN, "The group gave no postcode.")
    own = postcodes(desk, True, desk.project.district_code)
    desk.set(postcode=own)
    assert found(desk, "place") == (OK, f"{own} is in Ashford, as the page says.")
    elsewhere = postcodes(desk, True)
    desk.set(postcode=elsewhere)
    finding, words = found(desk, "place")
    assert finding is LOOK
    assert words.endswith("; the page says Ashford.")
    desk.set(postcode="ZE1 0AA")
    assert found(desk, "place") == (UNKNOWN, "ZE1 0AA is not in the directory we hold.")


def test_a_postcode_outside_the_area_is_named(desk: Desk) -> None:
    outside = postcodes(desk, False)
    desk.set(postcode=outside)
    finding, words = found(desk, "place")
    assert finding is LOOK
    assert "outside the area of this programme" in words


def test_register_numbers_are_held_to_their_shape(desk: Desk) -> None:
    assert found(desk, "numbers")[0] is OK
    set_group(desk, legal_form=LegalForm.CHARITY, charity_number="1123456")
    finding, words = found(desk, "numbers")
    assert finding is OK
    assert "1123456" in words
    assert "only the register says" in words
    set_group(desk, charity_number="12")
    assert found(desk, "numbers")[0] is LOOK
    set_group(desk, legal_form=LegalForm.CIC, charity_number=None, company_number=None)
    assert found(desk, "numbers")[0] is LOOK


def test_earlier_projects_of_the_group_are_linked(desk: Desk) -> None:
    assert found(desk, "earlier") == (OK, "This is the group’s first project here.")
    with desk.app.app_context(), unit_of_work() as session:
        now = desk.clock.now()
        other = draft_project(
            session, desk.project.group_id, project_details(title="A pond for newts"), actor=TESTER, now=now
        )
        draft_project(session, desk.project.group_id, project_details(title="Still a draft"), actor=TESTER, now=now)
        move_project(session, other.id, ProjectState.SUBMITTED, actor=TESTER, now=now)
        move_project(session, other.id, ProjectState.DECLINED, actor=TESTER, now=now)
    finding, words = found(desk, "earlier")
    assert finding is LOOK
    assert "“A pond for newts”" in words
    assert "not accepted" in words
    assert "Still a draft" not in words
    page = desk.browser().get(desk.address(), max_queries=12).text
    assert f'<a class="govuk-link" href="{desk.address(project=other)}">{other.reference}</a>' in page
    assert "{project:" not in page


def test_a_project_that_reads_alike_is_found_and_others_are_not(app: Flask, clock: FixedClock) -> None:
    desk = make_desk(app, clock, title="A community garden in Wye", aim="Grow food together behind the hall.")
    with app.app_context():
        make_project(clock.now(), title="New lights for the cricket club", aim="Play in the evening all winter long.")
    assert found(desk, "alike")[0] is OK
    with app.app_context():
        title = "The community garden, Wye!"
        twin = make_project(clock.now(), ProjectState.SUBMITTED, title=title, aim="Growing food behind the hall.")
    finding, words = found(desk, "alike")
    assert finding is LOOK
    assert twin.public_id in words
    assert "cricket" not in words


def test_the_share_of_capital_is_a_number(desk: Desk) -> None:
    finding, words = found(desk, "capital")
    assert finding is LOOK
    assert words.startswith("£1,000 of £1,000 is to buy or build something: 100 %.")
    with desk.app.app_context(), unit_of_work() as session:
        session.add(_cost(desk, 300_000))
    assert found(desk, "capital")[0] is OK
    assert "25 %" in found(desk, "capital")[1]


def _cost(desk: Desk, pence: int) -> ProjectLine:
    return ProjectLine(project_id=desk.project.id, position=9, kind=LineKind.COST, label="Wages", amount_pence=pence)


def test_large_costs_want_a_quote(desk: Desk) -> None:
    assert found(desk, "quotes") == (OK, "No cost is above £5,000, so no quote is asked for.")
    with desk.app.app_context():
        with unit_of_work() as session:
            line = _cost(desk, 600_000)
            session.add(line)
            session.flush()
            line_id = line.id
        finding, words = found(desk, "quotes")
        assert finding is LOOK
        assert words == "No quote is attached for “Wages” (£6,000)."
        with unit_of_work() as session:
            session.add(_quote(desk, f"line:{line_id}"))
    assert found(desk, "quotes")[0] is OK
    assert "quote.pdf" in desk.browser().get(desk.address(), max_queries=12).text


def _quote(desk: Desk, subject: str) -> StoredFile:
    return StoredFile(
        public_id=ids.public_id(),
        subject=subject,
        purpose=Purpose.QUOTE,
        name="quote.pdf",
        media_type="application/pdf",
        size_bytes=3,
        body=b"%PD",
        uploaded_by_id=desk.owner.id,
        uploaded_at=desk.clock.now(),
    )


def test_other_money_says_what_is_sure(app: Flask, clock: FixedClock) -> None:
    lines = (
        Line(LineKind.COST, "Hall", 900_000),
        Line(LineKind.OTHER_MONEY, "Jumble sale", 10_000, is_confirmed=True),
        Line(LineKind.OTHER_MONEY, "Parish council", 20_000, is_public=True),
    )
    finding, words = found(make_desk(app, clock, lines=lines), "other_money")
    assert finding is LOOK
    assert words.startswith("£100 is confirmed and £200 hoped for; £200 of it is public money.")
    assert "“Jumble sale”" in words


def test_without_other_money_it_says_so(app: Flask, clock: FixedClock) -> None:
    desk = make_desk(app, clock, lines=(Line(LineKind.COST, "Hall", 900_000),))
    assert found(desk, "other_money") == (OK, "There is no other money.")


def test_a_fund_that_decides_after_the_end_is_a_warning(desk: Desk) -> None:
    assert found(desk, "funds")[0] is UNKNOWN
    today = desk.clock.now().date()
    with desk.app.app_context(), unit_of_work() as session:
        funder = Funder(public_id=ids.public_id(), slug="kcc", name="Kent County Council", kind=FunderKind.COUNTY)
        session.add(funder)
        session.flush()
        make_fund(session, funder, desk.clock.now(), "Early", **_dates(today, 20))
        make_fund(session, funder, desk.clock.now(), "Over", **_dates(today - timedelta(days=90), 60))
    assert found(desk, "funds")[0] is OK
    with desk.app.app_context(), unit_of_work() as session:
        make_fund(session, session.scalars(select(Funder)).one(), desk.clock.now(), "Late", **_dates(today, 60))
    finding, words = found(desk, "funds")
    assert finding is LOOK
    assert "Late (Kent County Council)" in words
    assert "Early" not in words
    desk.set(launch_on=today + timedelta(days=40))
    assert found(desk, "funds")[0] is OK


def _dates(opens: date, days: int) -> dict[str, date]:
    return {"opens_on": opens, "closes_on": opens + timedelta(days=10), "decides_on": opens + timedelta(days=days)}


def test_the_host_and_the_signatory_are_told_as_they_stand(desk: Desk) -> None:
    assert found(desk, "host")[0] is OK
    assert found(desk, "signatory") == (LOOK, "Nobody has been asked to confirm the declaration.")
    set_group(desk, legal_form=LegalForm.INFORMAL, has_bank_account=False)
    assert found(desk, "host") == (LOOK, "The group needs a host and has not named one.")
    with desk.app.app_context(), unit_of_work() as session:
        host = Host(
            public_id=ids.public_id(),
            group_id=desk.project.group_id,
            state=HostState.ASKED,
            name="Helping Hands",
            legal_form=LegalForm.CHARITY,
            contact_name="Cy",
            contact_email="cy@example.org",
            asked_at=desk.clock.now(),
        )
        session.add(host)
    assert found(desk, "host") == (LOOK, "Helping Hands was asked to be the host and has not answered.")
    with desk.app.app_context(), unit_of_work() as session:
        session.execute(update(Host).values(state=HostState.ACCEPTED, answered_at=desk.clock.now()))
    assert found(desk, "host")[0] is OK
    desk.sign()
    assert found(desk, "signatory") == (OK, "Confirmed on 18 January 2027.")


def test_a_photo_and_a_drawing_are_told_apart(desk: Desk) -> None:
    assert "drawing" in found(desk, "photo")[1]
    desk.set(picture=f"photo:{ids.public_id()}")
    assert "ticked that everyone who can be recognised agreed" in found(desk, "photo")[1]


def test_an_officer_runs_them_again_by_a_button(desk: Desk) -> None:
    before = facts(desk)["photo"].checked_at
    desk.clock.forward(timedelta(hours=2))
    browser = desk.browser()
    reply = browser.submit(browser.get(desk.address()), form=desk.address("facts"))
    assert reply.status_code == 303
    with desk.app.app_context():
        newer = db.session.scalars(select(Fact).where(Fact.key == "photo")).one()
        assert newer.checked_at == before + timedelta(hours=2)
    assert "ran the automatic checks" in browser.get(desk.address("history")).text
