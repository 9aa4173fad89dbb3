"""The form on the component page: one field of each kind, shown as it looks when nothing was filled in."""

from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice

from crowdfund.pledges.forms import Choice
from crowdfund.web.forms import EmailField, Form, MoneyField, TextField


class SampleForm(Form):
    """One of each."""

    title = TextField("Title of the project", most=80, missing="Enter a title.")
    email = EmailField("E-mail address", missing="Enter an e-mail address.")
    amount = MoneyField("Amount")
    story = TextField("The story", most=300, missing="Tell the story.", lines=True)
    size = Choice(
        "How large is it?", choices=[("small", "Small"), ("large", "Large")], missing="Choose how large it is."
    )
    needs = SelectMultipleField(
        "What do you need? (optional)",
        choices=[SelectChoice("time", "People’s time"), SelectChoice("things", "Things")],
    )
    district = SelectField(
        "District", choices=[SelectChoice("ashford", "Ashford"), SelectChoice("dover", "Dover")], validate_choice=False
    )
    agreed = BooleanField("We agree")
