"""What a pledge may be, and what the public may see of who made it."""

import pytest

from crowdfund.core.errors import Refused
from crowdfund.pledges.rules import CHARGE_LATER, NEWS, SHARE_WITH_GROUP, PledgeLimits, public_name

LIMITS = PledgeLimits(200, 1_000_000)


@pytest.mark.parametrize("pence", [200, 201, 999_999, 1_000_000])
def test_amounts_within_the_limits(pence: int) -> None:
    LIMITS.check(pence)


@pytest.mark.parametrize(
    ("pence", "code", "words"),
    [
        (199, "too_small", "The smallest pledge is £2."),
        (0, "too_small", "The smallest pledge is £2."),
        (-1, "too_small", "The smallest pledge is £2."),
        (1_000_001, "too_large", "The largest pledge by card is £10,000."),
    ],
)
def test_amounts_outside_are_refused_on_their_field(pence: int, code: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        LIMITS.check(pence)
    assert (refused.value.code, refused.value.message, refused.value.field) == (code, words, "amount")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Rosa Field", "Rosa F."),
        ("Rosa", "Rosa"),
        ("Rosa Maria van der Field", "Rosa F."),
        ("rosa field", "rosa F."),
        ("Ayşe Öz", "Ayşe Ö."),
        ("李 小龙", "李 小."),
    ],
)
def test_the_public_sees_a_first_name_and_an_initial(name: str, shown: str) -> None:
    assert public_name(name) == shown


def test_the_consent_says_who_charges_how_much_when_and_if() -> None:
    names = {"council": "COUNCIL", "amount": "AMOUNT", "deadline": "DEADLINE", "project": "PROJECT"}
    text = CHARGE_LATER.format(**names)
    assert all(value in text for value in names.values())
    assert "without me being there" in text
    assert "withdraw" in text
    assert "7 days" in text


def test_a_brace_in_a_title_is_only_a_brace() -> None:
    assert "{secret}" in SHARE_WITH_GROUP.format(group="{secret}")
    assert "{0.__class__}" in NEWS.format(council="{0.__class__}", service="x")
