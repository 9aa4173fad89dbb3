"""Sort codes, account numbers and account names: their shapes, how they are shown, and when two names differ."""

import re
import unicodedata

MASK = "•"
_SPACING = re.compile(r"[\s\-.\u2010-\u2015\u2212]")
_SORT_CODE = re.compile(r"[0-9]{6}")
_ACCOUNT = re.compile(r"[0-9]{8}")
_BANK_LETTERS = re.compile(r"[^A-Za-z0-9&./ ]+")
# What one and the same body writes in one place and leaves out in another.
_FILLERS = frozenset({"the", "and", "of", "ltd", "limited", "cic", "cio", "account", "acc", "a", "c"})


def tidy_sort_code(text: str) -> str | None:
    """Return the six digits of a sort code typed with or without spaces and dashes, None when it has no such shape."""
    return _digits(text, _SORT_CODE)


def tidy_account_number(text: str) -> str | None:
    """Return the eight digits of an account number, None when it has no such shape."""
    return _digits(text, _ACCOUNT)


def _digits(text: str, shape: re.Pattern[str]) -> str | None:
    plain = _SPACING.sub("", text)
    # All zeros is nobody's account, only something to get past a form.
    return plain if shape.fullmatch(plain) and plain.strip("0") else None


def in_pairs(sort_code: str) -> str:
    """Write a sort code as people know it: '20-00-00'."""
    return "-".join(sort_code[start : start + 2] for start in range(0, 6, 2))


def masked(account_end: str) -> str:
    """Write an account by its last four digits only."""
    return f"{MASK * 4}{account_end}"


def names_differ(account_name: str, payee_name: str) -> bool:
    """Say whether an account is in another name than the payee's, small words, signs and case apart."""
    return _essence(account_name) != _essence(payee_name)


def _essence(name: str) -> frozenset[str]:
    words = re.findall(r"[a-z0-9]+", _plain(name.replace("&", " and ").replace("’", "").replace("'", "")).lower())
    return frozenset(words) - _FILLERS or frozenset(words)


def for_the_bank(name: str) -> str:
    """Return a name in the letters that every bank takes: A to Z, digits, space and & . /"""
    return " ".join(_BANK_LETTERS.sub(" ", _plain(name)).split())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
