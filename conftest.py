"""What every test run has: a database of the asked kind, no way out of this machine, a word on slow tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings as hypothesis_settings

from tests.support.database import Database, open_database
from tests.support.sampling import is_thorough
from tests.support.slow import summary
from tests.support.sockets import only_loopback

# No deadline: a shared machine may pause any example.
hypothesis_settings.register_profile("sample", max_examples=100, deadline=None, print_blob=True)
hypothesis_settings.register_profile("proof", max_examples=5000, deadline=None, print_blob=True)
hypothesis_settings.load_profile("sample")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run choose its database."""
    parser.addoption("--db", choices=["sqlite", "postgres"], default="sqlite", help="the database to test on")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the second database all that is about money, faults or the database itself, and a share of the pages.

    Pages do not know which database they come from: of the tests in tests/integration every second one is enough,
    of walks over all pages every fifth. `make proof` takes them all on both.
    """
    if config.getoption("--db") == "sqlite" or is_thorough():
        return
    walks = [item for item in items if item.get_closest_marker("walk")]
    pages = [item for item in items if _is_about_pages(item) and not item.get_closest_marker("walk")]
    spared = {item for number, item in enumerate(walks) if number % 5} | set(pages[1::2])
    items[:] = [item for item in items if item not in spared]
    config.hook.pytest_deselected(items=list(spared))


def _is_about_pages(item: pytest.Item) -> bool:
    return "integration" in item.path.parts and not item.get_closest_marker("database")


def pytest_report_header(config: pytest.Config) -> str:
    """Say which database this run is about."""
    return f"database: {config.getoption('--db')}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name slow tests before the closing line."""
    if line := summary(terminalreporter.getreports("passed")):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session", autouse=True)
def stay_on_this_machine() -> Iterator[None]:
    """Refuse connections to other machines."""
    with only_loopback():
        yield


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The migrated database of this run (of this worker, when several share the run)."""
    with open_database(request.config.getoption("--db")) as opened:
        yield opened


@pytest.fixture(scope="session")
def database_url(database: Database) -> str:
    """Its address."""
    return database.url
