"""A PostgreSQL of one's own that is killed as by a power cut and started again on what it had written."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from sqlalchemy import make_url

from tests.support.postgres import _as_user, _server_user, find_bindir, postgres


@contextmanager
def careful_postgres() -> Iterator[str]:
    """Run a server that writes to the disk before it says so, and yield its address."""
    with postgres(fsync=True) as url:
        yield url


def cut_power(url: str) -> None:
    """Kill the server and every process of it outright, and start it again."""
    folder = Path(str(make_url(url).query["host"]))
    server = psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))
    everyone = [server, *server.children(recursive=True)]
    for process in everyone:
        os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs(everyone, 30)
    subprocess.run(
        [find_bindir() / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "start"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        cwd="/tmp",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        start_new_session=True,
        **_as_user(_server_user()),
    )
