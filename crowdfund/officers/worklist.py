"""The officers' worklist: what is to be checked, narrowed, sorted and counted by the database."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from crowdfund.officers.desk_view import COUNTED, View
from crowdfund.officers.work_statements import COUNTS, Shape, page_statement, row_statement
from crowdfund.places.rules import tidy_postcode
from crowdfund.projects.distance import REASONS
from crowdfund.projects.rules import WORDS, ProjectState


class Row(NamedTuple):
    """One project of the list. Amount in pence, times UTC; `barred` is the place of a reason among REASONS."""

    id: int
    public_id: str
    reference: str | None
    title: str
    group: str
    district: str
    target_pence: int
    state: ProjectState
    submitted_at: datetime | None
    due_at: datetime | None
    officer_id: int | None
    officer: str | None
    barred: int

    @property
    def reason(self) -> str:
        """Why the officer who asks may do nothing with the project; empty where nothing is in the way."""
        return REASONS[self.barred]

    @property
    def state_words(self) -> str:
        """Where the project stands, in words."""
        return WORDS[self.state]

    def is_overdue(self, now: datetime) -> bool:
        """Say whether the council should have answered by `now` (UTC)."""
        return self.state is ProjectState.SUBMITTED and self.due_at is not None and self.due_at < now

    def cells(self, now: datetime) -> list[str]:
        """Return what the list shows of it, for the file: the columns in their order, after the reference."""
        dates = [moment.date().isoformat() if moment else "" for moment in (self.submitted_at, self.due_at)]
        state = self.state_words + (" (overdue)" if self.is_overdue(now) else "")
        pounds = f"{self.target_pence / 100:.2f}"
        who = self.officer or "Nobody yet"
        return [self.reference or "", self.title, self.group, self.district, pounds, state, *dates, who]


def list_rows(
    session: Session, view: View, person_id: int, now: datetime, *, offset: int = 0, limit: int | None = None
) -> tuple[list[Row], int]:
    """Return the rows of a page and how many there are in all, in one query; the total is 0 behind the last page."""
    plain, postcode = view.q.lower(), tidy_postcode(view.q)
    escaped = plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    shape = Shape(
        view.show, view.sort, bool(view.district), bool(view.q), postcode is not None, "@" in view.q, limit is None
    )
    values: dict[str, Any] = {"person_id": person_id, "now": now, "offset": offset, "limit": limit}
    values |= {"district": view.district, "pattern": f"%{escaped}%", "reference": view.q.upper()}
    values |= {"postcode": postcode, "address": plain}
    found = session.connection().execute(page_statement(shape), values).all()
    return [Row(*row[:-1]) for row in found], int(found[0][-1]) if found else 0


def find_row(session: Session, project_id: int, person_id: int) -> Row:
    """Return one project as the list shows it to a person, in any state."""
    values = {"project_id": project_id, "person_id": person_id}
    return Row(*session.connection().execute(row_statement(), values).one()[:-1])


def count_work(session: Session, person_id: int, now: datetime) -> dict[str, int]:
    """Return how much work there is of each kind, in one query."""
    row = session.connection().execute(COUNTS, {"person_id": person_id, "now": now}).one()
    return dict(zip(COUNTED, row, strict=True))
