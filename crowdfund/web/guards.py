"""Deny by default: every view states its access rule, and one without a rule answers nobody."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request

from crowdfund.core.errors import Forbidden

View = TypeVar("View", bound=Callable[..., Any])


def anyone(why: str) -> Callable[[View], View]:
    """Declare a view open to everyone, with the reason."""
    return declare(f"anyone: {why}")


def checked_inside(rule: str) -> Callable[[View], View]:
    """Declare that the view loads its thing through `rule`, which answers 404 to everybody else."""
    return declare(f"checked inside: {rule}")


def access_rule(view: Callable[..., Any]) -> str | None:
    """Return the rule a view declared, if any."""
    return getattr(view, "access_rule", None)


def init_app(app: Flask) -> None:
    """Refuse every request to a view that declared no rule."""

    @app.before_request
    def deny_undeclared() -> None:
        endpoint = request.endpoint
        if endpoint is not None and access_rule(app.view_functions[endpoint]) is None:
            raise Forbidden("This page has no access rule.")


def declare(rule: str) -> Callable[[View], View]:
    """Give a view its access rule."""

    def decorate(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]
        return view

    return decorate
