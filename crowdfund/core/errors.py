"""The errors that actions raise; web/errors.py answers each one once, as a page or a fragment."""


class DomainError(Exception):
    """Something people can be told about."""


class NotFound(DomainError):
    """There is no such thing, or the actor may not know that there is."""


class Forbidden(DomainError):
    """The actor may know of the thing but not do this; the reason is for people."""


class Refused(DomainError):
    """A business rule says no: a code for tests, a sentence for people, the field it belongs to."""

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field


class Conflict(DomainError):
    """Someone changed it meanwhile."""


class TooMany(DomainError):
    """A limit on how often was reached; the sentence says when to try again."""


class GatewayDown(DomainError):
    """The payment provider did not answer; nothing is known to have happened there."""


class IllegalMove(DomainError):
    """A state machine was asked for a move that its table does not have: a defect, never a refusal."""


class Busy(DomainError):
    """The database could not be written just now (full, read-only or locked); nothing was changed."""


class SignInNeeded(DomainError):
    """Whoever asks has to prove who they are first; `step` says how."""

    def __init__(self, step: str = "sign-in") -> None:
        super().__init__(step)
        self.step = step
