"""The public record of decisions: every award by name, refusals as counts, narrowed by the address, as a file."""

import csv
import io
from datetime import datetime, timedelta
from html import escape

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import find_or_create_person
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.actions import record_decision
from crowdfund.funds.models import Fund
from crowdfund.funds.rules import FunderKind
from crowdfund.matching.carrying import CARRIED, YEAR_END
from crowdfund.matching.deciding import stop_decision
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState, Recommendation
from crowdfund.matching.verdicts import Authority, Verdict
from crowdfund.projects.actions import move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from tests.support.acting import By
from tests.support.client import HouseClient
from tests.support.factories import TESTER, make_project
from tests.support.funding import make_fund, make_funder, make_offer
from tests.support.offers import Case, make_case
from tests.support.people import make_named

NO = Verdict(Recommendation.DECLINE, "need", "Another bench stands there.")
NOT_YET = Verdict(Recommendation.DEFER, "more_support", "Come back with neighbours.")
PANEL = Verdict(
    Recommendation.UP_TO, "need", "Half of it.", pence=20_000, authority=Authority.PANEL, reference="21/00055"
)


@pytest.fixture
def case(app: Flask, clock: FixedClock) -> Case:
    """A live project, and a fund with its officers."""
    return make_case(app, clock)


def visitor(case: Case) -> HouseClient:
    return case.app.test_client()


def read(case: Case, query: str = "") -> str:
    return visitor(case).get(f"/decisions{query}", max_queries=9).text


def lines(case: Case, query: str = "") -> list[list[str]]:
    reply = visitor(case).get(f"/decisions.csv{query}", max_queries=6)
    assert reply.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(reply.text.lstrip("\ufeff"))))


def test_an_award_is_public_with_all_that_it_rests_on(case: Case) -> None:
    case.pitch()
    case.assess()
    case.decide(PANEL)
    page = read(case)
    for words in (case.project.title, "Match fund", "Kent County Council", "£200", "Panel", "21/00055", "Half of it."):
        assert words in page
    assert "It answers a local need" in page
    assert "Offered: the group answers" in page
    assert "18 January 2027" in page
    for name in ("Assessor", "Approver", "Olu", "@"):
        assert name not in page.partition("<main")[2].partition("</main>")[0].replace("Approver for", "")


def test_an_award_says_how_it_ended(case: Case) -> None:
    case.offered()
    case.accept()
    assert "Pledged, if the project reaches its target" in read(case)
    with case.app.app_context(), unit_of_work() as session:
        offer = session.get_one(MatchOffer, case.offer().id)
        offer.state, offer.confirmed_pence, offer.confirmed_at = OfferState.CONFIRMED, 39_000, case.clock.now()
    assert "£390 confirmed on 18 January 2027" in read(case)


def test_refusals_are_counts_only(case: Case) -> None:
    case.pitch()
    case.assess()
    case.decide(NOT_YET)
    assert count_in(read(case), "The project needs more support from its own place first") == ["0", "1"]
    case.pitch()
    case.assess()
    case.decide(NO)
    page = read(case)
    assert count_in(page, "The project needs more support from its own place first") == ["0", "1"]
    assert count_in(page, "It answers a local need") == ["1", "0"]
    for words in ("Come back with neighbours.", "Another bench stands there.", case.project.title):
        assert words not in page
    assert [row[0] for row in lines(case)] == ["What"]


def test_a_decision_that_was_called_in_and_stopped_is_no_award(app: Flask, clock: FixedClock) -> None:
    case = make_case(app, clock, call_in_days=5)
    case.offered()
    page = read(case)
    assert "the offer goes out when the decision takes effect" in page
    assert "takes effect on 25 January 2027" in page
    assert "Offered: the group answers" not in page
    case.add_officer("boss", OfficerRole.FUNDER_APPROVER)
    case.declare("boss")
    case.do(stop_decision, case.offer().id, "Called in.", case.offer().version, actor=case.by("boss"))
    assert case.project.title not in read(case)


def test_it_is_narrowed_by_the_address(case: Case) -> None:
    case.offered()
    with case.app.app_context():
        clock = case.clock
        other = make_project(clock.now(), ProjectState.LIVE, title="A pond", district_code="E07000106")
        clock.forward(timedelta(days=100))
        with unit_of_work() as session:
            nhs = make_funder(session, "NHS Kent and Medway", FunderKind.NHS)
            fund = make_fund(session, nhs, clock.now(), "Health fund")
            offer = make_offer(session, other, fund, 5_000, clock.now())
            slug, first = fund.slug, session.scalars(select(Fund.slug).order_by(Fund.id)).first()
            accept_project(session, other, clock.now())
            accept_project(session, session.get_one(Project, case.project.id), clock.now())
        assert offer.offered_pence == 5_000
    bench, pond = case.project.title, "A pond"

    def rows(query: str) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in lines(case, query)[1:]]

    accepted = [("Project accepted", bench), ("Project accepted", pond)]
    assert rows("") == [*accepted, ("Match", pond), ("Match", bench)]
    assert rows("?kind=match") == [("Match", pond), ("Match", bench)]
    assert rows("?kind=project") == accepted
    assert rows("?funder=nhs-kent-and-medway") == rows(f"?fund={slug}") == [("Match", pond)]
    assert rows(f"?fund={first}") == rows("?year=2026/27") == [("Match", bench)]
    assert rows("?district=canterbury&year=2027/28") == [accepted[1], ("Match", pond)]
    assert rows("?kind=nonsense&year=1999/00&fund=%27") == rows("")
    for query in ("", "?kind=match", "?district=ashford", f"?fund={slug}", "?year=2026/27"):
        page = read(case, query)
        assert f"{len(rows(query))} decision" in page
        assert f'href="/decisions.csv{escape(query)}"' in page


def test_the_filters_work_through_htmx_as_without(case: Case) -> None:
    case.offered()
    plain = read(case, "?kind=match")
    assert 'value="match" selected' in plain
    part = visitor(case).get("/decisions?kind=match", headers={"HX-Request": "true"})
    assert 'id="results"' in part.text
    assert case.project.title in part.text
    assert case.project.title not in read(case, "?kind=project")


def test_a_project_that_was_taken_back_is_not_named(case: Case) -> None:
    with case.app.app_context(), unit_of_work() as session:
        project = session.get_one(Project, case.project.id)
        make_offer(session, project, session.get_one(Fund, case.fund.id), 5, case.clock.now())
    assert case.project.title in read(case)
    with case.app.app_context():
        ready = make_project(case.clock.now(), ProjectState.READY, title="A quiet matter")
        with unit_of_work() as session:
            accept_project(session, ready, case.clock.now())
        assert "A quiet matter" in read(case)
        with unit_of_work() as session:
            move_project(session, ready.id, ProjectState.WITHDRAWN, actor=TESTER, now=case.clock.now())
    assert "A quiet matter" not in read(case)


def test_formulas_in_the_file_are_disarmed(case: Case) -> None:
    case.pitch()
    case.assess()
    case.decide(Verdict(Recommendation.FULL, "need", "=HYPERLINK(1)", conditions=""))
    head, row = lines(case)
    named = dict(zip(head, row, strict=True))
    assert named["Reason"] == "'=HYPERLINK(1)"
    assert named["Amount (£)"] == "400.00"
    assert named["Decided and published"] == named["Takes effect"] == "2027-01-18"
    assert named["Confirmed (£)"] == named["Confirmed"] == ""


def test_money_carried_into_the_next_year_is_on_the_record(case: Case) -> None:
    with case.app.app_context():
        person = make_named(case.clock.now())
    with case.app.app_context(), unit_of_work() as session:
        why = {"criterion": YEAR_END, "reason": "The bridge is late.", "authority": "Finance", "amount_pence": 700}
        record_decision(session, f"fund:{case.fund.id}", CARRIED, **why, actor=By(person), now=case.clock.now())
    page = read(case, "?kind=carried")
    for words in ("Carried forward", "Match fund", "£7", "The bridge is late."):
        assert words in page
    assert "1 decision found" in page


def test_a_page_has_fifty_and_a_wrong_one_is_not_there(case: Case) -> None:
    with case.app.app_context(), unit_of_work() as session:
        for _ in range(51):
            accept_project(session, session.get_one(Project, case.project.id), case.clock.now())
    assert read(case).count("Project accepted<") == 50
    assert read(case, "?page=2").count("Project accepted<") == 1
    assert visitor(case).get("/decisions?page=3").status_code == 404
    assert len(lines(case)) == 52


def accept_project(session: Session, project: Project, now: datetime) -> None:
    person = find_or_create_person(session, "carl@example.org", "Carl", actor=TESTER, now=now)
    why = {"criterion": "meets_all", "reason": "All is well.", "authority": "Checker of projects", "amount_pence": 9}
    record_decision(session, f"project:{project.id}", "accepted", **why, actor=By(person), now=now)


def count_in(page: str, words: str) -> list[str]:
    row = page.partition(f'role="rowheader">{words}<')[2].partition("</tr>")[0]
    return [cell.partition("<")[0] for cell in row.split('class="data__number">')[1:]]
