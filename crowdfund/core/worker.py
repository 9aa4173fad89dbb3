"""The worker: leases due jobs one by one, carries them out and records how it went."""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crowdfund.core import audit, clock, jobs, lease
from crowdfund.core.db import db
from crowdfund.core.jobs import Handler, Job
from crowdfund.core.unit_of_work import unit_of_work

log = logging.getLogger("crowdfund.worker")


@dataclass(frozen=True)
class Periodic:
    """Work that comes round: its job kind and how often."""

    kind: str
    every: timedelta


@dataclass
class Worker:
    """Carries out jobs by kind; needs an app context around it."""

    handlers: Mapping[str, Handler]
    periodic: tuple[Periodic, ...] = ()
    stopping: threading.Event = field(default_factory=threading.Event)

    def run_one(self, upto: datetime | None = None) -> bool:
        """Carry out the earliest job due at `upto` (business time, default now); say whether there was one."""
        now = clock.now()
        with unit_of_work() as session:
            job = jobs.claim(session, upto or now, clock.real_now())
            if job is None:
                return False
            session.expunge(job)
        self._carry_out(job, now)
        return True

    def _carry_out(self, job: Job, now: datetime) -> None:
        now = max(now, job.run_after)  # business time can be run ahead of the clock, job by job
        try:
            with lease.working_on(job):
                self.handlers[job.kind](json.loads(job.payload), now)
        except Exception as error:
            log.exception("job %s %s failed on try %s", job.id, job.kind, job.tries)
            db.session.rollback()
            with unit_of_work() as session:
                jobs.fail(session, job, error, now)
        else:
            with unit_of_work() as session:
                jobs.finish(session, job.id)

    def drain(self, upto: datetime | None = None, most: int = 10_000) -> int:
        """Carry out everything due, newly queued work included; return how many jobs ran."""
        done = 0
        while done < most and self.run_one(upto):
            done += 1
        return done

    def tick(self) -> int:
        """Queue what comes round, carry out what is due and seal the audit trail; return jobs run."""
        self.queue_periodic(clock.now())
        done = self.drain(most=500)
        with unit_of_work() as session:
            audit.seal(session)
        return done

    def queue_periodic(self, now: datetime) -> None:
        """Queue each periodic job once per slot of time, however many workers ask."""
        with unit_of_work() as session:
            for item in self.periodic:
                slot = int(now.timestamp() // item.every.total_seconds())
                jobs.enqueue(session, item.kind, {}, dedupe_key=f"{item.kind}:{slot}", now=now)

    def run_forever(self, pause_seconds: float, fresh: Callable[[], None]) -> None:
        """Work until asked to stop; `fresh` ends the session between rounds so that each reads anew."""
        while not self.stopping.is_set():
            try:
                busy = self.tick()
            except Exception:
                log.exception("a round of the worker failed; trying again")
                busy = 0
            fresh()
            self.stopping.wait(0.05 if busy else pause_seconds)
