"""Tables for people, and whether a ratio reaches its target."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import Cell


@dataclass(frozen=True)
class Ratio:
    """A ratio with its floor and its goal; `at_most` where smaller is better."""

    name: str
    value: float
    floor: float
    goal: float
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """Say where the ratio stands."""
        if self.at_most:
            return "ok" if self.value <= self.floor else "BELOW THE FLOOR"
        if self.value >= self.goal:
            return "goal reached"
        return "above the floor" if self.value >= self.floor else "BELOW THE FLOOR"


def cells(title: str, rows: Sequence[tuple[str, Cell]]) -> str:
    """Return a table of measured cells."""
    lines = [f"\n{title}", f"  {'':26} {'a second':>10} {'p50 ms':>8} {'p99 ms':>8} {'failed':>7}"]
    for name, cell in rows:
        lines.append(f"  {name:26} {cell.per_second:10.0f} {cell.p50:8.2f} {cell.p99:8.2f} {cell.failures:7d}")
    return "\n".join(lines)


def ratios(rows: Sequence[Ratio]) -> str:
    """Return a table of ratios."""
    lines = [f"\n  {'ratio':58} {'value':>7} {'floor':>7} {'goal':>7}"]
    for row in rows:
        floor = f"<={row.floor:g}" if row.at_most else f">={row.floor:g}"
        lines.append(f"  {row.name:58} {row.value:7.2f} {floor:>7} {row.goal:7.2f}  {row.verdict}")
    return "\n".join(lines)
