"""Tables as CSV files that are safe to open in a spreadsheet program."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

# What a spreadsheet takes for a formula, also after spaces and in the wide letters of East Asian keyboards.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return a table as a file to download; text that a spreadsheet would run as a formula is disarmed."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([disarmed(cell) for cell in row] for row in rows)
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def disarmed(cell: object) -> str:
    """Return a cell's text, with an apostrophe before what would be run as a formula."""
    text = str(cell).replace("\x00", "")
    is_formula = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if is_formula else text
