"""What a backer is told about a card that could not be charged, and what they can do about it."""

from datetime import UTC, datetime, timedelta

import pytest

from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptKind
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.settlement.fix_words import why_declined
from crowdfund.settlement.fixing import stand_of_fix
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.rules import SHORTEST_PAGE

S = PledgeState
UNTIL = datetime(2027, 5, 8, 16, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EARLY, LAST, LATE, OVER = UNTIL - timedelta(days=3), UNTIL - SHORTEST_PAGE, UNTIL - SHORTEST_PAGE + SECOND, UNTIL
OPEN_PAGE = ChargeAttempt(kind=AttemptKind.CHECKOUT, url="https://pay.example.org/1")
UNOPENED_PAGE = ChargeAttempt(kind=AttemptKind.CHECKOUT, url=None)
SAVED_CARD = ChargeAttempt(kind=AttemptKind.OFF_SESSION, url=None)


@pytest.mark.parametrize(
    ("state", "newest", "now", "standing"),
    [
        (S.FIXING, SAVED_CARD, EARLY, "payable"),
        (S.FIXING, OPEN_PAGE, EARLY, "payable"),  # an earlier page was left unpaid and has closed
        (S.FIXING, SAVED_CARD, LAST, "payable"),
        (S.FIXING, SAVED_CARD, LATE, "too_late"),
        (S.FIXING, SAVED_CARD, OVER, "too_late"),
        (S.COLLECTING, OPEN_PAGE, EARLY, "open"),
        (S.COLLECTING, OPEN_PAGE, LATE, "open"),  # who has the page may still pay on it
        (S.COLLECTING, OPEN_PAGE, OVER, "closing"),
        (S.COLLECTING, UNOPENED_PAGE, EARLY, "open"),
        (S.COLLECTING, UNOPENED_PAGE, LAST, "open"),
        (S.COLLECTING, UNOPENED_PAGE, LATE, "too_late"),
        (S.COLLECTING, SAVED_CARD, EARLY, "trying"),
        (S.COLLECTING, SAVED_CARD, LATE, "trying"),
        (S.COLLECTING, SAVED_CARD, OVER, "closing"),
        (S.COLLECTING, None, EARLY, "trying"),
        *((state, OPEN_PAGE, EARLY, "over") for state in S if state not in {S.COLLECTING, S.FIXING}),
    ],
)
def test_where_a_backer_stands(state: S, newest: ChargeAttempt | None, now: datetime, standing: str) -> None:
    pledge, settlement = Pledge(state=state), Settlement(fix_until=UNTIL)
    assert stand_of_fix(pledge, newest, settlement, now) == standing


@pytest.mark.parametrize(("state", "standing"), [(S.COLLECTING, "trying"), (S.FIXING, "over"), (S.ACTIVE, "over")])
@pytest.mark.parametrize("settlement", [None, Settlement(fix_until=None)], ids=["not judged", "nothing tried"])
def test_before_the_first_try_there_is_nothing_to_do(state: S, standing: str, settlement: Settlement | None) -> None:
    assert stand_of_fix(Pledge(state=state), None, settlement, EARLY) == standing


CODES = {
    "authentication_required": "confirm this payment yourself",
    "authentication_not_handled": "confirm this payment yourself",
    "insufficient_funds": "not enough money",
    "expired_card": "has run out",
    "card_velocity_exceeded": "reached its limit",
    "issuer_not_available": "could not be reached",
    "processing_error": "could not process",
}


@pytest.mark.parametrize(("code", "words"), CODES.items())
def test_what_helps_the_holder_is_said(code: str, words: str) -> None:
    assert words in why_declined(code)


@pytest.mark.parametrize("code", ["stolen_card", "lost_card", "fraudulent", "generic_decline", "never_seen_before", ""])
def test_what_may_frighten_or_mislead_is_not_repeated(code: str) -> None:
    assert why_declined(code) == "Your bank declined the payment. Banks rarely say why."


def test_no_bank_is_blamed_where_none_was_asked() -> None:
    assert "bank" not in why_declined(None)


@pytest.mark.parametrize("code", [*CODES, "stolen_card", None])
def test_every_answer_is_a_whole_sentence(code: str | None) -> None:
    words = why_declined(code)
    assert words[0].isupper()
    assert words.endswith(".")
