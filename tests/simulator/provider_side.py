"""What the provider knows: it charged nobody twice, nobody in vain, and nobody before or after the time for it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from crowdfund.core.db import db
from crowdfund.payments.models import ChargeAttempt
from crowdfund.projects.models import Project
from crowdfund.settlement.models import Settlement, Verdict
from tests.simulator.season import Season


def at_the_provider(season: Season) -> Iterator[str]:
    """5, 6 and 11 from the other side: yield what it did that it should not have been asked for."""
    with season.rig.stripe.work() as context:
        intents, charges = context.store.select("payment_intent"), context.store.select("charge")
    ours = {row.public_id: row for row in db.session.scalars(select(ChargeAttempt))}
    paid = [intent for intent in intents if intent["status"] == "succeeded"]
    yield from _each(paid, ours)
    subjects = [ours[ref].subject for intent in paid if (ref := _reference(intent)) in ours]
    yield from (f"{subject} was charged twice" for subject in set(subjects) if subjects.count(subject) > 1)
    for charge in charges:
        if charge["amount_refunded"] > charge["amount"]:
            yield f"{charge['id']} was refunded beyond what it was"
        attempt = ours.get(_reference(charge))
        if charge["paid"] and attempt is not None:
            yield from _in_time(charge, attempt)


def _each(paid: list[dict[str, Any]], ours: dict[str, ChargeAttempt]) -> Iterator[str]:
    for intent in paid:
        attempt = ours.get(_reference(intent))
        if attempt is None:
            yield f"the provider was paid {intent['id']}, which we never asked for"
        elif intent["amount"] != attempt.amount_pence:
            yield f"the provider took {intent['amount']} pence for attempt {attempt.id}"


def _in_time(charge: dict[str, Any], attempt: ChargeAttempt) -> Iterator[str]:
    """Yield a sentence for a charge outside the window, or for a project that was not judged to have reached."""
    project_id, moment = int(attempt.about.partition(":")[2]), datetime.fromtimestamp(charge["created"], UTC)
    project, verdict = db.session.get_one(Project, project_id), db.session.get(Verdict, project_id)
    settlement = db.session.get(Settlement, project_id)
    if verdict is None or not verdict.reached:
        yield f"{charge['id']} was charged for project {project_id}, which did not reach its target"
    if project.deadline is not None and moment < project.deadline.replace(microsecond=0):
        yield f"{charge['id']} was charged before the deadline"
    if settlement is not None and settlement.fix_until is not None and moment > settlement.fix_until:
        yield f"{charge['id']} was charged at {moment}, after the window closed at {settlement.fix_until}"


def _reference(thing: dict[str, Any]) -> str:
    return str(thing["metadata"].get("crowdfund_reference"))
