"""The forms of signing in."""

import re

from wtforms import HiddenField, ValidationError

from crowdfund.web.forms import EmailField, Form, TextField


class SignInForm(Form):
    """Whose account it is."""

    email = EmailField("Your e-mail address", missing="Enter your e-mail address.")


class CodeForm(Form):
    """Six digits, from a mail or an app; spaces do no harm."""

    code = TextField("Six-digit code", most=20, missing="Enter the six digits.")

    def validate_code(self, field: TextField) -> None:
        """Refuse what is not six digits."""
        field.data = re.sub(r"[\s-]", "", field.data or "")
        if not re.fullmatch(r"[0-9]{6}", field.data):
            raise ValidationError("The code has six digits.")


class RecoveryForm(Form):
    """One of the ten codes that were shown once."""

    code = TextField("Recovery code", most=40, missing="Enter one of your recovery codes.")


class LinkForm(Form):
    """The key of a mailed link, sent by a button."""

    key = HiddenField()


class NameForm(Form):
    """What others call the person."""

    name = TextField(
        "What is your name?", most=200, missing="Enter your name.", long="Your name must be 200 characters or fewer."
    )
