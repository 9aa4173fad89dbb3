"""Identifiers are random, readable and safe in addresses; hashes are keyed by purpose."""

import re

import pytest

from crowdfund.core import ids

LOOK_ALIKES = set("ilouILOU")


def test_public_ids_are_long_enough_and_without_look_alikes() -> None:
    made = {ids.public_id() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[0-9a-z]{26}", one) and not LOOK_ALIKES & set(one) for one in made)


def test_a_reference_can_be_read_out() -> None:
    made = {ids.reference("P") for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"P-[0-9A-Z]{4}-[0-9A-Z]{4}", one) and not LOOK_ALIKES & set(one) for one in made)


def test_codes_have_six_digits_also_when_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids.secrets, "randbelow", lambda most: 42)
    assert ids.six_digits() == "000042"


def test_a_keyed_hash_needs_the_secret_and_the_purpose() -> None:
    one = ids.keyed_hash("secret", "code", "123456")
    assert one == ids.keyed_hash("secret", "code", "123456")
    others = {
        ids.keyed_hash("other", "code", "123456"),
        ids.keyed_hash("secret", "card", "123456"),
        ids.keyed_hash("secret", "code", "123457"),
    }
    assert len(others) == 3
    assert one not in others
    assert "123456" not in one


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("A Bench for Everyone", "a-bench-for-everyone"),
        ("St John’s & St Mary's", "st-johns-st-marys"),
        ("Café  Émile — part 2!", "cafe-emile-part-2"),
        ("../../etc/passwd", "etc-passwd"),
        ("<script>", "script"),
        ("🐑🐑", "project"),
        ("", "project"),
        ("\x00", "project"),
        ("x" * 59 + " yz", "x" * 59),
    ],
)
def test_a_slug_is_plain_ascii(text: str, slug: str) -> None:
    assert ids.slugify(text) == slug


def test_a_slug_is_short() -> None:
    assert len(ids.slugify("long words " * 50)) <= 60
