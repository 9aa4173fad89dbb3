"""What a round asks and promises, as plain values: tiers, criteria and questions. One version is never changed."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from crowdfund.core.money import pounds

MOST_QUESTIONS = 60
AT_RISK = "at_risk"  # asked with the basics: work with children or adults at risk
KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")


class QuestionKind(StrEnum):
    """What kind of answer a question takes."""

    SHORT = "short"
    LONG = "long"
    MONEY = "money"
    COSTS = "costs"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"
    POSTCODE = "postcode"
    FILE = "file"


KIND_WORDS: dict[QuestionKind, str] = {
    QuestionKind.SHORT: "A line of text",
    QuestionKind.LONG: "Text with a limit of words",
    QuestionKind.MONEY: "An amount of money",
    QuestionKind.COSTS: "A list of costs that add up",
    QuestionKind.NUMBER: "A number",
    QuestionKind.DATE: "A day",
    QuestionKind.CHOICE: "One of several answers",
    QuestionKind.YES_NO: "Yes or no",
    QuestionKind.POSTCODE: "A postcode",
    QuestionKind.FILE: "A file: PDF, JPEG or PNG",
}


class Need(StrEnum):
    """What a tier asks a group to have."""

    RULES = "rules"
    ACCOUNT = "account"
    SIGNATORIES = "signatories"
    SAFEGUARDING = "safeguarding"


NEED_WORDS: dict[Need, str] = {
    Need.RULES: "Written rules that your members agreed on",
    Need.ACCOUNT: "A bank account in the group’s name, or a host that takes the money",
    Need.SIGNATORIES: "Two people, not related, who sign for the account",
    Need.SAFEGUARDING: "A safeguarding policy, where you work with children or adults at risk",
}


@dataclass(frozen=True)
class Tier:
    """How much is asked of whom: by the sum, the size of the group and the risk. Pence."""

    key: str
    title: str
    most_pence: int
    most_income_pence: int | None = None  # for groups with up to this income a year; None: of any size
    takes_risk: bool = True  # also for work with children or adults at risk
    needs: tuple[Need, ...] = ()
    assessors: int = 2
    second_signature: bool = False


@dataclass(frozen=True)
class Criterion:
    """What applications are scored against."""

    key: str
    words: str
    weight: int = 1


@dataclass(frozen=True)
class Condition:
    """Show a question when that answer is this."""

    key: str
    value: str


@dataclass(frozen=True)
class Question:
    """One question of the form."""

    key: str
    section: str
    label: str
    kind: QuestionKind
    hint: str = ""
    most_words: int = 0
    options: tuple[str, ...] = ()
    needed: bool = True
    shown_if: Condition | None = None
    tiers: tuple[str, ...] = ()  # asked in these only; empty: in all


@dataclass(frozen=True)
class Plan:
    """A version of a round: what is public about it, and the form."""

    about: str = ""
    who: str = ""
    how_decided: str = ""
    minutes: int = 60
    least_pence: int = 0
    legal_forms: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    offer_days: int = 28
    review_days: int = 20
    agreement: str = ""
    tiers: tuple[Tier, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    questions: tuple[Question, ...] = ()

    def tier(self, key: str) -> Tier | None:
        """Return a tier by its key."""
        return next((tier for tier in self.tiers if tier.key == key), None)

    def question(self, key: str) -> Question | None:
        """Return a question by its key."""
        return next((question for question in self.questions if question.key == key), None)

    @property
    def most_pence(self) -> int:
        """The most that any tier takes."""
        return max((tier.most_pence for tier in self.tiers), default=0)


def read_plan(stored: Mapping[str, Any]) -> Plan:
    """Return a plan from what `write_plan` made of one. Raises TypeError, KeyError or ValueError for anything else."""
    fields = dict(stored)
    for name in ("legal_forms", "districts", "excluded"):
        fields[name] = tuple(fields.get(name, ()))
    fields["tiers"] = tuple(
        Tier(**{**tier, "needs": tuple(Need(need) for need in tier.get("needs", ()))})
        for tier in fields.get("tiers", ())
    )
    fields["criteria"] = tuple(Criterion(**criterion) for criterion in fields.get("criteria", ()))
    fields["questions"] = tuple(_question(question) for question in fields.get("questions", ()))
    return Plan(**fields)


def write_plan(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain values for the database."""
    return asdict(plan)


def tier_for(plan: Plan, asked_pence: int, income_pence: int, at_risk: bool) -> Tier | None:
    """Return the first tier, from the lightest on, that takes this sum from a group of this size and risk."""
    for tier in plan.tiers:
        small_enough = tier.most_income_pence is None or income_pence <= tier.most_income_pence
        if asked_pence <= tier.most_pence and small_enough and (tier.takes_risk or not at_risk):
            return tier
    return None


def questions_for(plan: Plan, tier: str, answers: Mapping[str, Any]) -> list[Question]:
    """Return the questions that are asked in a tier, given the answers so far, in their order."""
    shown: list[Question] = []
    for question in plan.questions:
        if question.tiers and tier not in question.tiers:
            continue
        condition = question.shown_if
        if condition is None or (
            answers.get(condition.key) == condition.value
            and (condition.key == AT_RISK or any(one.key == condition.key for one in shown))
        ):
            shown.append(question)
    return shown


def faults_of(plan: Plan) -> list[str]:
    """Return in sentences what stands against publishing a plan; empty where nothing does."""
    found = [
        words
        for is_missing, words in (
            (not plan.about.strip(), "Say what the money is for."),
            (not plan.who.strip(), "Say who can apply."),
            (not plan.how_decided.strip(), "Say how it is decided."),
            (not plan.agreement.strip(), "Say what a group agrees to with an award."),
            (not plan.tiers, "Add at least one tier."),
            (not plan.criteria, "Add at least one criterion."),
            (not plan.questions, "Add at least one question."),
            (len(plan.questions) > MOST_QUESTIONS, f"Ask at most {MOST_QUESTIONS} questions."),
        )
        if is_missing
    ]
    return [*found, *_keys_twice(plan), *_tier_faults(plan), *_question_faults(plan)]


def _keys_twice(plan: Plan) -> list[str]:
    found = []
    for what, things in (("tier", plan.tiers), ("criterion", plan.criteria), ("question", plan.questions)):
        keys = [thing.key for thing in things]
        found += [f"The {what} “{key}” is there twice." for key in sorted({key for key in keys if keys.count(key) > 1})]
        found += [f"“{key}” cannot name a {what}." for key in keys if not KEY.fullmatch(key) or key == AT_RISK]
    return found


def _tier_faults(plan: Plan) -> list[str]:
    found = []
    for tier in plan.tiers:
        if tier.most_pence <= plan.least_pence:
            found.append(f"{tier.title} takes up to {pounds(tier.most_pence)}, which is not above the least sum.")
        if tier.assessors not in {1, 2, 3}:
            found.append(f"{tier.title} needs one, two or three assessors.")
    weightless = (criterion.words for criterion in plan.criteria if criterion.weight < 1)
    return found + [f"The criterion “{words}” has no weight." for words in weightless]


def _question_faults(plan: Plan) -> list[str]:
    found, before = [], dict[str, Question]()
    known = {tier.key for tier in plan.tiers}
    for question in plan.questions:
        if question.kind is QuestionKind.CHOICE and len(set(question.options)) < 2:
            found.append(f"“{question.label}” needs at least two different answers to choose from.")
        if question.kind is QuestionKind.LONG and not 1 <= question.most_words <= 2000:
            found.append(f"“{question.label}” needs a limit between 1 and 2,000 words.")
        if set(question.tiers) - known:
            found.append(f"“{question.label}” is asked in a tier that is not there.")
        condition = question.shown_if
        if condition and not _can_be(condition, before.get(condition.key)):
            found.append(f"“{question.label}” depends on an answer that nobody can give before it.")
        before[question.key] = question
    return found


def _can_be(condition: Condition, question: Question | None) -> bool:
    is_yes_no = condition.key == AT_RISK or (question is not None and question.kind is QuestionKind.YES_NO)
    return condition.value in (("yes", "no") if is_yes_no else question.options if question else ())


def _question(stored: Mapping[str, Any]) -> Question:
    condition = stored.get("shown_if")
    return Question(
        **{
            **stored,
            "kind": QuestionKind(stored["kind"]),
            "options": tuple(stored.get("options", ())),
            "tiers": tuple(stored.get("tiers", ())),
            "shown_if": Condition(**condition) if condition else None,
        }
    )
