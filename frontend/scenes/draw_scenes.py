"""Draw every scene into static/images/scenes: `python frontend/scenes/draw_scenes.py`."""

from collections.abc import Callable
from inspect import getmembers, isfunction
from pathlib import Path
from types import ModuleType

import coast
import country
import greens
import halls
import rooms
import town
import water
import wild
from kit import tighten
from people import people_in

FOLDER = Path(__file__).resolve().parents[2] / "static" / "images" / "scenes"
BUDGET = 6 * 1024


def scenes_in(module: ModuleType) -> dict[str, Callable[[], str]]:
    """Return the scenes of a module: its own functions, by name."""
    return {name: draw for name, draw in getmembers(module, isfunction) if draw.__module__ == module.__name__}


def main() -> None:
    """Write one SVG for each scene; stop if one is over its budget."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for module in (coast, country, greens, halls, rooms, town, water, wild):
        for name, draw in scenes_in(module).items():
            picture = tighten(people_in(draw()))
            size = len(picture.encode())
            print(f"{size:5} {name}")
            if size > BUDGET:
                raise SystemExit(f"{name} is over its budget of {BUDGET} bytes")
            (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
