"""Fields where people choose one of a few: their only complaint is a sentence of ours."""

from collections.abc import Iterable
from typing import Any

from wtforms import RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice

YES, NO = "yes", "no"


class Radios(RadioField):  # type: ignore[misc]
    """Radios; what is missing from the form or not on offer is no choice."""

    def __init__(self, label: str, *, choices: Iterable[tuple[str, str]], missing: str, **kw: Any) -> None:
        offered = [SelectChoice(str(value), words) for value, words in choices]
        super().__init__(label, choices=offered, validate_choice=False, **kw)
        self._missing = missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was chosen, never a default."""
        self.data = str(valuelist[0]) if valuelist else None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms passes it
        """Refuse anything but one of the choices."""
        if self.data not in {offered.value for offered in self.choices}:
            raise ValidationError(self._missing)


class YesNo(Radios):
    """Yes or no; `.answer` is None until it was answered."""

    def __init__(self, label: str, *, missing: str, yes: str = "Yes", no: str = "No", **kw: Any) -> None:
        super().__init__(label, choices=[(YES, yes), (NO, no)], missing=missing, **kw)

    def process_data(self, value: Any) -> None:
        """Show a stored answer."""
        self.data = None if value is None else (YES if value else NO)

    @property
    def answer(self) -> bool | None:
        """The answer as stored."""
        return None if self.data is None else self.data == YES


class Select(SelectField):  # type: ignore[misc]
    """A list to choose from, its first line empty; choices are set by the view or the class."""

    def __init__(self, label: str, *, missing: str | None = None, choices: Iterable[Any] = (), **kw: Any) -> None:
        super().__init__(label, choices=list(choices), validate_choice=False, **kw)
        self._missing = missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was chosen."""
        self.data = str(valuelist[0]) if valuelist else ""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms passes it
        """Refuse what is not in the list; an empty choice only where one is needed."""
        if self.data and self.data not in {value for value, *_ in self.choices}:
            raise ValidationError(self._missing or "Choose one from the list.")
        if self._missing and not self.data:
            raise ValidationError(self._missing)
