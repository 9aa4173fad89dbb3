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
    CONCERN_REPORTED = "project:concern_reported"
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
    Tag.CONCERN_REPORTED: frozenset({"mail_id"}),
    Tag.CLOCK_MOVED: frozenset({"offset_seconds"}),
}
