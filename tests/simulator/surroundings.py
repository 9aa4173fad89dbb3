"""Time passes, the worker works or dies, and the provider fails: more of what happens in a season."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from sqlalchemy import select

from crowdfund.core.db import db
from crowdfund.core.failpoints import POINTS
from crowdfund.core.jobs import Job, JobState
from tests.simulator import faults
from tests.simulator.backing import PICK, Backers, step

EDGES = st.sampled_from(["before deadline", "deadline", "before window", "window", "after window", "next job"])
SECOND = timedelta(seconds=1)


class Surroundings(Backers):
    """Everything around people."""

    @step(minutes=st.integers(1, 90))
    def minutes_pass(self, minutes: int) -> None:
        self.rig.clock.forward(timedelta(minutes=minutes))

    @step(hours=st.integers(2, 30))
    def hours_pass(self, hours: int) -> None:
        self.rig.clock.forward(timedelta(hours=hours))

    @step(days=st.integers(1, 12))
    def days_pass(self, days: int) -> None:
        self.rig.clock.forward(timedelta(days=days))

    @step(number=PICK, edge=EDGES)
    def wait_for(self, number: int, edge: str) -> None:
        moments = {"next job": self.rig.clock.now() + self.rig.next_moment()}
        project = self.season.project(number)
        settlement = self.season.settlement(project)
        for name, moment in (("deadline", project.deadline), ("window", settlement and settlement.fix_until)):
            if isinstance(moment, datetime):
                moments |= {f"before {name}": moment - SECOND, name: moment, f"after {name}": moment + SECOND}
        self.rig.clock.at = max(self.rig.clock.at, moments.get(edge, self.rig.clock.at))

    @step(most=st.sampled_from([1, 2, 5, 20, 1000]), sweeps=st.booleans())
    def work(self, most: int, sweeps: bool) -> None:
        if sweeps:
            self.rig.come_round()
        self.rig.work(most)

    @step()
    def work_steadily(self) -> None:
        for _ in range(12):
            self.rig.come_round()
            self.rig.work()
            self.rig.deliver_all()
            self.rig.clock.forward(min(self.rig.next_moment(), timedelta(hours=4)))

    @step(point=st.sampled_from(sorted(POINTS)))
    def power_cut(self, point: str) -> None:
        self.rig.doom = point
        self.rig.work()
        self.rig.doom = ""

    @step(pick=PICK)
    def second_worker(self, pick: int) -> None:
        done = select(Job).where(Job.state == JobState.DONE, Job.kind != "mail:send").order_by(Job.id)
        if (job := self.one(list(db.session.scalars(done)), pick)) is not None:
            self.rig.repeat(job)

    # The provider

    @step(name=st.sampled_from(sorted(faults.API)), times=st.integers(1, 4), path=st.sampled_from(faults.PATHS))
    def fault(self, name: str, times: int, path: str) -> None:
        self.rig.stripe.set_mode(name, times=times, path=path, **faults.API[name])

    @step(name=st.sampled_from(["down", "429", "refuse"]))
    def outage(self, name: str) -> None:
        self.rig.stripe.set_mode(name)

    @step()
    def calm(self) -> None:
        self.rig.stripe.clear_modes()

    @step(fates=st.lists(st.sampled_from(["deliver", "deliver", "twice", "lose", "later"]), max_size=12))
    def post(self, fates: list[str]) -> None:
        self.rig.collect_post()
        self.luck.shuffle(self.rig.bag.waiting)
        for fate in fates:
            if self.rig.bag.waiting and fate != "later":
                webhook = self.rig.bag.waiting.pop()
                if fate != "lose":
                    self.rig.deliver(webhook, 2 if fate == "twice" else 1)

    @step(pick=PICK)
    def post_again(self, pick: int) -> None:
        if (webhook := self.one(self.rig.bag.delivered, pick)) is not None:
            self.rig.deliver(webhook)
