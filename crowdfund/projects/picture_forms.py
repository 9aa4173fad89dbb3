"""What is asked about a picture."""

from wtforms import BooleanField, HiddenField, ValidationError

from crowdfund.projects.scenes import SCENES
from crowdfund.web.choices import Radios
from crowdfund.web.forms import Form, TextField
from crowdfund.web.uploads import UploadField

MOST_ALT = 200
AGAIN = "Choose the photo again: browsers do not keep it after a mistake."


class PhotoForm(Form):
    """A photo, what it shows, and that the people on it agreed. A photo that stands there already may stay."""

    seen = HiddenField()
    photo = UploadField("Your photo")
    alt = TextField(
        "What does the photo show?",
        most=MOST_ALT,
        missing="Say what the photo shows, for people who cannot see it.",
        long=f"Say what the photo shows in {MOST_ALT} characters or fewer.",
    )
    agreed = BooleanField("Everyone who can be recognised agreed to be shown, and parents agreed for their children")

    def __init__(self, *, has_photo: bool, **kw: object) -> None:
        super().__init__(**kw)
        self.has_photo = has_photo

    def validate_photo(self, field: UploadField) -> None:
        """Ask for a photo where there is none yet."""
        if field.data is None and not self.has_photo:
            raise ValidationError("Choose a photo.")

    def validate_agreed(self, field: BooleanField) -> None:
        """Ask for the tick with every new photo."""
        if self.photo.data is not None and not field.data:
            raise ValidationError("Tick the box if everyone agreed. If not, choose another photo.")

    def ask_again(self) -> None:
        """Say that the photo has to be chosen once more, where it was fine and something else was not."""
        if self.photo.data is not None and not self.photo.errors:
            self.photo.errors = [AGAIN]


class DrawingForm(Form):
    """One of our drawings."""

    seen = HiddenField()
    scene = Radios(
        "Choose a drawing",
        choices=[(key, scene.name) for key, scene in SCENES.items()],
        missing="Choose one of the drawings.",
    )
