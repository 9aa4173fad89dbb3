"""The list's filters, which stand in the address, and the form for a concern."""

from werkzeug.datastructures import MultiDict

from crowdfund.places.queries import DistrictName
from crowdfund.projects.rules import Theme
from crowdfund.site.queries import MATCHES, SORTS, STATUSES, Filters
from crowdfund.web.forms import EmailField, Form, TextField, clean


def read_filters(args: MultiDict[str, str], districts: list[DistrictName]) -> Filters:
    """Return the filters in the address; what makes no sense is left out."""
    slugs = {d.slug for d in districts}
    return Filters(
        q=clean(args.get("q", ""), lines=False)[:80],
        district=_one_of(args.get("district"), slugs, ""),
        theme=_one_of(args.get("theme"), set(Theme), ""),
        status=_one_of(args.get("status"), set(STATUSES), "open"),
        sort=_one_of(args.get("sort"), set(SORTS), "newest"),
        match=_one_of(args.get("match"), set(MATCHES), ""),
    )


class ConcernForm(Form):
    """What worries somebody about a project; an e-mail address only if they want an answer."""

    concern = TextField("What is your concern?", most=2000, missing="Tell us what your concern is.", lines=True)
    email = EmailField("Your e-mail address (optional)", missing=None)


def _one_of(value: str | None, allowed: set[str] | set[Theme], otherwise: str) -> str:
    return value if value is not None and value in allowed else otherwise
