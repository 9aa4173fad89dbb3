"""Whole campaigns with faults, a sample of seeds; `make simulate` runs as many as one likes."""

from collections.abc import Iterator

import pytest

from tests.simulator.rig import Rig, make_rig
from tests.simulator.running import run_seed
from tests.support.sampling import is_thorough

SAMPLE = range(1, 301) if is_thorough() else range(1, 9)


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with make_rig() as made:
        yield made


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_season_with_faults_keeps_every_invariant_and_comes_to_rest(rig: Rig, seed: int) -> None:
    run_seed(rig, seed)
