"""A draft's picture: photo or drawing, cleaned, described, consented to, and seen by nobody before its time."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.config import ROOT
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.files.models import StoredFile
from crowdfund.funds.models import Funder
from crowdfund.funds.rules import FunderKind
from crowdfund.projects.drafting import share_preview
from crowdfund.projects.models import Question
from crowdfund.projects.rules import ProjectState, Section
from crowdfund.projects.scenes import FOLDER, SCENES, path_of
from crowdfund.web.uploads import LARGEST_UPLOAD
from tests.support.acting import By
from tests.support.client import HouseClient
from tests.support.drafting import Drafting
from tests.support.drafts import make_draft, move
from tests.support.images import opened, photo, photo_of_a_phone, png_head
from tests.support.people import browser_of, make_officer
from tests.support.running import declare

ALT = "Four neighbours in front of a hall"
SUBMITTED, READY, LIVE = ProjectState.SUBMITTED, ProjectState.READY, ProjectState.LIVE


@pytest.fixture
def made(app: Flask, clock: FixedClock) -> Drafting:
    """A draft with three people."""
    return make_draft(app, clock)


def upload(made: Drafting, data: bytes | None, person: Person | None = None, **changes: Any) -> TestResponse:
    """Send a photo through the form; None sends none."""
    sent = {} if data is None else {"photo": (io.BytesIO(data), "DSC_0001.jpg")}
    reply = made.send("picture/photo", person, **({"alt": ALT, "agreed": "y"} | sent | changes))
    reply.request.environ["wsgi.input"].close()  # the test client keeps large bodies in a file
    return reply


def sizes(made: Drafting) -> list[str]:
    """Return the addresses of the photo's sizes on the page of the picture."""
    shown = re.search(r'srcset="([^"]+)"', made.get("picture").text)
    return [part.split()[0] for part in shown[1].split(",")] if shown else []


def kept(made: Drafting) -> list[StoredFile]:
    with made.app.app_context():
        return list(db.session.scalars(select(StoredFile).order_by(StoredFile.id)))


def tags(made: Drafting) -> list[tuple[str, str]]:
    with made.app.app_context():
        rows = select(AuditEvent.tag, AuditEvent.data).where(AuditEvent.tag.like("project:%ed"))
        found = db.session.execute(rows.order_by(AuditEvent.id)).all()
        return [(tag, data) for tag, data in found if "file_" in tag or "edited" in tag]


def test_a_photo_becomes_the_picture_in_sizes_for_phones(made: Drafting) -> None:
    reply = upload(made, photo_of_a_phone(6, 3000, 2000))
    assert (reply.status_code, reply.location) == (303, made.address("picture"))
    page = made.get("picture")
    assert ALT in page.text
    assert "Change the photo" in page.text
    browser = made.browser(made.owner)
    addresses = sizes(made)
    assert len(addresses) == 3
    for address, width in zip(addresses, (480, 960, 1600), strict=True):
        answer = browser.get(address)
        shown = opened(answer.data)
        assert (answer.mimetype, shown.size) == ("image/jpeg", (width, width * 3 // 2))
        assert not shown.getexif()
    stored = kept(made)
    assert {row.subject for row in stored} == {f"project:{_id(made)}"}
    assert {row.uploaded_by_id for row in stored} == {made.owner.id}
    assert tags(made) == [
        ("project:file_added", '{"purpose":"photo"}'),
        ("project:edited", '{"section":"picture"}'),
    ]


def test_the_page_of_the_project_shows_it_and_so_do_the_lists(made: Drafting) -> None:
    upload(made, photo())
    project = move(made, SUBMITTED, READY, LIVE)
    visitor = made.app.test_client()
    for path in (f"/projects/{project.slug}", "/projects", "/"):
        page = visitor.get(path)
        assert f'alt="{ALT}"' in page.text
        address = re.findall(r"(/photos/\S+-1600\.jpg) 1600w", page.text)[0]
        assert visitor.get(address).status_code == 200


def test_another_photo_replaces_the_first_and_a_drawing_the_second(made: Drafting) -> None:
    upload(made, photo())
    first = sizes(made)
    assert upload(made, photo(), alt="The same hall in snow").status_code == 303
    assert set(sizes(made)).isdisjoint(first)
    assert len(kept(made)) == 3
    browser = made.browser(made.owner)
    assert browser.get(first[0]).status_code == 404
    assert made.send("picture/drawing", scene="orchard").status_code == 303
    assert kept(made) == []
    page = made.get("picture")
    assert SCENES["orchard"].alt in page.text
    assert "orchard.svg" in page.text
    assert [tag for tag, _ in tags(made)].count("project:file_removed") == 2


def test_the_words_change_without_another_photo(made: Drafting) -> None:
    upload(made, photo())
    before = sizes(made)
    assert "keep the photo you have" in made.get("picture/photo").text
    assert upload(made, None, alt="A hall and four people", agreed=None).status_code == 303
    assert sizes(made) == before
    assert "A hall and four people" in made.get("picture").text


def test_every_drawing_there_is_can_be_chosen_and_is_described() -> None:
    drawn = {path.stem for path in (ROOT / "static" / FOLDER).glob("*.svg")}
    assert drawn == set(SCENES)
    assert all((ROOT / "static" / path_of(key)).is_file() for key in SCENES)
    assert all(20 < len(scene.alt) <= 120 for scene in SCENES.values())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"alt": ""}, "Say what the photo shows, for people who cannot see it."),
        ({"alt": "x" * 201}, "in 200 characters or fewer"),
        ({"agreed": None}, "Tick the box if everyone agreed."),
    ],
)
def test_a_photo_needs_words_and_consent(made: Drafting, changes: dict[str, Any], sentence: str) -> None:
    reply = upload(made, photo(), **changes)
    assert reply.status_code == 422
    assert reply.text.count(sentence) == 2
    assert "Choose the photo again" in reply.text
    assert kept(made) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "Choose a photo."),
        (b"", "This file is empty."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "We cannot read this file as a picture."),
        (photo()[:2000], "We cannot read this file as a picture."),
        (png_head(30_000, 30_000), "more than 50 million pixels"),
        (photo() + b"\0" * 50 * 1024 * 1024, "This file has 50.0 MB. It can have up to 15 MB."),
    ],
    ids=["none", "empty", "svg", "half", "pixels", "50MB"],
)
def test_a_bad_file_gets_a_sentence_and_the_words_stay(made: Drafting, data: bytes | None, sentence: str) -> None:
    reply = upload(made, data)
    assert reply.status_code == 422
    assert reply.text.count(sentence) == 2
    assert ALT in reply.text
    assert kept(made) == []


def test_even_more_gets_a_page_that_says_so(made: Drafting) -> None:
    claimed = {"CONTENT_LENGTH": str(LARGEST_UPLOAD + 1), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    reply = made.browser(made.owner).post(made.address("picture/photo"), environ_overrides=claimed)
    assert reply.status_code == 413
    assert "smaller file" in reply.text


def test_a_stranger_may_send_no_more_than_any_form(made: Drafting) -> None:
    stranger = made.app.test_client()
    reply = stranger.post(made.address("picture/photo"), data={"photo": (io.BytesIO(b"\0" * 300_000), "x.jpg")})
    assert reply.status_code == 413


def test_other_pages_take_no_more_than_before(made: Drafting) -> None:
    browser = made.browser(made.owner)
    reply = browser.post(made.address("picture/drawing"), data={"scene": (io.BytesIO(b"\0" * 300_000), "x.jpg")})
    assert reply.status_code == 413


def test_nobody_overwrites_what_they_did_not_see(made: Drafting) -> None:
    mine, theirs = made.browser(made.owner), made.browser(made.writer)
    page = mine.get(made.address("picture/drawing"))
    assert theirs.submit(theirs.get(made.address("picture/drawing")), scene="pond").status_code == 303
    reply = mine.submit(page, scene="orchard")
    assert reply.status_code == 422
    assert "Sam Reed changed this" in reply.text
    assert "pond.svg" in made.get("picture").text
    assert mine.submit(reply).status_code == 303
    assert "orchard.svg" in made.get("picture").text


def test_what_is_sent_twice_is_kept_once(made: Drafting) -> None:
    browser, page = made.browser(made.owner), made.get("picture/photo")
    for _ in range(2):
        sent = {"alt": ALT, "agreed": "y", "photo": (io.BytesIO(photo()), "x.jpg")}
        assert browser.submit(page, **sent).status_code == 303
    assert len(kept(made)) == 3
    page = made.get("picture/drawing")
    for _ in range(2):
        assert browser.submit(page, scene="pond").status_code == 303
    assert [tag for tag, _ in tags(made)].count("project:edited") == 2


def test_another_photo_than_the_one_seen_is_not_replaced(made: Drafting) -> None:
    page = made.get("picture/photo")
    assert upload(made, photo(), made.writer).status_code == 303
    before = sizes(made)
    sent = {"alt": "Mine", "agreed": "y", "photo": (io.BytesIO(photo(900, 600)), "x.jpg")}
    reply = made.browser(made.owner).submit(page, **sent)
    assert reply.status_code == 422
    assert "Sam Reed changed this" in reply.text
    assert ">\nMine</textarea>" in reply.text
    assert sizes(made) == before


def test_a_drawing_that_does_not_exist_is_refused(made: Drafting) -> None:
    browser = made.browser(made.owner)
    page = browser.get(made.address("picture/drawing"))
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    reply = browser.post(made.address("picture/drawing"), data={"scene": "../../x", "csrf_token": token[1]})
    assert (reply.status_code, reply.text.count("Choose one of the drawings.")) == (422, 2)


def test_readers_look_and_change_nothing_and_strangers_see_nothing(made: Drafting, app: Flask) -> None:
    other = make_draft(app, made.clock)
    for page in ("picture", "picture/photo", "picture/drawing"):
        assert made.browser(made.reader).get(made.address(page)).status_code == 403
        assert other.browser(other.owner).get(made.address(page)).status_code == 404


def test_what_was_submitted_is_no_longer_changed(made: Drafting) -> None:
    page = made.get("picture/photo")
    move(made, SUBMITTED)
    assert made.browser(made.owner).get(made.address("picture")).status_code == 403
    reply = made.browser(made.owner).submit(page, alt=ALT, agreed="y", photo=(io.BytesIO(photo()), "x.jpg"))
    assert reply.status_code == 422
    assert "cannot be changed just now" in reply.text
    assert ALT in reply.text
    assert kept(made) == []


def test_a_question_about_the_picture_is_answered_on_its_page(made: Drafting) -> None:
    with made.app.app_context():
        officer, now = make_officer(OfficerRole.PROGRAMME_CHECKER, made.clock.now()), made.clock.now()
        asked = {"section": Section.PICTURE, "body": "Did the children’s parents agree?", "public_id": "q" * 26}
        due = (now + timedelta(days=14)).date()
        with unit_of_work() as session:
            session.add(Question(project_id=_id(made), asked_by_id=officer.id, asked_at=now, due_on=due, **asked))
    move(made, SUBMITTED, ProjectState.CHANGES_REQUESTED)
    assert "Did the children’s parents agree?" in made.get("picture").text
    assert made.send("picture", **{f"answer_{'q' * 26}": "Yes, in writing."}).status_code == 303
    assert "Yes, in writing." in made.get("picture").text


@pytest.mark.parametrize("state", [None, SUBMITTED, READY])
def test_before_the_launch_only_those_who_may_see_the_draft_see_its_photo(
    made: Drafting, state: ProjectState | None
) -> None:
    upload(made, photo())
    address, app = sizes(made)[0], made.app
    with app.app_context():
        with unit_of_work() as session:
            key = share_preview(session, _id(made), actor=By(made.owner), now=made.clock.now())
        checker = make_officer(OfficerRole.PROGRAMME_CHECKER, made.clock.now())
        with unit_of_work() as session:
            funder = Funder(public_id="f" * 26, slug="a-trust", name="A trust", kind=FunderKind.TRUST)
            session.add(funder)
        assessor = make_officer(OfficerRole.FUNDER_ASSESSOR, made.clock.now(), funder_id=funder.id)
        undeclared = make_officer(OfficerRole.PROGRAMME_CHECKER, made.clock.now())
    for step in [SUBMITTED, READY][: [None, SUBMITTED, READY].index(state)]:
        move(made, step)
    other = make_draft(app, made.clock)
    submitted = state is not None
    seen = [
        (made.browser(made.owner), address, True),
        (made.browser(made.reader), address, True),
        (app.test_client(), address, False),
        (other.browser(other.owner), address, False),
        (app.test_client(), f"{address}?key={key}", True),
        (app.test_client(), f"{address}?key=wrong", False),
        (browser_of(app, checker, strong=True), address, submitted),
        (browser_of(app, checker), address, False),
        (browser_of(app, undeclared, strong=True), address, False),
        (browser_of(app, assessor, strong=True), address, False),
    ]
    with app.app_context():
        declare(checker, made.project(), made.clock, has_interest=False)
    for number, (browser, where, allowed) in enumerate(seen):
        reply = _get(browser, where)
        assert reply.status_code == (200 if allowed else 404), number
        assert "public" not in reply.headers.get("Cache-Control", ""), number


def test_the_committee_sees_the_photo_on_its_preview(made: Drafting) -> None:
    upload(made, photo())
    with made.app.app_context(), unit_of_work() as session:
        key = share_preview(session, _id(made), actor=By(made.owner), now=made.clock.now())
    committee = made.app.test_client()
    page = committee.get(made.address(f"committee/{key}"))
    address = re.search(r'src="(/photos/[^"]+)"', page.text)
    assert address
    assert committee.get(address[1].replace("&amp;", "&")).status_code == 200


def test_a_public_photo_is_kept_by_browsers_and_asked_for_again_cheaply(made: Drafting) -> None:
    upload(made, photo())
    address = sizes(made)[0]
    move(made, SUBMITTED, READY, LIVE)
    visitor = made.app.test_client()
    answer = visitor.get(address, max_queries=3)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    again = visitor.get(address, headers={"If-None-Match": answer.headers["ETag"]}, max_queries=2)
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["/photos/x-480.jpg", "/photos/x-481.jpg", "/photos/x-99999999.jpg"])
def test_other_photos_do_not_exist(made: Drafting, path: str) -> None:
    assert made.browser(made.owner).get(path).status_code == 404


def test_a_small_photo_answers_every_width_with_what_there_is(made: Drafting) -> None:
    upload(made, photo(600, 400))
    widths = [opened(made.browser(made.owner).get(address).data).width for address in sizes(made)]
    assert widths == [480, 600, 600]


def _get(browser: HouseClient, address: str) -> TestResponse:
    return browser.get(address, max_queries=12)


def _id(made: Drafting) -> int:
    with made.app.app_context():
        return made.project().id
