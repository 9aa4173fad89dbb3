"""Processes and threads that put on load together: kept for the whole run, so that starting them is never measured."""

import itertools
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

PROCESSES = 2  # as many as the site has workers
LEAD_SECONDS = 0.1

T = TypeVar("T")


class Crew:
    """Clients in processes of their own, as backers are: what they cost is not the site's time."""

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        # One pool for each, because a pool of two may give both shares to whoever is first.
        self._pools = [ProcessPoolExecutor(1, mp_context=context) for _ in range(PROCESSES)]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pool in self._pools:
            pool.shutdown()

    def run(self, work: Callable[..., T], shares: Sequence[tuple[Any, ...]]) -> list[T]:
        """Call `work(starts_at, *share)` for every share at the same moment, each in a thread of its own."""
        starts_at = time.time() + LEAD_SECONDS
        parts = [shares[n::PROCESSES] for n in range(min(PROCESSES, len(shares)))]
        busy = [pool.submit(_together, work, starts_at, part) for pool, part in zip(self._pools, parts, strict=False)]
        return list(itertools.chain.from_iterable(one.result() for one in busy))


def wait_until(moment: float) -> None:
    """Wait for a moment on the machine's clock, so that all begin at once."""
    time.sleep(max(0.0, moment - time.time()))


def _together(work: Callable[..., T], starts_at: float, shares: Sequence[tuple[Any, ...]]) -> list[T]:
    with ThreadPoolExecutor(len(shares)) as pool:
        return [one.result() for one in [pool.submit(work, starts_at, *share) for share in shares]]
