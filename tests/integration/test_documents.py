"""Documents of a draft: kept by what they are for, downloaded and never opened, out of everybody else's reach."""

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.files.models import Purpose, StoredFile
from crowdfund.projects.papers import list_shelves
from crowdfund.projects.rules import ProjectState
from tests.support.drafting import Drafting
from tests.support.drafts import make_draft, move
from tests.support.images import opened, photo_of_a_phone
from tests.support.people import browser_of, make_officer
from tests.support.running import declare

PDF = b"%PDF-1.7\n<script>alert(1)</script>\n%%EOF\n"


@pytest.fixture
def made(app: Flask, clock: FixedClock) -> Drafting:
    """A draft with a cost, other money and three people."""
    return make_draft(app, clock)


def keys(made: Drafting) -> dict[Purpose, str]:
    """Return the key of a shelf of each purpose."""
    with made.app.app_context():
        return {shelf.purpose: shelf.key for shelf in list_shelves(db.session(), made.project())}


def add(made: Drafting, purpose: Purpose, data: bytes, name: str, person: Person | None = None) -> TestResponse:
    """Add a file through the form."""
    return made.send(f"documents/add/{keys(made)[purpose]}", person, file=(io.BytesIO(data), name))


def kept(made: Drafting) -> list[StoredFile]:
    with made.app.app_context():
        return list(db.session.scalars(select(StoredFile).order_by(StoredFile.id)))


def quote(made: Drafting) -> str:
    """Add a quote and return its address."""
    assert add(made, Purpose.QUOTE, PDF, "Quote.pdf").status_code == 303
    return made.address(f"files/{kept(made)[-1].public_id}")


def test_each_kind_of_document_has_its_place(made: Drafting) -> None:
    for purpose in keys(made):
        assert add(made, purpose, PDF, f"{purpose.value}.pdf").status_code == 303
    page = made.get("documents")
    for heading in ("Quotes", "Evidence of other money", "Permissions", "Your group’s rules", "Bench, £1,000"):
        assert heading in page.text
    with made.app.app_context():
        shelves = list_shelves(db.session(), made.project())
        assert [[file.name for file in shelf.files] for shelf in shelves] == [
            ["quote.pdf"],
            ["other_money.pdf"],
            ["permission.pdf"],
            ["rules.pdf"],
        ]
        assert [shelf.subject.partition(":")[0] for shelf in shelves] == ["line", "line", "project", "project"]


def test_the_same_file_sent_twice_is_kept_once(made: Drafting) -> None:
    for _ in range(2):
        assert add(made, Purpose.QUOTE, PDF, "Quote.pdf").status_code == 303
    assert [row.name for row in kept(made)] == ["Quote.pdf"]
    assert add(made, Purpose.QUOTE, PDF + b"\n", "Quote.pdf").status_code == 303
    assert len(kept(made)) == 2


def test_a_pdf_is_only_ever_saved(made: Drafting) -> None:
    answer = made.browser(made.owner).get(quote(made), max_queries=12)
    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"Quote.pdf\"; filename*=UTF-8''Quote.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].endswith("sandbox")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_name_with_letters_of_all_kinds_travels_safely(made: Drafting) -> None:
    add(made, Purpose.QUOTE, PDF, "Ängebot; X-Evil=yes.pdf")
    answer = made.browser(made.owner).get(made.address(f"files/{kept(made)[0].public_id}"))
    assert "X-Evil" not in dict(answer.headers)
    assert "%C3%84ngebot" in answer.headers["Content-Disposition"]


def test_a_photo_of_a_letter_loses_its_place_and_time(made: Drafting) -> None:
    assert add(made, Purpose.PERMISSION, photo_of_a_phone(6), "letter.png").status_code == 303
    [row] = kept(made)
    assert (row.name, row.media_type, row.width) == ("letter.jpg", "image/jpeg", 0)
    shown = opened(made.browser(made.owner).get(made.address(f"files/{row.public_id}")).data)
    assert (shown.size, dict(shown.getexif())) == ((800, 1200), {})


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (None, "Choose a file."),
        ((b"", "a.pdf"), "This file is empty."),
        ((b"MZ", "a.pdf"), "We cannot use this kind of file."),
        ((PDF[:20], "a.pdf"), "This PDF is not whole"),
        ((PDF + b"\0" * 11 * 1024 * 1024, "a.pdf"), "It can have up to 10 MB."),
    ],
)
def test_other_files_are_refused_beside_the_field(
    made: Drafting, sent: tuple[bytes, str] | None, sentence: str
) -> None:
    typed: dict[str, Any] = {} if sent is None else {"file": (io.BytesIO(sent[0]), sent[1])}
    reply = made.send(f"documents/add/{keys(made)[Purpose.QUOTE]}", **typed)
    reply.request.environ["wsgi.input"].close()  # the test client keeps large bodies in a file
    assert (reply.status_code, reply.text.count(sentence)) == (422, 2)
    assert kept(made) == []


def test_there_is_room_for_twenty(made: Drafting) -> None:
    for number in range(20):
        assert add(made, Purpose.QUOTE, PDF, f"Quote {number}.pdf").status_code == 303
    reply = add(made, Purpose.RULES, PDF, "Rules.pdf")
    assert reply.status_code == 422
    assert "A project can have 20 documents." in reply.text
    assert len(kept(made)) == 20
    made.get("documents")


def test_a_file_is_removed_after_a_question(made: Drafting) -> None:
    address = quote(made)
    page = made.browser(made.writer).get(f"{address}/remove")
    assert "Remove Quote.pdf?" in page.text
    assert len(kept(made)) == 1
    assert made.browser(made.writer).submit(page).status_code == 303
    assert kept(made) == []
    assert made.browser(made.owner).get(address).status_code == 404
    with made.app.app_context():
        rows = select(AuditEvent.tag, AuditEvent.data).where(AuditEvent.tag.like("project:file%"))
        assert [tuple(row) for row in db.session.execute(rows.order_by(AuditEvent.id))] == [
            ("project:file_added", '{"purpose":"quote"}'),
            ("project:file_removed", '{"purpose":"quote"}'),
        ]


def test_readers_read_and_strangers_learn_nothing(made: Drafting, app: Flask) -> None:
    address, other = quote(made), make_draft(app, made.clock)
    reader, stranger = made.browser(made.reader), other.browser(other.owner)
    assert reader.get(made.address("documents")).status_code == 200
    assert reader.get(address).status_code == 200
    add_page = made.address(f"documents/add/{keys(made)[Purpose.QUOTE]}")
    for page in (f"{address}/remove", add_page):
        assert reader.get(page).status_code == 403
    for page in (made.address("documents"), add_page, address, f"{address}/remove"):
        assert stranger.get(page).status_code == 404
        assert app.test_client().get(page).status_code in {302, 303}


def test_an_address_of_another_project_opens_no_file(made: Drafting, app: Flask) -> None:
    address, other = quote(made), make_draft(app, made.clock)
    file_id = address.rsplit("/", 1)[1]
    browser = other.browser(other.owner)
    for path in (f"files/{file_id}", f"files/{file_id}/remove", f"documents/add/{keys(made)[Purpose.QUOTE]}"):
        assert browser.get(other.address(path)).status_code == 404
    assert made.browser(made.owner).get(made.address("documents/add/line-x")).status_code == 404


def test_a_photo_of_the_project_is_no_document(made: Drafting) -> None:
    sent = {"alt": "A hall", "agreed": "y", "photo": (io.BytesIO(photo_of_a_phone()), "x.jpg")}
    assert made.send("picture/photo", **sent).status_code == 303
    photo_id = kept(made)[0].public_id
    assert made.browser(made.owner).get(made.address(f"files/{photo_id}")).status_code == 404
    assert made.browser(made.owner).get(made.address(f"files/{photo_id}/remove")).status_code == 404


def test_officers_read_what_was_submitted(made: Drafting) -> None:
    address = quote(made)
    with made.app.app_context():
        checker = make_officer(OfficerRole.PROGRAMME_CHECKER, made.clock.now())
    strong, weak = browser_of(made.app, checker, strong=True), browser_of(made.app, checker)
    assert strong.get(address).status_code == 404
    move(made, ProjectState.SUBMITTED)
    assert strong.get(address).status_code == 404
    with made.app.app_context():
        declare(checker, made.project(), made.clock, has_interest=False)
    assert strong.get(address, max_queries=12).data == PDF
    assert weak.get(address).status_code == 404
    with made.app.app_context():
        declare(checker, made.project(), made.clock, has_interest=True)
    assert strong.get(address).status_code == 404


def test_what_was_submitted_is_looked_at_but_no_longer_changed(made: Drafting) -> None:
    address = quote(made)
    page = made.browser(made.owner).get(f"{address}/remove")
    move(made, ProjectState.SUBMITTED)
    listed = made.get("documents")
    assert "cannot be changed just now" in listed.text
    assert "Add a file" not in listed.text
    assert made.browser(made.owner).get(f"{address}/remove").status_code == 403
    assert made.browser(made.owner).submit(page).status_code == 422
    assert len(kept(made)) == 1
