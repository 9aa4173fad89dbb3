"""May a declined card be tried again without its holder? Whoever says no wins."""

import pytest

from crowdfund.payments.stripe_declines import Advice, may_retry

LATER = "try_again_later"


@pytest.mark.parametrize(
    ("advice", "expected"),
    [
        (Advice("insufficient_funds"), True),
        (Advice("insufficient_funds", LATER), True),
        (Advice("generic_decline"), False),  # nobody said that it helps
        (Advice("generic_decline", LATER), True),
        (Advice("do_not_honor", None, "02"), True),
        (Advice("generic_decline", "do_not_try_again"), False),
        (Advice("insufficient_funds", "confirm_card_data"), False),
        (Advice("insufficient_funds", LATER, "03"), False),
        (Advice("insufficient_funds", LATER, "21"), False),
        (Advice("insufficient_funds", LATER, None, "R1"), False),
        (Advice("insufficient_funds", LATER, None, "r3"), False),
        (Advice("insufficient_funds", LATER, None, "51"), True),
        (Advice("a_code_of_next_year"), False),
        *((Advice(code, LATER), False) for code in (
            "lost_card", "stolen_card", "pickup_card", "fraudulent", "expired_card", "authentication_required",
            "stop_payment_order", "revocation_of_all_authorizations", "previously_declined_do_not_retry",
        )),
    ],
)  # fmt: skip
def test_a_decline_is_tried_again_only_where_everybody_allows_it(advice, expected):
    assert may_retry(advice) is expected
