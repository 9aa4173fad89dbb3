"""Points where a process of the sandbox can be made to die: there, that often, and never in production."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crowdfund.core.failpoints import POINTS

ROOT = Path(__file__).resolve().parents[2]
STEPS = (
    "from crowdfund.core.failpoints import reach\nfor n in range(3): reach('charge.after_send'); print(n, flush=True)"
)


def run(**env):
    """Reach a point three times in a process of its own; return its exit status and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", STEPS], cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize(
    ("env", "lives", "printed"),
    [
        ({}, True, ["0", "1", "2"]),
        ({"CROWDFUND_FAILPOINT": "charge.after_send"}, True, ["0", "1", "2"]),
        ({"CROWDFUND_FAILPOINT": "charge.after_send", "CROWDFUND_SANDBOX": "0"}, True, ["0", "1", "2"]),
        ({"CROWDFUND_FAILPOINT": "charge.before_send", "CROWDFUND_SANDBOX": "1"}, True, ["0", "1", "2"]),
        ({"CROWDFUND_FAILPOINT": "charge.after_send", "CROWDFUND_SANDBOX": "1"}, False, []),
        ({"CROWDFUND_FAILPOINT": "charge.after_send:3", "CROWDFUND_SANDBOX": "1"}, False, ["0", "1"]),
    ],
)
def test_a_process_dies_only_in_the_sandbox_at_the_point_and_time_that_was_named(env, lives, printed):
    status, out = run(**env)
    assert (status, out) == (0 if lives else -signal.SIGKILL, printed)


def test_every_point_in_the_code_is_described():
    placed = set()
    for path in (ROOT / "crowdfund").rglob("*.py"):
        placed |= set(re.findall(r"failpoints\.reach\(\"([^\"]+)\"\)", path.read_text()))
    assert placed
    assert placed <= set(POINTS)
