"""Form parts that drafts need: several choices, a day, a number of days."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms import HiddenField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from crowdfund.web.forms import TextField

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BY_DAY = re.compile(r"([0-9]{1,2})[ ./-]+([0-9]{1,2}|[a-z]{3,9})[ ./-]+([0-9]{4})", re.IGNORECASE)
_BY_YEAR = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")


class Boxes(SelectMultipleField):  # type: ignore[misc]
    """Checkboxes under one question; what is not on offer is refused in our words."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, *, choices: Iterable[tuple[str, str]], missing: str, **kw: Any) -> None:
        offered = [SelectChoice(str(value), words) for value, words in choices]
        super().__init__(label, choices=offered, validate_choice=False, **kw)
        self._missing = missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was ticked."""
        self.data = [str(value) for value in valuelist]

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms passes it
        """Refuse nothing at all, and anything that is not on offer."""
        offered = {value for value, *_ in self.choices}
        if not self.data or not offered.issuperset(self.data):
            raise ValidationError(self._missing)


class Mark(HiddenField):  # type: ignore[misc]
    """What a page's writer saw, as sections.fingerprint wrote it; anything else is no mark."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take a mark that was sent."""
        sent = str(valuelist[0]) if valuelist else ""
        self.data = sent if sent.isascii() and sent.isalnum() and len(sent) <= 40 else ""


class DayField(TextField):
    """A day as people type it, such as 27 3 2027 or 27 March 2027; `.day` holds it, None when nothing was typed."""

    day: date | None = None

    def __init__(self, label: str, *, missing: str | None = None, **kw: Any) -> None:
        super().__init__(label, most=30, missing=missing, long="Enter a date, such as 27 3 2027.", **kw)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not a day."""
        super().pre_validate(form)
        self.day = None
        if not self.data:
            return
        self.day = parse_day(self.data)
        if self.day is None:
            raise ValidationError("Enter a date that exists, such as 27 3 2027.")


class DaysField(TextField):
    """A number of days; `.days` holds it."""

    days: int = 0

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not a whole number."""
        super().pre_validate(form)
        text = self.data or ""
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise ValidationError("Enter a whole number of days, such as 42.")
        self.days = int(text)


def offer(nothing: str, choices: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return what a list offers, with words for no choice first."""
    return [SelectChoice("", nothing), *(SelectChoice(value, words) for value, words in choices)]


def parse_day(text: str) -> date | None:
    """Return the day in '27 3 2027', '27/3/2027', '27 March 2027' or '2027-03-27', None for anything else."""
    plain = text.strip()
    if found := _BY_YEAR.fullmatch(plain):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _BY_DAY.fullmatch(plain):
        month = int(found[2]) if found[2].isdigit() else _month(found[2].lower())
        return _day(int(found[3]), month, int(found[1]))
    return None


def typed_day(day: date | None) -> str:
    """Write a day the way people type it."""
    return f"{day.day} {day.month} {day.year}" if day else ""


def typed_pounds(pence: int | None) -> str:
    """Write pence the way people type them: '1500' or '12.50'."""
    if pence is None:
        return ""
    whole, rest = divmod(pence, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _month(name: str) -> int:
    short = name[:3]
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= 2000 else None
    except ValueError:
        return None
