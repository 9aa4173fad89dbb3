"""What officers change in the match simulator; all of it stands in the address, nothing is stored."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.funds.budgets import MOST_PENCE
from crowdfund.funds.models import FundTerms
from crowdfund.funds.rules import CrowdTest, MatchKind, ShareBase, Terms
from crowdfund.officers.fund_fields import typed
from crowdfund.officers.fund_terms_forms import CrowdForm, HowForm, LimitsForm
from crowdfund.officers.simulator_queries import AREA
from crowdfund.projects.fields import typed_pounds
from crowdfund.web.choices import Select
from crowdfund.web.forms import MoneyField

WHICH = "which"


class SimulatorForm(HowForm, LimitsForm, CrowdForm):
    """The sums of a fund's terms, which past is replayed, and how much money the fund has for it."""

    which = Select("Which projects are replayed?", missing="Choose which projects are replayed.")
    money = MoneyField("Money in the fund", missing="Enter how much money the fund has.")

    class Meta:
        """Nothing is changed, so the address may be kept and passed on."""

        csrf = False

    def __init__(self, args: MultiDict[str, str], rounds: list[FundTerms]) -> None:
        super().__init__(formdata=args if args.get(WHICH) is not None else None)
        del self.may_exceed  # an exception is a person's decision, which no replay takes
        self.which.choices = [
            SelectChoice(AREA, "All ended projects in the fund’s area"),
            *(SelectChoice(str(one.number), f"What was asked for under version {one.number}") for one in rounds),
        ]

    @property
    def is_sent(self) -> bool:
        """Whether the address has changed rules in it."""
        return self.which.raw_data is not None and bool(self.which.raw_data)

    def start_with(self, fields: Mapping[str, Any], money_pence: int) -> None:
        """Show these rules, to be changed."""
        HowForm.fill_in(self, fields)
        CrowdForm.fill_in(self, fields)
        self.most.data, self.percent.data = typed_pounds(fields["most_pence"]), typed(fields["percent"])
        self.base.data, self.joint.data = fields["base"], typed(fields["joint_percent"])
        self.which.data, self.money.data = AREA, typed_pounds(money_pence)

    def terms(self, *, is_public: bool) -> Terms:
        """Return the changed rules as plain values; only after they were found sound."""
        how, crowd = HowForm.values(self, {}), CrowdForm.values(self, {})
        gifts = crowd["several_gifts"]
        return Terms(
            kind=MatchKind(how["kind"]),
            most_pence=self.most.pence or 0,
            percent=self.percent.number,
            base=ShareBase(str(self.base.data)),
            per_backer_pence=how["per_backer_pence"],
            crowd_percent=how["crowd_percent"],
            joint_percent=self.joint.number,
            is_public=is_public,
            to_show=CrowdTest(crowd["show_backers"], crowd["show_percent"], gifts),
            to_pay=CrowdTest(crowd["pay_backers"], crowd["pay_percent"], gifts),
        )

    def validate_per_backer(self, field: MoneyField) -> None:
        """Refuse a fund that adds to each pledge without a limit for each."""
        if self.kind.data == MatchKind.PER_PLEDGE and not field.pence:
            raise ValidationError("Enter the most that is added for one backer.")

    def validate_crowd_percent(self, field: Any) -> None:
        """Refuse a fund that completes without the share that comes first."""
        if self.kind.data == MatchKind.TOP_UP and not field.number:
            raise ValidationError("Enter what the crowd gives first, from 1 to 99 per cent.")

    def validate_money(self, field: MoneyField) -> None:
        """Refuse more than any fund has."""
        if field.pence is not None and field.pence > MOST_PENCE:
            raise ValidationError("Enter an amount that a fund can have.")
