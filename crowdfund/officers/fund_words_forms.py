"""The pages of a fund's terms on which officers write sentences: exclusions, criteria, questions, the agreement."""

import re
from collections.abc import Mapping
from typing import Any

from crowdfund.officers.fund_fields import LinesField, NumberField, SectionForm, typed
from crowdfund.web.forms import TextField

MOST_QUESTIONS = 5


class ExclusionsForm(SectionForm):
    """What it does not pay for."""

    exclusions = LinesField("What does it not pay for? (one a line)")

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        self.exclusions.data = "\n".join(fields["exclusions"])

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - pages share a shape
        """Return the exclusions."""
        return {"exclusions": self.exclusions.rows}


class CriteriaForm(SectionForm):
    """What officers judge by."""

    criteria = LinesField("What do officers judge by? (one a line)", missing="Enter at least one criterion.")

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        self.criteria.data = "\n".join(one["words"] for one in fields["criteria"])

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the criteria; one whose words stayed keeps its key, by which decisions count."""
        keys = {one["words"]: one["key"] for one in fields["criteria"]}
        found: list[dict[str, str]] = []
        for words in self.criteria.rows:
            taken = {one["key"] for one in found} | set(keys.values())
            found.append({"key": keys.get(words) or _key(words, taken), "words": words})
        return {"criteria": found}


class QuestionsForm(SectionForm):
    """What it asks groups besides their project; its fields are added below."""

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        for n, one in enumerate(fields["questions"][:MOST_QUESTIONS], start=1):
            self[f"label_{n}"].data, self[f"hint_{n}"].data = one["label"], one["hint"]
            self[f"words_{n}"].data = typed(one["most_words"])

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the questions that are there; one whose label stayed keeps its key, by which answers are kept."""
        keys = {one["label"]: one["key"] for one in fields["questions"]}
        found: list[dict[str, Any]] = []
        for n in range(1, MOST_QUESTIONS + 1):
            label = self[f"label_{n}"].data
            if not label or any(one["label"] == label for one in found):
                continue
            taken = {one["key"] for one in found} | set(keys.values())
            key, most = keys.get(label) or _key(label, taken), self[f"words_{n}"].number or 100
            found.append({"key": key, "label": label, "hint": self[f"hint_{n}"].data or "", "most_words": most})
        return {"questions": found}


for _n in range(1, MOST_QUESTIONS + 1):
    setattr(QuestionsForm, f"label_{_n}", TextField(f"Question {_n}", most=150))
    setattr(QuestionsForm, f"hint_{_n}", TextField(f"Hint for question {_n}", most=200))
    setattr(QuestionsForm, f"words_{_n}", NumberField(f"The most words for question {_n}", least=10, largest=1_000))


class AgreementForm(SectionForm):
    """What a group agrees to with an offer."""

    agreement = TextField(
        "What does a group agree to?", most=4_000, missing="Enter what a group agrees to.", lines=True
    )

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        self.agreement.data = fields["agreement"]

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - pages share a shape
        """Return the agreement."""
        return {"agreement": self.agreement.data}


class ConfidenceForm(SectionForm):
    """How sure the terms are, for demonstrations."""

    confidence = TextField("How sure are these terms? (for a demonstration; else leave it empty)", most=500, lines=True)

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        self.confidence.data = fields["confidence"]

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - pages share a shape
        """Return how sure they are."""
        return {"confidence": self.confidence.data or ""}


def _key(words: str, taken: set[str]) -> str:
    plain = "_".join(re.findall(r"[a-z0-9]+", words.lower())[:5])[:30] or "point"
    return plain if plain not in taken else next(f"{plain}_{n}" for n in range(2, 99) if f"{plain}_{n}" not in taken)
