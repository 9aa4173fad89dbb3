"""The test client refuses what the house refuses: bad pages, missing headers, open writes, too many queries."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, redirect, request
from sqlalchemy import text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from crowdfund.core.db import db
from tests.support.client import HouseClient

PAGE = """<!doctype html><html lang="en"><head><title>Home – House</title></head>
<body><main><h1>Home</h1><form action="/save?from=home" method="post">
<input type="hidden" name="csrf_token" value="t"><label for="name">Name</label><input id="name" name="name">
<button>Save</button></form></main></body></html>"""
POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A tiny application with good and bad answers."""
    app = Flask("house")
    file: Path = tmp_path_factory.mktemp("house") / "house.sqlite3"
    app.config |= {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{file}", "SECRET_KEY": "house"}
    db.init_app(app)
    app.test_client_class = HouseClient
    app.testing = True
    add_views(app)

    @app.after_request
    def headers(response: Response) -> Response:
        if request.path != "/bare":
            policy = POLICY + ("; script-src 'unsafe-inline'" if request.path == "/lax" else "")
            response.headers.extend({"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"})
            response.headers["Referrer-Policy"] = "no-referrer"
        return response

    yield app
    with app.app_context():
        db.engine.dispose()


def add_views(app: Flask) -> None:
    answers = {
        "/": lambda: PAGE,
        "/bad": lambda: PAGE.replace("<h1>", "<h1 style='x'>"),
        "/bare": lambda: PAGE,
        "/lax": lambda: PAGE,
        "/part": lambda: "<p>Part</p>",
        "/broken": lambda: (PAGE, 500),
        "/away": lambda: redirect("https://elsewhere.example/"),
        "/asks": ask_three_times,
        "/forgets": forget_to_commit,
    }
    for path, view in answers.items():
        app.add_url_rule(path, path, view)
    app.add_url_rule("/save", "save", lambda: redirect(f"/?saved={request.form['name']}", 303), methods=["POST"])


def ask_three_times() -> str:
    for _ in range(3):
        db.session.execute(text("SELECT 1"))
    return PAGE


class Apart(DeclarativeBase):
    """A parent of its own, so that the real schema does not know this test's table."""


class Note(Apart):
    """Never stored."""

    __tablename__ = "house_client_note"
    id: Mapped[int] = mapped_column(primary_key=True)


def forget_to_commit() -> str:
    db.session.add(Note(id=1))
    return PAGE


@pytest.fixture
def visitor(house: Flask) -> HouseClient:
    """The client on the tiny application."""
    client = house.test_client()
    assert isinstance(client, HouseClient)
    return client


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/bad", "nothing_inline"),
        ("/bare", "the header Content-Security-Policy"),
        ("/lax", "unsafe-inline"),
        ("/part", "a fragment was sent to a browser"),
        ("/broken", "a defect"),
        ("/forgets", "a write left open"),
    ],
)
def test_a_bad_answer_is_refused(visitor: HouseClient, path: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        visitor.get(path)


def test_a_good_answer_passes(visitor: HouseClient) -> None:
    assert "Home" in visitor.get("/").text


def test_a_defect_that_the_test_is_about_passes(visitor: HouseClient) -> None:
    assert visitor.get("/broken", defect_expected=True).status_code == 500


def test_an_answer_to_htmx_says_what_it_varies_by(visitor: HouseClient) -> None:
    with pytest.raises(AssertionError, match="Vary: HX-Request"):
        visitor.get("/part", headers={"HX-Request": "true"})


def test_queries_are_counted_and_limited(visitor: HouseClient) -> None:
    visitor.get("/asks", max_queries=3)
    assert visitor.queries == ["SELECT 1"] * 3
    with pytest.raises(AssertionError, match="3 queries, at most 2"):
        visitor.get("/asks", max_queries=2)


def test_a_form_is_submitted_and_its_answer_followed(visitor: HouseClient) -> None:
    reply = visitor.submit(visitor.get("/"), name="Oast house")
    assert (reply.request.path, reply.request.query_string) == ("/save", b"from=home")
    assert visitor.follow(reply).request.args["saved"] == "Oast house"


def test_only_redirects_within_the_service_are_followed(visitor: HouseClient) -> None:
    with pytest.raises(AssertionError, match="another host"):
        visitor.follow(visitor.get("/away"))
    with pytest.raises(AssertionError, match="no redirect"):
        visitor.follow(visitor.get("/"))
