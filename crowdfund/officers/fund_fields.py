"""Form parts that the terms of funds need: whole numbers, sentences one a line, boxes that may all stay empty."""

from collections.abc import Mapping
from typing import Any

from wtforms import ValidationError

from crowdfund.funds.words import Names
from crowdfund.projects.fields import Boxes
from crowdfund.web.forms import Form, TextField

MOST_LINES, MOST_LINE = 20, 200


class AnyBoxes(Boxes):
    """Checkboxes of which none may be ticked."""

    def pre_validate(self, form: Any) -> None:
        """Refuse only what is not on offer."""
        if self.data:
            super().pre_validate(form)


class NumberField(TextField):
    """A whole number within bounds; `.number` holds it, None when nothing was typed."""

    number: int | None = None

    def __init__(self, label: str, *, least: int, largest: int, missing: str | None = None, **kw: Any) -> None:
        super().__init__(label, most=12, missing=missing, long=f"Enter a number from {least} to {largest}.", **kw)
        self.least, self.largest = least, largest

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not a whole number within the bounds."""
        super().pre_validate(form)
        self.number = None
        text = self.data or ""
        if not text:
            return
        if not (text.isascii() and text.isdigit()) or not self.least <= int(text) <= self.largest:
            raise ValidationError(f"Enter a whole number from {self.least} to {self.largest}.")
        self.number = int(text)


class LinesField(TextField):
    """Several sentences, one a line; `.rows` holds them."""

    def __init__(self, label: str, **kw: Any) -> None:
        super().__init__(label, most=MOST_LINES * MOST_LINE, lines=True, **kw)

    @property
    def rows(self) -> list[str]:
        """The lines that say something, each once."""
        return list(dict.fromkeys(line.strip() for line in (self.data or "").splitlines() if line.strip()))

    def pre_validate(self, form: Any) -> None:
        """Refuse too many lines, and lines that are too long."""
        super().pre_validate(form)
        if len(self.rows) > MOST_LINES:
            raise ValidationError(f"Enter {MOST_LINES} lines at most.")
        if any(len(row) > MOST_LINE for row in self.rows):
            raise ValidationError(f"Keep every line to {MOST_LINE} characters or fewer.")


class SectionForm(Form):
    """One page of the terms; subclasses read their fields from a draft and give them back."""

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        raise NotImplementedError

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of this page as a draft holds them; `fields` are those before."""
        raise NotImplementedError

    def offer(self, names: Names) -> None:
        """Let the form choose among what can be named."""


def typed(number: int | None) -> str:
    """Write a number the way people type it; nothing for None."""
    return "" if number is None else str(number)
