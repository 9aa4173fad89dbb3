"""Running the machine by its seed: the same number gives the same season."""

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.simulator.machine import Campaigns
from tests.simulator.rig import Rig

STEPS = 40


def run_seed(rig: Rig, number: int, *, steps: int = STEPS, shrink: bool = False) -> None:
    """Play the season of a seed. Raises whatever it finds; with `shrink` the shortest way there is looked for."""

    def make() -> RuleBasedStateMachine:
        return Campaigns(rig)

    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    chosen = settings(
        max_examples=2,  # the first is always the simplest that there is
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(seed(number)(make), settings=chosen)
