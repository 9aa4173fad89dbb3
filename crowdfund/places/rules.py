"""The shape of a postcode."""

import re

# Well-formed, not proof of existence; the letters each position may hold follow Royal Mail's format.
_SHAPE = re.compile(
    r"^(GIR 0AA|[A-PR-UWYZ]([0-9]{1,2}|[A-HK-Y][0-9]([0-9]|[ABEHMNPRV-Y])?|[0-9][A-HJKPS-UW])"
    r" [0-9][ABD-HJLNP-UW-Z]{2})$"
)


def tidy_postcode(text: str) -> str | None:
    """Return the postcode as 'CT1 2AA', or None when it does not have the shape of one."""
    plain = re.sub(r"\s+", "", text).upper()
    if not plain.isascii() or len(plain) < 5:
        return None
    spaced = f"{plain[:-3]} {plain[-3:]}"
    return spaced if _SHAPE.match(spaced) else None


def outcode(postcode: str) -> str:
    """Return the first half of a tidy postcode, which names an area and not a household."""
    return postcode.split(" ", maxsplit=1)[0]
