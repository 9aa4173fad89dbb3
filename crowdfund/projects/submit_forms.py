"""The forms of the declaration and of the second signatory."""

from wtforms import BooleanField, ValidationError

from crowdfund.web.forms import EmailField, Form, TextField


class DeclarationForm(Form):
    """The declaration and who confirms it."""

    name = TextField("The second signatory’s name", most=100, missing="Enter the second signatory’s name.")
    email = EmailField("The second signatory’s e-mail address", missing="Enter the second signatory’s e-mail address.")
    agreed = BooleanField("I declare this for my group")

    def validate_agreed(self, field: BooleanField) -> None:
        """Ask for the tick."""
        if not field.data:
            raise ValidationError("Tick the box if you can declare this for your group.")


class SignatoryForm(Form):
    """Who else confirms the declaration."""

    name = TextField("The second signatory’s name", most=100, missing="Enter the second signatory’s name.")
    email = EmailField("The second signatory’s e-mail address", missing="Enter the second signatory’s e-mail address.")
