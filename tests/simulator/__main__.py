"""`make simulate SEEDS=10000`: seasons by their seeds, with progress; `SEED=7` plays one again and says how it went."""

import argparse
import sys
import time
import traceback
from pathlib import Path

from tests.simulator.rig import make_rig
from tests.simulator.running import STEPS, run_seed
from tests.support.sockets import only_loopback


def main() -> int:
    """Play seasons; return 1 when one of them broke something."""
    parser = argparse.ArgumentParser(prog="make simulate", description="Seasons with faults, by their seeds")
    parser.add_argument("--seeds", type=int, default=300, help="how many, from --first on")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, help="only this one, with the shortest way to what it finds")
    parser.add_argument(
        "--steps", type=int, default=STEPS, help="how many steps a season has before it is driven to rest"
    )
    parser.add_argument("--go-on", action="store_true", help="do not stop at the first seed that fails")
    args = parser.parse_args()
    with only_loopback(), make_rig() as rig:
        if args.seed is not None:
            run_seed(rig, args.seed, steps=args.steps, shrink=True)
            print(f"seed {args.seed} holds")
            return 0
        failed, began = [], time.monotonic()
        for number, seed in enumerate(range(args.first, args.first + args.seeds), 1):
            try:
                run_seed(rig, seed, steps=args.steps)
            except Exception:  # noqa: BLE001 - whatever it is, it is what we look for
                failed.append(seed)
                print(f"\nseed {seed} FAILED: {_last_words()}\nagain: make simulate SEED={seed}", flush=True)
                if not args.go_on:
                    return 1
            _progress(number, args.seeds, len(failed), began)
        print(f"\n{args.seeds} seeds, {len(failed)} failed {failed or ''}")
        print("; ".join(f"{what}: {times}" for what, times in sorted(rig.tally.items())))
    return 1 if failed else 0


def _progress(done: int, of: int, failed: int, began: float) -> None:
    took = time.monotonic() - began
    left = took / done * (of - done)
    print(f"\r{done}/{of} seasons, {failed} failed, {took:.0f} s, about {left:.0f} s to go ", end="", flush=True)


def _last_words() -> str:
    kind, error, trace = sys.exc_info()
    ours = [
        frame for frame in traceback.extract_tb(trace) if "crowdfund" in frame.filename or "simulator" in frame.filename
    ]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(ours[-6:]))
    return f"{kind.__name__ if kind else ''}: {str(error)[:2000]}\nat {where}"


if __name__ == "__main__":
    sys.exit(main())
