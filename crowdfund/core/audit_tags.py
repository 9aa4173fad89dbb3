"""The vocabulary of the audit trail: every tag, and the keys its row must carry."""

from enum import StrEnum


class Tag(StrEnum):
    """What happened, as `subject:verb`."""

    PERSON_CREATED = "person:created"
    SESSION_SIGNED_IN = "session:signed_in"
    SESSION_SIGNED_OUT = "session:signed_out"
    GROUP_CREATED = "group:created"
    PROJECT_DRAFTED = "project:drafted"
    PROJECT_MOVED = "project:moved"
    PROJECT_UPDATED = "project:update_posted"
    PLEDGE_STARTED = "pledge:started"
    PLEDGE_AMOUNT_SET = "pledge:amount_set"
    PLEDGE_DESCRIBED = "pledge:described"
    PLEDGE_VERIFIED = "pledge:verified"
    PLEDGE_CONSENTED = "pledge:consented"
    PLEDGE_ACTIVATED = "pledge:activated"
    PLEDGE_ABANDONED = "pledge:abandoned"
    PLEDGE_AMOUNT_CHANGED = "pledge:amount_changed"
    PLEDGE_AUDIENCE_CHANGED = "pledge:audience_changed"
    PLEDGE_WITHDRAWN = "pledge:withdrawn"
    PLEDGE_CARD_CHANGED = "pledge:card_changed"
    PERSON_RENAMED = "person:renamed"
    SESSIONS_ENDED = "person:signed_out_everywhere"
    AUTHENTICATOR_SET = "person:authenticator_set"
    AUTHENTICATOR_USED = "person:second_factor_given"
    OFFICER_APPOINTED = "person:officer_appointed"
    OFFICER_ENDED = "person:officer_ended"
    GROUP_CHANGED = "group:changed"
    MEMBER_INVITED = "group:member_invited"
    MEMBER_JOINED = "group:member_joined"
    MEMBER_ROLE_CHANGED = "group:member_role_changed"
    MEMBER_LEFT = "group:member_left"
    INVITATION_CANCELLED = "group:invitation_cancelled"
    INVITATION_REFUSED = "group:invitation_refused"
    HOST_ASKED = "group:host_asked"
    HOST_MOVED = "group:host_moved"
    PROJECT_EDITED = "project:edited"
    FILE_ADDED = "project:file_added"
    FILE_REMOVED = "project:file_removed"
    PREVIEW_SHARED = "project:preview_shared"
    PROJECT_DECLARED = "project:declared"
    SIGNATORY_CONFIRMED = "project:signatory_confirmed"
    SIGNATORY_REFUSED = "project:signatory_refused"
    QUESTION_ASKED = "project:question_asked"
    QUESTION_ANSWERED = "project:question_answered"
    CHECK_ASSIGNED = "project:check_assigned"
    CHECK_ITEM_ANSWERED = "project:check_item_answered"
    CHECK_NOTE_WRITTEN = "project:note_written"
    FACTS_CHECKED = "project:facts_checked"
    INTEREST_DECLARED = "project:interest_declared"
    PROJECT_DECIDED = "project:decided"
    CONCERN_TAKEN = "project:concern_taken"
    CONCERN_CLOSED = "project:concern_closed"
    PLEDGE_CLAIMED = "pledge:claimed"
    PLEDGE_RELEASED = "pledge:released"
    PLEDGE_UPDATES_OFF = "pledge:updates_off"
    PLEDGE_UPDATES_ON = "pledge:updates_on"
    BACKERS_EXPORTED = "project:backers_exported"
    CONCERN_REPORTED = "project:concern_reported"
    VERDICT_WRITTEN = "project:verdict_written"
    SETTLEMENT_FINISHED = "project:settled"
    SETTLEMENT_ALERTED = "project:settlement_overdue"
    SHORTFALL_DECIDED = "project:shortfall_decided"
    EXPOSURE_SETTLED = "project:exposure_settled"
    MONEY_WAITS = "project:money_waits"
    MONEY_FREED = "project:money_freed"
    PLEDGE_MOVED = "pledge:moved"
    CHARGE_PREPARED = "pledge:charge_prepared"
    CHARGE_ENDED = "pledge:charge_ended"
    REFUND_ASKED = "pledge:refund_asked"
    REFUND_APPROVED = "pledge:refund_approved"
    REFUND_REJECTED = "pledge:refund_rejected"
    REFUND_ENDED = "pledge:refund_ended"
    REFUND_SETTLED = "pledge:refund_settled"
    DISPUTE_OPENED = "pledge:dispute_opened"
    DISPUTE_CLOSED = "pledge:dispute_closed"
    BANK_DETAILS_GIVEN = "group:bank_details_given"
    BANK_DETAILS_CALLED = "group:bank_details_called"
    BANK_DETAILS_ALLOWED = "group:bank_details_allowed"
    BANK_DETAILS_SEEN = "group:bank_details_seen"
    PAYOUT_PREPARED = "project:payout_prepared"
    PAYOUT_MOVED = "project:payout_moved"
    PAYMENT_FILE_MADE = "payment_file:made"
    PAYMENT_FILE_TAKEN = "payment_file:taken"
    FUND_SAVED = "fund:saved"
    FUND_TERMS_SAVED = "fund:terms_saved"
    FUNDS_ORDERED = "fund:ordered"
    BUDGET_CHANGED = "fund:budget_changed"
    BUDGET_CARRIED = "fund:budget_carried"
    FUND_MONEY_CAME = "fund:money_came"
    OFFER_PITCHED = "offer:pitched"
    OFFER_TAKEN = "offer:taken"
    OFFER_ASSESSED = "offer:assessed"
    OFFER_DECIDED = "offer:decided"
    OFFER_SENT = "offer:sent"
    OFFER_ACCEPTED = "offer:accepted"
    OFFER_MOVED = "offer:moved"
    OFFER_RECOMPUTED = "offer:recomputed"
    MEMBER_TOLD = "offer:member_told"
    ROUND_STARTED = "round:started"
    ROUND_EDITED = "round:edited"
    ROUND_PUBLISHED = "round:published"
    ROUND_MOVED = "round:moved"
    ROUND_UNSEALED = "round:unsealed"
    ROUND_PANEL = "round:panel_confirmed"
    APPLICATION_STARTED = "application:started"
    APPLICATION_EDITED = "application:edited"
    APPLICATION_DECLARED = "application:declared"
    APPLICATION_CONFIRMED = "application:confirmed"
    APPLICATION_MOVED = "application:moved"
    APPLICATION_INTEREST = "application:interest_declared"
    APPLICATION_TAKEN = "application:taken"
    APPLICATION_ASSESSED = "application:assessed"
    APPLICATION_ASKED = "application:question_asked"
    APPLICATION_ANSWERED = "application:question_answered"
    APPLICATION_DECIDED = "application:decided"
    REVIEW_ASKED = "application:review_asked"
    REVIEW_ANSWERED = "application:review_answered"
    AWARD_SIGNED = "application:award_signed"
    BACKER_SET_ASIDE = "project:backer_set_aside"
    CASH_BOOK_EXPORTED = "cash_book:exported"
    JOB_RETRIED = "job:retried"
    CLOCK_MOVED = "clock:moved"


KEYS: dict[Tag, frozenset[str]] = {
    Tag.PERSON_CREATED: frozenset(),
    Tag.SESSION_SIGNED_IN: frozenset({"how"}),
    Tag.SESSION_SIGNED_OUT: frozenset(),
    Tag.GROUP_CREATED: frozenset({"legal_form"}),
    Tag.PROJECT_DRAFTED: frozenset({"group_id"}),
    Tag.PROJECT_MOVED: frozenset({"old", "new", "reason"}),
    Tag.PROJECT_UPDATED: frozenset({"update_id"}),
    Tag.PLEDGE_STARTED: frozenset({"project_id", "amount_pence"}),
    Tag.PLEDGE_AMOUNT_SET: frozenset({"amount_pence"}),
    Tag.PLEDGE_DESCRIBED: frozenset(),
    Tag.PLEDGE_VERIFIED: frozenset({"person_id"}),
    Tag.PLEDGE_CONSENTED: frozenset({"consent_ids"}),
    Tag.PLEDGE_ACTIVATED: frozenset({"project_id", "amount_pence"}),
    Tag.PLEDGE_ABANDONED: frozenset({"reason"}),
    Tag.PLEDGE_AMOUNT_CHANGED: frozenset({"old_pence", "new_pence", "consent_ids"}),
    Tag.PLEDGE_AUDIENCE_CHANGED: frozenset({"name", "amount", "consent_ids"}),
    Tag.PLEDGE_WITHDRAWN: frozenset({"project_id", "amount_pence"}),
    Tag.PLEDGE_CARD_CHANGED: frozenset({"old_checkout_id", "new_checkout_id"}),
    Tag.PERSON_RENAMED: frozenset(),
    Tag.SESSIONS_ENDED: frozenset(),
    Tag.AUTHENTICATOR_SET: frozenset(),
    Tag.AUTHENTICATOR_USED: frozenset({"how"}),
    Tag.OFFICER_APPOINTED: frozenset({"role", "funder_id"}),
    Tag.OFFICER_ENDED: frozenset({"role", "funder_id"}),
    Tag.GROUP_CHANGED: frozenset({"fields"}),
    Tag.MEMBER_INVITED: frozenset({"invitation_id", "role"}),
    Tag.MEMBER_JOINED: frozenset({"person_id", "role"}),
    Tag.MEMBER_ROLE_CHANGED: frozenset({"person_id", "old", "new"}),
    Tag.MEMBER_LEFT: frozenset({"person_id"}),
    Tag.INVITATION_CANCELLED: frozenset({"invitation_id", "kind"}),
    Tag.INVITATION_REFUSED: frozenset({"invitation_id", "kind"}),
    Tag.HOST_ASKED: frozenset({"host_id"}),
    Tag.HOST_MOVED: frozenset({"host_id", "old", "new"}),
    Tag.PROJECT_EDITED: frozenset({"section"}),
    Tag.FILE_ADDED: frozenset({"purpose"}),
    Tag.FILE_REMOVED: frozenset({"purpose"}),
    Tag.PREVIEW_SHARED: frozenset(),
    Tag.PROJECT_DECLARED: frozenset({"signatory_invitation_id"}),
    Tag.SIGNATORY_CONFIRMED: frozenset({"invitation_id"}),
    Tag.SIGNATORY_REFUSED: frozenset({"invitation_id"}),
    Tag.QUESTION_ASKED: frozenset({"question_id", "section"}),
    Tag.QUESTION_ANSWERED: frozenset({"question_id", "section"}),
    Tag.CHECK_ASSIGNED: frozenset({"officer_id"}),
    Tag.CHECK_ITEM_ANSWERED: frozenset({"key", "answer"}),
    Tag.CHECK_NOTE_WRITTEN: frozenset({"note_id"}),
    Tag.FACTS_CHECKED: frozenset({"looks"}),
    Tag.INTEREST_DECLARED: frozenset({"has_interest"}),
    Tag.PROJECT_DECIDED: frozenset({"decision_id", "outcome"}),
    Tag.CONCERN_TAKEN: frozenset({"concern_id", "officer_id"}),
    Tag.CONCERN_CLOSED: frozenset({"concern_id", "outcome"}),
    Tag.PLEDGE_CLAIMED: frozenset(),
    Tag.PLEDGE_RELEASED: frozenset({"project_id", "amount_pence"}),
    Tag.PLEDGE_UPDATES_OFF: frozenset(),
    Tag.PLEDGE_UPDATES_ON: frozenset(),
    Tag.BACKERS_EXPORTED: frozenset({"count"}),
    Tag.CONCERN_REPORTED: frozenset({"concern_id"}),
    Tag.VERDICT_WRITTEN: frozenset({"reached", "pledged_pence", "match_pence"}),
    Tag.SETTLEMENT_FINISHED: frozenset({"collected_pence", "outcome"}),
    Tag.SETTLEMENT_ALERTED: frozenset(),
    Tag.SHORTFALL_DECIDED: frozenset({"decision_id", "choice"}),
    Tag.EXPOSURE_SETTLED: frozenset({"decision_id", "choice", "amount_pence"}),
    Tag.MONEY_WAITS: frozenset({"waits_for", "review_on"}),
    Tag.MONEY_FREED: frozenset(),
    Tag.PLEDGE_MOVED: frozenset({"old", "new", "reason"}),
    Tag.CHARGE_PREPARED: frozenset({"attempt_id", "number", "amount_pence"}),
    Tag.CHARGE_ENDED: frozenset({"attempt_id", "state"}),
    Tag.REFUND_ASKED: frozenset({"refund_id", "amount_pence"}),
    Tag.REFUND_APPROVED: frozenset({"refund_id"}),
    Tag.REFUND_REJECTED: frozenset({"refund_id", "reason"}),
    Tag.REFUND_ENDED: frozenset({"refund_id", "state"}),
    Tag.REFUND_SETTLED: frozenset({"refund_id", "reason"}),
    Tag.DISPUTE_OPENED: frozenset({"dispute_id", "amount_pence"}),
    Tag.DISPUTE_CLOSED: frozenset({"dispute_id", "state"}),
    Tag.BANK_DETAILS_GIVEN: frozenset({"bank_details_id"}),
    Tag.BANK_DETAILS_CALLED: frozenset({"bank_details_id"}),
    Tag.BANK_DETAILS_ALLOWED: frozenset({"bank_details_id", "decision_id"}),
    Tag.BANK_DETAILS_SEEN: frozenset({"bank_details_id", "payout_id"}),
    Tag.PAYOUT_PREPARED: frozenset({"payout_id", "amount_pence"}),
    Tag.PAYOUT_MOVED: frozenset({"payout_id", "old", "new", "reason"}),
    Tag.PAYMENT_FILE_MADE: frozenset({"payouts", "total_pence"}),
    Tag.PAYMENT_FILE_TAKEN: frozenset({"checksum"}),
    Tag.FUND_SAVED: frozenset({"fields"}),
    Tag.FUND_TERMS_SAVED: frozenset({"number"}),
    Tag.FUNDS_ORDERED: frozenset({"fund_ids"}),
    Tag.BUDGET_CHANGED: frozenset({"source", "year", "pence"}),
    Tag.BUDGET_CARRIED: frozenset({"source", "from_year", "to_year", "pence"}),
    Tag.FUND_MONEY_CAME: frozenset({"source", "year", "pence"}),
    Tag.OFFER_PITCHED: frozenset({"project_id", "fund_id", "asked_pence"}),
    Tag.OFFER_TAKEN: frozenset({"officer_id"}),
    Tag.OFFER_ASSESSED: frozenset({"number", "recommendation", "recommended_pence"}),
    Tag.OFFER_DECIDED: frozenset({"outcome", "offered_pence", "authority"}),
    Tag.OFFER_SENT: frozenset({"expires_on"}),
    Tag.OFFER_ACCEPTED: frozenset({"reserved_pence"}),
    Tag.OFFER_MOVED: frozenset({"old", "new", "reason"}),
    Tag.OFFER_RECOMPUTED: frozenset({"old_pence", "new_pence"}),
    Tag.MEMBER_TOLD: frozenset({"on", "how"}),
    Tag.ROUND_STARTED: frozenset({"fund_id"}),
    Tag.ROUND_EDITED: frozenset({"part"}),
    Tag.ROUND_PUBLISHED: frozenset({"number"}),
    Tag.ROUND_MOVED: frozenset({"old", "new"}),
    Tag.ROUND_UNSEALED: frozenset({"reason"}),
    Tag.ROUND_PANEL: frozenset({"count"}),
    Tag.APPLICATION_STARTED: frozenset({"round_id", "group_id"}),
    Tag.APPLICATION_EDITED: frozenset({"part"}),
    Tag.APPLICATION_DECLARED: frozenset(),
    Tag.APPLICATION_CONFIRMED: frozenset(),
    Tag.APPLICATION_MOVED: frozenset({"old", "new", "reason"}),
    Tag.APPLICATION_INTEREST: frozenset({"has_interest"}),
    Tag.APPLICATION_TAKEN: frozenset({"officer_id"}),
    Tag.APPLICATION_ASSESSED: frozenset({"number", "recommendation"}),
    Tag.APPLICATION_ASKED: frozenset({"question_id"}),
    Tag.APPLICATION_ANSWERED: frozenset({"question_id"}),
    Tag.REVIEW_ASKED: frozenset(),
    Tag.REVIEW_ANSWERED: frozenset({"is_upheld", "reason"}),
    Tag.APPLICATION_DECIDED: frozenset({"outcome", "awarded_pence", "authority"}),
    Tag.AWARD_SIGNED: frozenset(),
    Tag.BACKER_SET_ASIDE: frozenset({"pledge_id", "set_aside"}),
    Tag.CASH_BOOK_EXPORTED: frozenset({"account", "project_id", "since", "until"}),
    Tag.JOB_RETRIED: frozenset({"kind"}),
    Tag.CLOCK_MOVED: frozenset({"offset_seconds"}),
}
