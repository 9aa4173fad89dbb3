"""How many examples a property that talks to the database is tried with: a share of the profile's."""

from hypothesis import HealthCheck, settings


def some(share: int, steps: int = 50) -> settings:
    """Return settings for one in `share` of the profile's examples, each of so many steps."""
    return settings(
        max_examples=max(5, settings.default.max_examples // share),
        stateful_step_count=steps,
        deadline=None,
        # Each example brings things of its own; the database behind them may be the same.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
