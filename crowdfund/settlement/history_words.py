"""The words for everything that histories speak of, with those of pledges and money."""

from crowdfund.accounts.history import Words
from crowdfund.checking import history_words
from crowdfund.funds.words import FIELD_WORDS
from crowdfund.grants.rules import OUTCOME_WORDS, ROUND_WORDS
from crowdfund.grants.rules import WORDS as APPLICATION_WORDS
from crowdfund.matching.rules import RECOMMENDATION_WORDS
from crowdfund.matching.rules import WORDS as OFFER_WORDS
from crowdfund.payments.refund_words import DISPUTE_WORDS, REFUND_WORDS
from crowdfund.payments.rules import AttemptState
from crowdfund.pledges.rules import WORDS as PLEDGE_WORDS
from crowdfund.settlement.rules import EXPOSURE_WORDS, SHORTFALL_WORDS

HISTORY_WORDS: Words = {
    **history_words.HISTORY_WORDS,
    "verdict": {True: "reached its target", False: "did not reach its target"},
    "shortfall_choice": {choice: words[0].lower() + words[1:] for choice, words in SHORTFALL_WORDS.items()},
    "exposure_choice": {choice: words[0].lower() + words[1:] for choice, words in EXPOSURE_WORDS.items()},
    "pledge_state": PLEDGE_WORDS,
    "charge_state": {
        AttemptState.SUCCEEDED: "paid",
        AttemptState.FAILED: "not paid",
        AttemptState.CANCELLED: "closed before it was paid",
    },
    "refund_state": REFUND_WORDS,
    "dispute_state": DISPUTE_WORDS,
    "fund_field": FIELD_WORDS,
    "offer_state": OFFER_WORDS,
    "recommendation": RECOMMENDATION_WORDS,
    "round_part": {"frame": "its name, dates or sum", "plan": "what it asks and promises"},
    "round_state": ROUND_WORDS,
    "application_state": APPLICATION_WORDS,
    "application_interest": {True: "an interest in the application", False: "no interest in the application"},
    "outcome": OUTCOME_WORDS,
    "review": {True: "it is decided anew", False: "the decision stays"},
    "aside": {True: "left a pledge out of the match", False: "let a pledge count for the match again"},
}
