"""What a group fills in while its project runs."""

from crowdfund.projects.running import LONG_REASON, MOST_REASON, NO_REASON
from crowdfund.web.forms import Form, TextField


class UpdateForm(Form):
    """News in two fields."""

    title = TextField("Title", most=120, missing="Give your update a title.")
    body = TextField(
        "What is new?",
        most=5000,
        missing="Write what is new.",
        long="Your update must be 5000 characters or fewer.",
        lines=True,
    )


class CancelForm(Form):
    """Why the group ends its project; every backer reads it."""

    reason = TextField("Why?", most=MOST_REASON, missing=NO_REASON, long=LONG_REASON, lines=True)
