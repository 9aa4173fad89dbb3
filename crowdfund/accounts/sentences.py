"""One sentence for every tag of the audit trail: what it says, and who may read it.

A sentence goes on after the name of whoever did it. `{key}` is a value of the row, `{key:kind}` is put into
words by the vocabulary of that kind; `{key:person}` is somebody's name.
"""

from dataclasses import dataclass

from crowdfund.core.audit_tags import Tag


@dataclass(frozen=True)
class Sentence:
    """What a row says. `also` is added where all of its values are given."""

    words: str
    also: str = ""
    own: str = ""  # said instead where people do it for themselves
    internal: bool = False  # for officers only
    by_officer: bool = False  # only officers do it, so a group is not told which one
    by_anybody: bool = False  # nobody is told who it was


def _among_officers(words: str, own: str = "") -> Sentence:
    return Sentence(words, own=own, internal=True, by_officer=True)


SENTENCES: dict[Tag, Sentence] = {
    Tag.PERSON_CREATED: Sentence("proved an e-mail address for the first time"),
    Tag.PERSON_RENAMED: Sentence("changed their name"),
    Tag.SESSION_SIGNED_IN: Sentence("signed in by {how:way_in}"),
    Tag.SESSION_SIGNED_OUT: Sentence("signed out"),
    Tag.SESSIONS_ENDED: Sentence("signed out everywhere"),
    Tag.AUTHENTICATOR_SET: Sentence("set up an authenticator app"),
    Tag.AUTHENTICATOR_USED: Sentence("gave a second factor: {how:second_factor}"),
    Tag.OFFICER_APPOINTED: Sentence("gave the role “{role:officer_role}”"),
    Tag.OFFICER_ENDED: Sentence("ended the role “{role:officer_role}”"),
    Tag.GROUP_CREATED: Sentence("added the group as “{legal_form:legal_form}”"),
    Tag.GROUP_CHANGED: Sentence("changed the group’s details", also=": {fields:group_field}"),
    Tag.MEMBER_INVITED: Sentence("invited somebody to the group as {role:member_role}"),
    Tag.MEMBER_JOINED: Sentence(
        "added {person_id:person} to the group as {role:member_role}", own="joined the group as {role:member_role}"
    ),
    Tag.MEMBER_ROLE_CHANGED: Sentence(
        "changed the place of {person_id:person} in the group from {old:member_role} to {new:member_role}"
    ),
    Tag.MEMBER_LEFT: Sentence("ended the place of {person_id:person} in the group", own="left the group"),
    Tag.INVITATION_CANCELLED: Sentence("took back an invitation to {kind:invitation_kind}"),
    Tag.INVITATION_REFUSED: Sentence("said no to an invitation to {kind:invitation_kind}"),
    Tag.HOST_ASKED: Sentence("asked an organisation to be the group’s host"),
    Tag.HOST_MOVED: Sentence("changed the host’s agreement from “{old:host_state}” to “{new:host_state}”"),
    Tag.PROJECT_DRAFTED: Sentence("started the project"),
    Tag.PROJECT_MOVED: Sentence(
        "moved the project from “{old:project_state}” to “{new:project_state}”", also=". Reason: {reason}"
    ),
    Tag.PROJECT_UPDATED: Sentence("posted an update"),
    Tag.PROJECT_EDITED: Sentence("changed “{section:section}”"),
    Tag.FILE_ADDED: Sentence("added a file: {purpose:file_purpose}"),
    Tag.FILE_REMOVED: Sentence("removed a file: {purpose:file_purpose}"),
    Tag.PREVIEW_SHARED: Sentence("made a new link to the preview for the committee"),
    Tag.PROJECT_DECLARED: Sentence("declared for the group that everything is true, and asked a second signatory"),
    Tag.SIGNATORY_CONFIRMED: Sentence("confirmed the declaration as second signatory"),
    Tag.SIGNATORY_REFUSED: Sentence("did not confirm the declaration as second signatory"),
    Tag.QUESTION_ASKED: Sentence("asked a question about “{section:section}”", by_officer=True),
    Tag.QUESTION_ANSWERED: Sentence("answered a question about “{section:section}”"),
    Tag.CHECK_ASSIGNED: _among_officers("gave the check to {officer_id:person}", own="took the check"),
    Tag.CHECK_ITEM_ANSWERED: _among_officers("answered “{key:check_item}” with “{answer:item_answer}”"),
    Tag.CHECK_NOTE_WRITTEN: _among_officers("wrote a note for officers"),
    Tag.FACTS_CHECKED: _among_officers("ran the automatic checks; points to look at: {looks}"),
    Tag.INTEREST_DECLARED: _among_officers("declared {has_interest:interest}"),
    Tag.PROJECT_DECIDED: Sentence("recorded the decision “{outcome:decision_outcome}”", by_officer=True),
    Tag.CONCERN_REPORTED: Sentence("reported a concern", internal=True, by_anybody=True),
    Tag.CONCERN_TAKEN: _among_officers("gave a concern to {officer_id:person}", own="took a concern"),
    Tag.CONCERN_CLOSED: _among_officers("closed a concern: {outcome:concern_outcome}"),
    Tag.PLEDGE_STARTED: Sentence("started a pledge of {amount_pence:pounds}"),
    Tag.PLEDGE_AMOUNT_SET: Sentence("set the amount to {amount_pence:pounds}"),
    Tag.PLEDGE_DESCRIBED: Sentence("filled in who they are"),
    Tag.PLEDGE_VERIFIED: Sentence("proved their e-mail address"),
    Tag.PLEDGE_CONSENTED: Sentence("agreed that the card may be charged if the target is reached"),
    Tag.PLEDGE_ACTIVATED: Sentence("made the pledge of {amount_pence:pounds} count"),
    Tag.PLEDGE_ABANDONED: Sentence("ended the pledge before it counted"),
    Tag.PLEDGE_AMOUNT_CHANGED: Sentence("changed the pledge from {old_pence:pounds} to {new_pence:pounds}"),
    Tag.PLEDGE_AUDIENCE_CHANGED: Sentence("changed who may see the pledge"),
    Tag.PLEDGE_WITHDRAWN: Sentence("took back the pledge of {amount_pence:pounds}"),
    Tag.PLEDGE_CARD_CHANGED: Sentence("saved another card for the pledge"),
    Tag.PLEDGE_CLAIMED: Sentence("took the pledge into their account"),
    Tag.PLEDGE_RELEASED: Sentence("released the pledge of {amount_pence:pounds}: nobody was charged"),
    Tag.PLEDGE_UPDATES_OFF: Sentence("turned off mails with the project’s news"),
    Tag.PLEDGE_UPDATES_ON: Sentence("turned on mails with the project’s news again"),
    Tag.BACKERS_EXPORTED: Sentence("downloaded the list of backers who share their address; backers in it: {count}"),
    Tag.VERDICT_WRITTEN: Sentence(
        "judged at the deadline that the project {reached:verdict}: {pledged_pence:pounds} pledged"
    ),
    Tag.SETTLEMENT_FINISHED: Sentence("counted what could be collected: {collected_pence:pounds}"),
    Tag.SETTLEMENT_ALERTED: _among_officers("told officers that this settlement takes longer than it should"),
    Tag.SHORTFALL_DECIDED: Sentence("decided about the shortfall: {choice:shortfall_choice}", by_officer=True),
    Tag.EXPOSURE_SETTLED: Sentence(
        "settled {amount_pence:pounds} that was lost after it was paid out: {choice:exposure_choice}", by_officer=True
    ),
    Tag.MONEY_WAITS: Sentence("recorded what the money waits for: {waits_for}", by_officer=True),
    Tag.MONEY_FREED: Sentence("freed the money that had to wait", by_officer=True),
    Tag.PLEDGE_MOVED: Sentence(
        "moved the pledge from “{old:pledge_state}” to “{new:pledge_state}”", also=". Reason: {reason}"
    ),
    Tag.CHARGE_PREPARED: Sentence("got ready to charge {amount_pence:pounds}, try {number}"),
    Tag.CHARGE_ENDED: Sentence("heard what became of the charge: {state:charge_state}"),
    Tag.REFUND_ASKED: Sentence("asked for a refund of {amount_pence:pounds}", by_officer=True),
    Tag.REFUND_APPROVED: Sentence("approved a refund", by_officer=True),
    Tag.REFUND_REJECTED: Sentence("rejected a refund", also=". Reason: {reason}", by_officer=True),
    Tag.REFUND_ENDED: Sentence("heard what became of the refund: {state:refund_state}"),
    Tag.REFUND_SETTLED: Sentence("made good a refund that had failed", also=": {reason}", by_officer=True),
    Tag.DISPUTE_OPENED: Sentence("heard that the card’s holder disputes {amount_pence:pounds} with the bank"),
    Tag.DISPUTE_CLOSED: Sentence("heard how the bank decided the dispute: {state:dispute_state}"),
    Tag.BANK_DETAILS_GIVEN: Sentence("gave new bank details"),
    Tag.BANK_DETAILS_CALLED: Sentence("rang back about the bank details", by_officer=True),
    Tag.BANK_DETAILS_ALLOWED: Sentence("recorded why a personal account may be used", by_officer=True),
    Tag.BANK_DETAILS_SEEN: _among_officers("looked at the full bank details for a payout"),
    Tag.PAYOUT_PREPARED: Sentence("prepared a payout of {amount_pence:pounds}", by_officer=True),
    Tag.PAYOUT_MOVED: Sentence(
        "moved a payout from “{old:payout_state}” to “{new:payout_state}”", also=". Reason: {reason}", by_officer=True
    ),
    Tag.PAYMENT_FILE_MADE: _among_officers("made a payment file of {total_pence:pounds}; payouts in it: {payouts}"),
    Tag.PAYMENT_FILE_TAKEN: _among_officers("downloaded a payment file"),
    Tag.OFFER_PITCHED: Sentence("asked the fund for {asked_pence:pounds}"),
    Tag.OFFER_TAKEN: _among_officers("gave the assessment to {officer_id:person}", own="took the assessment"),
    Tag.OFFER_ASSESSED: _among_officers("assessed it and recommended: {recommendation:recommendation}"),
    Tag.OFFER_DECIDED: Sentence("recorded the decision “{outcome:recommendation}”, {authority}", by_officer=True),
    Tag.OFFER_SENT: Sentence("sent the offer, to be answered by {expires_on:day}"),
    Tag.OFFER_ACCEPTED: Sentence("accepted the offer; set aside in the fund: {reserved_pence:pounds}"),
    Tag.OFFER_MOVED: Sentence(
        "moved the request from “{old:offer_state}” to “{new:offer_state}”", also=". Reason: {reason}", by_officer=True
    ),
    Tag.OFFER_RECOMPUTED: Sentence("changed what is set aside from {old_pence:pounds} to {new_pence:pounds}"),
    Tag.MEMBER_TOLD: _among_officers("told the local member on {on:day}: {how}"),
    Tag.ROUND_STARTED: _among_officers("began to write the round"),
    Tag.ROUND_EDITED: _among_officers("changed the round: {part:round_part}"),
    Tag.ROUND_PUBLISHED: _among_officers("published version {number} of the round"),
    Tag.ROUND_MOVED: _among_officers("moved the round from “{old:round_state}” to “{new:round_state}”"),
    Tag.ROUND_UNSEALED: _among_officers("opened the applications before the round closed. Reason: {reason}"),
    Tag.ROUND_PANEL: _among_officers("confirmed the panel’s decisions: {count}"),
    Tag.APPLICATION_STARTED: Sentence("began the application"),
    Tag.APPLICATION_EDITED: Sentence("changed the application"),
    Tag.APPLICATION_DECLARED: Sentence("declared for the group that everything is true"),
    Tag.APPLICATION_CONFIRMED: Sentence("confirmed the declaration as a second person"),
    Tag.APPLICATION_MOVED: Sentence(
        "moved the application from “{old:application_state}” to “{new:application_state}”",
        also=". Reason: {reason}",
        by_officer=True,
    ),
    Tag.APPLICATION_INTEREST: _among_officers("declared {has_interest:application_interest}"),
    Tag.APPLICATION_TAKEN: _among_officers("gave the assessment back", own="took the assessment"),
    Tag.APPLICATION_ASSESSED: _among_officers("assessed it and recommended: {recommendation:outcome}"),
    Tag.REVIEW_ASKED: Sentence("asked for a review of the decision"),
    Tag.REVIEW_ANSWERED: Sentence("answered the review: {is_upheld:review}. Reason: {reason}", by_officer=True),
    Tag.APPLICATION_ASKED: Sentence("asked the group a question", by_officer=True),
    Tag.APPLICATION_ANSWERED: Sentence("answered a question"),
    Tag.APPLICATION_DECIDED: Sentence("recorded the decision “{outcome:outcome}”, {authority}", by_officer=True),
    Tag.AWARD_SIGNED: Sentence("signed for the award"),
    Tag.FUND_SAVED: _among_officers("changed the fund: {fields:fund_field}"),
    Tag.FUND_TERMS_SAVED: _among_officers("published version {number} of the terms"),
    Tag.FUNDS_ORDERED: _among_officers("changed the order in which funds add to a project"),
    Tag.BUDGET_CHANGED: _among_officers("changed the budget “{source}” of {year} by {pence:pounds}"),
    Tag.BUDGET_CARRIED: _among_officers("carried {pence:pounds} of “{source}” from {from_year} into {to_year}"),
    Tag.FUND_MONEY_CAME: _among_officers("posted {pence:pounds} paid in for “{source}” of {year}"),
    Tag.BACKER_SET_ASIDE: _among_officers("{set_aside:aside}"),
    Tag.CASH_BOOK_EXPORTED: _among_officers(
        "downloaded the account “{account}” of the cash book: entries from {since} to {until}"
    ),
    Tag.JOB_RETRIED: _among_officers("put parked work back in line: {kind}"),
    Tag.CLOCK_MOVED: Sentence("moved the demonstration’s clock"),
}
INTERNAL = frozenset(tag.value for tag, sentence in SENTENCES.items() if sentence.internal)
