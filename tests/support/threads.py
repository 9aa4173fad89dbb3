"""Lets many threads do something at the same moment, each with the application and a session of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask

PATIENCE = 60


def together(app: Flask, steps: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start every step at once and return what each answered or raised, in order."""
    results: list[Any] = [None] * len(steps)
    barrier = threading.Barrier(len(steps))

    def run(number: int) -> None:
        with app.app_context():
            barrier.wait(PATIENCE)
            try:
                results[number] = steps[number]()
            except Exception as error:  # noqa: BLE001 - what went wrong is what the test looks at
                results[number] = error

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "a thread never came back"
    return results


def failures(results: Sequence[Any], *expected: type[Exception]) -> list[Exception]:
    """Return what was raised and was not expected."""
    return [result for result in results if isinstance(result, Exception) and not isinstance(result, expected)]
