"""Who may open a page: anyone signed in, members of a group, officers whose role has the right."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from crowdfund.accounts.current import FRESH_LIFE, current_actor
from crowdfund.accounts.roles import Right
from crowdfund.core.errors import Forbidden, SignInNeeded
from crowdfund.web.guards import View, declare


def signed_in(view: View) -> View:
    """Declare a view for anybody who is signed in. Raises SignInNeeded."""
    return _guard("signed in", _demand_sign_in)(view)


def members(checks: str) -> Callable[[View], View]:
    """Declare a view for members of a group; it loads its thing through `checks`, which answers 404 to others."""
    return _guard(f"members: {checks}", _demand_sign_in)


def members_after_step_up(checks: str) -> Callable[[View], View]:
    """Declare a view as `members` does; it calls `demand_step_up` once its thing is loaded."""
    return _guard(f"members after step-up: {checks}", _demand_sign_in)


def demand_step_up() -> None:
    """Raise SignInNeeded unless a second factor was given in the last minutes; whoever has no app sets one up."""
    if not current_actor().given_within(FRESH_LIFE):
        raise SignInNeeded("step-up")


def officers(right: Right, *, fresh: bool = False) -> Callable[[View], View]:
    """Declare a view for officers with this right, their second factor given today; `fresh`: within 15 minutes.

    Raises SignInNeeded, or Forbidden for somebody without the right.
    """

    def demand() -> None:
        _demand_sign_in()
        actor = current_actor()
        if not actor.is_officer:
            raise Forbidden("This page is for council officers.")
        if not actor.strong:
            raise SignInNeeded("second-factor")
        if not actor.may(right):
            raise Forbidden(f"Your role does not let you {right}.")
        if fresh and not actor.given_within(FRESH_LIFE):
            raise SignInNeeded("step-up")

    return _guard(f"officers: {right.name}{' fresh' if fresh else ''}", demand)


def _demand_sign_in() -> None:
    if not current_actor().signed_in:
        raise SignInNeeded


def _guard(rule: str, demand: Callable[[], None]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            demand()
            return view(*args, **kwargs)

        return declare(rule)(guarded)  # type: ignore[return-value]

    return decorate
