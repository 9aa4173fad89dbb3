"""The parts of the test rig that need no application."""

import socket
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from crowdfund.core import clock
from tests.support.browser import find_browser, launch_args
from tests.support.clock import START, standing_clock
from tests.support.queries import Queries, count_queries
from tests.support.slow import limit_for, summary
from tests.support.sockets import OutsideWorld, is_local


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "", None])
def test_this_machine_is_local(host: str | None) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "2001:db8::1", "127.0.0.1.example.org"])
def test_other_machines_cannot_be_reached(host: str) -> None:
    assert not is_local(host)
    with pytest.raises(OutsideWorld):
        socket.create_connection((host, 80))
    with socket.socket() as plain, pytest.raises(OutsideWorld):
        plain.connect_ex((host, 80))


def test_queries_are_counted_while_asked() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        with count_queries(engine) as seen:
            connection.execute(text("SELECT 1"))
            connection.execute(text("SELECT 1"))
            connection.execute(text("PRAGMA user_version"))
        connection.execute(text("SELECT 2"))
    engine.dispose()
    assert seen == ["SELECT 1", "SELECT 1"]


def test_too_many_queries_are_listed_the_most_repeated_first() -> None:
    Queries(["SELECT 1"]).refuse_over(1, "GET /")
    with pytest.raises(AssertionError, match=r"GET /: 3 queries, at most 2 allowed\n +2 × SELECT b\n +1 × SELECT a"):
        Queries(["SELECT a", "SELECT b", "SELECT b"]).refuse_over(2, "GET /")


def test_the_clock_stands_moves_and_is_given_back() -> None:
    before = clock.now()
    with standing_clock() as fixed:
        assert clock.now() == START
        fixed.forward(timedelta(days=1))
        assert clock.now() == START + timedelta(days=1)
    assert clock.now() >= before


@pytest.mark.parametrize(
    ("nodeid", "limit"),
    [
        ("tests/unit/test_a.py::test_b", 0.010),
        ("tests/integration/stripe/test_a.py::test_b[1::2]", 0.5),
        ("e2e/test_a.py::test_b", None),
        ("tests/test_a.py::test_b", None),
    ],
)
def test_each_kind_of_test_has_its_limit(nodeid: str, limit: float | None) -> None:
    assert limit_for(nodeid) == limit


def report(name: str, seconds: float, when: str = "call") -> pytest.TestReport:
    return pytest.TestReport(f"tests/unit/test_a.py::{name}", ("", 0, ""), {}, "passed", None, when, duration=seconds)


def test_slow_tests_are_named_slowest_first() -> None:
    line = summary([report("fast", 0.001), report("slow", 0.02), report("slower", 0.5), report("x", 9, "setup")])
    assert line is not None
    assert line.startswith("2 slower")
    assert line.index("::slower 500 ms") < line.index("::slow 20 ms")
    assert summary([report("fast", 0.001)]) is None


def test_a_named_browser_wins() -> None:
    assert find_browser({"CHROMIUM": "/opt/mine", "PATH": ""}) == "/opt/mine"
    assert launch_args({"CHROMIUM": "/opt/mine"})["executable_path"] == "/opt/mine"


def test_without_an_installed_browser_playwright_uses_its_own(tmp_path) -> None:
    assert find_browser({"PATH": str(tmp_path)}, apps=()) is None


def test_browsers_are_found_on_the_path_and_among_mac_apps(tmp_path) -> None:
    browser = tmp_path / "google-chrome"
    browser.write_text("")
    browser.chmod(0o755)
    assert find_browser({"PATH": str(tmp_path)}) == str(browser)
    assert find_browser({"PATH": "/nowhere"}, apps=(str(browser),)) == str(browser)
