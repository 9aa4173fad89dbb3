"""Numbered pages of a list, each with an address of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict


@dataclass(frozen=True)
class Page:
    """One page of a list: which, of how many, and the address of each."""

    number: int
    total: int
    size: int
    path: str
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def shown(self) -> list[int | None]:
        """The numbers to show: the first, the last, this one and its neighbours; None where some are left out."""
        near = sorted({1, self.pages, *range(self.number - 1, self.number + 2)} & set(range(1, self.pages + 1)))
        numbers: list[int | None] = []
        for number in near:
            if numbers and numbers[-1] is not None and number - numbers[-1] > 1:
                numbers.append(None)
            numbers.append(number)
        return numbers

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.number - 1) * self.size

    def url(self, number: int) -> str:
        """Return the address of a page; the first has no number in it."""
        query = {k: v for k, v in self.query.items() if v and k != "page"}
        if number > 1:
            query["page"] = str(number)
        text = urlencode(query)
        return f"{self.path}?{text}" if text else self.path


def page_number(args: MultiDict[str, str]) -> int:
    """Return the page asked for; anything but a sensible number is the first."""
    raw = args.get("page", "1")
    return int(raw) if raw.isascii() and raw.isdigit() and 0 < int(raw) <= 100_000 else 1
