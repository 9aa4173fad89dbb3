"""The cash book, settlements, refunds and disputes as the town has them, and how the service is doing."""

from e2e.scene import Scene, Who

_F = Who.FINANCE
SCENES_OF_MONEY: dict[str, Scene] = {
    "money": Scene("/officers/money", who=_F),
    "money: entries": Scene("/officers/money/entries", who=_F),
    "money: reconciliation": Scene("/officers/money/reconciliation", who=_F),
    "money: reconciliations": Scene("/officers/money/reconciliations", who=_F),
    "status": Scene("/officers/status", who=_F),
    "settlements": Scene("/officers/settlements", who=_F),
    "refunds": Scene("/officers/refunds", who=_F),
    "refunds: failed": Scene("/officers/refunds?show=failed", who=_F),
    "refunds: find": Scene("/officers/refunds/find", who=_F),
    "refunds: nothing found": Scene("/officers/refunds/find?q=zebra", who=_F),
    "disputes": Scene("/officers/refunds/disputes", who=_F),
}
