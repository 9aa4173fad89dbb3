"""Names the tests that take longer than their kind should."""

from pathlib import PurePosixPath

import pytest

# Seconds for the test itself, its fixtures not counted. Browser journeys take what they take.
LIMITS = {"unit": 0.010, "integration": 0.5, "properties": 10.0, "faults": 10.0}
SHOWN = 5


def limit_for(nodeid: str) -> float | None:
    """Return the seconds that a test of this folder may take, None for no limit."""
    parts = PurePosixPath(nodeid.partition("::")[0]).parts
    return LIMITS.get(parts[1]) if len(parts) > 2 and parts[0] == "tests" else None


def summary(reports: list[pytest.TestReport]) -> str | None:
    """Return one line about the slow tests, slowest first; None when there are none."""
    slow = [
        (report.duration, report.nodeid)
        for report in reports
        if report.when == "call" and (limit := limit_for(report.nodeid)) is not None and report.duration > limit
    ]
    if not slow:
        return None
    named = ", ".join(f"{nodeid} {seconds * 1000:.0f} ms" for seconds, nodeid in sorted(slow, reverse=True)[:SHOWN])
    return f"{len(slow)} slower than their kind should be: {named}"
