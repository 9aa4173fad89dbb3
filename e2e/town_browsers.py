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


def open_browsers(pledges: dict[str, Pledge], owner: Person, checker: Person, now: datetime) -> dict[Who, str]:
    """Return everybody's token; call it in a request context, outside a unit of work."""
    new, late = (_checker(name, now) for name in ("Nell New", "Lou Late"))
    _set_app_up(late, now)
    mailed = pledges["mailed"].person_id
    people = {Who.HOLDER: None, Who.BACKER: mailed, Who.OWNER: owner.id, Who.CHECKER: checker.id}
    people |= {Who.NEW_OFFICER: new.id, Who.LATE_OFFICER: late.id}
    held = [pledge.subject for name, pledge in pledges.items() if name != "mailed"]
    tokens = {}
    for who, person_id in people.items():
        subjects = [*held, proof_of(mailed or 0)] if who is Who.HOLDER else []
        tokens[who] = _open(person_id, subjects, is_strong=who is Who.CHECKER)
    return tokens


def keep_answers(tokens: dict[Who, str], path: str) -> dict[str, str]:
    """Keep a form that the owner sent while nobody was signed in, and mail a sign-in link; return both addresses."""
    real, now = clock.real_now(), clock.now()
    with unit_of_work() as session:
        asking, _ = open_session(session, secret=SANDBOX_SECRET, real=real)
        site = {"base": "http://localhost", "secret": SANDBOX_SECRET, "real": real, "now": now}
        send_sign_in_mail(session, asking.id, "grace@example.org", "/account", **site)
        kept = keep_form(session, path, [("name", "Friends of the Stour")], secret=SANDBOX_SECRET, real=real)
        owners = session_of(session, tokens[Who.OWNER])
        hand_over(session, owners.id, subject_of(kept or ""))
    return {"kept": f"/account/kept/{kept}"}
