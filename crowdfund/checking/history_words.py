"""The words for what histories of groups and projects speak of."""

from crowdfund.accounts.history import Words
from crowdfund.checking.checklist import POINT_WORDS
from crowdfund.checking.rules import ANSWER_WORDS, OUTCOME_WORDS, OUTCOMES
from crowdfund.groups.rules import FORM_WORDS, HostState
from crowdfund.payouts.rules import WORDS as PAYOUT_WORDS
from crowdfund.projects.rules import SECTION_WORDS, WORDS

HISTORY_WORDS: Words = {
    "project_state": WORDS,
    "section": SECTION_WORDS,
    "legal_form": FORM_WORDS,
    "concern_outcome": OUTCOME_WORDS,
    "host_state": {
        HostState.ASKED: "Asked",
        HostState.ACCEPTED: "Agreed",
        HostState.REFUSED: "Said no",
        HostState.ENDED: "Ended",
    },
    "check_item": POINT_WORDS,
    "item_answer": ANSWER_WORDS,
    "decision_outcome": OUTCOMES,
    "payout_state": PAYOUT_WORDS,
}
