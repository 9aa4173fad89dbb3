"""What the worklist can show, and how an address asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

SIZES = (25, 50, 100)

SHOWS: dict[str, str] = {
    "desk": "Everything on the desk",
    "mine": "Assigned to me",
    "unassigned": "Unassigned",
    "waiting": "Waiting for the group",
    "overdue": "Overdue",
    "unsigned": "Second signatory missing",
    "ready": "Ready to launch",
    "late": "Paused past the deadline",
    "all": "Every project ever submitted",
}
COUNTED = ("mine", "unassigned", "waiting", "overdue", "unsigned", "late")
COLUMNS: dict[str, str] = {
    "title": "Project",
    "group": "Group",
    "district": "District",
    "target": "Target",
    "state": "Where it stands",
    "submitted": "Submitted",
    "due": "Check by",
    "officer": "Officer",
}


@dataclass(frozen=True)
class View:
    """What the list is narrowed to and sorted by; all of it stands in the address."""

    show: str = "desk"
    q: str = ""
    district: str = ""
    sort: str = "due"
    size: int = SIZES[0]

    def as_query(self, **changes: Any) -> dict[str, str]:
        """Return what an address carries for this view, with changes; defaults are left out."""
        wanted = vars(self) | changes
        return {name: str(value) for name, value in wanted.items() if value != getattr(DEFAULT, name)}

    def as_text(self, **changes: Any) -> str:
        """Return the end of an address for this view, with changes; empty for the usual list."""
        query = self.as_query(**changes)
        return f"?{urlencode(query)}" if query else ""


DEFAULT = View()


def read_view(args: MultiDict[str, str], districts: Mapping[str, str]) -> View:
    """Return the view that an address asks for; what is not on offer falls back to the default."""
    show, sort, size = args.get("show", ""), args.get("sort", ""), args.get("size", "")
    return View(
        show=show if show in SHOWS else DEFAULT.show,
        q=args.get("q", "").strip()[:100],
        district=args.get("district", "") if args.get("district", "") in districts else "",
        sort=sort if sort.removeprefix("-") in COLUMNS else DEFAULT.sort,
        size=int(size) if size in {str(n) for n in SIZES} else DEFAULT.size,
    )
