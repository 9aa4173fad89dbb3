"""A group writes its project page by page: everything is kept, and only its own people see it."""

import pytest
from flask import Flask

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.places.models import ElectoralDivision
from crowdfund.projects.rules import Objective, ProjectState
from tests.integration.test_bad_input import ODD, fields
from tests.support.client import HouseClient
from tests.support.drafting import SECTIONS, Drafting, make_drafting
from tests.support.people import browser_of, make_named


@pytest.fixture
def drafting(app: Flask, clock: FixedClock) -> Drafting:
    """A group's draft that is only begun."""
    drafting = make_drafting(app, clock)
    assert drafting.start().status_code == 303
    return drafting


def test_a_draft_starts_with_three_answers(drafting: Drafting) -> None:
    with drafting.app.app_context():
        project = drafting.project()
        assert project.state is ProjectState.DRAFT
        assert project.reference
        assert project.reference.startswith("CK-")
        assert project.target_pence == 0
        assert project.district_code == "E07000105"
        assert project.picture_alt.startswith("A drawing of")
        assert project.accounts.backers != project.accounts.pledged


def test_starting_twice_from_one_page_makes_one_draft(app: Flask, clock: FixedClock) -> None:
    drafting = make_drafting(app, clock)
    first, second = drafting.start(), drafting.start()
    assert first.location == second.location


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"title": ""}, "Enter a name for your project."),
        ({"title": "x" * 81}, "must be 80 characters or fewer"),
        ({"theme": None}, "Choose what your project is mostly about."),
        ({"postcode": "nonsense"}, "Enter a UK postcode"),
        ({"postcode": "ME4 4TR"}, "Medway Council"),
        ({"postcode": "SW1A 1AA"}, "We do not know this postcode"),
    ],
)
def test_what_cannot_start_is_told_and_kept(app: Flask, clock: FixedClock, typed: dict[str, str], told: str) -> None:
    drafting = make_drafting(app, clock)
    reply = drafting.start(**({"title": "Our very own ramp"} | typed))
    assert reply.status_code == 422
    assert told in reply.text
    for text in typed.values():
        assert text is None or text in reply.text


def test_an_unknown_postcode_is_taken_with_its_district(app: Flask, clock: FixedClock) -> None:
    drafting = make_drafting(app, clock)
    assert drafting.start(postcode="SW1A 1AA", district_code="E07000108").status_code == 303
    with app.app_context():
        assert drafting.project().district_code == "E07000108"


def test_the_list_says_what_comes_next_and_how_far_everything_is(drafting: Drafting) -> None:
    page = drafting.get().text
    assert page.index("What comes next") < page.index("About your group")
    assert "Cannot start yet" in page
    drafting.send("story", **SECTIONS["story"])
    drafting.send("risks", risks="Prices may rise.")
    page = drafting.get("", drafting.writer).text
    assert "Completed" in page
    assert "In progress" in page
    assert "Not yet started" in page
    assert "Last change: Grace Adeyemi" in page


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_saved_and_shown_again(drafting: Drafting, section: str) -> None:
    assert drafting.send(section, drafting.writer, **SECTIONS[section]).status_code == 303
    shown = drafting.get(section).text
    for typed in SECTIONS[section].values():
        for text in typed if isinstance(typed, list) else typed.splitlines():
            assert text in shown
    again = drafting.send(section)
    assert again.status_code == 303


def test_basics_keep_objectives_and_move_the_address(drafting: Drafting) -> None:
    drafting.send("basics", **(SECTIONS["basics"] | {"title": "A lift for the hall", "theme": "sport_play"}))
    with drafting.app.app_context():
        draft = drafting.draft()
        assert draft.objectives == {Objective.ISOLATION, Objective.HEALTHY_LIVES}
        assert draft.project.slug.startswith("a-lift-for-the-hall")
        assert "playground" in draft.project.picture


def test_a_section_is_saved_while_others_are_empty(drafting: Drafting) -> None:
    assert drafting.send("target", if_too_much="We plant a tree.").status_code == 303
    with drafting.app.app_context():
        assert drafting.project().if_too_much == "We plant a tree."


BAD = [
    ("basics", {"title": ""}, "Enter a name"),
    ("basics", {"aim": "x" * 201}, "200 characters or fewer"),
    ("basics", {"objectives": None}, "Choose at least one."),
    ("basics", {"theme": None}, "Choose what"),
    ("place", {"postcode": "ME4 4TR"}, "Medway Council"),
    ("place", {"postcode": "x"}, "Enter a UK postcode"),
    ("place", {"place": ""}, "Enter the name of the place."),
    ("place", {"division": ""}, "Choose the division"),
    ("story", {"story": "x" * 8001}, "8000 characters or fewer"),
    ("target", {"stretch": "lots"}, "Enter an amount in pounds"),
    ("target", {"stretch": "9000"}, "Say what the extra money would do"),
    ("target", {"stretch_use": "A bench"}, "Enter a stretch target"),
    ("target", {"if_too_little": "x" * 2001}, "2000 characters or fewer"),
    ("dates", {"campaign_days": "6"}, "from 7 to 84"),
    ("dates", {"campaign_days": "85"}, "from 7 to 84"),
    ("dates", {"campaign_days": "six"}, "whole number of days"),
    ("dates", {"launch": "day"}, "Enter the day of the launch"),
    ("dates", {"launch": "day", "launch_on": "31 2 2027"}, "a date that exists"),
    ("dates", {"launch": "day", "launch_on": "1 1 2020"}, "today or later"),
    ("dates", {"launch": "day", "launch_on": "1 1 2099"}, "within a year"),
    ("risks", {"risks": "x" * 2001}, "2000 characters or fewer"),
]


@pytest.mark.parametrize(("section", "typed", "told"), BAD)
def test_bad_input_is_told_beside_its_field_and_nothing_is_lost(
    drafting: Drafting, section: str, typed: dict[str, str], told: str
) -> None:
    reply = drafting.send(section, **(SECTIONS[section] | typed))
    assert reply.status_code == 422
    assert told in reply.text
    for value in (SECTIONS[section] | typed).values():
        for text in value if isinstance(value, list) else (value or "").splitlines():
            assert text in reply.text
    with drafting.app.app_context():
        assert drafting.project().story == ""


def test_a_stretch_target_is_above_the_target(drafting: Drafting) -> None:
    drafting.fill()
    for typed, told in (("3500", "more than your target of £3,500"), ("999999999999", "up to £10,000,000")):
        reply = drafting.send("target", stretch=typed, stretch_use="A bench")
        assert reply.status_code == 422
        assert told in reply.text
        assert typed in reply.text
    assert drafting.send("target", stretch="3500.01", stretch_use="A bench").status_code == 303


@pytest.mark.parametrize("odd", ODD)
def test_odd_input_in_every_field_is_answered_with_a_sentence(drafting: Drafting, odd: str) -> None:
    browser = drafting.browser(drafting.owner)
    lists = ("costs", "other-money", "gifts", "milestones", "help-wanted")
    for page in (*SECTIONS, *(f"{name}/add" for name in lists)):
        action, values, names = fields(drafting.get(page))
        for field in [*names, "seen"]:
            reply = browser.post(action, data=values | {field: ODD[odd]})
            assert reply.status_code in {303, 422}, f"{page} {field}: {reply.status_code}"
            if reply.status_code == 422:
                assert "There is a problem" in reply.text


def test_the_division_has_to_lie_in_the_district(drafting: Drafting) -> None:
    with drafting.app.app_context():
        divisions = db.session.query(ElectoralDivision)
        here = divisions.filter_by(district_code="E07000105").first()
        assert here is not None
        code, name = here.code, here.name
    assert name in drafting.get("place").text
    assert drafting.send("place", **(SECTIONS["place"] | {"division": code})).status_code == 303
    page = drafting.get("place")
    reply = drafting.browser(drafting.owner).submit(page, postcode="CT16 1AA", district_code="E07000108")
    assert reply.status_code == 422
    assert "Electoral division in Dover" in reply.text
    assert 'value="CT16 1AA"' in reply.text


def test_a_chosen_day_is_kept(drafting: Drafting) -> None:
    typed = {"campaign_days": "21", "launch": "day", "launch_on": "28 February 2027"}
    assert drafting.send("dates", **typed).status_code == 303
    assert "28 2 2027" in drafting.get("dates").text


def test_the_preview_shows_the_page_and_a_link_shows_it_to_the_committee(drafting: Drafting) -> None:
    drafting.fill()
    page = drafting.get("preview")
    assert "This is a preview" in page.text
    assert "Our hall has three steps" in page.text
    shared = drafting.browser(drafting.owner).submit(page)
    link = drafting.browser(drafting.owner).follow(shared).text.split("committee/")[1].split('"')[0]
    committee = drafting.app.test_client()
    seen = committee.get(drafting.address(f"committee/{link}"), max_queries=12)
    assert seen.status_code == 200
    assert "Our hall has three steps" in seen.text
    assert seen.headers["X-Robots-Tag"] == "noindex"
    assert "<form" not in seen.text
    drafting.browser(drafting.owner).submit(drafting.get("preview"))
    assert committee.get(drafting.address(f"committee/{link}")).status_code == 404
    assert committee.get(drafting.address("committee/None")).status_code == 404


def test_an_empty_draft_can_be_previewed(drafting: Drafting) -> None:
    assert drafting.get("preview").status_code == 200


PAGES = ("", "basics", "place", "costs", "costs/add", "preview", "check-answers", "declaration", "signatory", "launch")


@pytest.mark.parametrize("where", [*PAGES, "withdraw", "take-up", "submitted", "lines/1", "lines/1/remove"])
def test_strangers_find_nothing(drafting: Drafting, client: HouseClient, where: str) -> None:
    with drafting.app.app_context():
        stranger = make_named(drafting.clock.now())
    browser = browser_of(drafting.app, stranger)
    assert browser.get(drafting.address(where)).status_code == 404
    assert client.get(drafting.address(where)).status_code in {302, 303}


def test_a_reader_reads_and_changes_nothing(drafting: Drafting) -> None:
    for page in ("", "preview", "check-answers"):
        assert drafting.get(page, drafting.reader).status_code == 200
    for page in ("basics", "costs", "costs/add", "declaration", "withdraw"):
        assert drafting.get(page, drafting.reader).status_code == 403


def test_a_writer_cannot_declare_or_withdraw(drafting: Drafting) -> None:
    for page in ("declaration", "withdraw"):
        assert drafting.get(page, drafting.writer).status_code == 403


def test_a_section_that_does_not_exist_is_not_found(drafting: Drafting) -> None:
    assert drafting.get("nonsense").status_code == 404
    assert drafting.get("story/add").status_code == 404
