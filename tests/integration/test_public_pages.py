"""What anybody may see: home, list, project, progress, backers, group, help."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.groups.rules import LegalForm
from crowdfund.places.models import Postcode
from crowdfund.pledges.rules import Audience
from crowdfund.projects.rules import PUBLIC, ProjectState, Theme
from tests.support.client import HouseClient
from tests.support.factories import ASHFORD, make_pledge, make_project
from tests.support.journey import Journey

CANTERBURY, MEDWAY = "E07000106", "E06000035"
REACHABLE = (*(s for s in ProjectState if s not in PUBLIC), ProjectState.LIVE, ProjectState.PAUSED)
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("state", REACHABLE)
def test_only_launched_projects_are_public(
    client: HouseClient, app: Flask, clock: FixedClock, state: ProjectState
) -> None:
    with app.app_context():
        project = make_project(clock.now(), state)
    expected = 200 if state in PUBLIC else 404
    for address in ("", "/progress", "/backers", "/concern"):
        assert client.get(f"/projects/{project.slug}{address}").status_code == expected
    assert (project.title in client.get("/projects?status=all").text) is (state in PUBLIC)
    assert (project.title in client.get("/projects").text) is (state is ProjectState.LIVE)


def test_the_list_is_narrowed_by_what_stands_in_the_address(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        bench = make_project(clock.now(), title="A bench by the Stour")
        choir = make_project(
            clock.now(),
            title="A choir for all",
            aim="Singing for everyone.",
            district_code=CANTERBURY,
            place="Whitstable",
            theme=Theme.ARTS_HERITAGE,
        )
    for query, found in {
        "q=bench": bench,
        "q=STOUR": bench,
        "q=whitstable": choir,
        "district=canterbury": choir,
        "theme=arts_heritage": choir,
        "q=choir&district=canterbury&theme=arts_heritage&status=all&sort=nearly": choir,
    }.items():
        text = client.get(f"/projects?{query}").text
        other = choir if found is bench else bench
        assert found.title in text, query
        assert other.title not in text, query
        assert "1 project found" in text, query


@pytest.mark.parametrize(
    "query", ["q=%25", "q=_", "q=%5C", "district=x", "theme=x", "status=x", "sort=x", "page=x", "page=-1"]
)
def test_a_filter_that_makes_no_sense_is_no_defect(
    client: HouseClient, app: Flask, clock: FixedClock, query: str
) -> None:
    with app.app_context():
        make_project(clock.now())
    assert client.get(f"/projects?{query}").status_code == 200


def test_a_postcode_leads_to_its_district(client: HouseClient, app: Flask) -> None:
    with app.app_context():
        ashford, medway = (_postcode_in(code) for code in (ASHFORD, MEDWAY))
    reply = client.get(f"/projects?q={ashford.lower().replace(' ', '')}")
    assert (reply.status_code, reply.location) == (303, "/projects?district=ashford&status=open&sort=newest")
    assert "Medway Council" in client.get(f"/projects?q={medway}").text


def test_a_page_beyond_the_last_is_not_found(client: HouseClient) -> None:
    assert client.get("/projects?page=2").status_code == 404


def test_the_list_has_pages_with_addresses(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        for _ in range(13):
            make_project(clock.now())
    first, second = client.get("/projects"), client.get("/projects?page=2")
    assert "13 projects found" in first.text
    assert "page=2" in first.text
    assert "page 2 of 2" in second.text


def test_nearly_there_and_needs_a_push_are_opposites(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        far, near = make_project(clock.now()), make_project(clock.now())
        make_pledge(near, clock.now(), 50_000)
    nearly, push = (client.get(f"/projects?sort={sort}").text for sort in ("nearly", "push"))
    assert nearly.index(near.title) < nearly.index(far.title)
    assert push.index(far.title) < push.index(near.title)


def test_progress_is_silent_until_something_moves(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        project = make_project(clock.now())
    address = f"/projects/{project.slug}/progress"
    seen = client.get(address, headers=HTMX).text.split("seen=")[1].split('"')[0]
    assert client.get(f"{address}?seen={seen}", headers=HTMX).status_code == 204
    with app.app_context():
        make_pledge(project, clock.now(), 2500)
    moved = client.get(f"{address}?seen={seen}", headers=HTMX)
    assert moved.status_code == 200
    assert "£25 pledged of £900 by 1 backer" in moved.text


def test_a_page_stops_watching_when_pledging_is_over(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        project = make_project(clock.now())
    address = f"/projects/{project.slug}/progress"
    assert "hx-trigger" in client.get(address, headers=HTMX).text
    clock.at = project.deadline
    assert "hx-trigger" not in client.get(address, headers=HTMX).text
    assert "Closed for pledges" in client.get(f"/projects/{project.slug}").text


def test_the_bar_says_100_only_when_the_target_is_met(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        project = make_project(clock.now())
        make_pledge(project, clock.now(), 89_999)
    assert "99%" in client.get(f"/projects/{project.slug}").text
    with app.app_context():
        make_pledge(project, clock.now(), 200)
    page = client.get(f"/projects/{project.slug}").text
    assert "100%" in page
    assert "Target met" in page


def test_backers_are_shown_as_each_of_them_chose(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        project = make_project(clock.now())
        make_pledge(project, clock.now(), 1100, name="Amara Okoro Field", message="Well done")
        make_pledge(project, clock.now(), 1200, name="Hidden Person", name_audience=Audience.GROUP, message="Secret")
        make_pledge(project, clock.now(), 1300, name="Quiet Person", amount_audience=Audience.NOBODY)
    text = client.get(f"/projects/{project.slug}/backers").text
    assert "Amara F." in text
    assert "Well done" in text
    assert "Anonymous" in text
    for hidden in ("Hidden", "Secret", "Okoro", "£13"):
        assert hidden not in text


def test_a_group_says_what_it_is(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        group = {"name": "Stour Friends", "legal_form": LegalForm.CHARITY, "charity_number": "0000001"}
        project = make_project(clock.now(), group=group)
    text = client.get("/groups/stour-friends").text
    assert "Registered charity" in text
    assert "0000001" in text
    assert project.title in text
    assert client.get("/groups/nobody").status_code == 404


def test_a_concern_reaches_the_officers(journey: Journey) -> None:
    page = journey.client.get(f"/projects/{journey.project.slug}/concern")
    sent = journey.client.follow(journey.client.submit(page, concern="The bench\nis mine.", email="n@example.org"))
    assert "Thank you" in sent.text
    [mail] = journey.mails("concern")
    assert mail.recipient == journey.app.config["OFFICERS_EMAIL"]
    assert "is mine" in mail.body
    assert "n@example.org" in mail.body


@pytest.mark.parametrize(
    "address", ["/help", "/privacy", "/accessibility", "/complaints", "/healthz", "/readyz", "/metrics"]
)
def test_pages_that_always_answer(client: HouseClient, address: str) -> None:
    assert client.get(address, max_queries=3).status_code == 200


def test_deadlines_are_shown_in_kent_time(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        project = make_project(clock.now() + timedelta(days=1))
    assert "5pm" in client.get(f"/projects/{project.slug}").text


def test_what_is_past_its_deadline_is_not_open(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        project = make_project(clock.now())
    address = f"/projects/{project.slug}/progress"
    seen = client.get(address, headers=HTMX).text.split("seen=")[1].split('"')[0]
    clock.at = project.deadline
    assert "0 projects" in client.get("/").text
    assert project.title not in client.get("/projects").text
    assert project.title in client.get("/projects?status=closed").text
    told = client.get(f"{address}?seen={seen}", headers=HTMX)
    assert told.status_code == 200
    assert "Back this project" not in told.text


@pytest.mark.parametrize(
    "address", ["/projects/a%00b", "/groups/a%00b", "/pledges/a%00b", "/static/a%00b", "/?q=a%00b"]
)
def test_a_nul_in_an_address_leads_nowhere(client: HouseClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_group_without_a_public_project_is_not_shown(client: HouseClient, app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        make_project(clock.now(), ProjectState.DRAFT, group={"name": "Quiet Friends"})
    assert client.get("/groups/quiet-friends").status_code == 404


def _postcode_in(district: str) -> str:
    return db.session.scalars(select(Postcode.code).where(Postcode.district_code == district)).first() or ""
