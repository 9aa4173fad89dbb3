"""Answers to a round's questions: what was typed becomes a value that is kept, or a sentence about what is wrong."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crowdfund.core.errors import Refused
from crowdfund.core.money import parse_pounds, pounds
from crowdfund.grants.plans import Plan, Question, QuestionKind, questions_for
from crowdfund.places.rules import tidy_postcode
from crowdfund.projects.fields import parse_day, typed_pounds
from crowdfund.web.templating import day

MOST_LINE = 300
MOST_TEXT = 30_000  # characters of a long answer, far above any limit of words
MOST_LINES = 30  # of a list of costs
_WHOLE = re.compile(r"[0-9]{1,9}")
_K = QuestionKind


@dataclass(frozen=True)
class Missing:
    """A question without a sound answer, and what is wrong."""

    question: Question
    words: str


def count_words(text: str) -> int:
    """Return how many words a text has, as people count them."""
    return len(text.split())


def is_empty(value: Any) -> bool:
    """Say whether a kept value is no answer."""
    return value is None or value in ("", [])


def fault_of(question: Question, value: Any) -> str:
    """Return what is wrong with a kept value, in a sentence; empty where nothing is."""
    if is_empty(value):
        return f"Answer this: {question.label}" if question.needed else ""
    if question.kind is _K.LONG and (words := count_words(value)) > question.most_words:
        return f"This answer has {words:,} words. The most is {question.most_words:,}."
    if question.kind is _K.CHOICE and value not in question.options:
        return "Choose one of the answers."
    return ""


def read_answer(question: Question, typed: str) -> Any:
    """Return what is kept of a typed answer: text, pence, a number, a day or lines of costs; None for nothing typed.

    An answer with too many words is kept whole, `fault_of` speaks of it. Raises Refused on `answer` for what cannot
    be read as this kind.
    """
    text = typed.strip()
    if not text:
        return None
    reader = _READERS.get(question.kind, _line)
    return reader(question, text)


def typed_answer(question: Question, value: Any) -> str:
    """Write a kept value the way people type it."""
    if value is None:
        return ""
    if question.kind is _K.MONEY:
        return typed_pounds(value)
    if question.kind is _K.COSTS:
        return "\n".join(f"{line['what']}: {typed_pounds(line['pence'])}" for line in value)
    return str(value)


def shown_answer(question: Question, value: Any) -> str:
    """Write a kept value for people who read it."""
    if is_empty(value):
        return "No answer"
    return str(_SHOWN.get(question.kind, str)(value))


def sum_of_costs(lines: Sequence[Mapping[str, Any]]) -> int:
    """Return what lines of costs come to, in pence."""
    return sum(int(line["pence"]) for line in lines)


def missing(plan: Plan, tier: str, answers: Mapping[str, Any]) -> list[Missing]:
    """Return every question that is asked and has no sound answer, in their order."""
    asked = questions_for(plan, tier, answers)
    faults = ((question, fault_of(question, answers.get(question.key))) for question in asked)
    return [Missing(question, words) for question, words in faults if words]


def _line(_question: Question, text: str) -> str:
    if len(text) > MOST_LINE:
        raise _refused(f"This answer must be {MOST_LINE} characters or fewer.")
    return " ".join(text.split())


def _long(_question: Question, text: str) -> str:
    if len(text) > MOST_TEXT:
        raise _refused("This answer is too long to be kept. Shorten it.")
    return text


def _money(_question: Question, text: str) -> int:
    try:
        return parse_pounds(text)
    except ValueError as error:
        raise _refused("Enter an amount in pounds, such as 25 or 12.50.") from error


def _number(_question: Question, text: str) -> int:
    if not _WHOLE.fullmatch(text.replace(",", "")):
        raise _refused("Enter a whole number, such as 40.")
    return int(text.replace(",", ""))


def _date(_question: Question, text: str) -> str:
    found = parse_day(text)
    if found is None:
        raise _refused("Enter a date that exists, such as 27 3 2027.")
    return found.isoformat()


def _postcode(_question: Question, text: str) -> str:
    tidy = tidy_postcode(text)
    if tidy is None:
        raise _refused("Enter a full postcode, such as ME14 1XX.")
    return tidy


def _choice(question: Question, text: str) -> str:
    if text not in (("yes", "no") if question.kind is _K.YES_NO else question.options):
        raise _refused("Choose one of the answers.")
    return text


def _costs(_question: Question, text: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), start=1):
        what, _, amount = line.rpartition(":")
        try:
            pence = parse_pounds(amount)
        except ValueError as error:
            raise _refused(f"Line {number} needs what it is, a colon and an amount, such as “Tools: 250”.") from error
        if not what.strip():
            raise _refused(f"Say in line {number} what the money is for.")
        lines.append({"what": " ".join(what.split())[:MOST_LINE], "pence": pence})
    if len(lines) > MOST_LINES:
        raise _refused(f"Give up to {MOST_LINES} lines.")
    return lines


def _refused(words: str) -> Refused:
    return Refused("answer", words, "answer")


def _shown_costs(lines: Sequence[Mapping[str, Any]]) -> str:
    shown = [f"{line['what']}: {pounds(line['pence'])}" for line in lines]
    return "\n".join([*shown, f"Together: {pounds(sum_of_costs(lines))}"])


_SHOWN: dict[QuestionKind, Callable[[Any], Any]] = {
    _K.MONEY: pounds,
    _K.COSTS: _shown_costs,
    _K.YES_NO: lambda value: "Yes" if value == "yes" else "No",
    _K.DATE: lambda value: day(date.fromisoformat(value)),
    _K.FILE: lambda value: value["name"],
}
_READERS = {
    _K.LONG: _long,
    _K.MONEY: _money,
    _K.NUMBER: _number,
    _K.DATE: _date,
    _K.POSTCODE: _postcode,
    _K.CHOICE: _choice,
    _K.YES_NO: _choice,
    _K.COSTS: _costs,
}
