"""State machines: one table of moves per machine, checked here and again by a trigger in the database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from crowdfund.core.errors import IllegalMove

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Machine(Generic[S]):
    """The moves of one kind of thing: from each state, the states it may enter and who moves it there."""

    name: str
    moves: Mapping[S, Mapping[S, str]]

    def move(self, old: S, new: S) -> S:
        """Return `new` where the table has the move, else raise IllegalMove."""
        if new not in self.moves[old]:
            raise IllegalMove(f"{self.name}: {old} -> {new}")
        return new

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield every move, for the trigger's table and for tests."""
        for old, targets in self.moves.items():
            for new in targets:
                yield old.value, new.value
