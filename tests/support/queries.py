"""Counts the SQL statements that a piece of code sends."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

# What opens and closes a transaction is no work of the page's.
_NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


class Queries(list[str]):
    """The statements seen, in order."""

    def report(self) -> str:
        """Return the statements for a person to read, the most repeated first."""
        lines = Counter(self).most_common()
        return "\n".join(f"{times:>4} × {' '.join(statement.split())[:300]}" for statement, times in lines)

    def refuse_over(self, limit: int, what: str) -> None:
        """Raise AssertionError when there are more than `limit`."""
        if len(self) > limit:
            raise AssertionError(f"{what}: {len(self)} queries, at most {limit} allowed\n{self.report()}")


@contextmanager
def count_queries(engine: Engine) -> Iterator[Queries]:
    """Collect every statement sent through `engine` meanwhile."""
    seen = Queries()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(_NOT_COUNTED):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
