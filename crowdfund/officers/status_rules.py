"""What the facts about the service mean, in plain words: good, or what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowdfund.officers.status_queries import Facts
from crowdfund.web.templating import plural, when

PULSE = timedelta(minutes=5)
LATE_WORK = timedelta(minutes=10)
LATE_MAIL = timedelta(minutes=30)
LATE_LOOK = timedelta(minutes=30)  # a charge of which nobody knows is looked up every few minutes
LATE_NEWS = timedelta(hours=1)
RECONCILED = timedelta(hours=36)
NOBODY = "Nothing to do."


@dataclass(frozen=True)
class Signal:
    """One sign of how the service runs: what it says, whether that is good, and what to do."""

    name: str
    says: str
    is_good: bool
    to_do: str
    page: str = ""  # the endpoint where it is dealt with


def read_signals(facts: Facts, now: datetime) -> list[Signal]:
    """Return every signal in the order in which a person should look."""
    return [*_worker(facts, now), *_provider(facts, now), *_money(facts, now)]


def _worker(facts: Facts, now: datetime) -> Iterator[Signal]:
    runs = facts.heartbeat_at is not None and facts.heartbeat_at > now - PULSE
    says = f"Last seen {when(facts.heartbeat_at)}" if facts.heartbeat_at else "Never seen"
    to_do = "Start “crowdfund worker”: without it no card is charged, no mail sent and no deadline judged."
    yield _signal("Worker", says, runs, to_do)
    late = _is_older(facts.oldest_waiting_at, now, LATE_WORK)
    says = plural(facts.waiting, "piece of work is due", "pieces of work are due") + _since(facts.oldest_waiting_at)
    to_do = (
        "If the worker runs and the number grows, start another one; if not, see whether the provider or mail is down."
    )
    yield _signal("Work waiting", says, not late, to_do)
    says = plural(facts.parked, "piece of work is", "pieces of work are") + " parked after too many failures"
    yield _signal("Parked work", says, not facts.parked, "Find the cause, then put it back in line below.")
    late = _is_older(facts.oldest_mail_at, now, LATE_MAIL)
    says = plural(facts.unsent_mails, "mail is", "mails are") + " not sent yet" + _since(facts.oldest_mail_at)
    yield _signal(
        "Mail", says, not late, "Ask whoever runs the mail server. Nothing is lost: mails go out when it answers."
    )


def _provider(facts: Facts, now: datetime) -> Iterator[Signal]:
    asked, heard = facts.asked_at, facts.webhook_at
    silent = asked is not None and asked < now - LATE_NEWS and (heard is None or heard < asked)
    says = f"Last heard {when(heard)}" if heard else "Nothing heard yet"
    to_do = (
        "Check the webhook’s address and secret at the provider. Payments are looked up every few minutes meanwhile."
    )
    yield _signal("News of the payment provider", says, not silent, to_do)
    says = plural(facts.set_aside, "message was", "messages were") + " set aside because they did not fit our books"
    to_do = "Have a developer read the log for each: somebody may have paid for what is not known here."
    yield _signal("Messages set aside", says, not facts.set_aside, to_do)
    late = _is_older(facts.oldest_unknown_at, now, LATE_LOOK)
    says = plural(facts.unknown, "charge is", "charges are") + " not answered" + _since(facts.oldest_unknown_at)
    to_do = "See whether the provider is down. Nobody is charged twice: each is looked up before anything is tried."
    yield _signal("Charges without an answer", says, not late, to_do)


def _money(facts: Facts, now: datetime) -> Iterator[Signal]:
    says = plural(facts.failed_refunds, "refund", "refunds") + " failed and nobody has dealt with it"
    yield _signal(
        "Refunds that failed", says, not facts.failed_refunds, "Pay the backer in another way.", "refunds.index"
    )
    recent = facts.reconciled_at is not None and facts.reconciled_at > now - RECONCILED
    found = plural(facts.differences, "difference", "differences") if facts.differences else "the books agreed"
    says = f"{when(facts.reconciled_at)}: {found}" if facts.reconciled_at else "Never compared with the provider"
    to_do = "Look at the differences." if recent else "Compare now; if that fails, see whether the provider is down."
    page = "money.reconciliation"
    yield _signal("Books and provider", says, recent and not facts.differences, to_do, page)


def _signal(name: str, says: str, is_good: bool, to_do: str, page: str = "") -> Signal:
    return Signal(name, says, is_good, NOBODY if is_good else to_do, page)


def _is_older(moment: datetime | None, now: datetime, limit: timedelta) -> bool:
    return moment is not None and moment < now - limit


def _since(moment: datetime | None) -> str:
    return f", the oldest since {when(moment)}" if moment else ""
