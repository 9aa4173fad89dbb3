"""What the forms of all sections share: the mark of what their writer saw, and answers to the council's questions."""

from typing import Any

from crowdfund.projects.fields import Mark
from crowdfund.projects.rules import Section
from crowdfund.projects.sections import FIELDS, Draft
from crowdfund.web.forms import Form


class SectionForm(Form):
    """A form that knows what its writer saw, and which names its fields are stored under."""

    section: Section
    seen = Mark(default="")

    @classmethod
    def typed(cls, draft: Draft) -> dict[str, Any]:
        """Return what stands in the fields before anything is typed."""
        return {name: getattr(draft.project, name) for name in FIELDS[cls.section]}

    def stored(self) -> dict[str, Any]:
        """Return what was typed as it is stored, once the form is valid."""
        return {name: self[name].data for name in FIELDS[self.section]} | self.answers()

    def answers(self) -> dict[str, str]:
        """Return the answers to the council's questions by their names."""
        return {field.name: field.data or "" for field in self if field.name.startswith("answer_")}


class AnswersForm(SectionForm):
    """Only the answers to the council's questions, for sections that have pages of their own."""

    @classmethod
    def typed(cls, draft: Draft) -> dict[str, Any]:  # noqa: ARG003 - forms share a shape
        """Nothing but the answers."""
        return {}

    def stored(self) -> dict[str, Any]:
        """Return the answers."""
        return self.answers()
