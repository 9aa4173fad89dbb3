"""The days in which a card may be fixed: they become longer where our own mail about it went out late."""

from datetime import datetime

from sqlalchemy import String, cast, func, literal, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core import jobs
from crowdfund.core.db import lock
from crowdfund.notifications.models import Mail
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import CLOSED_ATTEMPTS, AttemptKind
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.rules import CLOSE_FIXING, FIX_MAILS_EVERY, FIX_WINDOW, LATE_MAIL, LONGEST_WINDOW, REMIND

_UNPAID = (PledgeState.COLLECTING, PledgeState.FIXING)
_AT_ONCE = 100


def first_mail_key(pledge_id: int, number: int) -> str:
    """Return the key of the mail that asks for a pledge's payment after its try `number`."""
    return f"pledge:{pledge_id}:fix:{number}"


def lengthen_window(session: Session, project_id: int, now: datetime) -> bool:
    """Give backers who were asked late as much longer to pay; say whether there is more time than before.

    The days are lengthened for the whole project, by what the latest first mail was late, and never beyond
    LONGEST_WINDOW. The caller has locked the project.
    """
    settlement = lock(session, Settlement, project_id)
    if settlement.first_attempt_at is None or settlement.fix_until is None or settlement.settled_at is not None:
        return False
    late = (_latest_first_mail(session, project_id, now) or settlement.first_attempt_at) - settlement.first_attempt_at
    if late < LATE_MAIL:
        return False
    longer = settlement.first_attempt_at + min(FIX_WINDOW + late, LONGEST_WINDOW)
    if longer <= settlement.fix_until:
        return False
    settlement.fix_until = longer
    session.flush()
    _queue_steps(session, settlement, settlement.first_attempt_at, longer, now)
    return True


def _latest_first_mail(session: Session, project_id: int, now: datetime) -> datetime | None:
    """Return when the last of the unpaid backers was first asked; `now` where somebody still waits for that mail."""
    reachable = (
        select(literal("pledge:", String) + cast(Pledge.id, String))
        .join(Person, Person.id == Pledge.person_id)
        .where(Pledge.project_id == project_id, Pledge.state.in_(_UNPAID), Person.email.is_not(None))
    )
    ended = (
        select(ChargeAttempt.subject, func.min(ChargeAttempt.number))
        .where(ChargeAttempt.kind == AttemptKind.OFF_SESSION, ChargeAttempt.state.in_(CLOSED_ATTEMPTS))
        .where(ChargeAttempt.about == f"project:{project_id}", ChargeAttempt.subject.in_(reachable))
        .group_by(ChargeAttempt.subject)
    )
    keys = [first_mail_key(int(name.partition(":")[2]), number) for name, number in session.execute(ended)]
    sent: dict[str, datetime | None] = {}
    for start in range(0, len(keys), _AT_ONCE):
        some = select(Mail.key, Mail.sent_at).where(Mail.key.in_(keys[start : start + _AT_ONCE]))
        sent |= {mail.key: mail.sent_at for mail in session.execute(some)}
    return max((sent.get(key) or now for key in keys), default=None)


def _queue_steps(session: Session, settlement: Settlement, begun: datetime, until: datetime, now: datetime) -> None:
    payload = {"project_id": settlement.project_id}
    moments, number = [(f"{CLOSE_FIXING}:{settlement.project_id}:{until.isoformat()}", CLOSE_FIXING, until)], 1
    while (moment := begun + number * FIX_MAILS_EVERY) < until:
        moments.append((f"{REMIND}:{settlement.project_id}:{number}", REMIND, moment))
        number += 1
    for key, kind, moment in moments:
        jobs.enqueue(session, kind, payload, dedupe_key=key, now=now, run_after=moment)
