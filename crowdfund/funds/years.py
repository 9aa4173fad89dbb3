"""Financial years: which comes next, and when what is left of one may go into it."""

from datetime import date

from crowdfund.funds.rules import financial_year


def next_year(year: str) -> str:
    """Return the financial year after '2026/27': '2027/28'."""
    return financial_year(date(int(year[:4]) + 1, 4, 1))


def may_carry(year: str, today: date) -> bool:
    """Say whether what is left of a financial year may be carried forward: from its last month, March."""
    return today >= date(int(year[:4]) + 1, 3, 1)


def is_year(text: str) -> bool:
    """Say whether a text is a financial year such as '2026/27'."""
    begins = text[:4]
    return begins.isascii() and begins.isdigit() and 2000 <= int(begins) < 2100 and _written(int(begins)) == text


def _written(begins: int) -> str:
    return financial_year(date(begins, 4, 1))
