"""The worklist's rows as markup, kept by what they show: officers look at the same rows again and again."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from flask import current_app
from markupsafe import Markup

from crowdfund.officers.worklist import Row

MOST_KEPT = 2000
# Stands where a row's form takes the fields that change with every page. Nobody can write it: what people wrote is
# escaped.
FIELDS = Markup("<!--fields-->")


class Asking(NamedTuple):
    """What a row depends on besides the project: who looks, what they may do, and where projects stand."""

    me: int | None
    may_check: bool
    may_see: bool
    place: str


def markup_of(rows: Sequence[Row], asking: Asking, fields: Markup, now: datetime) -> Markup:
    """Return the rows as the template makes them, with these hidden fields in every form.

    A row is made anew whenever anything it shows differs, so none can be out of date.
    """
    template = current_app.jinja_env.get_template("officers/_row.html").module.work_row  # type: ignore[attr-defined]
    kept = (_around_fields(template, row, asking, row.is_overdue(now)) for row in rows)
    return Markup("".join(str.join(fields, parts) for parts in kept))  # noqa: S704 - made by templates, all of it


@lru_cache(maxsize=MOST_KEPT)
def _around_fields(template: Callable[..., Markup], row: Row, asking: Asking, is_overdue: bool) -> list[Markup]:
    return template(row, asking, is_overdue, FIELDS).split(FIELDS)
