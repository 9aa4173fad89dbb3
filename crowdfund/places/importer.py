"""Bringing in reference data: districts and divisions that we ship, postcodes from the official directory."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from crowdfund.core.db import insert_ignore, table_of
from crowdfund.places.models import District, ElectoralDivision, Postcode
from crowdfund.places.rules import tidy_postcode

DATA = Path(__file__).with_name("data")
OFFICIAL_NAME = "kent_postcodes.csv.gz"
# The names under which the official directories carry postcode and district: ours, ONSPD's, NSPL's.
_POSTCODE_COLUMNS = ("postcode", "pcds", "pcd")
_DISTRICT_COLUMNS = ("gss_code", "district_code", "oslaua", "laua", "lad25cd", "lad24cd")
_BATCH = 5000


class BadFile(Exception):
    """A file that does not hold postcodes with districts."""


@dataclass(frozen=True)
class Imported:
    """How much was brought in, and from where."""

    districts: int
    postcodes: int
    source: str


def import_places(session: Session, official: Path | None) -> Imported:
    """Bring in districts and divisions, and postcodes from `official` (CSV, gzipped or not).

    Without an official file only the few demonstration postcodes come in. Postcodes are replaced
    whole, so a second run with a newer file leaves nothing stale. Raises BadFile.
    """
    districts = list(_rows(DATA / "districts.csv"))
    for row in districts:
        insert_ignore(session, table_of(District), **_district(row))
    for row in _rows(DATA / "divisions.csv"):
        division = {"code": row["code"], "name": row["name"], "district_code": row["district_code"]}
        insert_ignore(session, table_of(ElectoralDivision), **division)
    source = official if official is not None and official.exists() else DATA / "demo_postcodes.csv"
    known = {row["code"] for row in districts}
    session.execute(delete(Postcode))
    for batch in _batches(_postcodes(source, known)):
        session.execute(insert(Postcode), batch)
    count = session.scalar(select(func.count()).select_from(Postcode)) or 0
    return Imported(len(districts), count, source.name)


def _district(row: dict[str, str]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "name": row["name"],
        "council_name": row["council_name"],
        "slug": row["slug"],
        "in_area": row["in_kcc_area"].lower() == "true",
        "valid_from": date.fromisoformat(row["valid_from"]),
        "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    }


def _postcodes(path: Path, known: set[str]) -> Iterator[dict[str, str]]:
    seen = set()
    for row in _rows(path):
        lower = {name.lower(): value for name, value in row.items()}
        postcode = tidy_postcode(_first(lower, _POSTCODE_COLUMNS, path))
        district = _first(lower, _DISTRICT_COLUMNS, path)
        if postcode and district in known and postcode not in seen:
            seen.add(postcode)
            yield {"code": postcode, "district_code": district}


def _first(row: dict[str, str], names: Iterable[str], path: Path) -> str:
    for name in names:
        if name in row:
            return row[name]
    raise BadFile(f"{path.name} has none of the columns {', '.join(names)}")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with _open(path) as file:
        yield from csv.DictReader(file)


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return TextIOWrapper(gzip.open(path), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _batches(rows: Iterable[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    batch: list[dict[str, str]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
