"""Two people write one draft: neither loses a word, and whoever comes second is told."""

from typing import Any

import pytest
from flask import Flask

from crowdfund.core.clock import FixedClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.drafting import Overtaken, save_section
from crowdfund.projects.lines import LineText, add_line
from crowdfund.projects.rules import LineKind, Section
from crowdfund.projects.sections import fingerprint, stored
from tests.support.acting import By
from tests.support.drafting import COST, SECTIONS, Drafting, make_drafting
from tests.support.threads import failures, together

pytestmark = pytest.mark.database


@pytest.fixture
def drafting(app: Flask, clock: FixedClock) -> Drafting:
    """A draft with everything in it."""
    drafting = make_drafting(app, clock)
    drafting.start()
    drafting.fill()
    return drafting


def test_the_second_writer_sees_both_texts_and_decides(drafting: Drafting) -> None:
    hers = drafting.get("story", drafting.owner)
    assert drafting.send("story", drafting.writer, story="What Sam wrote.").status_code == 303
    reply = drafting.browser(drafting.owner).submit(hers, story="What Grace wrote.")
    assert reply.status_code == 422
    assert "Sam Reed changed this page" in reply.text
    assert "What Sam wrote." in reply.text
    assert "What Grace wrote." in reply.text
    assert "What Sam wrote." in drafting.get("story").text
    both = "What Sam wrote. What Grace wrote."
    assert drafting.browser(drafting.owner).submit(reply, story=both).status_code == 303
    assert both in drafting.get("story", drafting.writer).text


@pytest.mark.parametrize(
    ("section", "theirs", "mine", "shown"),
    [
        ("basics", {"aim": "Sam’s aim"}, {"aim": "My aim"}, "Sam’s aim"),
        ("basics", {"objectives": ["young_people"]}, {"aim": "My aim"}, "a better start"),
        ("place", {"place": "Sam’s green"}, {"place": "My green"}, "Sam’s green"),
        ("target", {"if_too_much": "Sam’s plan"}, {"if_too_little": "My plan"}, "Sam’s plan"),
        ("dates", {"campaign_days": "21"}, {"campaign_days": "28"}, "21"),
        ("risks", {"risks": "Sam’s worry"}, {"permissions": "My permit"}, "Sam’s worry"),
    ],
)
def test_every_section_keeps_both(
    drafting: Drafting, section: str, theirs: dict[str, Any], mine: dict[str, str], shown: str
) -> None:
    page = drafting.get(section, drafting.owner)
    assert drafting.send(section, drafting.writer, **theirs).status_code == 303
    reply = drafting.browser(drafting.owner).submit(page, **mine)
    assert reply.status_code == 422
    assert "Sam Reed changed this page" in reply.text
    assert shown in reply.text
    assert all(text in reply.text for text in mine.values())


def test_the_same_words_twice_are_no_conflict(drafting: Drafting) -> None:
    page = drafting.get("story", drafting.owner)
    drafting.send("story", drafting.writer, story="The same words.")
    assert drafting.browser(drafting.owner).submit(page, story="The same words.").status_code == 303


def test_different_sections_do_not_disturb_each_other(drafting: Drafting) -> None:
    page = drafting.get("story", drafting.owner)
    drafting.send("risks", drafting.writer, risks="It may rain.")
    assert drafting.browser(drafting.owner).submit(page, story="A new story.").status_code == 303


def cost_id(drafting: Drafting) -> int:
    with drafting.app.app_context():
        return int(drafting.draft().lines[LineKind.COST][0].id)


def test_a_line_changed_meanwhile_is_not_overwritten(drafting: Drafting) -> None:
    where = f"lines/{cost_id(drafting)}"
    page = drafting.get(where)
    drafting.send(where, drafting.writer, amount="4200")
    reply = drafting.browser(drafting.owner).submit(page, label="Concrete only")
    assert reply.status_code == 422
    assert "Sam Reed changed this page" in reply.text
    assert "4200" in reply.text
    assert "Concrete only" in reply.text
    assert drafting.browser(drafting.owner).submit(reply).status_code == 303
    with drafting.app.app_context():
        line = drafting.draft().lines[LineKind.COST][0]
        assert (line.label, line.amount_pence) == ("Concrete only", 400_000)


def test_a_line_removed_meanwhile_can_be_added_anew(drafting: Drafting) -> None:
    where = f"lines/{cost_id(drafting)}"
    page = drafting.get(where)
    drafting.send(f"{where}/remove", drafting.writer)
    reply = drafting.browser(drafting.owner).submit(page, label="Concrete only")
    assert reply.status_code == 422
    assert "Sam Reed removed this line" in reply.text
    assert "Concrete only" in reply.text
    assert drafting.browser(drafting.owner).submit(reply).status_code == 303
    with drafting.app.app_context():
        assert [line.label for line in drafting.draft().lines[LineKind.COST]] == ["Concrete only"]


def test_a_changed_line_is_not_removed_unseen(drafting: Drafting) -> None:
    where = f"lines/{cost_id(drafting)}"
    page = drafting.get(f"{where}/remove")
    drafting.send(where, drafting.writer, amount="4200")
    reply = drafting.browser(drafting.owner).submit(page)
    assert reply.status_code == 422
    assert "£4,200" in reply.text
    assert drafting.browser(drafting.owner).submit(reply).status_code == 303


def test_of_many_at_once_one_is_saved_and_the_others_are_told(drafting: Drafting) -> None:
    with drafting.app.app_context():
        draft = drafting.draft()
        project_id, seen = draft.project.id, fingerprint(stored(draft, Section.STORY))

    def write(number: int) -> str:
        values = {"story": f"Story {number}"}
        by: dict[str, Any] = {"actor": By(drafting.owner), "now": drafting.clock.now()}
        with unit_of_work() as session:
            save_section(session, project_id, Section.STORY, values, seen, **by)
        return values["story"]

    results = together(drafting.app, [lambda n=n: write(n) for n in range(8)])
    assert failures(results, Overtaken) == []
    saved = [result for result in results if isinstance(result, str)]
    assert len(saved) == 1
    with drafting.app.app_context():
        assert drafting.project().story == saved[0]


def test_lines_added_at_once_are_all_kept_and_counted(drafting: Drafting) -> None:
    with drafting.app.app_context():
        project_id = drafting.project().id

    def add(number: int) -> int:
        by: dict[str, Any] = {"actor": By(drafting.writer), "now": drafting.clock.now()}
        with unit_of_work() as session:
            return add_line(session, project_id, LineKind.COST, LineText(f"Cost {number}", 10_000), "", **by)

    results = together(drafting.app, [lambda n=n: add(n) for n in range(8)])
    assert failures(results) == []
    with drafting.app.app_context():
        assert len(drafting.draft().lines[LineKind.COST]) == 9
        assert drafting.project().target_pence == 400_000 - 50_000 + 80_000


def test_a_form_without_its_mark_overwrites_nothing(drafting: Drafting) -> None:
    reply = drafting.send("story", seen="", story="Blind words")
    assert reply.status_code == 422
    assert SECTIONS["story"]["story"].splitlines()[0] in reply.text
    assert COST["label"] in drafting.get("costs").text
