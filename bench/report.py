"""Tables for people, and whether a ratio reaches its target."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import Cell


@dataclass(frozen=True)
class Ratio:
    """A measured ratio or count with its floor and its goal; `at_most` where smaller is better."""

    name: str
    value: float
    floor: float | None = None
    goal: float | None = None
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """Say where the ratio stands; one without a floor is only told."""
        if self.floor is None:
            return ""
        if not self._reaches(self.floor):
            return "FAIL"
        return "PASS, goal reached" if self.goal is not None and self._reaches(self.goal) else "PASS"

    def _reaches(self, wanted: float) -> bool:
        return self.value <= wanted if self.at_most else self.value >= wanted


def per_round(mine: Sequence[float], other: Sequence[float]) -> float:
    """Return the median of the rounds' ratios: a round that was disturbed moves it little."""
    return statistics.median(a / b for a, b in zip(mine, other, strict=True))


def middle(found: Sequence[Cell]) -> Cell:
    """Return the medians of several measurements, and all failures."""
    per_second, p50, p99 = (statistics.median(getattr(c, name) for c in found) for name in ("per_second", "p50", "p99"))
    return Cell(per_second, p50, p99, sum(cell.failures for cell in found))


def cells(title: str, rows: Sequence[tuple[str, Cell]]) -> str:
    """Return a table of measured cells."""
    lines = [f"\n{title}", f"  {'':30} {'a second':>10} {'p50 ms':>8} {'p99 ms':>8} {'failed':>7}"]
    for name, cell in rows:
        lines.append(f"  {name:30} {cell.per_second:10.0f} {cell.p50:8.2f} {cell.p99:8.2f} {cell.failures:7d}")
    return "\n".join(lines)


def ratios(rows: Sequence[Ratio]) -> str:
    """Return a table of ratios."""
    lines = [f"\n  {'':58} {'value':>8} {'floor':>8} {'goal':>8}"]
    for row in rows:
        floor, goal = _limit(row.floor, row.at_most), _limit(row.goal, row.at_most)
        lines.append(f"  {row.name:58} {_figure(row.value):>8} {floor:>8} {goal:>8}  {row.verdict}".rstrip())
    return "\n".join(lines)


def _limit(limit: float | None, at_most: bool) -> str:
    return "–" if limit is None else f"{'<=' if at_most else '>='}{limit:g}"


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 1 and value == int(value) else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
