"""How alike two short texts are: by the three-letter pieces of their words, in any order."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# Words that most projects share say nothing about which project it is.
_COMMON = frozenset(
    {"a", "an", "and", "at", "for", "from", "in", "into", "is", "it", "of", "on", "or", "our", "so", "that", "the"}
    | {"their", "to", "we", "where", "who", "with"}
)
_TITLE, _AIM, _PLACE = 50, 35, 15
ALIKE = 0.6  # from here on two projects are shown as alike


@dataclass(frozen=True)
class Outline:
    """What a project is told apart by, as pieces."""

    title: frozenset[str]
    aim: frozenset[str]
    place: frozenset[str]


def outline(title: str, aim: str, place: str) -> Outline:
    """Return the pieces of a project's title, aim and place."""
    return Outline(pieces(title), pieces(aim), pieces(place))


def likeness(one: Outline, other: Outline) -> float:
    """Return how alike two projects are, from 0 to 1: the title weighs most, the place least."""
    parts = ((one.title, other.title, _TITLE), (one.aim, other.aim, _AIM), (one.place, other.place, _PLACE))
    return sum(shared(a, b) * weight for a, b, weight in parts) / (_TITLE + _AIM + _PLACE)


def pieces(text: str) -> frozenset[str]:
    """Return the three-letter pieces of a text's words, without case, accents and common words."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = [word for word in re.findall(r"\w+", plain) if word not in _COMMON]
    return frozenset(_of_words(words))


def shared(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of pieces that two sets have in common, from 0 to 1; nothing is like nothing."""
    if not one and not other:
        return 1.0
    return 2 * len(one & other) / (len(one) + len(other))


def _of_words(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        framed = f" {word} "
        yield from (framed[n : n + 3] for n in range(len(framed) - 2))
