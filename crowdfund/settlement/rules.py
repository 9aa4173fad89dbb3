"""The rules of settlement: when a target is reached, how long cards may be fixed, and what a shortfall may become."""

from datetime import timedelta
from enum import StrEnum

FIX_WINDOW = timedelta(days=7)  # from the first attempt to charge
FIX_MAILS_EVERY = timedelta(hours=48)
LATE_MAIL = timedelta(hours=24)  # a first mail this late makes the window longer by as much
LONGEST_WINDOW = timedelta(days=14)  # however late a mail was: the others' money waits as well
ALERT_AFTER = timedelta(days=10)  # from the deadline: an officer looks at what is not settled
# Automatic tries after the first, where the bank allows them; the first one just after the reminder of that day.
RETRIES_AFTER = (timedelta(days=2, hours=1), timedelta(days=5))
CHARGES_A_SECOND = 5
SHORTEST_PAGE = timedelta(minutes=30)  # the provider keeps its payment page open at least this long

# Jobs; those of the deadline itself, VERDICT and NOTICE, are named in projects.rules.
COLLECT = "settlement:collect"  # {"project_id", "after"}
RETRY = "settlement:retry"  # {"pledge_id"}
ALERT = "settlement:alert"  # {"project_id"}
FIX_MAIL = "settlement:fix_mail"  # {"pledge_id", "number"}
REMIND = "settlement:remind"  # {"project_id"}
CLOSE_FIXING = "settlement:close_fixing"  # {"project_id"}
SETTLE = "settlement:settle"  # {"project_id"}
REFUND_ALL = "settlement:refund_all"  # {"project_id", "after"}
SWEEP = "settlement:sweep"


class ShortfallChoice(StrEnum):
    """What a programme approver may decide when too little could be collected."""

    TOP_UP = "top_up"
    ACCEPT_LESS = "accept_less"
    REFUND_ALL = "refund_all"


SHORTFALL_WORDS: dict[ShortfallChoice, str] = {
    ShortfallChoice.TOP_UP: "A funder tops up what is missing",
    ShortfallChoice.ACCEPT_LESS: "The group accepts less, in writing",
    ShortfallChoice.REFUND_ALL: "Everyone is refunded",
}


class ExposureChoice(StrEnum):
    """What becomes of what the programme lost over a project after its money had been paid out."""

    BORNE = "exposure_borne"
    REPAID = "exposure_repaid"


EXPOSURE_WORDS: dict[ExposureChoice, str] = {
    ExposureChoice.BORNE: "The programme bears it",
    ExposureChoice.REPAID: "The group paid it back",
}


def is_reached(pledged_pence: int, match_pence: int, target_pence: int) -> bool:
    """Say whether pledges and the match that they make payable reach the minimum target (pence)."""
    return pledged_pence + match_pence >= target_pence


def is_enough(collected_pence: int, match_pence: int, target_pence: int, threshold_percent: int) -> bool:
    """Say whether what was collected and its match is at least the threshold's share of the target (pence)."""
    return (collected_pence + match_pence) * 100 >= target_pence * threshold_percent
