"""What officers fill in about a grant round: its name, dates and money, what it says, why it is opened early."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from typing import Any

from wtforms import ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.core.clock import LONDON
from crowdfund.grants.models import GrantRound
from crowdfund.grants.plans import Plan
from crowdfund.grants.rounds import NO_TITLE, RoundFrame
from crowdfund.officers.fund_fields import AnyBoxes, LinesField, NumberField, typed
from crowdfund.projects.fields import DayField, offer, typed_day, typed_pounds
from crowdfund.web.choices import Select
from crowdfund.web.forms import MoneyField, TextField, VersionForm

_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")
MOST_TITLE = 80
MOST_TEXT = 2000
NOT_LISTED = "Choose only from the list."


class TimeField(TextField):
    """A time of day as people type it, such as 17:00; `.clock_time` holds it."""

    clock_time: time | None = None

    def __init__(self, label: str, *, missing: str, **kw: Any) -> None:
        super().__init__(label, most=5, missing=missing, long="Enter a time, such as 17:00.", **kw)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not a time of day."""
        super().pre_validate(form)
        found = _TIME.fullmatch(self.data or "")
        if found is None:
            raise ValidationError("Enter a time, such as 17:00.")
        self.clock_time = time(int(found[1]), int(found[2]))


class FrameForm(VersionForm):
    """A round's name, when it takes applications, when it decides, and how much it has to give."""

    title = TextField("What is the round called?", most=MOST_TITLE, missing=NO_TITLE)
    opens_on = DayField("It opens on", missing="Enter the day on which it opens.")
    opens_at = TimeField("At what time?", missing="Enter the time at which it opens.", default="09:00")
    closes_on = DayField("It closes on", missing="Enter the last day for applications.")
    closes_at = TimeField("At what time does it close?", missing="Enter the time at which it closes.", default="17:00")
    decides_on = DayField("It decides by", missing="Enter the day by which it decides.")
    budget = MoneyField("How much does it have to give?", missing="Enter how much the round has to give.")

    @property
    def frame(self) -> RoundFrame:
        """What was typed, times in UTC; ask after validation."""
        opens, closes = _moment(self.opens_on, self.opens_at), _moment(self.closes_on, self.closes_at)
        assert self.decides_on.day is not None
        return RoundFrame(self.title.data or "", opens, closes, self.decides_on.day, self.budget.pence or 0)

    def fill_in(self, row: GrantRound) -> None:
        """Show what stands."""
        self.title.data, self.budget.data = row.title, typed_pounds(row.budget_pence)
        for name in ("opens", "closes"):
            at = getattr(row, f"{name}_at").astimezone(LONDON)
            self[f"{name}_on"].data, self[f"{name}_at"].data = typed_day(at.date()), f"{at:%H:%M}"
        self.decides_on.data = typed_day(row.decides_on)


class NewRoundForm(FrameForm):
    """A new round: of which fund, and what it begins from."""

    fund = Select("Which fund gives the money?", missing="Choose a fund.")
    begins_from = Select("What do you begin from?", missing="Choose what to begin from.")

    def offer(self, funds: Iterable[tuple[str, str]], beginnings: Iterable[tuple[str, str]]) -> None:
        """Let the form choose among these funds, ready-made rounds and earlier ones."""
        self.fund.choices = offer("Choose a fund", funds)
        self.begins_from.choices = offer("Choose a ready-made or an earlier round", beginnings)


class AboutForm(VersionForm):
    """What a round says of itself."""

    about = TextField("What is the money for?", most=MOST_TEXT, missing="Say what the money is for.", lines=True)
    who = TextField("Who can apply?", most=MOST_TEXT, missing="Say who can apply.", lines=True)
    how_decided = TextField("How is it decided?", most=MOST_TEXT, missing="Say how it is decided.", lines=True)
    minutes = NumberField(
        "How many minutes does the form take?", least=5, largest=6000, missing="Enter how many minutes the form takes."
    )
    least = MoneyField("The least to ask for (empty: any sum)")
    excluded = LinesField("What it does not pay for, one a line")
    districts = AnyBoxes("Which districts? (tick none for all)", choices=(), missing=NOT_LISTED)
    legal_forms = AnyBoxes("Which kinds of group? (tick none for all)", choices=(), missing=NOT_LISTED)
    agreement = TextField(
        "What does a group agree to with an award?", most=4000, missing="Say what a group agrees to.", lines=True
    )
    offer_days = NumberField("Days to accept an award", least=1, largest=365, missing="Enter the days to accept.")
    review_days = NumberField(
        "Working days to ask for a review", least=1, largest=60, missing="Enter the days to ask for a review."
    )

    def offer(self, districts: Sequence[tuple[str, str]], legal_forms: Sequence[tuple[str, str]]) -> None:
        """Let the form choose among what can be named."""
        self.districts.choices = [SelectChoice(code, words) for code, words in districts]
        self.legal_forms.choices = [SelectChoice(code, words) for code, words in legal_forms]

    def fill_in(self, plan: Plan) -> None:
        """Show what the plan says."""
        for name in ("about", "who", "how_decided", "agreement"):
            self[name].data = getattr(plan, name)
        for name in ("minutes", "offer_days", "review_days"):
            self[name].data = typed(getattr(plan, name))
        self.least.data = typed_pounds(plan.least_pence) if plan.least_pence else ""
        self.excluded.data = "\n".join(plan.excluded)
        self.districts.data, self.legal_forms.data = list(plan.districts), list(plan.legal_forms)

    @property
    def values(self) -> dict[str, Any]:
        """What a plan keeps of it."""
        texts = {name: self[name].data or "" for name in ("about", "who", "how_decided", "agreement")}
        numbers = {name: self[name].number for name in ("minutes", "offer_days", "review_days")}
        lists = {"excluded": self.excluded.rows}
        lists |= {name: list(self[name].data or []) for name in ("districts", "legal_forms")}
        return texts | numbers | lists | {"least_pence": self.least.pence or 0}


class UnsealForm(VersionForm):
    """Why applications are opened before the round closes."""

    reason = TextField("Why?", most=1000, missing="Say why. It is kept for ever.", lines=True)


def _moment(day: DayField, at: TimeField) -> datetime:
    assert day.day is not None
    assert at.clock_time is not None
    return datetime.combine(day.day, at.clock_time, tzinfo=LONDON).astimezone(UTC)
