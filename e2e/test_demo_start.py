"""`crowdfund demo` from nothing: it fills itself, serves, and its whole tree ends on a signal."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests


@pytest.fixture
def port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int) -> subprocess.Popen[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("CROWDFUND_")}
    env |= {"PORT": str(port), "CROWDFUND_INSTANCE": str(folder), "CROWDFUND_PLACES_DATA": str(folder / "none")}
    command = [sys.executable, "-m", "crowdfund", "demo", "--most-backers", "1"]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for_greeting(process: subprocess.Popen[str]) -> str:
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if "Sign in with one click" in line:
            return "".join(said)
    raise AssertionError("".join(said))


def tree(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_the_demonstration_starts_serves_and_ends_whole(tmp_path: Path, port: int) -> None:
    for ending in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        with start(tmp_path, port) as process:
            try:
                greeting = wait_for_greeting(process)
                children = tree(process)
                assert f"http://127.0.0.1:{port}" in greeting
                assert ("Made" in greeting) is (ending is signal.SIGTERM)
                assert "Projects" in requests.get(f"http://127.0.0.1:{port}/projects", timeout=5).text
            finally:
                process.send_signal(ending)
        assert len(children) >= 3
        _, alive = psutil.wait_procs(children, timeout=15)
        assert alive == []
        assert process.returncode == (-signal.SIGKILL if ending is signal.SIGKILL else 0)


def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with start(tmp_path, taken.getsockname()[1]) as process:
            out, _ = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "is taken" in out
