"""Refunds and disputes as the town has them before any payment was taken."""

from e2e.scene import Scene, Who

_F = Who.FINANCE
SCENES_OF_REFUNDS: dict[str, Scene] = {
    "refunds": Scene("/officers/refunds", who=_F),
    "refunds: failed": Scene("/officers/refunds?show=failed", who=_F),
    "refunds: find": Scene("/officers/refunds/find", who=_F),
    "refunds: nothing found": Scene("/officers/refunds/find?q=zebra", who=_F),
    "disputes": Scene("/officers/refunds/disputes", who=_F),
}
