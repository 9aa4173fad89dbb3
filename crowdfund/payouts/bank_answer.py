"""The bank's answer as a file: read line by line, with a sentence for every line that makes no sense."""

import csv
import io
from dataclasses import dataclass

from crowdfund.core.errors import Refused
from crowdfund.core.money import parse_pounds

COLUMNS = ("Reference", "Result", "Bank reference", "Amount", "Reason")
PAID, RETURNED = "paid", "returned"
MOST_LINES = 2000
MOST_BYTES = 256 * 1024


@dataclass(frozen=True)
class AnswerLine:
    """One line. `fault` says what is wrong with it; amount in pence, None where the file has none."""

    reference: str
    is_paid: bool = False
    bank_reference: str = ""
    amount_pence: int | None = None
    reason: str = ""
    fault: str = ""


def read_answer(content: bytes, field: str) -> list[AnswerLine]:
    """Return the lines of an answer in CSV with the columns of `COLUMNS`, in any order.

    Raises Refused on `field` for a file that is no such table.
    """
    try:
        text = content[: MOST_BYTES + 1].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("not_text", "We cannot read this file. Save it as CSV in UTF-8.", field) from error
    if len(content) > MOST_BYTES:
        raise Refused("too_large", f"The file must be {MOST_BYTES // 1024} KB or smaller.", field)
    try:
        rows = [row for row in csv.reader(io.StringIO(text.replace("\x00", ""))) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise Refused("not_csv", "We cannot read this file as CSV.", field) from error
    return _lines(rows, field)


def _lines(rows: list[list[str]], field: str) -> list[AnswerLine]:
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    missing = [name for name in COLUMNS[:3] if name.lower() not in head]
    if missing:
        raise Refused("no_columns", f"The first line has to name these columns: {', '.join(missing)}.", field)
    if len(rows) == 1:
        raise Refused("no_lines", "There is no payment in this file, only its first line.", field)
    if len(rows) > MOST_LINES + 1:
        raise Refused("too_many", f"The file must have {MOST_LINES} lines or fewer.", field)
    places = {name.lower(): head.index(name.lower()) for name in COLUMNS if name.lower() in head}
    return [_line({name: _cell(row, place) for name, place in places.items()}) for row in rows[1:]]


def _cell(row: list[str], place: int) -> str:
    return " ".join(row[place].split()) if place < len(row) else ""


def _line(cells: dict[str, str]) -> AnswerLine:
    reference, result = cells["reference"].upper()[:18], cells["result"].lower()
    bank_reference, reason = cells["bank reference"], cells.get("reason", "")
    if not reference:
        return AnswerLine("", fault="The line has no reference.")
    if result not in {PAID, RETURNED}:
        return AnswerLine(reference, fault=f"The result must be “{PAID}” or “{RETURNED}”.")
    if result == PAID and not 0 < len(bank_reference) <= 60:
        return AnswerLine(reference, fault="A payment needs the bank’s reference of up to 60 characters.")
    try:
        pence = parse_pounds(cells["amount"]) if cells.get("amount") else None
    except ValueError:
        return AnswerLine(reference, fault="The amount cannot be read.")
    given = reason[:500] or "The bank gave no reason."
    return AnswerLine(reference, result == PAID, bank_reference, pence, given)
