"""Entries of the cash book as lines of a CSV file, one by one, so that no length of it is ever in memory."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from crowdfund.officers.money_queries import Entry
from crowdfund.officers.money_words import EVENTS
from crowdfund.web.csv_files import disarmed

HEAD = ("Entry", "When (UTC)", "What", "Project or fund", "In (£)", "Out (£)", "Reference")


def csv_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the head and a line for each entry; text that a spreadsheet would run as a formula is disarmed."""
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    yield "\ufeff" + _line(HEAD)
    for entry in entries:
        yield _line([disarmed(cell) for cell in _cells(entry)])


def _cells(entry: Entry) -> Sequence[object]:
    pounds = f"{abs(entry.pence) // 100}.{abs(entry.pence) % 100:02d}"
    came, went = (pounds, "") if entry.pence > 0 else ("", pounds)
    words = EVENTS.get(entry.event, entry.event.value)
    return entry.entry_id, f"{entry.at:%Y-%m-%d %H:%M:%S}", words, entry.title or "", came, went, entry.key


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
