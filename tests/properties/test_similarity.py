"""Likeness of projects: symmetric, between 0 and 1, blind to case, accents and the order of words."""

from hypothesis import given
from hypothesis import strategies as st

from crowdfund.checking.similarity import ALIKE, Outline, likeness, outline, pieces, shared

texts = st.text(max_size=60)
outlines = st.builds(outline, texts, texts, texts)
words = st.lists(st.sampled_from(["garden", "bench", "hall", "lights", "pond", "choir"]), max_size=6)


@given(outlines, outlines)
def test_likeness_is_a_share_and_symmetric(one: Outline, other: Outline) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)


@given(outlines)
def test_everything_is_like_itself(one: Outline) -> None:
    assert likeness(one, one) == 1


@given(words.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_order_case_and_punctuation_do_not_matter(pair: tuple[list[str], list[str]]) -> None:
    some, shuffled = pair
    assert pieces(" ".join(some)) == pieces("  The " + ", ".join(word.upper() for word in shuffled) + "!")


@given(texts, texts)
def test_more_in_common_is_never_less_alike(one: str, other: str) -> None:
    assert shared(pieces(one), pieces(one)) >= shared(pieces(one), pieces(other))


def test_accents_do_not_matter_and_other_words_do() -> None:
    assert pieces("Café Zoë") == pieces("cafe zoe")
    assert shared(pieces("bench"), pieces("pond")) == 0


def test_a_reworded_twin_is_alike_and_a_neighbour_is_not() -> None:
    this = outline("A community garden in Wye", "Grow food together behind the village hall.", "Wye")
    twin = outline("Wye community garden", "Growing food together behind our village hall", "Wye")
    neighbour = outline("New lights for Wye cricket club", "Play cricket in the evening.", "Wye")
    assert likeness(this, twin) >= ALIKE
    assert likeness(this, neighbour) < ALIKE / 2
