"""Form parts every domain shares: fields that never raise on odd input, and refusals that land on their field."""

import re
import unicodedata
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, ValidationError

from crowdfund.core.errors import Busy, GatewayDown, Refused, TooMany
from crowdfund.core.money import parse_pounds

_BIDI = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f"}
# Nobody sees them, so a name made of them would look empty. Joiners stay inside words: scripts and emoji need them.
_INVISIBLE = {"\u00ad", "\u061c", "\u180e", "\u200b", "\u2060", "\ufeff"}
_JOINERS = "\u200c\u200d"

# What mail servers in the wild accept; whether the address exists is proved by the code we send to it.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(
    rf"^[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@({_LABEL}\.)+{_LABEL}\Z", re.IGNORECASE
)


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose refusals show beside their field."""

    status = 422

    def refuse(self, refused: Refused) -> None:
        """Put a business refusal on its field, or at the top of the form."""
        if refused.field and refused.field in self:
            field = self[refused.field]
            field.errors = [*field.errors, refused.message]
        else:
            self.form_errors.append(refused.message)

    def stop(self, status: int, message: str) -> None:
        """Put a sentence at the top of the form and answer with this status."""
        self.form_errors.append(message)
        self.status = status


class VersionForm(Form):
    """A button, with the version of what was shown."""

    version = HiddenField(default="")

    @property
    def seen_version(self) -> int:
        """The version that was shown; -1 where the form has none."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class LandingOn:
    """Has what stops a change land on the form, which keeps everything that was typed.

    What was read before has to be read again afterwards: the change was undone.
    """

    def __init__(self, form: Form) -> None:
        self._form = form

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """Take refusals, limits and outages; let everything else pass."""
        if isinstance(error, Refused):
            self._form.refuse(error)
        elif isinstance(error, TooMany):
            self._form.stop(429, str(error))
        elif isinstance(error, Busy | GatewayDown):
            self._form.stop(503, "We cannot reach a service we need. Nothing was lost: try again in a few minutes.")
        else:
            return False
        return True


class TextField(StringField):  # type: ignore[misc]
    """Text as people type it: trimmed, without control or direction-changing characters, of bounded length."""

    def __init__(
        self,
        label: str,
        *,
        most: int,
        missing: str | None = None,
        long: str | None = None,
        lines: bool = False,
        **kw: Any,
    ) -> None:
        super().__init__(label, **kw)
        self.most, self.missing, self.lines = most, missing, lines
        self.long = long or f"{label} must be {most} characters or fewer."

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Clean what was typed; keep even too much of it, so that nothing is lost."""
        self.data = clean(str(valuelist[0]), lines=self.lines) if valuelist else ""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms passes it
        """Refuse what is missing or too long."""
        if self.missing and not self.data:
            raise ValidationError(self.missing)
        if self.data and len(self.data) > self.most:
            raise ValidationError(self.long)


class MoneyField(TextField):
    """An amount in pounds; `.pence` holds it in pence, None when nothing was typed."""

    pence: int | None = None

    def __init__(self, label: str, **kw: Any) -> None:
        super().__init__(label, most=20, **kw)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not an amount."""
        super().pre_validate(form)
        self.pence = None
        if not self.data:
            return
        try:
            self.pence = parse_pounds(self.data)
        except ValueError as error:
            raise ValidationError("Enter an amount in pounds, such as 25 or 12.50.") from error


class EmailField(TextField):
    """An e-mail address that a mail can reach."""

    def __init__(self, label: str, *, missing: str | None, **kw: Any) -> None:
        super().__init__(label, most=254, missing=missing, **kw)

    def pre_validate(self, form: Any) -> None:
        """Refuse what does not have the shape of an address."""
        super().pre_validate(form)
        if not self.data:
            return
        if not _EMAIL.match(self.data):
            raise ValidationError("Enter an e-mail address in the right format, like name@example.org.")


def clean(text: str, *, lines: bool) -> str:
    """Return text trimmed, in one Unicode form, without control characters; line breaks only where asked."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = [c for c in text if unicodedata.category(c) not in {"Cc", "Cs"} or (lines and c == "\n")]
    return "".join(c for c in kept if c not in _BIDI | _INVISIBLE).strip().strip(_JOINERS).strip()
