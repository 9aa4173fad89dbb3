"""Who does something: every action and audit row names one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class ActorKind(StrEnum):
    """The kinds of actor an audit row can name."""

    VISITOR = "visitor"
    PERSON = "person"
    SYSTEM = "system"


class Actor(Protocol):
    """What actions may ask of whoever acts."""

    @property
    def kind(self) -> ActorKind:
        """The kind of actor."""
        ...

    @property
    def person_id(self) -> int | None:
        """The person's row, where there is one."""
        ...

    @property
    def ref(self) -> str:
        """A stable reference for the audit trail, without personal data."""
        ...

    def holds(self, subject: str) -> bool:
        """Say whether this browser was handed `subject`, such as 'pledge:12'."""
        ...

    def may(self, right: str) -> bool:
        """Say whether whoever acts holds an officer's right, see accounts.roles."""
        ...

    def may_at(self, right: str, funder_id: int) -> bool:
        """Say whether whoever acts holds a right over this funder's funds, see accounts.roles."""
        ...

    def limit_at(self, right: str, funder_id: int) -> int | None:
        """Return up to which amount (pence) the right goes; None where it has no limit of its own."""
        ...


@dataclass(frozen=True)
class SystemActor:
    """The service itself: the worker, a command, a webhook."""

    name: str
    kind: ActorKind = ActorKind.SYSTEM
    person_id: int | None = None

    @property
    def ref(self) -> str:
        """The name of the part that acts."""
        return self.name

    def holds(self, subject: str) -> bool:  # noqa: ARG002 - the protocol asks
        """The service is handed everything."""
        return True

    def may(self, right: str) -> bool:  # noqa: ARG002 - the protocol asks
        """The service does what its code says."""
        return True

    def may_at(self, right: str, funder_id: int) -> bool:  # noqa: ARG002 - the protocol asks
        """The service does what its code says."""
        return True

    def limit_at(self, right: str, funder_id: int) -> int | None:  # noqa: ARG002 - the protocol asks
        """The service decides nothing that has a limit."""
        return None


@dataclass(frozen=True)
class Permit:
    """The answer to 'may this actor do that?', with the reason when not."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Permit(True)
