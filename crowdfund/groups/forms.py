"""The forms of groups: syntax and labels; what a group may do is for the actions."""

from typing import Any
from urllib.parse import urlsplit

from wtforms import HiddenField, ValidationError

from crowdfund.accounts.roles import MEMBER_WORDS, MemberRole
from crowdfund.groups.numbers import (
    WANTED,
    Wanted,
    charity_fault,
    company_fault,
    company_label,
    tidy_charity_number,
    tidy_company_number,
)
from crowdfund.groups.rules import SAFEGUARDING_WORDS, LegalForm, Safeguarding
from crowdfund.groups.start_forms import POSTCODE, refuse_odd_postcode
from crowdfund.web.choices import Radios, Select, YesNo
from crowdfund.web.forms import EmailField, Form, TextField


class NumberedForm(Form):
    """The register numbers of a body whose legal form is known."""

    charity_number = TextField("Charity number", most=20, long="A charity number has 6 or 7 digits, such as 1123456.")
    company_number = TextField("Company number", most=20, long="A company number has 8 characters.")

    def __init__(self, *args: Any, legal_form: LegalForm, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.legal_form = legal_form
        self.company_number.label.text = company_label(legal_form)
        for name, wanted in (
            ("charity_number", WANTED[legal_form].charity),
            ("company_number", WANTED[legal_form].company),
        ):
            if wanted is Wanted.NEVER:
                del self[name]
            elif wanted is Wanted.OPTIONAL:
                self[name].label.text += " (optional)"

    def validate_charity_number(self, field: TextField) -> None:
        """Refuse another shape."""
        fault = charity_fault(field.data or "", self.legal_form)
        if fault and not field.errors:
            raise ValidationError(fault)

    def validate_company_number(self, field: TextField) -> None:
        """Refuse another shape."""
        fault = company_fault(field.data or "", self.legal_form)
        if fault and not field.errors:
            raise ValidationError(fault)

    @property
    def numbers(self) -> dict[str, Any]:
        """Both numbers as we store them, once the form is valid; None where the legal form has none."""
        charity, company = (
            (self[name].data or "") if name in self else "" for name in ("charity_number", "company_number")
        )
        return {
            "charity_number": tidy_charity_number(charity),
            "company_number": tidy_company_number(company, self.legal_form),
        }


class DetailsForm(NumberedForm):
    """What a group tells about itself."""

    name = TextField("Name of the group", most=120, missing="Enter the group’s name.")
    about = TextField("What does the group do?", most=1000, missing="Say what the group does.", lines=True)
    town = TextField("Town or village", most=80, missing="Enter the town or village.")
    postcode = TextField("Postcode", most=10, missing="Enter the group’s postcode.", long=POSTCODE)
    district_code = Select("District")
    contact_email = EmailField("E-mail address of the group", missing="Enter the group’s e-mail address.")
    website = TextField("Website (optional)", most=190)

    def validate_name(self, field: TextField) -> None:
        """Refuse a name of one letter."""
        if len(field.data or "") == 1:
            raise ValidationError("Enter the group’s whole name.")

    def validate_postcode(self, field: TextField) -> None:
        """Refuse what is not shaped like a postcode."""
        refuse_odd_postcode(field)

    def validate_website(self, field: TextField) -> None:
        """Refuse what no browser opens."""
        if field.data and not field.errors and not _is_web_address(self.web_address):
            raise ValidationError("Enter a web address, such as www.example.org.")

    @property
    def web_address(self) -> str:
        """The website's whole address; people leave the https out."""
        typed = self.website.data or ""
        return f"https://{typed}" if typed and "://" not in typed else typed


class ReadinessForm(Form):
    """Four facts about the group."""

    has_rules = YesNo("Does your group have written rules?", missing="Choose whether your group has written rules.")
    has_bank_account = YesNo(
        "Is there a bank account in the group’s name?", missing="Choose whether there is a bank account in its name."
    )
    has_two_signatories = YesNo(
        "Do two people sign for it who are not related?", missing="Choose whether two people sign who are not related."
    )
    safeguarding = Radios(
        "Do you work with children or adults at risk?",
        choices=SAFEGUARDING_WORDS.items(),
        missing="Choose what is true for your group.",
    )

    def validate_has_two_signatories(self, field: YesNo) -> None:
        """Refuse signatories of no account."""
        if field.answer and self.has_bank_account.answer is False:
            raise ValidationError("You said there is no bank account, so choose “No” here.")

    @property
    def said(self) -> dict[str, Any]:
        """The four answers as we store them, once the form is valid."""
        answers = {name: bool(self[name].answer) for name in ("has_rules", "has_bank_account", "has_two_signatories")}
        return {**answers, "safeguarding": Safeguarding(self.safeguarding.data or "")}


class RoleForm(Form):
    """What a member may do."""

    role = Radios("What may they do?", choices=MEMBER_WORDS.items(), missing="Choose what they may do.")

    @property
    def chosen(self) -> MemberRole:
        """The chosen role, once the form is valid."""
        return MemberRole(self.role.data or "")


class InviteForm(RoleForm):
    """Whom to invite, and as what."""

    name = TextField("Their name", most=100, missing="Enter their name.")
    email = EmailField("Their e-mail address", missing="Enter their e-mail address.")


class HostForm(NumberedForm):
    """The body that is asked to be host, and who answers for it."""

    name = TextField("Name of the host", most=120, missing="Enter the host’s name.")
    contact_name = TextField("Who answers for it?", most=100, missing="Enter the name of the person to ask.")
    contact_email = EmailField("Their e-mail address", missing="Enter their e-mail address.")


class AnswerForm(Form):
    """The key of the mailed link, the answer and why not."""

    key = HiddenField()
    reason = TextField("Why not?", most=1000, lines=True)


class PlainForm(Form):
    """A button and nothing else."""


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    plain = not any(c.isspace() or c in "<>\"'`\\" for c in text)
    return plain and parts.scheme in {"http", "https"} and "." in host.strip(".") and not parts.username
