"""What officers fill in while a project runs: a reason, and how a concern ended."""

from wtforms import HiddenField

from crowdfund.checking.concerns import MOST_ANSWER
from crowdfund.checking.rules import OUTCOME_WORDS
from crowdfund.pledges.forms import Choice
from crowdfund.projects.running import LONG_REASON, MOST_REASON, NO_REASON
from crowdfund.web.forms import Form, TextField


class ReasonForm(Form):
    """Why something is done; the people concerned read it."""

    reason = TextField("Why?", most=MOST_REASON, missing=NO_REASON, long=LONG_REASON, lines=True)


class TakeForm(Form):
    """The button that takes a concern, with who had it when the page was shown."""

    seen = HiddenField()

    @property
    def officer_id(self) -> int | None:
        """The officer's number that the page showed; None where nobody had the case."""
        text = str(self.seen.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


class CloseForm(Form):
    """How a concern ended, and the answer to whoever raised it."""

    outcome = Choice(
        "How did it end?",
        choices=[(outcome.value, words) for outcome, words in OUTCOME_WORDS.items()],
        missing="Choose how it ended.",
    )
    answer = TextField("Your answer", most=MOST_ANSWER, missing="Write what you found and what was done.", lines=True)
