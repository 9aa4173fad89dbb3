"""The browsers of the town: what each was handed, who is signed in, and when they gave a second factor."""

from datetime import datetime, timedelta

import pyotp

from crowdfund.accounts import second_factor
from crowdfund.accounts.actions import hand_over, open_session
from crowdfund.accounts.current import BrowserActor
from crowdfund.accounts.kept import keep_form, subject_of
from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import OfficerRole
from crowdfund.accounts.signing_in import send_sign_in_mail
from crowdfund.core import clock
from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.pledges.journey import proof_of
from crowdfund.pledges.models import Pledge
from e2e.scene import Who
from tests.support.people import make_officer

# Longer than any run of the tests: pages that want a second factor given just now open all the time.
_STAYS_FRESH = timedelta(hours=12)
_STRONG = frozenset(
    {
        Who.APPROVER,
        Who.ASSESSOR,
        Who.CHECKER,
        Who.DECIDER,
        Who.FINANCE,
        Who.FUND_EDITOR,
        Who.FUND_PAYER,
        Who.PAYEE,
    }
)


def open_browsers(pledges: dict[str, Pledge], known: dict[Who, Person], kept: str, now: datetime) -> dict[Who, str]:
    """Return everybody's token; call it in a request context, outside a unit of work."""
    names = {Who.NEW_OFFICER: "Nell New", Who.STARTING_OFFICER: "Stan Starting", Who.LATE_OFFICER: "Lou Late"}
    officers = {who: make_officer(OfficerRole.PROGRAMME_CHECKER, now, name=name) for who, name in names.items()}
    _set_app_up(officers[Who.LATE_OFFICER], now)
    backer_id = pledges["mailed"].person_id or 0
    held = [pledge.subject for name, pledge in pledges.items() if name != "mailed"]
    people = {Who.BACKER: backer_id} | {who: person.id for who, person in (known | officers).items()}
    tokens = {who: _open(person_id, is_strong=who in _STRONG) for who, person_id in people.items()}
    tokens[Who.HOLDER] = _open(None, *held, proof_of(backer_id))
    tokens[Who.OWNER] = _open(known[Who.OWNER].id, subject_of(kept))
    return tokens


def keep_answers(path: str) -> str:
    """Keep what somebody sent who was not signed in; returns its number."""
    with unit_of_work() as session:
        typed = [("name", "Friends of the Stour"), ("about", "We keep the banks clean.")]
        kept = keep_form(session, path, typed, secret=SANDBOX_SECRET, real=clock.real_now())
    assert kept
    return kept


def mail_sign_in(email: str, base: str, now: datetime) -> None:
    """Mail somebody a code and a link, asked for in a browser of their own."""
    real = clock.real_now()
    with unit_of_work() as session:
        asking, _ = open_session(session, secret=SANDBOX_SECRET, real=real)
        asked = (asking.id, email, "/account")
        send_sign_in_mail(session, *asked, base=base, secret=SANDBOX_SECRET, real=real, now=now)


def _open(person_id: int | None, *subjects: str, is_strong: bool = False) -> str:
    real = clock.real_now()
    with unit_of_work() as session:
        row, token = open_session(session, secret=SANDBOX_SECRET, real=real)
        row.person_id = person_id
        row.strong_at = real + _STAYS_FRESH if is_strong else None
        for subject in subjects:
            hand_over(session, row.id, subject)
    return token


def _set_app_up(person: Person, now: datetime) -> None:
    known = {"secret": SANDBOX_SECRET, "real": clock.real_now()}
    with unit_of_work() as session:
        second_factor.begin(session, person.id, **known)
        row = second_factor.find_authenticator(session, person.id)
        assert row
        shared = second_factor.secret_to_set_up(row, SANDBOX_SECRET, fresh=True)
        code, actor = pyotp.TOTP(shared or "").at(known["real"]), BrowserActor(person_id=person.id)
        second_factor.confirm(session, person.id, code, actor=actor, now=now, **known)
