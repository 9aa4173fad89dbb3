"""The demonstration content: complete, plain, safe and marked as made up."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from crowdfund.accounts.roles import MemberRole
from crowdfund.core.config import ROOT
from crowdfund.groups.rules import LegalForm
from crowdfund.places.importer import DATA
from crowdfund.places.rules import tidy_postcode
from crowdfund.projects.rules import ProjectState, Theme, allowed_length
from crowdfund.sandbox.demo import (
    DemoBacker,
    DemoProject,
    PersonKind,
    backers_for,
    load_groups,
    load_people,
    load_projects,
)
from crowdfund.sandbox.demo.loading import demo_postcodes

PROJECTS = load_projects()
GROUPS = {group.key: group for group in load_groups()}
SCENES = sorted((ROOT / "static" / "images" / "scenes").glob("*.svg"))
STATES = {
    ProjectState.LIVE: 28,
    ProjectState.DRAFT: 3,
    ProjectState.SUBMITTED: 3,
    ProjectState.CHANGES_REQUESTED: 2,
    ProjectState.READY: 2,
    ProjectState.DECLINED: 1,
    ProjectState.PAUSED: 1,
}
each_project = pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.slug)
launched = pytest.mark.parametrize("project", [p for p in PROJECTS if p.campaign], ids=lambda project: project.slug)


@cache
def drawn(project: DemoProject) -> tuple[DemoBacker, ...]:
    return tuple(backers_for(project))


def in_kcc_area() -> set[str]:
    rows = [row.split(",") for row in (DATA / "districts.csv").read_text(encoding="utf-8").splitlines()[1:]]
    return {row[0] for row in rows if row[4] == "true"}


def test_projects_have_titles_slugs_and_pictures_of_their_own():
    for of in ("slug", "title", "aim", "picture"):
        assert len({getattr(project, of) for project in PROJECTS}) == len(PROJECTS) == 40


def test_every_state_is_shown_as_often_as_planned():
    assert Counter(project.state for project in PROJECTS) == STATES


def test_no_district_no_theme_and_few_legal_forms_are_missing():
    assert {p.district_code for p in PROJECTS} == in_kcc_area()
    assert {p.district_code for p in PROJECTS if p.state is ProjectState.LIVE} == in_kcc_area()
    assert {p.theme for p in PROJECTS} == set(Theme)
    assert {group.legal_form for group in GROUPS.values()} == set(LegalForm)


@each_project
def test_sums_are_sensible(project: DemoProject):
    assert 60_000 <= project.target_pence <= 1_800_000
    amounts = [*project.costs, *project.other_money, *project.money_use]
    assert all(amount.pence > 0 for amount in amounts)
    assert all(use.pence <= project.target_pence for use in project.money_use)
    if project.stretch_pence is not None:
        assert project.stretch_pence > project.target_pence
        assert project.stretch_use


@each_project
def test_text_is_there_short_and_readable(project: DemoProject):
    assert len(project.title) <= 80
    assert len(project.aim) <= 140
    assert len(project.picture_alt) <= 200
    assert len(project.picture_alt.split()) >= 8
    assert 150 <= len(project.story.split()) <= 300
    assert project.story.count("## ") >= 2
    prose = [line for line in re.sub(r"^(#|-).*$", "", project.story, flags=re.MULTILINE).split("\n\n") if line.strip()]
    sentences = [s for part in prose for s in re.split(r"(?<=[.!?])\s+", part.strip()) if s]
    assert sum(len(s.split()) for s in sentences) / len(sentences) <= 20
    for text in (project.if_too_little, project.if_too_much, project.risks, project.permissions):
        assert text.endswith((".", "!"))
    assert "harged" in project.if_too_little


@each_project
def test_lists_are_filled(project: DemoProject):
    assert project.milestones
    assert project.help_wanted
    assert project.money_use
    assert {help_wanted.kind for help_wanted in project.help_wanted} <= {"time", "skills", "items"}
    months = [milestone.month for milestone in project.milestones]
    assert months == sorted(months)
    assert months[0] >= 1


@each_project
def test_the_group_exists_and_may_launch(project: DemoProject):
    group = GROUPS[project.group]
    if group.legal_form is LegalForm.INFORMAL and project.campaign:
        assert GROUPS[group.host or ""].legal_form is not LegalForm.INFORMAL


@launched
def test_a_campaign_is_neither_too_short_nor_too_long(project: DemoProject):
    campaign = project.campaign
    assert campaign is not None
    assert allowed_length(campaign.launched_days_ago + campaign.days_left)
    assert 5 <= campaign.days_left <= 80
    assert all(update.days_ago <= campaign.launched_days_ago for update in project.updates)


def test_only_what_was_launched_has_a_campaign():
    for project in PROJECTS:
        assert (project.campaign is not None) == (project.state in {ProjectState.LIVE, ProjectState.PAUSED})


@launched
def test_backers_add_up_to_the_strength(project: DemoProject):
    backers = drawn(project)
    assert len(backers) == (project.campaign.backers if project.campaign else 0)
    assert abs(sum(backer.amount_pence for backer in backers) - project.pledged_pence) <= 2000
    assert len({backer.email for backer in backers}) == len(backers)
    assert all(200 <= backer.amount_pence <= 1_000_000 for backer in backers)
    assert all(
        0 < backer.days_ago <= (project.campaign.launched_days_ago if project.campaign else 0) for backer in backers
    )
    assert [backer.days_ago for backer in backers] == sorted((b.days_ago for b in backers), reverse=True)


def test_the_crowd_is_large_and_the_same_every_time():
    everyone = [backer for project in PROJECTS for backer in drawn(project)]
    assert len(everyone) >= 1500
    assert drawn(PROJECTS[0]) == tuple(backers_for(PROJECTS[0]))
    strengths = [project.campaign.strength for project in PROJECTS if project.campaign]
    assert min(strengths) == 0
    assert any(0.9 <= s < 1 for s in strengths)
    assert sum(s > 1 for s in strengths) == 3


def test_another_seed_draws_other_people():
    project = next(project for project in PROJECTS if project.campaign and project.campaign.backers > 50)
    assert drawn(project) != tuple(backers_for(project, seed=7))


def test_no_address_could_reach_anybody():
    addresses = [backer.email for project in PROJECTS for backer in drawn(project)]
    addresses += [member.email for group in GROUPS.values() for member in group.members]
    addresses += [group.contact_email for group in GROUPS.values()] + [person.email for person in load_people()]
    assert all(re.fullmatch(r"[a-z0-9.'-]+@example\.(org|com)", address) for address in addresses)


def test_no_address_hides_in_a_file():
    for path in (ROOT / "crowdfund" / "sandbox" / "demo").rglob("*.toml"):
        found = re.findall(r"@([\w.]+)", path.read_text(encoding="utf-8"))
        assert set(found) <= {"example.org", "example.com"}, path.name


def test_groups_are_owned_and_their_numbers_are_marked_as_made_up():
    assert len(GROUPS) == len(load_groups())
    assert len({group.name for group in GROUPS.values()}) == len(GROUPS)
    for group in GROUPS.values():
        assert [member.role for member in group.members].count(MemberRole.OWNER) == 1
        assert bool(group.charity_number or group.company_number) == group.number_is_made_up
        assert re.fullmatch(r"99\d{5}", group.charity_number or "9900000")
        assert re.fullmatch(r"(99|RS99)\d{4,6}", group.company_number or "99000000")
        assert (group.legal_form not in {LegalForm.CHARITY, LegalForm.CIO}) or group.charity_number


def test_demo_people_cover_every_part():
    people = load_people()
    assert {person.kind for person in people} == set(PersonKind)
    assert len({person.email for person in people}) == len(people) >= 8
    for person in people:
        owns = [
            g.key for g in GROUPS.values() for m in g.members if m.role is MemberRole.OWNER and m.email == person.email
        ]
        assert owns == ([person.group] if person.group else [])


def test_postcodes_are_well_formed_and_in_known_districts():
    known = in_kcc_area() | {"E06000035"}
    assert len(demo_postcodes()) >= 60
    assert all(tidy_postcode(code) == code and district in known for code, district in demo_postcodes().items())
    assert known == set(demo_postcodes().values())


def test_every_project_has_its_scene_and_no_scene_is_spare():
    assert {f"images/scenes/{scene.name}" for scene in SCENES} == {project.picture for project in PROJECTS}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.stem)
def test_scenes_are_small_safe_drawings(scene: Path):
    assert scene.stat().st_size <= 6 * 1024
    root = ET.fromstring(scene.read_text(encoding="utf-8"))
    assert root.get("viewBox") == "0 0 1200 800"
    allowed = {"svg", "defs", "g", "use", "path", "rect", "circle", "ellipse", "linearGradient", "stop"}
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in allowed
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name != "style"
            assert "url(" not in value or value == "url(#sky)"
            assert name != "href" or value.startswith("#")
