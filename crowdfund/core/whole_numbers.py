"""How NUMERIC is read from PostgreSQL: no column is one, only sums of whole numbers are."""

from psycopg.abc import Buffer
from psycopg.adapt import Loader


class WholeNumber(Loader):
    """Reads a sum of whole numbers as one. Raises ValueError for a fraction, which nothing here adds up to."""

    def load(self, data: Buffer) -> int:
        """Return the number."""
        return int(bytes(data))
