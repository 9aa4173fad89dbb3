"""The throw-away PostgreSQL really starts, and nothing of it outlives whoever asked for it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.support.postgres import NoPostgres, postgres

pytestmark = pytest.mark.database

ROOT = Path(__file__).parents[2]


def folder_of(url: str) -> Path:
    return Path(str(make_url(url).query["host"]))


def ask(url: str, question: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        answer = connection.execute(text(question)).scalar_one()
    engine.dispose()
    return str(answer)


def is_running(pid: int) -> bool:
    # A dead process that nobody has collected yet (Z) holds nothing.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def test_it_answers_on_a_socket_only_and_leaves_nothing() -> None:
    with postgres() as url:
        assert ask(url, "show fsync") == "off"
        assert ask(url, "show listen_addresses") == ""
        assert ask(url, "show max_connections") == "200"
        folder = folder_of(url)
        assert folder.exists()
    assert not folder.exists()


def test_it_can_be_as_careful_as_a_real_one() -> None:
    with postgres(fsync=True) as url:
        assert ask(url, "show fsync") == "on"


def test_a_killed_test_run_leaves_no_server() -> None:
    borrower = subprocess.Popen(
        [sys.executable, "-m", "tests.support.postgres"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert borrower.stdout is not None
    folder = folder_of(borrower.stdout.readline().strip())
    server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    borrower.kill()
    # The keeper shell holds the other end of the error pipe until it has deleted the folder and ended.
    borrower.communicate(timeout=30)
    assert not folder.exists()
    assert not is_running(server)


@pytest.fixture
def broken() -> Iterator[Path]:
    """A folder of PostgreSQL programs, open to the server's user, that all fail."""
    with TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for program in ("initdb", "pg_ctl"):
            (folder / program).write_text("#!/bin/sh\necho broken on purpose\nexit 1\n")
            (folder / program).chmod(0o755)
        yield folder


def test_a_server_that_cannot_start_says_why(broken: Path) -> None:
    with pytest.raises(NoPostgres, match="broken on purpose"), postgres(bindir=broken):
        pass
