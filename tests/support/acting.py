"""Somebody who acts without a browser: a person by number, with the rights a test gives them."""

from crowdfund.accounts.models import Person
from crowdfund.core.actor import ActorKind, SystemActor


class By(SystemActor):
    """A signed-in person, who may as an officer only what the test says."""

    def __init__(self, person: Person, *rights: str) -> None:
        super().__init__(str(person.id), ActorKind.PERSON, person.id)
        object.__setattr__(self, "rights", rights)

    def holds(self, subject: str) -> bool:
        return False

    def may(self, right: str) -> bool:
        return right in self.rights
