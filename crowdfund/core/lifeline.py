"""A pipe between a parent and its processes: when the parent is gone, however it ended, they end too."""

import os
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

_VARIABLE = "CROWDFUND_LIFELINE"
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Lifeline:
    """The parent's side; the read end goes to every child, the write end to none."""

    read_end: int
    write_end: int

    def environment(self) -> dict[str, str]:
        """Return what tells a child which descriptor to hold on to."""
        return {_VARIABLE: str(self.read_end)}


def throw() -> Lifeline:
    """Open a lifeline in the parent; it breaks when this process ends."""
    return Lifeline(*os.pipe())


def hold_on(environ: Mapping[str, str]) -> None:
    """End this process as by SIGTERM once the parent that threw a lifeline is gone; without one do nothing."""
    given = environ.get(_VARIABLE)
    if given is not None:
        threading.Thread(target=_wait, args=(int(given),), daemon=True).start()


def _wait(descriptor: int) -> None:
    try:
        while os.read(descriptor, 1):
            pass
    except OSError:
        return  # not our parent's pipe: somebody else's environment was inherited
    os.kill(os.getpid(), signal.SIGTERM)


def follow(parent: int) -> None:
    """End this process at once when `parent` (a process id) is no longer its parent.

    For a server's workers: one that is still starting can miss the signal its server sends while ending.
    """
    threading.Thread(target=_look, args=(parent,), daemon=True).start()


def _look(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
