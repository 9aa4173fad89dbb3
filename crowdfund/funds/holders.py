"""What else than match offers holds money of a fund: packages above register it by the kind of account."""

from typing import Any

from crowdfund.ledger.rules import AccountKind

# The columns for a row's id and its fund's, of the table whose rows accounts of this kind belong to.
HOLDERS: dict[AccountKind, tuple[Any, Any]] = {}
